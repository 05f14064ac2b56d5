/**
 * The services file: what runs as each app. It is a Compose file in YAML or JSON, of which the keys below are
 * taken; any other key is refused, since ignoring it would deploy something else than was asked.
 * @module
 */
import * as v from "valibot";
import { InputError, suggest } from "../../domain/mod.ts";
import { checkAppName, checkImage } from "../names.ts";
import { fileSchema, serviceSchema } from "./compose_schema.ts";
import { longForm } from "./short_forms.ts";
import { parseCompose, type Variables } from "./text.ts";

/** One service of a services file, checked, its short forms written out. */
export type ComposeService = ReturnType<typeof longForm>;

/** What runs as each app. */
export type Services = ReadonlyMap<string, ComposeService>;

/** Keys that are for other tools: of building, and of running on one machine. `docker stack` ignores them too. */
const FOR_OTHERS: readonly string[] = [
  "build",
  "container_name",
  "depends_on",
  "expose",
  "links",
  "platform",
  "profiles",
  "pull_policy",
  "restart",
];
/** Keys of `deploy` that the plan and the deployer decide. */
const DECIDED: readonly string[] = [
  "mode",
  "preferences",
  "replicas",
  "rollback_config",
  "update_config",
];

/** What a services file may draw on. */
export interface ReadServicesOptions {
  /** Values of variables, such as the environment. @default none is set */
  readonly variables?: Variables;
  /** Told of the keys that are ignored: `redis: build, restart`. */
  readonly onIgnored?: (text: string) => void;
}

/**
 * Reads a services file.
 * @throws {InputError} naming the service, the key and the remedy; values of the environment are never shown.
 */
export function readServices(
  contents: string,
  file: string,
  { variables = () => undefined, onIgnored = () => {} }: ReadServicesOptions = {},
): Services {
  const given = withoutExtensions(parseCompose(contents, file, variables));
  const outer = check(fileSchema, given, file);
  checkExisting(outer, file);
  const services = new Map<string, ComposeService>();
  for (const [name, whole] of Object.entries(outer.services)) {
    checkAppName(name, file);
    const place = `${file}: services.${name}`;
    const { kept, ignored } = splitKeys(whole, place);
    if (ignored.length > 0) onIgnored(`${name}: ${ignored.join(", ")}`);
    const service = longForm(check(serviceSchema, kept, place), variables);
    checkImage(service.image, `${place}.image`);
    checkService(service, place);
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
  return service.environment.map(([name]) => name).filter((name) =>
    /(PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE)_?KEY)S?$/i.test(name)
  );
}

/** The file without `x-...`, which Compose leaves to others. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}

function splitKeys(
  service: Record<string, unknown>,
  place: string,
): { kept: Record<string, unknown>; ignored: string[] } {
  const kept = withoutExtensions(service) as Record<string, unknown>;
  const measuring = service["x-metis"];
  if (measuring !== undefined) kept["x-metis"] = measuring;
  const ignored = FOR_OTHERS.filter((key) => Object.hasOwn(kept, key));
  for (const key of ignored) delete kept[key];
  const { deploy } = kept;
  refuseLists(kept, place);
  if (typeof deploy !== "object" || deploy === null) return { kept, ignored };
  const { placement, ...inner } = withoutExtensions(deploy) as Record<string, unknown>;
  if (inner.mode !== undefined && inner.mode !== "replicated") {
    throw new InputError(`${place}.deploy.mode: a plan places replicated services only`);
  }
  const where = typeof placement === "object" && placement !== null ? { ...placement } : placement;
  for (const fields of [inner, where as Record<string, unknown> | undefined]) {
    for (const key of DECIDED) {
      if (fields === undefined || !Object.hasOwn(fields, key)) continue;
      delete fields[key];
      ignored.push(`deploy.${fields === inner ? "" : "placement."}${key}`);
    }
  }
  return {
    kept: { ...kept, deploy: where === undefined ? inner : { ...inner, placement: where } },
    ignored,
  };
}

/** To the schema, a list is an object without fields. */
function refuseLists(kept: Record<string, unknown>, place: string): void {
  const deploy = kept.deploy as Record<string, unknown> | null | undefined;
  const inner = ["resources", "restart_policy", "placement"].map((key) => [
    `deploy.${key}`,
    deploy?.[key],
  ]);
  for (const [key, value] of [["deploy", deploy], ...inner]) {
    if (Array.isArray(value)) throw new InputError(`${place}.${key}: must be an object`);
  }
}

/** Networks and secrets are made by those who own them; a plan only uses them. */
function checkExisting(file: v.InferOutput<typeof fileSchema>, place: string): void {
  const remedies = {
    networks: "docker network create --driver overlay --attachable",
    secrets: "docker secret create",
  };
  for (const kind of ["networks", "secrets"] as const) {
    for (const [name, given] of Object.entries(file[kind] ?? {})) {
      if (given?.external === true && (given.name ?? name) === name) continue;
      throw new InputError(
        `${place}: ${kind}.${name}: must be external, under its own name: make it by \`${
          remedies[kind]
        } ${name}\``,
      );
    }
  }
}

function checkService(service: ComposeService, place: string): void {
  for (const constraint of service.deploy.placement?.constraints ?? []) {
    if (!/^(node|engine)\.[A-Za-z0-9_.-]+ *(==|!=) *[A-Za-z0-9_.:/-]+$/.test(constraint)) {
      throw new InputError(`${place}.deploy.placement.constraints: not a constraint of Swarm`);
    }
  }
  for (const { target, published } of service.ports) {
    if ([target, published ?? 1].some((number) => number < 1 || number > 65535)) {
      throw new InputError(`${place}.ports: a port is a number from 1 to 65535`);
    }
  }
  for (const { type, source } of service.volumes) {
    if (type === "bind" && source?.startsWith("/") !== true) {
      throw new InputError(
        `${place}.volumes: the source of a bind must be an absolute path on the node`,
      );
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
  const field = path === "" ? place : `${place}${place.includes(": ") ? "." : ": "}${path}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    throw new InputError(
      `${field}: this key is not supported (docs/deploying.md lists the supported keys)`,
    );
  }
  // "received" would quote the value.
  const wanted = issue.type === "regex" || issue.type === "check"
    ? issue.message
    : `must be ${issue.expected ?? "something else"}`;
  throw new InputError(`${field}: ${wanted}`);
}
