/**
 * A strict reader and writer of comma-separated values (RFC 4180).
 * @module
 */
import { decimal, hasUnprintable, InputError } from "../domain/mod.ts";
import { quoted } from "./quoted.ts";

/** Most records read, header included. */
export const MAX_CSV_RECORDS = 5_000_000;
/** Most fields of a record. */
export const MAX_CSV_FIELDS = 4096;
/** Most characters of a field. */
export const MAX_CSV_FIELD_LENGTH = 1000;

/** One line of the file. */
export interface CsvRecord {
  /** Number of the line, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * Splits CSV text into records, all with as many fields as the first. Lines end in LF or CRLF; empty lines
 * are allowed at the end only.
 * @throws {InputError} naming file and line.
 */
export function parseCsv(text: string, file: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const start = text.startsWith("\ufeff") ? 1 : 0;
  let end = text.length;
  while (end > start && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  let at = start;
  let line = 1;
  while (at < end) {
    const { fields, next } = readRecord(text, at, end, `${file}: line ${line}`);
    const width = records[0]?.fields.length ?? fields.length;
    if (fields.length !== width) {
      const empty = fields.length === 1 && fields[0] === "";
      throw new InputError(
        `${file}: line ${line} has ${
          empty ? "nothing" : `${fields.length} fields`
        }, the header has ${width}`,
      );
    }
    if (records.length === MAX_CSV_RECORDS) {
      throw new InputError(
        `${file}: has more than ${MAX_CSV_RECORDS} lines, which is not supported`,
      );
    }
    records.push({ line, fields });
    at = next;
    line++;
  }
  if (records.length === 0) throw new InputError(`${file}: is empty: it has no header`);
  return records;
}

function readRecord(
  text: string,
  start: number,
  end: number,
  place: string,
): { fields: string[]; next: number } {
  const fields: string[] = [];
  let at = start;
  while (true) {
    const refuse = (what: string): never => {
      throw new InputError(`${place}, field ${fields.length + 1} ${what}`);
    };
    const field = text[at] === '"' && at < end
      ? readQuoted(text, at, end) ?? refuse("is quoted, but not closed")
      : readPlain(text, at, end);
    if (field.value.length > MAX_CSV_FIELD_LENGTH) {
      refuse(`is longer than ${MAX_CSV_FIELD_LENGTH} characters`);
    }
    // Line feeds in quotes would be sound CSV, but no name or number here has one.
    if (hasUnprintable(field.value)) {
      refuse(`holds a control character: ${quoted(field.value)}`);
    }
    if (fields.length === MAX_CSV_FIELDS) {
      refuse(`is one too many: at most ${MAX_CSV_FIELDS} are read`);
    }
    at = field.next;
    if (at < end && text[at] === ",") {
      fields.push(field.value);
      at++;
      continue;
    }
    if (at < end && text[at] === "\r" && text[at + 1] === "\n") at++;
    if (at < end && text[at] !== "\n") refuse("has text after its closing quote");
    fields.push(field.value);
    return { fields, next: at + 1 };
  }
}

function readPlain(text: string, start: number, end: number): { value: string; next: number } {
  let at = start;
  while (at < end) {
    const character = text[at];
    if (character === "," || character === "\n") break;
    if (character === "\r" && text[at + 1] === "\n") break;
    at++;
  }
  return { value: text.slice(start, at), next: at };
}

/** The field that opens with a quote at `start`, or null if no quote closes it. */
function readQuoted(
  text: string,
  start: number,
  end: number,
): { value: string; next: number } | null {
  let value = "";
  let from = start + 1;
  while (true) {
    const closing = text.indexOf('"', from);
    if (closing < 0 || closing >= end) return null;
    value += text.slice(from, closing);
    if (text[closing + 1] !== '"') return { value, next: closing + 1 };
    value += '"';
    from = closing + 2;
  }
}

/**
 * The number in a field: plain decimal notation; an empty field or NaN is NaN.
 * @returns NaN for an absent value; Infinity is returned as such, for the caller to refuse.
 * @throws {InputError} for anything else.
 */
export function parseNumber(field: string, place: () => string): number {
  const word = field.trim();
  const number = decimal(word);
  if (!Number.isNaN(number)) return number;
  if (word === "" || /^nan$/i.test(word)) return NaN;
  if (/^[+-]?inf(inity)?$/i.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  throw new InputError(`${place()}: ${quoted(field)} is not a number`);
}

/** Writes records as CSV with LF line ends; a field is quoted only where it must be. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map((fields) => {
    const line = fields.map(writeField).join(",");
    return `${line}\n`;
  }).join("");
}

function writeField(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Characters that make a spreadsheet run a cell as a formula, and our own guard. */
const FORMULA = /^['=+\-@]/;

/** A name as a cell that no spreadsheet takes for a formula; {@link unguardName} is its inverse. */
export function guardName(name: string): string {
  return FORMULA.test(name) ? `'${name}` : name;
}

/** The name in a cell that {@link guardName} wrote; other cells stay as they are. */
export function unguardName(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
