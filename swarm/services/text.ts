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

/**
 * Parses a Compose file; `<<` merges, and `$NAME`, `${NAME}`, `${NAME:-default}` become values of variables.
 * @throws {InputError} naming the line, never what is on it.
 */
export function parseCompose(contents: string, file: string, variables: Variables): unknown {
  if (contents.length > MAX_BYTES) throw new InputError(`${file}: larger than 1 MiB`);
  return walk(parseYaml(contents, file), file, variables, 0);
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
