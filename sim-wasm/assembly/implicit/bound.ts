// The bound of a box: a line in the loads for each corner.

import { Permit, permits } from "../space/permit";
import { betweenCorners } from "./between";
import { Box, dualOf, highOf, loadAt, lowOf } from "./box";
import { Limits, reducedValue } from "./climb";
import { priceCorner, valueCorners } from "./corners";
import { fixCounts } from "./fix";
import { addColumn, beginProgram, nextProgram, solveProgram } from "./program";
import { CORNER_BYTES, f, MOST, put, Relaxation, RELIEFS, ROWS, word } from "./relaxation";
import { chooseSplit } from "./split";

/** Most steps of the multipliers of a corner. */
const STEPS: u32 = 40;

/** Whether a configuration keeps slots and rules. */
export function permitted(limits: Limits, counts: usize): bool {
  let total: u32 = 0;
  for (let app: u32 = 0; app < limits.apps; app++) {
    const count = load<u8>(counts + app);
    if (count > load<u8>(limits.most + app)) return false;
    total += count;
  }
  if (total > limits.capacity) return false;
  return !limits.permit || permits(changetype<Permit>(limits.permit), counts);
}

/** Looks whether a configuration is the best so far. */
export function look(relaxation: Relaxation, counts: usize): void {
  if (!permitted(relaxation.limits, counts)) return;
  const value = reducedValue(relaxation.model, relaxation.limits, counts);
  if (value <= relaxation.bestValue) return;
  relaxation.bestValue = value;
  memory.copy(relaxation.bestCounts, counts, relaxation.apps);
}

/**
 * Bounds a box that was tightened, and says where to split it.
 * slack: how far the multipliers of a corner may be from the best.
 */
export function boundBox(relaxation: Relaxation, address: usize, tolerance: f64, slack: f64): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  valueCorners(relaxation, address);
  memory.fill(relaxation.means, 0, <usize> apps * 8);
  memory.fill(relaxation.squares, 0, <usize> apps * 8);
  for (let row: u32 = 0; row < 5; row++) put(relaxation.duals, row, load<f64>(dualOf(address, row)));
  beginProgram(relaxation);
  for (let place: u32 = 0; place < 16; place++) {
    // From corner to corner, one resource changes.
    boundCorner(relaxation, address, place ^ (place >> 1), slack);
  }
  for (let row: u32 = 0; row < 5; row++) store<f64>(dualOf(address, row), f(relaxation.duals, row));
  const bound = betweenCorners(relaxation, address, relaxation.bestValue + tolerance);
  // Covers the rounding of the sums.
  box.bound = min(box.bound, bound + 1e-11 * (1 + Math.abs(bound)));
  const target = relaxation.bestValue + tolerance;
  if (box.bound <= target) return;
  if (fixCounts(relaxation, address, box.bound - target)) relaxation.closed = max(relaxation.closed, target);
  chooseSplit(relaxation, address, box.bound - relaxation.bestValue - tolerance);
}

/** Finds multipliers of a corner: what any counts of the box are worth there, by their loads. */
function boundCorner(relaxation: Relaxation, box: usize, at: u32, slack: f64): void {
  const duals = relaxation.duals;
  const loads = relaxation.loads;
  for (let resource: u32 = 0; resource < 4; resource++) {
    const least = loadAt(load<f64>(lowOf(box, resource)));
    const most = loadAt(load<f64>(highOf(box, resource)));
    // Between the corner and the middle of the box.
    put(loads, resource, (at >> resource) & 1 ? least + 0.75 * (most - least) : least + 0.25 * (most - least));
  }
  nextProgram(relaxation, at, loads);
  const line = relaxation.corners + <usize> at * CORNER_BYTES;
  let best = Infinity;
  let lower = -Infinity;
  for (let step: u32 = 0; step < STEPS; step++) {
    let sum = priceCorner(relaxation, box, at, duals) + f(duals, 4) * <f64> relaxation.limits.capacity;
    const fixed = sum;
    for (let resource: u32 = 0; resource < 4; resource++) sum += f(duals, resource) * f(loads, resource);
    look(relaxation, relaxation.found);
    if (sum < best) {
      best = sum;
      put(line, 0, fixed);
      memory.copy(line + 8, duals, 40);
    }
    if (lower > -1e3 && best - lower < slack) break;
    if (relaxation.columns == MOST) break;
    addColumn(relaxation, at, relaxation.found, loads);
    lower = solveProgram(relaxation);
    for (let row: u32 = 0; row < 5; row++) put(duals, row, max(0, f(duals, row)));
  }
  noteCounts(relaxation);
}

/** Takes the mixture of counts of the linear program into the means. */
function noteCounts(relaxation: Relaxation): void {
  const apps = relaxation.apps;
  for (let row: u32 = 0; row < ROWS; row++) {
    const column = word(relaxation.basis, row);
    if (column < <i32> RELIEFS) continue;
    const level = f(relaxation.levels, row) / 16;
    for (let app: u32 = 0; app < apps; app++) {
      const count = <f64> load<u8>(relaxation.columnCounts + <usize> column * apps + app);
      if (count == 0) continue;
      put(relaxation.means, app, f(relaxation.means, app) + level * count);
      put(relaxation.squares, app, f(relaxation.squares, app) + level * count * count);
    }
  }
}
