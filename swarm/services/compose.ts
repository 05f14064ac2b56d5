/**
 * The services file: what runs as each app. It is a Compose file written as JSON, of which the keys below
 * are taken; any other key is refused, since ignoring it would deploy something else than was asked.
 * @module
 */
import * as v from "valibot";
import { InputError, suggest } from "../../domain/mod.ts";
import { checkAppName, checkImage } from "../names.ts";
import { measuringSchema } from "./measuring.ts";

const MAX_BYTES = 1 << 20;

const text = v.pipe(v.string(), v.maxLength(65536), v.regex(/^[^\0]*$/, "must not hold NUL"));
const word = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "not a name"));
const numberOrText = v.union([v.number(), v.string()]);
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const whole = v.pipe(v.number(), v.integer());
const port = v.pipe(whole, v.minValue(1), v.maxValue(65535));
const duration = v.pipe(
  v.string(),
  v.regex(/^(\d+(\.\d+)?(us|ms|s|m|h))+$/, "must be a duration such as 10s"),
);
const environmentName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "not a name"));

const resources = v.strictObject({
  cpus: v.optional(numberOrText),
  memory: v.optional(numberOrText),
  pids: v.optional(v.pipe(whole, v.minValue(1))),
});

const serviceSchema = v.strictObject({
  image: v.string(),
  command: v.optional(v.array(text)),
  entrypoint: v.optional(v.array(text)),
  environment: v.optional(v.union([v.record(environmentName, v.nullable(scalar)), v.array(text)])),
  ports: v.optional(v.array(v.union([
    v.pipe(v.string(), v.regex(/^(\d{1,5}:)?\d{1,5}(\/(tcp|udp|sctp))?$/, "must be 8081:8080/tcp")),
    port,
    v.strictObject({
      target: port,
      published: v.optional(v.union([port, v.pipe(v.string(), v.regex(/^\d{1,5}$/))])),
      protocol: v.optional(v.picklist(["tcp", "udp", "sctp"]), "tcp"),
      mode: v.optional(v.literal("host"), "host"),
    }),
  ]))),
  user: v.optional(text),
  working_dir: v.optional(text),
  hostname: v.optional(word),
  init: v.optional(v.boolean()),
  read_only: v.optional(v.boolean()),
  stop_grace_period: v.optional(duration),
  labels: v.optional(v.record(v.string(), text), {}),
  networks: v.optional(v.array(word), []),
  secrets: v.optional(v.array(word), []),
  volumes: v.optional(
    v.array(v.strictObject({
      type: v.picklist(["bind", "volume", "tmpfs"]),
      source: v.optional(text),
      target: text,
      read_only: v.optional(v.boolean(), false),
    })),
    [],
  ),
  healthcheck: v.optional(v.strictObject({
    test: v.array(text),
    interval: v.optional(duration),
    timeout: v.optional(duration),
    start_period: v.optional(duration),
    retries: v.optional(v.pipe(whole, v.minValue(0))),
  })),
  deploy: v.optional(
    v.strictObject({
      resources: v.optional(
        v.strictObject({ limits: v.optional(resources), reservations: v.optional(resources) }),
        {},
      ),
      restart_policy: v.optional(
        v.strictObject({
          condition: v.optional(v.picklist(["none", "on-failure", "any"]), "any"),
          delay: v.optional(duration),
          max_attempts: v.optional(v.pipe(whole, v.minValue(0))),
          window: v.optional(duration),
        }),
      ),
      placement: v.optional(v.strictObject({ constraints: v.optional(v.array(text), []) })),
      endpoint_mode: v.optional(v.picklist(["dnsrr", "vip"]), "dnsrr"),
    }),
    {},
  ),
  // As Compose has it for extensions: how the service is measured.
  "x-metis": v.optional(measuringSchema),
});

const fileSchema = v.strictObject({
  version: v.optional(v.string()),
  name: v.optional(v.string()),
  services: v.record(v.string(), v.unknown()),
});

/** One service of a services file, checked. */
export type ComposeService = v.InferOutput<typeof serviceSchema>;

/** What runs as each app. */
export type Services = ReadonlyMap<string, ComposeService>;

/**
 * Reads a services file.
 * @throws {InputError} naming the service, the key and the remedy; values of the environment are never shown.
 */
export function readServices(contents: string, file: string): Services {
  if (contents.length > MAX_BYTES) throw new InputError(`${file}: larger than 1 MiB`);
  let value: unknown;
  try {
    value = JSON.parse(contents);
  } catch {
    // The parser's own message quotes the file, in which there may be secrets.
    throw new InputError(
      `${file}: not JSON: a services file is a Compose file written as JSON (docs/deploying.md)`,
    );
  }
  const outer = check(fileSchema, value, file);
  const services = new Map<string, ComposeService>();
  for (const [name, given] of Object.entries(outer.services)) {
    checkAppName(name, file);
    const service = check(serviceSchema, given, `${file}: services.${name}`);
    checkImage(service.image, `${file}: services.${name}.image`);
    checkConstraints(service, `${file}: services.${name}`);
    services.set(name, service);
  }
  if (services.size === 0) throw new InputError(`${file}: services is empty`);
  return services;
}

/**
 * The service of each app.
 * @throws {InputError} naming the apps that have none.
 */
export function requireServices(services: Services, apps: readonly string[], file: string): void {
  const missing = apps.filter((app) => !services.has(app));
  if (missing.length === 0) return;
  throw new InputError(
    `${file}: no service for ${missing.join(", ")}${suggest(missing[0]!, [...services.keys()])}`,
  );
}

/** Names in the environment that look as if their values were secret. */
export function secretLike(service: ComposeService): string[] {
  return environmentEntries(service).map(([name]) => name).filter((name) =>
    /(PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE)_?KEY)S?$/i.test(name)
  );
}

/** The environment as pairs, sorted by name; entries without a value are left out. */
export function environmentEntries({ environment }: ComposeService): [string, string][] {
  const pairs: [string, string][] = Array.isArray(environment)
    ? environment.filter((entry) => entry.includes("=")).map((entry) => {
      const cut = entry.indexOf("=");
      return [entry.slice(0, cut), entry.slice(cut + 1)];
    })
    : Object.entries(environment ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)] as [string, string]]
    );
  return pairs.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

/** The ports in their long form. `published` is null where the engine chooses. */
export function portsOf(
  { ports }: ComposeService,
): { target: number; published: number | null; protocol: string }[] {
  return (ports ?? []).map((given) => {
    if (typeof given === "number") return { target: given, published: null, protocol: "tcp" };
    if (typeof given === "object") {
      const { target, published, protocol } = given;
      return { target, published: published === undefined ? null : Number(published), protocol };
    }
    const [numbers, protocol = "tcp"] = given.split("/");
    const parts = numbers!.split(":").map(Number);
    return { target: parts.at(-1)!, published: parts.length > 1 ? parts[0]! : null, protocol };
  });
}

function checkConstraints(service: ComposeService, place: string): void {
  for (const constraint of service.deploy.placement?.constraints ?? []) {
    if (!/^(node|engine)\.[A-Za-z0-9_.-]+ *(==|!=) *[A-Za-z0-9_.:/-]+$/.test(constraint)) {
      throw new InputError(`${place}.deploy.placement.constraints: not a constraint of Swarm`);
    }
  }
  for (const { target, published } of portsOf(service)) {
    if ([target, published ?? 1].some((number) => number < 1 || number > 65535)) {
      throw new InputError(`${place}.ports: a port is a number from 1 to 65535`);
    }
  }
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  place: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue) ?? "";
  const field = path === "" ? place : `${place}.${path}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    throw new InputError(
      `${field}: this key is not supported (docs/deploying.md lists those that are)`,
    );
  }
  // "received" would quote the value.
  const wanted = issue.type === "regex" || issue.type === "check"
    ? issue.message
    : `must be ${issue.expected ?? "something else"}`;
  throw new InputError(`${field}: ${wanted}`);
}
