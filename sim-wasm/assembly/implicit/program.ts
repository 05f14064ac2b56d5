// The linear program over the configurations found at a corner: its duals are the next multipliers.

import { parametersOf } from "./contention";
import { valueAt } from "./corners";
import { f, MOST, put, Relaxation, RELIEFS, ROWS, word } from "./relaxation";

/** Bytes of a row: three vectors. */
const BYTES: usize = <usize> ROWS * 8;

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
  const model = relaxation.model;
  const column = relaxation.columns++;
  const rows = relaxation.columnRows + <usize> column * BYTES;
  let total: f64 = 0;
  let first = f64x2.neg(v128.load(loads));
  let last = f64x2.neg(v128.load(loads, 16));
  for (let app: u32 = 0; app < apps; app++) {
    const count = <f64> load<u8>(counts + app);
    if (count == 0) continue;
    total += count;
    const parameters = parametersOf(model, app);
    first = f64x2.add(first, f64x2.mul(f64x2.splat(count), v128.load(parameters)));
    last = f64x2.add(last, f64x2.mul(f64x2.splat(count), v128.load(parameters, 16)));
  }
  v128.store(rows, first);
  v128.store(rows, last, 16);
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

/** Sum of the products of a row and the three vectors of another. */
// @ts-ignore: decorator
@inline
function dot(row: usize, first: v128, second: v128, third: v128): f64 {
  const sums = f64x2.add(
    f64x2.add(f64x2.mul(v128.load(row), first), f64x2.mul(v128.load(row, 16), second)),
    f64x2.mul(v128.load(row, 32), third),
  );
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** Adds a multiple of a row's three vectors to another row. */
// @ts-ignore: decorator
@inline
function addTo(row: usize, by: f64, first: v128, second: v128, third: v128): void {
  const times = f64x2.splat(by);
  v128.store(row, f64x2.add(v128.load(row), f64x2.mul(times, first)));
  v128.store(row, f64x2.add(v128.load(row, 16), f64x2.mul(times, second)), 16);
  v128.store(row, f64x2.add(v128.load(row, 32), f64x2.mul(times, third)), 32);
}

/** Solves the linear program over its columns, into `duals`; returns its value. */
export function solveProgram(relaxation: Relaxation): f64 {
  const inverse = relaxation.inverse;
  const basis = relaxation.basis;
  const levels = relaxation.levels;
  const duals = relaxation.duals;
  const change = relaxation.change;
  memory.fill(duals, 0, BYTES);
  for (let row: u32 = 0; row < ROWS; row++) {
    const value = worth(relaxation, word(basis, row));
    const own = inverse + <usize> row * BYTES;
    if (value != 0) addTo(duals, value, v128.load(own), v128.load(own, 16), v128.load(own, 32));
  }
  for (let pivots = 0; pivots < 60; pivots++) {
    let first = v128.load(duals);
    let second = v128.load(duals, 16);
    let third = v128.load(duals, 32);
    let entering: i32 = -99;
    let gain: f64 = 1e-9;
    for (let column: u32 = 0; column < relaxation.columns; column++) {
      const rows = relaxation.columnRows + <usize> column * BYTES;
      const reduced = f(relaxation.columnValues, column) - dot(rows, first, second, third);
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
    if (entering >= 0) {
      const rows = relaxation.columnRows + <usize> entering * BYTES;
      first = v128.load(rows);
      second = v128.load(rows, 16);
      third = v128.load(rows, 32);
    }
    let leaving: i32 = -1;
    let step = Infinity;
    for (let row: u32 = 0; row < ROWS; row++) {
      const own = inverse + <usize> row * BYTES;
      const by = entering < 0 ? f(own, -1 - entering) : dot(own, first, second, third);
      put(change, row, by);
      if (by <= 1e-10) continue;
      const ratio = max(0, f(levels, row)) / by;
      if (ratio < step - 1e-13 || (ratio < step + 1e-13 && by > f(change, leaving))) {
        step = ratio;
        leaving = row;
      }
    }
    if (leaving < 0) break;
    const pivot = f64x2.splat(f(change, leaving));
    const own = inverse + <usize> leaving * BYTES;
    first = f64x2.div(v128.load(own), pivot);
    second = f64x2.div(v128.load(own, 16), pivot);
    third = f64x2.div(v128.load(own, 32), pivot);
    for (let row: u32 = 0; row < ROWS; row++) {
      const by = f(change, row);
      if (<i32> row == leaving || by == 0) continue;
      put(levels, row, f(levels, row) - step * by);
      addTo(inverse + <usize> row * BYTES, -by, first, second, third);
    }
    v128.store(own, first);
    v128.store(own, second, 16);
    v128.store(own, third, 32);
    put(levels, leaving, step);
    store<i32>(basis + (<usize> leaving << 2), entering);
    addTo(duals, gain, first, second, third);
  }
  let value: f64 = 0;
  for (let row: u32 = 0; row < ROWS; row++) value += worth(relaxation, word(basis, row)) * f(levels, row);
  return value;
}
