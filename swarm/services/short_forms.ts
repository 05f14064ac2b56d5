import type { WrittenService } from "./compose_schema.ts";
import { parsePorts, type PortForm } from "./ports.ts";
import { shellWords } from "./shell_words.ts";
import type { Variables } from "./text.ts";
import { parseVolume } from "./volumes.ts";

/** What a service has of a network. */
export interface NetworkUse {
  /** Name in the file. */
  readonly key: string;
  readonly aliases: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
}

/**
 * One file's part of a service, its short forms written out; lists that have no order are sorted.
 * @param fromFiles Variables of `env_file`: those of `environment` replace them.
 */
export function longForm(
  service: WrittenService,
  variables: Variables,
  fromFiles: Readonly<Record<string, string>> = {},
) {
  const { deploy, healthcheck, env_file: _, ...rest } = service;
  return {
    ...rest,
    command: words(service.command),
    entrypoint: words(service.entrypoint),
    environment: environmentOf(service.environment, variables, fromFiles),
    labels: namedPairs(service.labels),
    sysctls: service.sysctls && namedPairs(service.sysctls),
    extra_hosts: hosts(service.extra_hosts),
    logging: service.logging && {
      driver: service.logging.driver,
      options: namedPairs(service.logging.options),
    },
    cap_add: service.cap_add?.map(capability),
    cap_drop: service.cap_drop?.map(capability),
    ports: (service.ports ?? []).flatMap(portForms),
    networks: networkUses(service.networks),
    secrets: (service.secrets ?? []).map(fileUse).sort(bySource),
    configs: (service.configs ?? []).map(fileUse).sort(bySource),
    volumes: (service.volumes ?? []).map(volumeForm),
    healthcheck: healthcheck && {
      ...healthcheck,
      test: healthcheck.disable
        ? ["NONE"]
        : typeof healthcheck.test === "string"
        ? ["CMD-SHELL", healthcheck.test]
        : healthcheck.test,
    },
    deploy: { ...deploy, labels: namedPairs(deploy.labels) },
  };
}

/** One file's part of a service. */
export type LongService = ReturnType<typeof longForm>;

type Pairs =
  | WrittenService["environment"]
  | Readonly<Record<string, string | number | boolean | null>>;

/** Values by name; what has no value has an empty one. */
export function namedPairs(given: Pairs): Record<string, string> {
  return Object.fromEntries(pairsOf(given).map(([name, value]) => [name, value ?? ""]));
}

/** What is written by name, null for what has no value. */
function pairsOf(given: Pairs): [name: string, value: string | null][] {
  if (!Array.isArray(given)) {
    return Object.entries(given ?? {}).map(([name, value]) => [
      name,
      value === null ? null : String(value),
    ]);
  }
  return given.map((entry) => {
    const cut = entry.indexOf("=");
    return cut < 0 ? [entry, null] : [entry.slice(0, cut), entry.slice(cut + 1)];
  });
}

/**
 * Variables of containers by name. As in Docker, one that is empty gets the value that whoever deploys has of that name; null
 * where nothing is said: the container is without it, whatever its image says.
 */
function environmentOf(
  given: WrittenService["environment"],
  variables: Variables,
  fromFiles: Readonly<Record<string, string>>,
): [name: string, value: string | null][] {
  const all = new Map<string, string | null>(Object.entries(fromFiles));
  for (const [name, value] of pairsOf(given)) all.set(name, value || (variables(name) ?? value));
  return [...all].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

/** Variables of a file of lines NAME=VALUE, as Docker reads it. @returns null for a line that is none. */
export function parseEnvironmentFile(
  text: string,
  variables: Variables,
): Record<string, string> | null {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const start = line.trimStart();
    if (start === "" || start.startsWith("#")) continue;
    const cut = start.indexOf("=");
    const name = cut < 0 ? start : start.slice(0, cut);
    if (name === "" || /\s/.test(name)) return null;
    const value = cut < 0 ? variables(name) : start.slice(cut + 1);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** True if Docker publishes the port on all nodes of the Swarm, wherever containers run. */
export function isIngress(given: NonNullable<WrittenService["ports"]>[number]): boolean {
  return typeof given !== "object" || given.mode !== "host";
}

function words(given: WrittenService["command"]): string[] | undefined {
  if (given === null) return undefined;
  return typeof given === "string" ? shellWords(given) ?? [] : given;
}

function networkUses(given: WrittenService["networks"]): NetworkUse[] {
  const entries = Array.isArray(given)
    ? given.map((key) => [key, null] as const)
    : Object.entries(given ?? {});
  return entries.map(([key, use]) => ({
    key,
    aliases: [...use?.aliases ?? []].sort(),
    driverOptions: namedPairs(use?.driver_opts),
  })).sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** A config or a secret of a service: the file that it is there. */
function fileUse(given: NonNullable<WrittenService["secrets"]>[number]) {
  const { source, target, uid, gid, mode = 0o444 } = {
    ...given,
  } as { source: string; target?: string; uid?: string; gid?: string; mode?: number };
  // What is empty is not said, as to Docker.
  return { source, target: target || source, uid: uid || "0", gid: gid || "0", mode };
}

function bySource(a: { readonly source: string }, b: { readonly source: string }): number {
  return a.source < b.source ? -1 : a.source > b.source ? 1 : 0;
}

/** As Swarm writes them: the address, then the name. */
function hosts(given: WrittenService["extra_hosts"]): string[] | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) {
    return Object.entries(given).map(([name, address]) => `${address} ${name}`);
  }
  return given.map((entry) =>
    entry.replace(/^([^:=]*)[:=]\s*(.*)$/, "$2 $1").replace(/^\[(.*)\] /, "$1 ")
  );
}

function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

/** What `restart` of a service means to Swarm, where deploy.restart_policy says nothing. */
export function restartPolicy(
  restart: string | undefined,
): WrittenService["deploy"]["restart_policy"] {
  if (restart === "always" || restart === "unless-stopped") return { condition: "any" };
  if (restart?.startsWith("on-failure") !== true) return undefined;
  const attempts = Number(restart.split(":")[1] ?? 0);
  return { condition: "on-failure", ...(attempts > 0 ? { max_attempts: attempts } : {}) };
}

function portForms(given: NonNullable<WrittenService["ports"]>[number]): PortForm[] {
  if (typeof given === "number") {
    return [{ target: given, published: null, protocol: "tcp", mode: "ingress" }];
  }
  if (typeof given === "object") {
    const { target, published, protocol, mode = "ingress" } = given;
    return [{
      target,
      published: Number(published ?? 0) || null,
      protocol,
      mode,
    }];
  }
  return parsePorts(given)?.ports ?? [];
}

type Volume = NonNullable<WrittenService["volumes"]>[number];

function volumeForm(given: Volume): Exclude<Volume, string> {
  return typeof given === "string" ? parseVolume(given)!.volume : given;
}
