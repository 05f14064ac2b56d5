import type { Measurements } from "./measurements.ts";

/** Measured speeds as one process for all apps sees them: a row is an app in a configuration. */
export interface Speeds {
  /** Speeds. */
  readonly rows: number;
  /** Row-major, rows x (apps + 3): the counts, the total, the count of the app itself, the app. */
  readonly points: Uint8Array;
  /** Length rows: normalised RPS. */
  readonly values: Float64Array;
  /** Length rows: measurements behind each value. */
  readonly repeats: Float64Array;
}

/** Where the speeds are in the counts of measurements. */
export function speedCells({ counts }: Pick<Measurements, "counts">): number[] {
  return Array.from(counts.keys()).filter((at) => counts[at] !== 0);
}

/**
 * The speeds of some cells.
 * @param capacity Larger counts and totals are taken for this one.
 */
export function speedsOf(
  { apps, counts, rps, repeats }: Measurements,
  capacity: number,
  cells: readonly number[],
): Speeds {
  const width = apps.length;
  const points = new Uint8Array(cells.length * (width + 3));
  cells.forEach((cell, at) => {
    const app = cell % width;
    points.set(pointOf(counts, cell - app, app, width, capacity), at * (width + 3));
  });
  return {
    rows: cells.length,
    points,
    values: Float64Array.from(cells, (cell) => rps[cell]!),
    repeats: Float64Array.from(cells, (cell) => repeats[Math.floor(cell / width)]!),
  };
}

/** The features of an app in a configuration, as {@link Speeds} has them. @param first Where the counts begin. */
export function pointOf(
  counts: Uint8Array,
  first: number,
  app: number,
  width: number,
  capacity: number,
): Uint8Array {
  const point = new Uint8Array(width + 3);
  let total = 0;
  for (let other = 0; other < width; other++) {
    const count = counts[first + other]!;
    total += count;
    point[other] = Math.min(capacity, count);
  }
  point[width] = Math.min(capacity, total);
  point[width + 1] = Math.min(capacity, counts[first + app]!);
  point[width + 2] = app;
  return point;
}
