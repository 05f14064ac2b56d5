/** Which of an app's values a cell holds. */
export type CellKind = "count" | ValueKind | "measurements";

/** The kinds of values that a row may hold of every app. */
export type ValueKind = "rps" | "p50" | "p99" | "sd";

/** A cell of a row; `app` says nothing where the kind is "measurements". */
export interface Cell {
  readonly kind: CellKind;
  readonly app: number;
}

/** A table as it was read, before it is believed. */
export interface RawProfile {
  /** Name of the file, for messages. */
  readonly file: string;
  readonly apps: readonly string[];
  readonly rows: number;
  /** Row-major, length rows x apps: any numbers. */
  readonly counts: ArrayLike<number>;
  /** Row-major, length rows x apps: any numbers, NaN if nothing was measured. */
  readonly rps: Float64Array;
  /** As `rps`. */
  readonly p50?: Float64Array;
  /** As `rps`. */
  readonly p99?: Float64Array;
  /** As `rps`: deviation of a single measurement. */
  readonly sd?: Float64Array;
  /** Length rows: measurements behind each row. */
  readonly measurements?: Float64Array;
  /** Says where in the file a row, or a cell of it, is: "row 3 (line 5), column rps:redis". */
  place(row: number, cell?: Cell): string;
}
