/**
 * The reader of services: Compose files in YAML and JSON.
 * @module
 */
import { decodeText } from "../../domain/mod.ts";
import { readServices, readStack, type Services } from "../../swarm/services/compose.ts";
import { refuseByFindings } from "../../swarm/services/findings.ts";
import { parseCompose } from "../../swarm/services/text.ts";
import { lostOf, naiveJson, naiveText, type Written } from "./naive.ts";
import type { Reader } from "./reader.ts";

const FILE = "given.yml";

const SERVICE = {
  image: "registry.example/team/web:1.2",
  command: ["serve", "--port", "80"],
  environment: { MODE: "fast", LEVEL: 3, DEBUG: true },
  ports: [{ target: 80, published: 8081, protocol: "tcp", mode: "host" }],
  user: "1000",
  working_dir: "/srv",
  init: true,
  stop_grace_period: "10s",
  labels: { owner: "ada" },
  networks: ["front"],
  volumes: [{ type: "volume", source: "data", target: "/data", read_only: true }],
  healthcheck: { test: ["CMD", "true"], interval: "5s", retries: 3 },
  deploy: {
    labels: { tier: "1" },
    resources: { limits: { cpus: 0.5, memory: "64m" }, reservations: { cpus: "0.25" } },
    restart_policy: { condition: "on-failure", max_attempts: 3 },
    placement: { constraints: ["node.labels.disk==ssd"], max_replicas_per_node: 2 },
    endpoint_mode: "dnsrr",
  },
  "x-metis": { request: { method: "GET", path: "/x", headers: { accept: "*/*" } }, port: 80 },
};
const COMPOSE = {
  services: { web: SERVICE, cache: { image: "cache:7", ports: [{ target: 6379 }] } },
  networks: { front: { external: true } },
};

/** Top-level keys that say nothing of a service. */
const OUTER = [".version", ".name", ".networks", ".secrets", ".volumes"];

/** The services in the long form in which they are written; what is written in a short form is left as it is. */
function keptOf(services: Services, written: Written): unknown {
  const entries = [...services].map(([name, service]) => {
    const given = fieldOf(fieldOf(written, "services"), name);
    const kept: Record<string, unknown> = {
      ...service,
      environment: Object.fromEntries(service.environment),
    };
    for (const key of ["environment", "labels", "ports", "volumes", "command", "entrypoint"]) {
      if (!isLong(fieldOf(given, key), key)) kept[key] = ANYTHING;
    }
    return [name, kept];
  });
  return { services: Object.fromEntries(entries) };
}

/** Stands for what a short form says. */
const ANYTHING = Symbol("anything");

function isLong(written: Written | undefined, key: string): boolean {
  if (written === undefined) return true;
  if (key === "environment" || key === "labels") return written.kind === "object";
  if (written.kind !== "list") return false;
  return key === "command" || key === "entrypoint" ||
    written.values.every(({ kind }) => kind === "object");
}

function fieldOf(written: Written | undefined, key: string): Written | undefined {
  return written?.kind === "object"
    ? written.fields.find(([name]) => name === key)?.[1]
    : undefined;
}

/** What is lost of the file, but for what was told to be ignored. */
function lostOfServices(
  text: string,
  services: Services,
  ignored: readonly string[],
): string | null {
  const written = naiveJson(text);
  if (written === null) return "what is no JSON was read as JSON";
  const kept = keptOf(services, written);
  const unread = [...OUTER, ...ignored];
  for (const [name, service] of Object.entries((kept as { services: object }).services)) {
    for (const [key, value] of Object.entries(service)) {
      if (value === ANYTHING) unread.push(`.services.${name}.${key}`);
    }
    // Text and numbers are the same in a variable of the environment.
    unread.push(`.services.${name}.healthcheck.test`);
    unread.push(`.services.${name}.networks`, `.services.${name}.secrets`);
    // "host" is all that it may be.
    unread.push(`.services.${name}.ports.*.mode`);
  }
  return lostOf(asText(written), asTexts(kept), unread);
}

/** Scalars as text: Compose takes numbers for text, and the other way round. */
function asText(written: Written): Written {
  if (written.kind === "list") return { kind: "list", values: written.values.map(asText) };
  if (written.kind === "object") {
    const fields = written.fields.filter(([key, value]) =>
      !(key.startsWith("x-") && key !== "x-metis") &&
      !(value.kind === "scalar" && (value.value === null || isNoLimit(key, value.value)))
    );
    return { kind: "object", fields: fields.map(([key, value]) => [key, asText(value)]) };
  }
  const { value } = written;
  return { kind: "scalar", value: typeof value === "string" ? filled(value) : String(value) };
}

/** To Docker, a limit of 0 is none. */
const isNoLimit = (key: string, value: unknown): boolean =>
  ["cpus", "memory", "pids"].includes(key) && /^0*\.?0*([bkmgtp]b?)?$/i.test(String(value));

/** As variables are filled in, where none is set: only `$$` is left. */
const filled = (text: string): string => text.replaceAll("$$", "$");

function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asTexts(inner)]));
  }
  return typeof value === "symbol" ? value : String(value);
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(file: Uint8Array): { services: Services; ignored: string[] } {
  const { services, findings } = readStack([{ name: FILE, contents: decodeText(file, FILE) }]);
  refuseByFindings(findings);
  const ignored = findings.filter(({ kind }) => kind === "ignored" || kind === "decided")
    .map(({ service, key }) => service === null ? `.${key}` : `.services.${service}.${key}`);
  for (const [name, { ports, image }] of services) {
    const wrong = ports.find(({ target, published }) =>
      !(target >= 1 && target <= 65535) ||
      !(published === null || published >= 1 && published <= 65535)
    );
    if (wrong !== undefined || image === "") throw new Error(`${name} has port ${wrong?.target}`);
  }
  return { services, ignored };
}

const composeJson: Reader = {
  name: "compose-json",
  form: "json",
  place: FILE,
  samples: [
    bytesOf(JSON.stringify(COMPOSE)),
    bytesOf(JSON.stringify({ services: { a: { image: "b" } } })),
  ],
  accept(file) {
    const { services, ignored } = read(file);
    const text = naiveText(file);
    if (text === null) return "bytes that are not UTF-8 were read";
    return /^\s*\{/.test(text) ? lostOfServices(text, services, ignored) : null;
  },
};

const YAML = `version: "3.8"
x-base: &base
  image: team/web:1.2
  stop_grace_period: 10s
services:
  web:
    <<: *base
    command: serve --port 80
    environment:
      MODE: fast
      LEVEL: 3
      RATE: 0.5
    ports:
      - 8081:80
      - target: 9090
        published: 9091
    healthcheck:
      test: ["CMD", "true"]
      interval: 5s
    deploy:
      replicas: 2
      resources:
        limits:
          cpus: "0.5"
          memory: 64m
  cache:
    image: 'cache:7'
    restart: always
    environment:
      - A=1
      - B=x y
    volumes:
      - data:/data:ro
networks:
  front:
    external: true
`;

/** Values that are the same text in the file and in what is deployed, in lines that can be nothing but a key and its value. */
const PLAIN =
  /^ {6,}(MODE|LEVEL|RATE|image|interval|memory|cpus|target|published|test): ([\w./:-]*\w)$/;

const composeYaml: Reader = {
  name: "compose-yaml",
  form: "yaml",
  place: FILE,
  samples: [bytesOf(YAML), bytesOf("services:\n  a:\n    image: b\n    ports: ['80']\n")],
  accept(file) {
    const { services } = read(file);
    const text = naiveText(file);
    if (text === null) return "bytes that are not UTF-8 were read";
    const said = JSON.stringify([...services]);
    // The same as JSON is read the same: nothing depends on the form of a file.
    const value = parseCompose(text, FILE, () => undefined);
    const again = readServices(
      JSON.stringify(value).replaceAll("$", "$$$$"),
      FILE,
    );
    if (JSON.stringify([...again]) !== said) return "as JSON it says something else";
    // Blocks of text, anchors and quotes may hold lines that look like keys.
    if (/[|>&*!"'{[\\#?]/.test(text)) return null;
    for (const line of text.split("\n")) {
      const plain = PLAIN.exec(line)?.[2];
      if (plain === undefined || said.includes(plain)) continue;
      if (/^[\d.]+$/.test(plain) && said.includes(String(Number(plain)))) continue;
      return `${plain} is lost`;
    }
    return null;
  },
};

/** Readers of services. */
export const serviceReaders: readonly Reader[] = [composeJson, composeYaml];
