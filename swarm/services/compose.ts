/**
 * The services file: what runs as each app. It is a stack file in YAML or JSON, as `docker stack deploy` takes it; what
 * Docker would refuse, or what cannot be kept, is refused, since ignoring it would deploy something else than was asked.
 * @module
 */
import { InputError, suggest } from "../../domain/mod.ts";
import { checkAppName, checkImage } from "../names.ts";
import { type Finding, Findings, refuseByFindings } from "./findings.ts";
import { mergeServices } from "./merge.ts";
import { type FilesOfStack, readPart, type StackPart } from "./part.ts";
import { type ComposeService, resolveService } from "./resolve.ts";
import type { LongService } from "./short_forms.ts";
import type { Variables } from "./text.ts";

export type { ComposeService } from "./resolve.ts";

/** What runs as each app. */
export type Services = ReadonlyMap<string, ComposeService>;

/** A file, and what is in it. */
export interface StackFile {
  readonly name: string;
  readonly contents: string;
}

/** What a services file may draw on. */
export interface ReadServicesOptions {
  /** Values of variables, such as the environment. @default none is set */
  readonly variables?: Variables;
  /** Files that the stack names. @default none can be read */
  readonly files?: FilesOfStack;
  /** True if services that name no network are on the stack's own, as Docker has it. @default false */
  readonly defaultNetwork?: boolean;
}

/** What was read, and what became of every key. */
export interface ReadStack {
  /** Without the services that are refused as a whole. */
  readonly services: Services;
  readonly findings: readonly Finding[];
  /** Names of variables that are not set. */
  readonly unset: readonly string[];
}

/**
 * Reads one stack file, or several as one: later files add to and replace what earlier ones say. Never throws for what
 * is in them.
 */
export function readStack(
  given: readonly StackFile[],
  { variables = () => undefined, files = null, defaultNetwork = false }: ReadServicesOptions = {},
): ReadStack {
  const parts = given.map(({ name, contents }) =>
    readPart(contents, new Findings(name), { variables, files })
  );
  const whole = parts.reduce((base, later) => joined(base, later));
  const services = new Map<string, ComposeService>();
  for (const [name, { service, findings }] of whole.services) {
    const complete = checkedService(name, service, findings);
    noteUndefined(name, service, whole.definitions, findings);
    services.set(name, resolveService(complete, whole.definitions, { defaultNetwork }));
  }
  const findings = parts.flatMap(({ findings }) => findings.all);
  const unset = parts.flatMap((part) => part.unset);
  if (services.size === 0 && !findings.some(({ kind }) => kind === "refused")) {
    const { file } = parts[0]!.findings;
    findings.push({ file, service: null, key: "", kind: "refused", text: "services is empty" });
  }
  return { services, findings, unset: [...new Set(unset)].sort() };
}

/**
 * Reads a services file.
 * @throws {InputError} naming the service, the key and the remedy; values of the environment are never shown.
 */
export function readServices(
  contents: string,
  file: string,
  options: ReadServicesOptions = {},
): Services {
  const { services, findings } = readStack([{ name: file, contents }], options);
  refuseByFindings(findings);
  return services;
}

/**
 * The service of each app.
 * @throws {InputError} naming the apps that have none, and those of which a plan cannot say how many run.
 */
export function requireServices(services: Services, apps: readonly string[], file: string): void {
  const missing = apps.filter((app) => !services.has(app));
  if (missing.length > 0) {
    throw new InputError(
      `${file}: no service for ${missing.join(", ")}${suggest(missing[0]!, [...services.keys()])}`,
    );
  }
  for (const app of apps) {
    const { mode = "replicated" } = services.get(app)!.deploy;
    if (mode === "replicated") continue;
    throw new InputError(
      `${file}: services.${app}.deploy.mode: a plan places replicated services only: leave ${app} out of the plan, or ` +
        `write \`mode: replicated\``,
    );
  }
}

/** Names in the environment that look as if their values were secret. */
export function secretLike(service: ComposeService): string[] {
  return service.environment.map(([name]) => name).filter((name) =>
    /(PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE)_?KEY)S?$/i.test(name)
  );
}

/** Two files as one. */
function joined(base: StackPart, later: StackPart): StackPart {
  const services = new Map(base.services);
  for (const [name, part] of later.services) {
    const before = services.get(name);
    const service = before ? mergeServices(before.service, part.service) : part.service;
    services.set(name, { ...part, service });
  }
  const { networks, volumes, configs, secrets } = base.definitions;
  return {
    ...base,
    services,
    definitions: {
      networks: new Map([...networks, ...later.definitions.networks]),
      volumes: new Map([...volumes, ...later.definitions.volumes]),
      configs: new Map([...configs, ...later.definitions.configs]),
      secrets: new Map([...secrets, ...later.definitions.secrets]),
    },
  };
}

/** Notes what a service draws on that no file defines: `docker stack deploy` refuses it. */
function noteUndefined(
  name: string,
  service: LongService,
  { networks, volumes, configs, secrets }: StackPart["definitions"],
  findings: Findings,
): void {
  const sources = {
    networks: service.networks.map(({ key }) => key).filter((key) =>
      !networks.has(key) && key !== "default"
    ),
    volumes: service.volumes.flatMap(({ type, source }) =>
      type === "volume" && source !== undefined && !volumes.has(source) ? [source] : []
    ),
    configs: service.configs.map(({ source }) => source).filter((key) => !configs.has(key)),
    secrets: service.secrets.map(({ source }) => source).filter((key) => !secrets.has(key)),
  };
  for (const [kind, keys] of Object.entries(sources)) {
    for (const key of keys) {
      findings.add(
        "taken",
        name,
        `${kind}.${key}`,
        `not in \`${kind}\` of the file: taken as \`external: true\`, which \`docker stack deploy\` wants written`,
      );
    }
  }
}

/** The service with an image; what is wrong with it as a whole is noted. */
function checkedService(
  name: string,
  service: LongService,
  findings: Findings,
): LongService & { readonly image: string } {
  findings.attempt(null, `services.${name}`, () => checkAppName(name, findings.file));
  const { image = "" } = service;
  if (image === "") {
    const isRefused = findings.all.some((one) =>
      one.service === name && one.key === "image" && one.kind === "refused"
    );
    if (!isRefused) {
      findings.add(
        "refused",
        name,
        "image",
        "is missing: build the image, push it to a registry that the nodes reach, and name it",
      );
    }
  } else findings.attempt(name, "image", (place) => checkImage(image, place));
  return { ...service, image };
}
