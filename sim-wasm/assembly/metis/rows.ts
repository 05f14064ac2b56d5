// The counts of the configurations that a planner goes by, row by row: of the whole space where it has a table, else
// those that are listed (listed.ts).

import { alloc, Owner } from "../memory";
import { apps, configurations, unrank } from "../space/space";

@unmanaged
export class Rows extends Owner {
  /** Configurations that sums go over: the first ones. */
  summed: u32;
  /** Numbers of a row: apps rounded up, the rest is 0. */
  width: u32;
  /** u8[...][width] */
  counts: usize;
  /** f32[summed][width]: the same, for SIMD. */
  floats: usize;
  /** f32[summed]: throughput minus price. */
  scores: usize;
}

let whole: Rows | null = null;

/** All configurations by rank, made at first use; they stay. */
export function rowsOfSpace(): Rows {
  const known = whole;
  if (known !== null) return known;
  const rows = changetype<Rows>(alloc(offsetof<Rows>()));
  const cells = <usize> configurations + 1;
  rows.summed = configurations;
  rows.width = (<u32> apps + 7) & ~7;
  rows.counts = alloc(cells * rows.width);
  rows.floats = alloc(cells * rows.width * 4);
  rows.scores = alloc(cells * 4);
  for (let rank: u32 = 0; rank < configurations; rank++) {
    unrank(rank, rows.counts + <usize> rank * rows.width);
  }
  widen(rows, configurations);
  whole = rows;
  return rows;
}

/** Writes the first rows as floats too. */
export function widen(rows: Rows, count: u32): void {
  const cells = <usize> count * rows.width;
  for (let i: usize = 0; i < cells; i++) {
    store<f32>(rows.floats + (i << 2), <f32> load<u8>(rows.counts + i));
  }
}
