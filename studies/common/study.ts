import { cpuUsage } from "node:process";

/** A column of a table of figures. */
export interface Column {
  readonly title: string;
  /** True where it holds numbers, which are set to the right. */
  readonly isNumber?: true;
}

/** A table of figures as it stands in docs/. */
export interface StudyTable {
  readonly title: string;
  readonly columns: readonly Column[];
  /** Cells as they are printed: one for each column. */
  readonly rows: readonly (readonly string[])[];
}

/** How far a study goes. */
export interface StudySetting {
  /** A small part of it, to see that it works. */
  readonly quick: boolean;
  /** Seeds of each case, from 1 upwards; absent: as many as the study's own figures have. */
  readonly seeds?: number;
  /** Cases by name; empty: all of the study. */
  readonly only: readonly string[];
  /** Tells whoever waits how far it is. */
  readonly tell: (line: string) => void;
}

/** What makes tables of docs/ again: `deno task study NAME`. A file of studies/ exports one as `study`. */
export interface Study {
  /** One line on what it measures. */
  readonly summary: string;
  /** How long it takes on one idle core, in words: all of it, and its quick part. */
  readonly takes: { readonly all: string; readonly quick: string };
  /** True where all of it needs the 2020 data (docs/data.md); the quick part says so for itself. */
  readonly needsData: { readonly all: boolean; readonly quick: boolean };
  /** Names that `--only` takes; empty where it takes none. */
  readonly cases: readonly string[];
  readonly run: (setting: StudySetting) => Promise<StudyTable[]>;
}

/** What a study varies: names that `--only` takes. */
export interface Axis {
  /** All of the study. */
  readonly standard: readonly string[];
  /** The quick part of it. */
  readonly quick: readonly string[];
  /** What only those get who ask for it. */
  readonly more?: readonly string[];
}

/** Cases of a study with these axes. */
export function casesOf(...axes: readonly Axis[]): string[] {
  return axes.flatMap(({ standard, quick, more = [] }) => [
    ...new Set([...standard, ...quick, ...more]),
  ]);
}

/** What of an axis a run takes: what `--only` names of it; where it names none, all or the quick part. */
export function chosen(axis: Axis, { only, quick }: StudySetting): readonly string[] {
  const cases = casesOf(axis);
  const named = only.filter((name) => cases.includes(name));
  return named.length > 0 ? named : quick ? axis.quick : axis.standard;
}

/** A table in Markdown. */
export function markdownTable({ columns, rows }: StudyTable): string {
  const lines = [
    columns.map(({ title }) => title),
    columns.map(({ isNumber }) => isNumber ? "---:" : "---"),
    ...rows,
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** Seconds of a core that this process has used: other work on the machine does not count. */
export function coreSeconds(): number {
  return cpuUsage().user / 1e6;
}

/** Mean of the values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A share in percent. */
export function percent(share: number): string {
  return (100 * share).toFixed(2);
}
