/**
 * The text of a Compose file as a value: YAML or JSON, with the variables of Compose filled in. Whoever wrote
 * the file may be hostile: its size, depth and aliases are bounded, and no message quotes what is in it, since
 * that may be a secret.
 * @module
 */
import { isScalar, parseDocument, visit } from "yaml";
import { parseJson } from "../../domain/decode.ts";
import { InputError } from "../../domain/errors.ts";
import { reservedKeyProblem } from "../../domain/reserved_names.ts";

const MAX_BYTES = 1 << 20;
/** YAML takes far longer to read, and far longer still where it is made to. */
const MAX_YAML_BYTES = 1 << 18;
/** A Compose file is eight deep. */
const MAX_DEPTH = 32;
/** Aliases of a file, and how often what stands behind them may be repeated. */
const MAX_ALIASES = 100;
/** Anchors, aliases and tags, brackets open at once, and lines: far above these, the parser takes seconds. */
const MAX_MARKS = 1_000;
const MAX_OPEN = 200;
const MAX_LINES = 10_000;

/** Value of a variable, or undefined if it is not set. */
export type Variables = (name: string) => string | undefined;

/**
 * Parses a Compose file; `<<` merges, and `$NAME`, `${NAME}`, `${NAME:-default}` become values of variables.
 * @throws {InputError} naming the line, never what is on it.
 */
export function parseCompose(contents: string, file: string, variables: Variables): unknown {
  if (contents.length > MAX_BYTES) throw new InputError(`${file}: larger than 1 MiB`);
  // JSON is YAML too, but its own parser is stricter and a hundred times as fast.
  const value = /^\s*\{/.test(contents) ? jsonValue(contents, file) : parseYaml(contents, file);
  const reserved = reservedKeyProblem(value);
  if (reserved !== null) throw new InputError(`${file}: ${reserved}`);
  return walk(value, file, variables, 0);
}

function jsonValue(contents: string, file: string): unknown {
  try {
    JSON.parse(contents);
  } catch {
    throw new InputError(`${file}: begins with { but is not JSON`);
  }
  return parseJson(contents, file);
}

function parseYaml(contents: string, file: string): unknown {
  if (contents.length > MAX_YAML_BYTES) {
    throw new InputError(`${file}: larger than 256 KiB of YAML`);
  }
  refuseCostly(contents, file);
  try {
    // The parser compares each key with all others, which takes minutes for a long list of them.
    const document = parseDocument(contents, { uniqueKeys: false, logLevel: "silent" });
    // Warnings are of tags that nobody knows.
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) {
      const at = fault.linePos?.[0];
      const place = at === undefined ? "" : ` line ${at.line}, column ${at.col}:`;
      throw new InputError(`${file}:${place} not YAML (${fault.code})`);
    }
    let aliases = 0;
    visit(document, {
      Alias: () => ++aliases > MAX_ALIASES ? visit.BREAK : undefined,
      Map: (_, { items }) => {
        const keys = new Set(items.map(({ key }) => isScalar(key) ? String(key.value) : key));
        if (keys.size < items.length) {
          throw new InputError(`${file}: a key is repeated`);
        }
      },
    });
    if (aliases > MAX_ALIASES) throw new InputError(`${file}: more than ${MAX_ALIASES} aliases`);
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof RangeError
      ? "nested too deeply"
      : "aliases that have no anchor, or repeat too much";
    throw new InputError(`${file}: ${reason}`);
  }
}

/** Refuses, by a glance at the text, what the parser would take long for. */
function refuseCostly(contents: string, file: string): void {
  const marks = contents.match(/(?<![^\s[\]{},:?-])[&*!](?=[^\s&*])/g) ?? [];
  if (marks.length > MAX_MARKS) {
    throw new InputError(`${file}: more than ${MAX_MARKS} anchors, aliases and tags`);
  }
  if (contents.split(/\r\n?|\n/, MAX_LINES + 1).length > MAX_LINES) {
    throw new InputError(`${file}: more than ${MAX_LINES} lines`);
  }
  if (new RegExp(`(?:[-?][ \\t]+){${MAX_OPEN}}`).test(contents)) {
    throw new InputError(`${file}: nested too deeply`);
  }
  let open = 0;
  for (const [bracket] of contents.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === "[" || bracket === "{" ? 1 : -1));
    if (open > MAX_OPEN) throw new InputError(`${file}: nested too deeply`);
  }
}

/** A copy with merges done and variables filled in. */
function walk(value: unknown, place: string, variables: Variables, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new InputError(`${place}: nested too deeply`);
  if (typeof value === "string") return interpolate(value, place, variables);
  if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new InputError(`${place}: a number that is not kept exactly: put it in quotes`);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((element, at) => walk(element, `${place}.${at}`, variables, depth + 1));
  }
  const fields = Object.entries(merged(value as Record<string, unknown>, depth));
  return Object.fromEntries(fields.map(([key, field]) => {
    const inner = depth === 0 ? `${place}: ${key}` : `${place}.${key}`;
    return [key, walk(field, inner.slice(0, 300), variables, depth + 1)];
  }));
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

/** Text with its variables filled in; `$$` is a dollar sign. */
function interpolate(text: string, place: string, variables: Variables): string {
  return text.replace(
    /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?])([^{}]*))?\}|)/g,
    (all, plain?: string, braced?: string, operator?: string, alternative?: string) => {
      if (all === "$$") return "$";
      const name = plain ?? braced;
      if (name === undefined) {
        throw new InputError(
          `${place}: a dollar sign begins a variable (\${NAME}): write $$ for a dollar sign`,
        );
      }
      const value = variables(name);
      const isMissing = value === undefined || (value === "" && operator?.startsWith(":") === true);
      if (!isMissing) return value;
      if (operator?.endsWith("-")) return alternative ?? "";
      throw new InputError(
        `${place}: the variable ${name} is not set: set it, or set a default by \${${name}:-...}`,
      );
    },
  );
}
