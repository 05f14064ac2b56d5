/**
 * The text of a Compose file as a value, with the variables of Compose filled in. No message quotes what is in the
 * file, since that may be a secret.
 * @module
 */
import { InputError } from "../../domain/errors.ts";
import { parseYaml } from "../../domain/yaml.ts";

const MAX_BYTES = 1 << 20;
/** A Compose file is eight deep. */
const MAX_DEPTH = 32;

/** Value of a variable, or undefined if it is not set. */
export type Variables = (name: string) => string | undefined;

/** Told of what is found at a place of the file, whose keys are given from the outermost. */
export interface Told {
  /** A variable that is not set stands for nothing, as in Docker. */
  readonly unset: (name: string, path: readonly string[]) => void;
  /** Docker reads a variable in another way than it looks. */
  readonly noticed: (text: string, path: readonly string[]) => void;
  /** What stands there is no text with variables. */
  readonly refused: (text: string, path: readonly string[]) => void;
}

/**
 * Parses a Compose file; `<<` merges, and `$NAME`, `${NAME}`, `${NAME:-default}` become values of variables.
 * @param told Told of each variable that is not set, and of each that is refused. @default refusals are thrown, and variables that are not set pass
 * @throws {InputError} naming the line, never what is on it.
 */
export function parseCompose(
  contents: string,
  file: string,
  variables: Variables,
  told: Partial<Told> = {},
): unknown {
  if (contents.length > MAX_BYTES) throw new InputError(`${file}: larger than 1 MiB`);
  const all = { ...throwing(file), ...told };
  const onMore = () =>
    all.noticed("documents follow the first (---): they are not read, as Docker reads none", []);
  return walk(
    parseYaml(contents, file, { asDocker: true, onMore }),
    { file, variables, told: all },
    [],
  );
}

function throwing(file: string): Told {
  return {
    unset: () => {},
    noticed: () => {},
    refused: (text, path) => {
      throw new InputError(`${`${file}: ${path.join(".")}`.slice(0, 300)}: ${text}`);
    },
  };
}

interface Walk {
  readonly file: string;
  readonly variables: Variables;
  readonly told: Told;
}

/** A copy with merges done and variables filled in. */
function walk(value: unknown, context: Walk, path: readonly string[]): unknown {
  if (path.length > MAX_DEPTH) throw new InputError(`${context.file}: nested too deeply`);
  if (typeof value === "string") {
    const text = interpolate(value, context, path);
    return text === value ? text : cast(text, path.join("/"));
  }
  if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    context.told.refused("a number that is not kept exactly: put it in quotes", path);
    return value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((element, at) => walk(element, context, [...path, `${at}`]));
  }
  const fields = Object.entries(merged(value as Record<string, unknown>, path.length));
  return Object.fromEntries(
    fields.map(([key, field]) => [key, walk(field, context, [...path, key])]),
  );
}

/** Where Docker makes numbers, and yes or no, of text that variables were in. */
const NUMBERS =
  /^services\/[^/]+\/((configs|secrets)\/\d+\/mode|deploy\/(replicas|(update|rollback)_config\/(parallelism|max_failure_ratio)|restart_policy\/max_attempts|placement\/max_replicas_per_node)|healthcheck\/retries|ports\/\d+\/(target|published)|ulimits\/[^/]+(\/(soft|hard))?)$/;
const FLAGS =
  /^(services\/[^/]+\/(healthcheck\/disable|privileged|read_only|stdin_open|tty|volumes\/\d+\/(read_only|volume\/nocopy))|(networks|volumes|configs|secrets)\/[^/]+\/(external|internal|attachable))$/;

/** Text as what it should be at its place; as it is where it is not that. */
function cast(text: string, path: string): string | number | boolean {
  if (NUMBERS.test(path) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!FLAGS.test(path)) return text;
  if (/^(1|y|yes|true|on)$/i.test(text)) return true;
  return /^(0|n|no|false|off)$/i.test(text) ? false : text;
}

/** The object with what `<<` names beneath its own fields. */
function merged(value: Record<string, unknown>, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH || !Object.hasOwn(value, "<<")) return value;
  const { "<<": base, ...own } = value;
  const bases = Array.isArray(base) ? base : [base];
  // The first of several bases wins, as in YAML's own merge keys.
  const below = bases.toReversed().filter((one) => typeof one === "object" && one !== null)
    .map((one) => merged(one as Record<string, unknown>, depth + 1));
  return Object.assign({}, ...below, own);
}

/** A variable, and what begins with a sign after its name: in braces, or, for Docker, without. */
const VARIABLE = String.raw`[A-Za-z_]\w*(?::?[-?][^}]*)?`;
const PLACES = new RegExp(String.raw`\$(?:(\$)|(${VARIABLE})|\{(${VARIABLE})\}|)`, "g");

/** Text with its variables filled in; `$$` is a dollar sign. */
function interpolate(text: string, context: Walk, path: readonly string[]): string {
  return text.replace(PLACES, (all, dollar?: string, plain?: string, braced?: string) => {
    if (dollar !== undefined) return "$";
    const variable = plain ?? braced;
    if (variable === undefined) {
      context.told.refused(
        "a dollar sign begins a variable (${NAME}): write $$ for a dollar sign",
        path,
      );
      return all;
    }
    const [name = ""] = /^\w+/.exec(variable) ?? [];
    if (plain !== undefined && plain !== name) {
      context.told.noticed(
        `to Docker, what follows $${name} is its default or its message: write \${${name}} if it is not`,
        path,
      );
    }
    return valueOf(name, variable.slice(name.length), context, path);
  });
}

/** @param after What follows the name: `:-default`, `-default`, `:?message`, `?message`, or nothing. */
function valueOf(
  name: string,
  after: string,
  { variables, told }: Walk,
  path: readonly string[],
): string {
  const value = variables(name);
  const isMissing = value === undefined || (value === "" && after.startsWith(":"));
  const [, sign, alternative = ""] = /^:?([-?])([^]*)$/.exec(after) ?? [];
  if (sign === "?" && alternative.includes("-")) {
    told.noticed(
      `to Docker, the hyphen in the message of ${name} begins a default, which it takes whatever ${name} is: write no hyphen`,
      path,
    );
  }
  if (!isMissing) return value;
  if (sign === "-") return alternative;
  if (sign === undefined) told.unset(name, path);
  else {
    told.refused(
      `the variable ${name} is not set: set it, or set a default by \${${name}:-...}`,
      path,
    );
  }
  return "";
}
