/**
 * One stack file: what it says of services and of what they draw on, and what became of every key.
 * @module
 */
import type * as v from "valibot";
import { definitionSchemas, serviceSchema, type WrittenFile } from "./compose_schema.ts";
import {
  type FileDefinition,
  fileOf,
  type NetworkDefinition,
  networkOf,
  type VolumeDefinition,
  volumeOf,
} from "./definitions.ts";
import { type Fields, isFields, withoutExtensions } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { IGNORED, REMEDIES } from "./keys.ts";
import { parseLenient } from "./lenient.ts";
import { noteKeys } from "./notes.ts";
import { longForm, type LongService, parseEnvironmentFile } from "./short_forms.ts";
import { parseCompose, type Variables } from "./text.ts";

/** Files that a stack names, as relative to its first file. Null where none can be read. */
export type FilesOfStack = {
  /** The absolute path of a path of the file. */
  readonly resolve: (path: string) => string;
  /** Contents of a file, by its absolute path; null if it cannot be read. */
  readonly read: (path: string) => Uint8Array | null;
} | null;

/** What a file defines besides services, by name. */
export interface Definitions {
  readonly networks: ReadonlyMap<string, NetworkDefinition>;
  readonly volumes: ReadonlyMap<string, VolumeDefinition>;
  readonly configs: ReadonlyMap<string, FileDefinition>;
  readonly secrets: ReadonlyMap<string, FileDefinition>;
}

/** What one file says. */
export interface StackPart {
  readonly services: ReadonlyMap<
    string,
    { readonly service: LongService; readonly findings: Findings }
  >;
  readonly definitions: Definitions;
  readonly findings: Findings;
  /** Names of variables that are not set. */
  readonly unset: readonly string[];
}

/** What a file may draw on. */
interface Sources {
  readonly variables: Variables;
  readonly files: FilesOfStack;
}

/** Keys of the file besides services. */
const SECTIONS = ["networks", "volumes", "configs", "secrets"] as const;
/** Most bytes of a config or a secret: Swarm takes no more. */
const MOST_BYTES = { configs: 1_000 * 1024, secrets: 500 * 1024 } as const;

/** Reads one stack file. */
export function readPart(contents: string, findings: Findings, sources: Sources): StackPart {
  const unset: string[] = [];
  const file = fieldsOf(contents, findings, sources, unset);
  const definitions = {
    networks: networksOf(file, findings),
    volumes: volumesOf(file, findings),
    configs: filesOf("configs", file, findings, sources),
    secrets: filesOf("secrets", file, findings, sources),
  };
  const services = new Map<string, { service: LongService; findings: Findings }>();
  for (const [name, given] of Object.entries(section(file, "services", findings))) {
    const whole = isFields(given) ? given : {};
    if (!isFields(given)) findings.add("refused", name, "", "must be an object");
    services.set(name, { service: serviceOf(name, whole, findings, sources, file), findings });
  }
  return { services, definitions, findings, unset };
}

/** The keys of a file; none where it cannot be read at all. */
function fieldsOf(
  contents: string,
  findings: Findings,
  { variables }: Sources,
  unset: string[],
): Fields {
  const value = findings.attempt(null, "", () =>
    parseCompose(contents, findings.file, variables, {
      unset: (name, path) => {
        unset.push(name);
        const { service, key } = placed(path);
        findings.add("ignored", service, key, `the variable ${name} is not set: it is empty`);
      },
      noticed: (text, path) => {
        const { service, key } = placed(path);
        findings.add("taken", service, key, text);
      },
      refused: (text, path) => {
        const { service, key } = placed(path);
        findings.add("refused", service, key, text);
      },
    }));
  if (value === undefined) return {};
  if (!isFields(value)) {
    findings.add("refused", null, "", "must be an object with services");
    return {};
  }
  const fields = withoutExtensions(value);
  for (const key of Object.keys(fields)) {
    if (["version", "name", "services", ...SECTIONS].includes(key)) continue;
    findings.add(
      "refused",
      null,
      key,
      "this key is not supported (docs/deploying.md lists the supported keys)",
    );
  }
  if (fields.name !== undefined) findings.add("ignored", null, "name", "--stack names the stack");
  return fields;
}

function placed(path: readonly string[]): { service: string | null; key: string } {
  const [first, name, ...rest] = path;
  return first === "services" && name !== undefined
    ? { service: name, key: rest.join(".") }
    : { service: null, key: path.join(".") };
}

function section(file: Fields, key: string, findings: Findings): Fields {
  const value = file[key] ?? {};
  if (isFields(value)) return withoutExtensions(value);
  findings.add("refused", null, key, "must be an object");
  return {};
}

/** What a section of the file defines, by name; what is refused is noted. */
function definedIn<Schema extends v.GenericSchema>(
  key: typeof SECTIONS[number],
  schema: Schema,
  file: Fields,
  findings: Findings,
): [name: string, written: v.InferOutput<Schema>][] {
  return Object.entries(section(file, key, findings)).map(([name, given]) => {
    const fields = given ?? {};
    const before = findings.all.length;
    const written = parseLenient(
      schema,
      isFields(fields) ? withoutExtensions(fields) : fields,
      (issues) => findings.addIssues(null, [key, name], issues),
    );
    const conflict = isFields(fields) ? conflictOf(key, fields) : null;
    if (conflict !== null) findings.add("refused", null, `${key}.${name}`, conflict);
    if (findings.all.length === before) findings.add("taken", null, `${key}.${name}`);
    return [name, written];
  });
}

/** What of a definition says the opposite of the rest, as Docker has it; null if nothing does. */
function conflictOf(
  key: typeof SECTIONS[number],
  { external, name, ...more }: Fields,
): string | null {
  if (isFields(external) && external.name !== undefined && name !== undefined) {
    return "has a name in `external` and one beside it: write `external: true` and `name`";
  }
  const isExternal = external !== undefined && external !== false;
  const made = ["driver", "driver_opts", "labels"].find((one) => more[one] !== undefined);
  return key === "volumes" && isExternal && made !== undefined
    ? `is \`external\`, so it has no \`${made}\`: write one of them`
    : null;
}

function networksOf(file: Fields, findings: Findings): Map<string, NetworkDefinition> {
  const defined = definedIn("networks", definitionSchemas.networks, file, findings);
  return new Map(defined.map(([name, written]) => [name, networkOf(name, written)]));
}

function volumesOf(file: Fields, findings: Findings): Map<string, VolumeDefinition> {
  const defined = definedIn("volumes", definitionSchemas.volumes, file, findings);
  return new Map(defined.map(([name, written]) => [name, volumeOf(name, written)]));
}

function filesOf(
  key: "configs" | "secrets",
  file: Fields,
  findings: Findings,
  { files }: Sources,
): Map<string, FileDefinition> {
  const defined = definedIn(key, definitionSchemas[key], file, findings);
  return new Map(defined.map(([name, written]: [string, WrittenFile]) => {
    const refuse = (text: string) => findings.add("refused", null, `${key}.${name}`, text);
    const isExternal = written.external !== undefined && written.external !== false;
    if (isExternal || written.file === undefined) {
      if (!isExternal) refuse("has neither `file` nor `external: true`: write one of them");
      return [name, fileOf(name, written, null, null)];
    }
    const path = files?.resolve(written.file) ?? null;
    const contents = path === null ? null : files!.read(path);
    if (contents === null) refuse("its file cannot be read");
    else if (contents.length === 0) refuse("its file is empty, which Swarm refuses");
    else if (contents.length > MOST_BYTES[key]) {
      refuse(`its file has more than ${MOST_BYTES[key] / 1024} KiB, which Swarm refuses`);
    }
    return [name, fileOf(name, written, path, contents)];
  }));
}

/** A service, as far as it is not refused. */
function serviceOf(
  name: string,
  given: Fields,
  findings: Findings,
  { variables, files }: Sources,
  file: Fields,
): LongService {
  const kept = sorted(name, given, findings);
  const written = parseLenient(
    serviceSchema,
    kept,
    (issues) => findings.addIssues(name, [], issues, REMEDIES),
  );
  noteKeys(name, written, kept, findings, file);
  const fromFiles: Record<string, string> = {};
  for (const path of written.env_file ?? []) {
    const bytes = files?.read(files.resolve(path)) ?? null;
    const found = bytes === null
      ? null
      : parseEnvironmentFile(new TextDecoder().decode(bytes), variables);
    if (bytes === null) findings.add("refused", name, "env_file", "the file cannot be read");
    else if (found === null) {
      findings.add("refused", name, "env_file", "a line of the file is not NAME=VALUE");
    } else Object.assign(fromFiles, found);
  }
  const service = longForm(written, variables, fromFiles);
  return {
    ...service,
    volumes: service.volumes.map((volume) => onNode(name, volume, findings, files)),
  };
}

/** The service without what is ignored, which is noted. */
function sorted(name: string, given: Fields, findings: Findings): Fields {
  const kept = withoutExtensions(given);
  if (given["x-metis"] !== undefined) kept["x-metis"] = given["x-metis"];
  for (const [key, text] of Object.entries(IGNORED)) {
    if (!Object.hasOwn(kept, key)) continue;
    delete kept[key];
    findings.add("ignored", name, key, text);
  }
  if (isFields(kept.deploy)) kept.deploy = withoutExtensions(kept.deploy);
  // In old files, and for Docker, an empty key is as good as none.
  for (const key of ["deploy", "ports", "volumes", "healthcheck", "logging"]) {
    if (kept[key] === null) delete kept[key];
  }
  return kept;
}

/** A volume with the absolute path that a bind has on the nodes. */
function onNode(
  name: string,
  volume: LongService["volumes"][number],
  findings: Findings,
  files: FilesOfStack,
): LongService["volumes"][number] {
  const { type, source } = volume;
  if (type === "tmpfs" && source) findings.add("refused", name, "volumes", "a tmpfs has no source");
  if (type !== "bind" || source?.startsWith("/")) return volume;
  if (!source || files === null) {
    findings.add(
      "refused",
      name,
      "volumes",
      "the source of a bind must be an absolute path on the node",
    );
    return volume;
  }
  findings.add(
    "taken",
    name,
    "volumes",
    "relative paths begin at the folder of this file: nodes must have the same folders",
  );
  return { ...volume, source: files.resolve(source) };
}
