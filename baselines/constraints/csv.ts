import {
  decimal,
  InputError,
  type InterferenceConstraint,
  suggest,
  WEIGHT_RANGE,
} from "../../domain/mod.ts";

import type { InterferenceSeries } from "./derive.ts";
import { defaultWeight } from "./weights.ts";

/** Columns of the 2020 file; the third is misspelt there, and read under its right name too. */
const COLUMNS = ["app_s", "app_c", "less_or_lager", "threshold"] as const;
const KINDS: Readonly<Record<string, InterferenceConstraint["kind"]>> = {
  "0": "at-most",
  "1": "at-least",
  "at-most": "at-most",
  "at-least": "at-least",
};

/** What a file of constraints holds. */
export interface ReadConstraints {
  /** The constraints, row after row. */
  readonly constraints: readonly InterferenceConstraint[];
  /** True if the file has a column of weights. */
  readonly weighted: boolean;
}

/**
 * Reads constraints: CSV columns `app_s,app_c,less_or_lager,threshold` and, if wanted, `weight`. Apps are
 * names, or numbers from 1; the third is 0 or `at-most`, 1 or `at-least`. Without weights, those of the 2020
 * program hold (see defaultWeight).
 * @param apps Names of the apps, in the order of count vectors. @param file Name of the file, for messages.
 * @throws {InputError} naming file and line.
 */
export function readConstraints(
  text: string,
  apps: readonly string[],
  file: string,
): ReadConstraints {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).map((line, at) => ({ line, at: at + 1 }))
    .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"));
  const header = (cells(lines[0]?.line ?? "") ?? []).map((cell) => cell.replace("larger", "lager"));
  const weighted = header.length === 5 && header[4] === "weight";
  if (!COLUMNS.every((name, at) => header[at] === name) || (header.length !== 4 && !weighted)) {
    throw new InputError(
      `${file}: the first line must be ${COLUMNS.join(",")} and optionally ,weight`,
    );
  }
  const seen = new Map<string, number>();
  const constraints = lines.slice(1).map(({ line, at }) => {
    const wrong = (what: string): InputError => new InputError(`${file}: line ${at}: ${what}`);
    const row = cells(line) ?? [];
    if (row.length !== header.length) {
      throw wrong(`expected ${header.length} values, found ${row.length}`);
    }
    const [subject, other] = [row[0]!, row[1]!].map((cell) => appOf(cell, apps, wrong));
    const kind = Object.hasOwn(KINDS, row[2]!) ? KINDS[row[2]!]! : undefined;
    if (kind === undefined) {
      throw wrong(`the third value must be 0 (at most) or 1 (at least): got ${row[2]}`);
    }
    const threshold = Number(row[3]);
    if (!/^\d+$/.test(row[3]!) || threshold > 255) {
      throw wrong(`the threshold must be a whole number from 0 to 255: got ${row[3]}`);
    }
    const key = `${subject},${other},${kind}`;
    if (seen.has(key)) throw wrong(`repeats the pair and kind of line ${seen.get(key)}`);
    seen.set(key, at);
    const weight = weighted
      ? weightOf(row[4]!, wrong)
      : defaultWeight(apps[subject!]!, apps[other!]!);
    return { subject: subject!, other: other!, kind, threshold, weight };
  });
  return { constraints, weighted };
}

/**
 * Constraints as CSV, as readConstraints reads them.
 * @param options.weights Add the column of weights. @param options.names Write names in place of numbers from 1.
 */
export function writeConstraints(
  constraints: readonly InterferenceConstraint[],
  apps: readonly string[],
  options: { readonly weights?: boolean; readonly names?: boolean } = {},
): string {
  const app = (index: number): string => options.names ? quoted(apps[index]!) : `${index + 1}`;
  const rows = constraints.map(({ subject, other, kind, threshold, weight }) =>
    [
      app(subject),
      app(other),
      kind === "at-least" ? 1 : 0,
      threshold,
      ...(options.weights ? [weight] : []),
    ].join(",")
  );
  const header = [...COLUMNS, ...(options.weights ? ["weight"] : [])].join(",");
  return [header, ...rows].join("\n") + "\n";
}

/**
 * Series as CSV in the form of the 2020 file: header 0 to capacity - 1, each row relative to its first value,
 * rounded to four digits.
 */
export function writeSeries(series: readonly InterferenceSeries[], capacity: number): string {
  const header = Array.from({ length: capacity }, (_, more) => more).join(",");
  const rows = series.map(({ rps }) => rps.map((value) => relative(value, rps[0]!)).join(","));
  return [header, ...rows].join("\n") + "\n";
}

function relative(value: number, alone: number): string {
  const text = `${Number((value / alone).toFixed(4))}`;
  return text.includes(".") || !/^-?\d+$/.test(text) ? text : `${text}.0`;
}

/** The cells of a line, without the spaces around them; null if a quote is not closed, or not alone. */
function cells(line: string): string[] | null {
  const found: string[] = [];
  const cell = /[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",]*))(,|$)/y;
  do {
    const match = cell.exec(line);
    if (match === null) return null;
    found.push(match[1]?.replaceAll('""', '"') ?? match[2]!.trim());
    if (match[3] === "") return found;
  } while (true);
}

function quoted(text: string): string {
  return /[",\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function appOf(cell: string, apps: readonly string[], wrong: (what: string) => Error): number {
  const named = apps.indexOf(cell);
  if (named >= 0) return named;
  if (!/^\d+$/.test(cell)) throw wrong(`unknown app ${cell}${suggest(cell, apps)}`);
  const number = Number(cell);
  if (number < 1 || number > apps.length) {
    throw wrong(`there is no app ${cell}: apps are numbered 1 to ${apps.length}`);
  }
  return number - 1;
}

function weightOf(cell: string, wrong: (what: string) => Error): number {
  const weight = decimal(cell);
  const { least, most } = WEIGHT_RANGE;
  if (cell === "" || !(weight >= least && weight <= most)) {
    throw wrong(`the weight must be a number from ${least} to ${most}: got ${cell || "nothing"}`);
  }
  return weight;
}
