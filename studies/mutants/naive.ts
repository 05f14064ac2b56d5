/**
 * Plain readings of files, by other code than the readers have: what an accepted file must have said.
 * @module
 */

/** The text, or null if the bytes are not UTF-8. */
export function naiveText(file: Uint8Array): string | null {
  const text = new TextDecoder("utf-8", { ignoreBOM: false }).decode(file);
  // Bytes that are no UTF-8 become U+FFFD, which then takes three bytes.
  const again = new TextEncoder().encode(text).length;
  const mark = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? 3 : 0;
  return again + mark === file.length ? text : null;
}

/** JSON as a tree in which an object keeps every key, as often as it is written. Only for what JSON.parse takes. */
export type Written =
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, Written])[] }
  | { readonly kind: "list"; readonly values: readonly Written[] }
  | { readonly kind: "scalar"; readonly value: unknown };

/** Reads JSON token by token. @returns null for what is no JSON. */
export function naiveJson(text: string): Written | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  let at = 0;
  const value = (): Written => {
    const token = tokens[at++]!;
    if (token === "{") {
      const fields: [string, Written][] = [];
      while (tokens[at] !== "}") {
        const key = JSON.parse(tokens[at]!);
        at += 2; // the key and its colon
        fields.push([key, value()]);
        if (tokens[at] === ",") at++;
      }
      at++;
      return { kind: "object", fields };
    }
    if (token === "[") {
      const values: Written[] = [];
      while (tokens[at] !== "]") {
        values.push(value());
        if (tokens[at] === ",") at++;
      }
      at++;
      return { kind: "list", values };
    }
    return { kind: "scalar", value: JSON.parse(token) };
  };
  return value();
}

/**
 * What is written and not kept: a key, an element, or another scalar. What is kept beyond it, such as defaults, is no loss.
 * @param unread Paths, with * for each key or index, whose values nobody promises to keep.
 * @returns The path of the first loss, or null.
 */
export function lostOf(
  written: Written,
  kept: unknown,
  unread: readonly string[] = [],
  path: string = "",
): string | null {
  if (unread.some((pattern) => isAt(path, pattern))) return null;
  if (written.kind === "scalar") {
    const { value } = written;
    if (typeof value === "number" && !Number.isFinite(value)) return `${path}: ${value}`;
    // As numbers: -0 is 0.
    return value === kept ? null : `${path}: ${JSON.stringify(value)} became ${show(kept)}`;
  }
  if (written.kind === "list") {
    if (!Array.isArray(kept) || kept.length !== written.values.length) {
      return `${path}: a list of ${written.values.length} became ${show(kept)}`;
    }
    return first(written.values, (value, at) => lostOf(value, kept[at], unread, `${path}.${at}`));
  }
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) {
    return `${path}: an object became ${show(kept)}`;
  }
  const keys = new Set(written.fields.map(([key]) => key));
  if (keys.size < written.fields.length) return `${path}: a key is there twice`;
  return first(written.fields, ([key, value]) => {
    const inner = `${path}.${key}`;
    if (Object.hasOwn(kept, key)) {
      return lostOf(value, (kept as Record<string, unknown>)[key], unread, inner);
    }
    return unread.some((pattern) => isAt(inner, pattern)) ? null : `${inner}: is lost`;
  });
}

function isAt(path: string, pattern: string): boolean {
  if (path === pattern) return true;
  if (!pattern.includes("*")) return false;
  const [parts, wanted] = [path.split("."), pattern.split(".")];
  return parts.length === wanted.length &&
    wanted.every((one, at) => one === "*" || one === parts[at]);
}

function first<T>(
  values: readonly T[],
  lost: (value: T, at: number) => string | null,
): string | null {
  for (const [at, value] of values.entries()) {
    const found = lost(value, at);
    if (found !== null) return found;
  }
  return null;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

/** The first place in which two values differ, however deep; null if they are the same. */
export function differenceOf(a: unknown, b: unknown, path: string = ""): string | null {
  if (Object.is(a, b)) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return `${path}: ${show(a)} and ${show(b)}`;
  }
  if (a.constructor !== b.constructor) return `${path}: of another kind`;
  if (a instanceof Map) return differenceOf([...a], [...b as Map<unknown, unknown>], path);
  const [left, right] = [Object.entries(a), Object.entries(b)];
  if (left.length !== right.length) return `${path}: ${left.length} and ${right.length} values`;
  return first(left, ([key, value], at) => {
    const [otherKey, other] = right[at]!;
    return key === otherKey
      ? differenceOf(value, other, `${path}.${key}`)
      : `${path}: ${key} and ${otherKey}`;
  });
}

/** Records of CSV, letter by letter; null for a quote that is not closed, or has text behind it. */
export function naiveCsv(text: string): string[][] | null {
  const records: string[][] = [[]];
  let field = "";
  let quotes: "none" | "open" | "closed" = "none";
  const body = text.replace(/^\ufeff/, "").replace(/[\r\n]+$/, "");
  for (let at = 0; at <= body.length; at++) {
    const letter = body[at];
    if (quotes === "open") {
      if (letter === undefined) return null;
      if (letter !== '"') field += letter;
      else if (body[at + 1] === '"') field += body[++at];
      else quotes = "closed";
      continue;
    }
    if (letter === '"' && field === "" && quotes === "none") {
      quotes = "open";
      continue;
    }
    const ends = letter === undefined || letter === "\n" ||
      (letter === "\r" && body[at + 1] === "\n");
    if (letter !== "," && !ends) {
      if (quotes === "closed") return null;
      field += letter;
      continue;
    }
    records.at(-1)!.push(field);
    [field, quotes] = ["", "none"];
    if (!ends || letter === undefined) continue;
    if (letter === "\r") at++;
    records.push([]);
  }
  return records;
}

/** The number that a cell says in decimal notation; null if it says none. */
export function naiveNumber(cell: string): number | null {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell) ? Number(cell) : null;
}
