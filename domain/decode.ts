/**
 * Text and JSON from files of others: whatever would be lost in silence is refused.
 * @module
 */
import { InputError } from "./errors.ts";
import { reservedProblem } from "./reserved_names.ts";

/** Deepest nesting that is read: files of Metis have less than ten levels. */
const MAX_DEPTH = 100;

/**
 * Text in UTF-8; a byte order mark is dropped.
 * @param file Name of the file, for messages. @param wrong What it is if it is no such text, and the remedy.
 * @throws {InputError} for bytes that are not UTF-8.
 */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  wrong: string = "is not text in UTF-8: save it in UTF-8",
): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InputError(`${file}: ${wrong}`, { cause: error });
  }
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The number that text says in plain decimal notation, else NaN. Number() also takes nothing for 0, 0x10 for 16, and
 * Infinity for a number.
 */
export function decimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) + 0 : NaN; // + 0 turns -0 into 0
}

/**
 * The value of JSON text. What JSON.parse or a schema would lose without a word is refused: a key that an object has twice
 * or gives a meaning of its own, a number beyond all that a number can hold, half a character.
 * @param file Name of the file, for messages.
 * @throws {InputError} of one line that begins with the file.
 */
export function parseJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${placeOf(error as Error, text)}`, { cause: error });
  }
  refuseLoss(text, file);
  return value;
}

/** Where JSON.parse stopped, or at what: its own message quotes the file, and differs between engines. */
function placeOf({ message }: Error, text: string): string {
  const token = /^Unexpected token '?(.)/su.exec(message)?.[1];
  if (token !== undefined) return `it has ${JSON.stringify(token)} out of place`;
  const at = Number(/at position (\d+)/.exec(message)?.[1] ?? NaN);
  if (!(at < text.length)) return "it ends too early";
  const before = text.slice(0, at).split("\n");
  const [line, column] = [before.length, before.at(-1)!.length + 1];
  return `line ${line}, column ${column} has ${JSON.stringify([...text.slice(at, at + 2)][0])}`;
}

/** Refuses sound JSON that does not say one thing. */
function refuseLoss(text: string, file: string): void {
  // The keys of each object that is open; null for an array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === "{" || letter === "[") {
      open.push(letter === "{" ? new Set() : null);
      if (open.length > MAX_DEPTH) throw new InputError(`${file}: nested too deeply`);
    } else if (letter === "}" || letter === "]") {
      open.pop();
    } else if (letter === '"') {
      const end = endOfText(text, at);
      const inner = textBetween(text, at, end, file);
      at = end;
      const keys = open.at(-1);
      if (!keys || !isBeforeColon(text, end)) continue;
      if (keys.has(inner)) {
        const shown = JSON.stringify(inner.slice(0, 40));
        throw new InputError(`${file}: an object has the key ${shown} twice: keep one of the two`);
      }
      const reserved = reservedProblem(inner);
      if (reserved !== null) throw new InputError(`${file}: ${reserved}`);
      keys.add(inner);
    } else if (letter === "-" || (letter >= "0" && letter <= "9")) {
      const start = at;
      while (/[\d.eE+-]/.test(text[at + 1] ?? "")) at++;
      const number = text.slice(start, at + 1);
      if (!Number.isFinite(Number(number))) {
        throw new InputError(`${file}: the number ${number.slice(0, 40)} is too large to be read`);
      }
    }
  }
}

/** Index of the quote that closes the text whose opening quote is at `start`. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function textBetween(text: string, start: number, end: number, file: string): string {
  const plain = text.slice(start + 1, end);
  const inner = plain.includes("\\") ? JSON.parse(text.slice(start, end + 1)) as string : plain;
  if (inner.isWellFormed()) return inner;
  throw new InputError(`${file}: a text has half a character in it (a lone surrogate)`);
}

function isBeforeColon(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++;
  return text[at] === ":";
}
