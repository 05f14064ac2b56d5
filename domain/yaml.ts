/**
 * YAML, or JSON, as a value. Whoever wrote the file may be hostile: its size, depth and aliases are bounded, and no message
 * quotes what is in it, since that may be a secret.
 * @module
 */
import { Document, isCollection, isScalar, parseDocument, visit } from "yaml";
import { parseJson } from "./decode.ts";
import { InputError } from "./errors.ts";
import { reservedKeyProblem } from "./reserved_names.ts";

/** YAML takes far longer to read, and far longer still where it is made to. */
const MAX_YAML_BYTES = 1 << 18;
/** Aliases of a file, and how often what stands behind them may be repeated. */
const MAX_ALIASES = 100;
/** Anchors, aliases and tags, brackets open at once, and lines: far above these, the parser takes seconds. */
const MAX_MARKS = 1_000;
const MAX_OPEN = 200;
const MAX_LINES = 10_000;

/** How YAML is read. */
export interface YamlOptions {
  /**
   * As Docker reads it: numbers as in YAML 1.1 (0440 and 0b11 by their base, 1_000), whole numbers that JavaScript does not
   * keep exactly as text, days with their time, tags that nobody knows ignored, and of several documents the first. @default false
   */
  readonly asDocker?: boolean;
  /** Told that documents follow the first, which are not read. */
  readonly onMore?: () => void;
}

/**
 * The value of a file of YAML; of JSON where it begins with a brace. Merges (`<<`) are left as they are.
 * @throws {InputError} naming the line, never what is on it.
 */
export function parseYaml(contents: string, file: string, options: YamlOptions = {}): unknown {
  // JSON is YAML too, but its own parser is stricter and a hundred times as fast.
  const value = /^\s*\{/.test(contents)
    ? jsonValue(contents, file)
    : yamlValue(contents, file, options);
  const reserved = reservedKeyProblem(value);
  if (reserved !== null) throw new InputError(`${file}: ${reserved}`);
  return value;
}

function jsonValue(contents: string, file: string): unknown {
  try {
    JSON.parse(contents);
  } catch {
    throw new InputError(`${file}: begins with { but is not JSON`);
  }
  return parseJson(contents, file);
}

function yamlValue(
  contents: string,
  file: string,
  { asDocker = false, onMore = () => {} }: YamlOptions,
): unknown {
  if (contents.length > MAX_YAML_BYTES) {
    throw new InputError(`${file}: larger than 256 KiB of YAML`);
  }
  refuseCostly(contents, file);
  try {
    // The parser compares each key with all others, which takes minutes for a long list of them.
    // A mark at the end begins a document that is not there.
    const document = parseDocument(contents.replace(/\n---\s*$/, "\n"), { uniqueKeys: false });
    const isMore = (fault: { readonly code: string }) => fault.code === "MULTIPLE_DOCS";
    const holdsMore = document.errors.some(isMore);
    const fault = document.errors.find((one) => !isMore(one)) ??
      // Warnings are of tags that nobody knows.
      (asDocker ? undefined : document.warnings[0]);
    if (holdsMore && asDocker) onMore();
    if (holdsMore && !asDocker) {
      throw new InputError(
        `${file}: holds several documents: only one is read, so write one file for each`,
      );
    }
    if (fault !== undefined) {
      const at = fault.linePos?.[0];
      const place = at === undefined ? "" : ` line ${at.line}, column ${at.col}:`;
      throw new InputError(`${file}:${place} not YAML (${fault.code})`);
    }
    let aliases = 0;
    visit(document, {
      Scalar: (at, node) => {
        if (!asDocker || node.type !== "PLAIN" || node.tag !== undefined) return;
        const source = node.source ?? "";
        node.value = numberForDocker(source) ?? node.value;
        if (at !== "key") node.value = dateForDocker(source) ?? node.value;
      },
      Alias: () => ++aliases > MAX_ALIASES ? visit.BREAK : undefined,
      Map: (_, { items }) => {
        const keys = new Set<unknown>();
        for (const { key } of items) {
          const name = isScalar(key) ? String(key.value) : key;
          if (!keys.has(name)) {
            keys.add(name);
            continue;
          }
          const at = isScalar(key) ? key.range?.[0] : undefined;
          const line = at === undefined ? "" : ` line ${contents.slice(0, at).split("\n").length}:`;
          throw new InputError(`${file}:${line} a key is repeated`);
        }
      },
    });
    if (aliases > MAX_ALIASES) throw new InputError(`${file}: more than ${MAX_ALIASES} aliases`);
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof RangeError) throw new InputError(`${file}: nested too deeply`);
    if (error instanceof ReferenceError) {
      throw new InputError(`${file}: aliases that have no anchor, or repeat too much`);
    }
    throw error;
  }
}

/** A number in the forms of YAML 1.1; text where it is whole and JavaScript does not keep it; null where it is none. */
function numberForDocker(source: string): number | string | null {
  if (!/^[-+.\d]/.test(source)) return null;
  const text = source.replaceAll("_", "");
  const [, sign, digits] = /^([-+]?)(0b[01]+|0o?[0-7]+|0x[\da-f]+|0|[1-9]\d*)$/i.exec(text) ?? [];
  if (digits !== undefined) {
    const whole = BigInt(digits.replace(/^0(?=\d)/, "0o")) * (sign === "-" ? -1n : 1n);
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : `${whole}`;
  }
  return /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** A day as Docker writes it down where it takes any value, such as that of a variable; null where the text is none. */
function dateForDocker(source: string): string | null {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(source)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay ? `${date.toISOString().slice(0, 10)} 00:00:00 +0000 UTC` : null;
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

/** A value as YAML: the first two levels in lines of their own, what is below in brackets. */
export function yamlText(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection(_, node, path) {
      // Documents and pairs stand in the path too.
      const depth = path.filter((one) => isCollection(one)).length;
      if (depth >= 2) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}
