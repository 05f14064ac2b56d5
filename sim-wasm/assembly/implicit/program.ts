// The linear program over the configurations found at a corner: its duals are the next multipliers.

import { loadOf } from "./contention";
import { valueAt } from "./corners";
import { f, MOST, put, Relaxation, RELIEFS, ROWS, word } from "./relaxation";

/**
 * Sets the linear program back to its slacks and its first columns: less of a load, for the most that the load may cost.
 * Without them, loads that no counts have would cost without end, and the line would be far off elsewhere.
 */
export function beginProgram(relaxation: Relaxation): void {
  relaxation.columns = RELIEFS;
  for (let resource: u32 = 0; resource < RELIEFS; resource++) {
    const rows = relaxation.columnRows + <usize> (resource * ROWS) * 8;
    for (let row: u32 = 0; row < ROWS; row++) put(rows, row, row == resource ? -1 : 0);
    put(relaxation.columnValues, resource, -f(relaxation.dearest, resource));
  }
  for (let row: u32 = 0; row < ROWS; row++) {
    store<i32>(relaxation.basis + (<usize> row << 2), -1 - <i32> row);
    put(relaxation.levels, row, row == ROWS - 1 ? 1 : 0);
    for (let at: u32 = 0; at < ROWS; at++) {
      put(relaxation.inverse, row * ROWS + at, row == at ? 1 : 0);
    }
  }
}

/** Adds counts, with what they are worth at a corner and the loads that it is for (f64[4]). */
export function addColumn(relaxation: Relaxation, at: u32, counts: usize, loads: usize): void {
  if (relaxation.columns == MOST) return;
  const apps = relaxation.apps;
  const column = relaxation.columns++;
  const rows = relaxation.columnRows + <usize> (column * ROWS) * 8;
  let total: f64 = 0;
  for (let resource: u32 = 0; resource < 4; resource++) put(rows, resource, -f(loads, resource));
  for (let app: u32 = 0; app < apps; app++) {
    const count = <f64> load<u8>(counts + app);
    if (count == 0) continue;
    total += count;
    for (let resource: u32 = 0; resource < 4; resource++) {
      put(rows, resource, f(rows, resource) + count * loadOf(relaxation.model, app, resource));
    }
  }
  put(rows, 4, total - <f64> relaxation.limits.capacity);
  put(rows, 5, 1);
  put(relaxation.columnValues, column, valueAt(relaxation, at, counts));
  memory.copy(relaxation.columnCounts + <usize> column * apps, counts, apps);
}

/** Begins again at another corner, with the columns that were in use. */
export function nextProgram(relaxation: Relaxation, at: u32, loads: usize): void {
  const apps = relaxation.apps;
  let kept: u32 = 0;
  for (let row: u32 = 0; row < ROWS; row++) {
    const column = word(relaxation.basis, row);
    if (column < <i32> RELIEFS) continue;
    memory.copy(
      relaxation.kept + <usize> (kept++) * apps,
      relaxation.columnCounts + <usize> column * apps,
      apps,
    );
  }
  beginProgram(relaxation);
  for (let one: u32 = 0; one < kept; one++) addColumn(relaxation, at, relaxation.kept + <usize> one * apps, loads);
}

/** Worth of a place in the basis: that all shares are 1 cannot be left out. */
// @ts-ignore: decorator
@inline
function worth(relaxation: Relaxation, column: i32): f64 {
  if (column >= 0) return f(relaxation.columnValues, column);
  return column == -<i32> ROWS ? -1e4 : 0;
}

/** Solves the linear program over its columns, into `duals`; returns its value. */
export function solveProgram(relaxation: Relaxation): f64 {
  const inverse = relaxation.inverse;
  const basis = relaxation.basis;
  const levels = relaxation.levels;
  const duals = relaxation.duals;
  const change = relaxation.change;
  for (let pivots = 0; pivots < 60; pivots++) {
    memory.fill(duals, 0, ROWS * 8);
    for (let row: u32 = 0; row < ROWS; row++) {
      const value = worth(relaxation, word(basis, row));
      if (value == 0) continue;
      for (let at: u32 = 0; at < ROWS; at++) {
        put(duals, at, f(duals, at) + value * f(inverse, row * ROWS + at));
      }
    }
    let entering: i32 = -99;
    let gain: f64 = 1e-9;
    for (let column: u32 = 0; column < relaxation.columns; column++) {
      const rows = relaxation.columnRows + <usize> (column * ROWS) * 8;
      let reduced = f(relaxation.columnValues, column);
      for (let row: u32 = 0; row < ROWS; row++) reduced -= f(duals, row) * f(rows, row);
      if (reduced > gain) {
        gain = reduced;
        entering = column;
      }
    }
    for (let row: u32 = 0; row < ROWS - 1; row++) {
      if (-f(duals, row) > gain) {
        gain = -f(duals, row);
        entering = -1 - <i32> row;
      }
    }
    if (entering == -99) break;
    for (let row: u32 = 0; row < ROWS; row++) {
      if (entering < 0) {
        put(change, row, f(inverse, row * ROWS + (-1 - entering)));
        continue;
      }
      const rows = relaxation.columnRows + <usize> (<u32> entering * ROWS) * 8;
      let sum: f64 = 0;
      for (let at: u32 = 0; at < ROWS; at++) sum += f(inverse, row * ROWS + at) * f(rows, at);
      put(change, row, sum);
    }
    let leaving: i32 = -1;
    let step = Infinity;
    for (let row: u32 = 0; row < ROWS; row++) {
      const by = f(change, row);
      if (by <= 1e-10) continue;
      const ratio = max(0, f(levels, row)) / by;
      if (ratio < step - 1e-13 || (ratio < step + 1e-13 && by > f(change, leaving))) {
        step = ratio;
        leaving = row;
      }
    }
    if (leaving < 0) break;
    const pivot = f(change, leaving);
    for (let at: u32 = 0; at < ROWS; at++) {
      put(inverse, leaving * ROWS + at, f(inverse, leaving * ROWS + at) / pivot);
    }
    for (let row: u32 = 0; row < ROWS; row++) {
      const by = f(change, row);
      if (<i32> row == leaving || by == 0) continue;
      put(levels, row, f(levels, row) - step * by);
      for (let at: u32 = 0; at < ROWS; at++) {
        put(inverse, row * ROWS + at, f(inverse, row * ROWS + at) - by * f(inverse, leaving * ROWS + at));
      }
    }
    put(levels, leaving, step);
    store<i32>(basis + (<usize> leaving << 2), entering);
  }
  let value: f64 = 0;
  for (let row: u32 = 0; row < ROWS; row++) value += worth(relaxation, word(basis, row)) * f(levels, row);
  return value;
}
