// The bound of a box, by turns of pricing at its corners and the linear program.

import { Permit, permits } from "../space/permit";
import { Box, dualOf } from "./box";
import { Limits, reducedValue } from "./climb";
import { price, valueCorners } from "./corners";
import { addColumn, beginProgram, solveProgram } from "./program";
import { f, MOST, put, Relaxation } from "./relaxation";
import { chooseSplit } from "./split";

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
 * Bounds a box that was tightened, and says where to split it. The work ends where the bound is at most the best value
 * known plus `tolerance`, or where it is clear that it will not be.
 */
export function boundBox(relaxation: Relaxation, address: usize, tolerance: f64, most: u32): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  const duals = relaxation.duals;
  valueCorners(relaxation, address);
  beginProgram(relaxation);
  for (let row: u32 = 0; row < 5; row++) put(duals, row, load<f64>(dualOf(address, row)));
  let lower = -Infinity;
  for (let step: u32 = 0; step < most; step++) {
    const sum = price(relaxation, address, duals);
    const at = load<u32>(relaxation.found + ((<usize> apps + 3) & ~3));
    // Covers the rounding of the sums.
    const bound = sum + 1e-12 * (1 + Math.abs(sum));
    if (bound < box.bound) {
      box.bound = bound;
      for (let row: u32 = 0; row < 5; row++) store<f64>(dualOf(address, row), f(duals, row));
    }
    look(relaxation, relaxation.found);
    const target = relaxation.bestValue + tolerance;
    if (box.bound <= target) return;
    if (lower > -1e3 && sum - lower < 1e-7) break;
    if (relaxation.columns == MOST) break;
    addColumn(relaxation, address, at, sum, duals);
    lower = solveProgram(relaxation);
    for (let row: u32 = 0; row < 5; row++) put(duals, row, max(0, f(duals, row)));
    if (lower > target && step > 3 && box.bound - lower < 0.2 * (lower - target)) break;
  }
  chooseSplit(relaxation, address);
}
