/**
 * What becomes of the keys of a service that its schema takes.
 * @module
 */
import type { WrittenService } from "./compose_schema.ts";
import { type Fields, isFields } from "./fields.ts";
import type { FindingKind, Findings } from "./findings.ts";
import { DECIDED, DECIDED_PLACEMENT } from "./keys.ts";
import { parsePorts } from "./ports.ts";
import { isIngress } from "./short_forms.ts";
import { bytesOf, nanoCpus } from "./units.ts";
import { parseVolume } from "./volumes.ts";

type Note = (kind: FindingKind, key: string, text?: string) => void;

/** Notes what becomes of the keys that are taken. */
export function noteKeys(
  name: string,
  written: WrittenService,
  kept: Fields,
  findings: Findings,
  file: Fields,
): void {
  const note: Note = (kind, key, text) => findings.add(kind, name, key, text);
  const hasKey = (key: string) => Object.hasOwn(kept, key);
  for (const key of Object.keys(written)) if (hasKey(key) && key !== "deploy") note("taken", key);
  for (const key of Object.keys(written.deploy)) {
    if (!isFields(kept.deploy) || !Object.hasOwn(kept.deploy, key)) continue;
    if (key === "mode") continue;
    const decided = Object.hasOwn(DECIDED, key) ? DECIDED[key] : undefined;
    note(decided === undefined ? "taken" : "decided", `deploy.${key}`, decided);
  }
  const { mode, placement } = written.deploy;
  for (const [key, text] of Object.entries(DECIDED_PLACEMENT)) {
    if ((placement as Fields | undefined)?.[key] !== undefined) {
      note("decided", `deploy.placement.${key}`, text);
    }
  }
  if (mode === "replicated") note("decided", "deploy.mode", DECIDED.replicas);
  else if (mode !== undefined) {
    note("taken", "deploy.mode", "deployed as Docker would: a plan names replicated services only");
  }
  noteAmounts(name, written, findings);
  notePorts(written, note);
  noteNetworks(written, note);
  noteVolumes(written, kept, file, note);
  noteHealth(written, note);
  if (
    Array.isArray(written.extra_hosts) &&
    written.extra_hosts.some((entry) => !/^[^:=\s]+[:=]\s*\S+$/.test(entry))
  ) note("refused", "extra_hosts", "must be NAME:ADDRESS");
}

function noteAmounts(name: string, { deploy }: WrittenService, findings: Findings): void {
  for (const side of ["limits", "reservations"] as const) {
    const { cpus, memory } = deploy.resources[side] ?? {};
    const key = `deploy.resources.${side}`;
    if (cpus !== undefined) findings.attempt(name, `${key}.cpus`, (place) => nanoCpus(cpus, place));
    if (memory !== undefined) {
      findings.attempt(name, `${key}.memory`, (place) => bytesOf(memory, place));
    }
  }
}

function notePorts({ ports = [] }: WrittenService, note: Note): void {
  if (ports.some(isIngress)) {
    note(
      "decided",
      "ports",
      "published on each node that runs a container of it (mode: host), not on all nodes (mode: ingress): " +
        "`metis deploy --ingress-proxy` has it there",
    );
  }
  if (new Set(ports.map((port) => JSON.stringify(port))).size < ports.length) {
    note("refused", "ports", "has the same port twice, which Docker refuses");
  }
  for (const port of ports) {
    if (typeof port === "string" && parsePorts(port)?.address != null) {
      note("ignored", "ports", "the address: a port is published on all addresses of a node");
    }
    if (typeof port === "object" && Number(port.published ?? 0) > 65535) {
      note("refused", "ports", "a port is a number from 1 to 65535");
    }
  }
}

function noteNetworks({ networks }: WrittenService, note: Note): void {
  for (const [name, use] of Object.entries(networks ?? {})) {
    if (typeof use !== "object" || (use?.ipv4_address ?? use?.ipv6_address) === undefined) continue;
    note("ignored", `networks.${name}`, "the address: Swarm gives containers their addresses");
  }
}

/** What of a volume's three objects means something. */
const VOLUME_KEYS: Readonly<Record<string, readonly string[]>> = {
  bind: ["propagation"],
  volume: ["nocopy", "subpath"],
  tmpfs: ["size"],
};

function noteVolumes(
  { volumes = [] }: WrittenService,
  kept: Fields,
  file: Fields,
  note: Note,
): void {
  if (volumes.some((one) => typeof one === "string" && parseVolume(one)?.unknown === true)) {
    note("ignored", "volumes", "words after the target that Docker does not know");
  }
  for (const [at, volume] of (Array.isArray(kept.volumes) ? kept.volumes : []).entries()) {
    for (const [part, keys] of Object.entries(VOLUME_KEYS)) {
      if (!isFields(volume) || !isFields(volume[part])) continue;
      for (const key of Object.keys(volume[part])) {
        if (keys.includes(key)) continue;
        note("ignored", `volumes.${at}.${part}.${key}`, "Docker's stacks take no notice of it");
      }
    }
  }
  const drives = volumes.filter((one) =>
    typeof one === "string" && parseVolume(one)?.drive === true
  );
  if (drives.length === 0) return;
  const defined = isFields(file.volumes) ? file.volumes : {};
  if (drives.every((one) => Object.hasOwn(defined, String(one)[0]!))) {
    note("decided", "volumes", "one letter is a volume of this file, and no drive of Windows");
  } else {
    note(
      "refused",
      "volumes",
      "one letter is a drive of Windows: define it in `volumes` of the file, or give the volume a longer name",
    );
  }
}

function noteHealth({ healthcheck }: WrittenService, note: Note): void {
  if (healthcheck?.disable && healthcheck.test !== undefined) {
    note("refused", "healthcheck", "has both `test` and `disable`: write one of them");
  }
}
