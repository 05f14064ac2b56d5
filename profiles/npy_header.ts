import { InputError } from "../domain/mod.ts";
import { quoted } from "./quoted.ts";

/** What the header of an npy file says. */
export interface NpyHeader {
  /** Type of an element, such as "<f8". */
  readonly descr: string;
  /** True if the first dimension is fastest. */
  readonly fortranOrder: boolean;
  /** Length of each dimension. */
  readonly shape: readonly number[];
}

/** numpy's own limit. */
const MAX_DIMENSIONS = 64;

/**
 * Parses a header: a Python dictionary literal with exactly the keys `descr`, `fortran_order` and
 * `shape`, then spaces and a line feed. Only this small grammar is understood; nothing is evaluated.
 * @param place Names file and entry, for messages.
 * @throws {InputError} for any other text.
 */
export function parseNpyHeader(text: string, place: string): NpyHeader {
  const broken = (what: string): never => {
    throw new InputError(`${place}: npy header ${what}: it reads ${quoted(text.trim())}`);
  };
  const tokens = tokenize(text) ?? broken("is not understood");
  let at = 0;
  const peek = () => tokens[at] ?? "";
  const take = (wanted: string) => {
    if (peek() !== wanted) broken(`lacks ${wanted}`);
    at++;
  };
  let descr: string | null = null;
  let fortranOrder: boolean | null = null;
  let shape: number[] | null = null;
  take("{");
  while (peek() !== "}") {
    const key = tokens[at++];
    take(":");
    const value = peek();
    if (key === "'descr'" && descr === null) {
      if (value === "[") broken("describes a structured array, which is not supported");
      if (!value.startsWith("'")) broken("has no text as descr");
      descr = value.slice(1, -1);
      at++;
    } else if (key === "'fortran_order'" && fortranOrder === null) {
      if (value !== "True" && value !== "False") {
        broken("has an order that is neither True nor False");
      }
      fortranOrder = value === "True";
      at++;
    } else if (key === "'shape'" && shape === null) {
      shape = [];
      take("(");
      while (peek() !== ")") {
        if (!/^\d/.test(peek())) broken("has a shape that is not whole numbers, 0 or more");
        shape.push(Number(tokens[at++]));
        if (peek() !== ")" || shape.length === 1) take(",");
      }
      take(")");
    } else broken("has an unknown or repeated key");
    if (peek() !== "}") take(",");
  }
  take("}");
  if (at !== tokens.length) broken("continues after its end");
  if (descr === null || fortranOrder === null || shape === null) {
    return broken("lacks descr, fortran_order or shape");
  }
  const elements = shape.reduce((product, length) => product * length, 1);
  const sizes = [...shape, elements];
  if (shape.length > MAX_DIMENSIONS || !sizes.every((size) => Number.isSafeInteger(size * 8))) {
    broken("has an impossibly large shape");
  }
  return { descr, fortranOrder, shape };
}

/** The tokens of a header, or null if there is anything else in it. */
function tokenize(text: string): string[] | null {
  if (!/^[\x20-\x7e]*\n$/.test(text)) return null;
  const token = / *(?:([{}()[\]:,]|'[^'\\]*'|True|False|0(?!\d)|[1-9]\d{0,15}(?!\d)|-\d+))/y;
  const body = text.trimEnd();
  const tokens: string[] = [];
  while (token.lastIndex < body.length) {
    const match = token.exec(body);
    if (match === null) return null;
    tokens.push(match[1]!);
  }
  return tokens;
}
