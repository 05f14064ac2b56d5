import type { WrittenService } from "./compose_schema.ts";
import { shellWords } from "./shell_words.ts";
import type { Variables } from "./text.ts";

/** A published port. `published` is null if the engine chooses it. */
export interface PortForm {
  readonly target: number;
  readonly published: number | null;
  readonly protocol: string;
}

/** A service whose short forms are written out; lists that have no order are sorted. */
export function longForm(service: WrittenService, variables: Variables) {
  const { deploy } = service;
  return {
    ...service,
    command: words(service.command),
    entrypoint: words(service.entrypoint),
    environment: pairs(service.environment, variables),
    labels: Object.fromEntries(pairs(service.labels, () => "")),
    ports: (service.ports ?? []).map(portForm),
    networks: listedNames(service.networks),
    secrets: listedNames(service.secrets),
    volumes: (service.volumes ?? []).map(volumeForm),
    healthcheck: service.healthcheck && {
      ...service.healthcheck,
      test: typeof service.healthcheck.test === "string"
        ? ["CMD-SHELL", service.healthcheck.test]
        : service.healthcheck.test,
    },
    deploy: { ...deploy, labels: Object.fromEntries(pairs(deploy.labels, () => "")) },
  };
}

function words(given: WrittenService["command"]): string[] | undefined {
  return typeof given === "string" ? shellWords(given) ?? [] : given;
}

/** Names and values, sorted by name; what has no value of its own gets it from elsewhere, or is left out. */
function pairs(given: WrittenService["environment"], elsewhere: Variables): [string, string][] {
  const written: [string, string | undefined][] = Array.isArray(given)
    ? given.map((entry) => {
      const cut = entry.indexOf("=");
      return cut < 0 ? [entry, elsewhere(entry)] : [entry.slice(0, cut), entry.slice(cut + 1)];
    })
    : Object.entries(given ?? {}).map(([name, value]) => [
      name,
      value === null ? elsewhere(name) : String(value),
    ]);
  const found = written.flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]]
  );
  return found.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

function listedNames(given: WrittenService["networks"]): string[] {
  return (Array.isArray(given) ? [...given] : Object.keys(given)).sort();
}

function portForm(given: NonNullable<WrittenService["ports"]>[number]): PortForm {
  if (typeof given === "number") return { target: given, published: null, protocol: "tcp" };
  if (typeof given === "object") {
    const { target, published, protocol } = given;
    return { target, published: published === undefined ? null : Number(published), protocol };
  }
  const [numbers, protocol = "tcp"] = given.split("/");
  const parts = numbers!.split(":").map(Number);
  return { target: parts.at(-1)!, published: parts.length > 1 ? parts[0]! : null, protocol };
}

function volumeForm(given: NonNullable<WrittenService["volumes"]>[number]) {
  if (typeof given !== "string") return given;
  const read_only = given.endsWith(":ro");
  const parts = given.replace(/:r[ow]$/, "").split(":");
  const [source, target] = parts.length === 2 ? parts : [undefined, parts[0]];
  const type = source !== undefined && /^[./~]/.test(source) ? "bind" as const : "volume" as const;
  return { type, ...(source === undefined ? {} : { source }), target: target!, read_only };
}
