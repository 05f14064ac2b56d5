// A Gaussian process for each app (models/gaussian.ts), as the formula of a node: 1 for a lone container, else its mean, 0 or more.
//
// Most counts of a node are 0, so the covariance of a measured row with it is that of the row with the empty node, times
// a ratio for each app that is present:
//   ratios    f64[features][size][size]   table entry of the row's value and the node's, over that of the row's value and 0
//   bases     f64[rows]                   product of the table entries of the row's values and 0, of all features but the total
//   points    u8[features][rows]          what was measured, feature by feature
//   weights   f64[rows]
// The last feature is the total: its ratios are the table entries themselves.

import { blockOf } from "../memory";
import { Formula, makeFormula, presentAt, setSpeed } from "./base";

export const GAUSSIAN: u32 = 3;

@unmanaged
export class GaussianFormula extends Formula {
  /** Larger counts and totals are taken for this one. */
  capacity: u32;
  /** u32[apps]: the process of each app. */
  processes: usize;
}

@unmanaged
class Process {
  rows: u32;
  mean: f64;
  ratios: usize;
  bases: usize;
  points: usize;
  weights: usize;
  /** f64[rows] */
  scratch: usize;
}

/** A formula whose processes are added one by one. */
export function createGaussianFormula(apps: u32, capacity: u32): usize {
  const formula = changetype<GaussianFormula>(makeFormula(offsetof<GaussianFormula>(), GAUSSIAN, apps));
  formula.capacity = capacity;
  formula.processes = blockOf(formula, <usize> apps * 4);
  return changetype<usize>(formula);
}

/** Makes room for the process of an app: ratios, bases, weights, then points. Returns where. */
export function addProcess(address: usize, app: u32, rows: u32, mean: f64): usize {
  const formula = changetype<GaussianFormula>(address);
  const features = formula.apps + 1;
  const size = formula.capacity + 1;
  const tables = <usize> features * size * size * 8;
  const vector = <usize> rows * 8;
  const process = changetype<Process>(
    blockOf(formula, offsetof<Process>() + 8 + tables + 3 * vector + <usize> features * rows),
  );
  process.rows = rows;
  process.mean = mean;
  process.ratios = (changetype<usize>(process) + offsetof<Process>() + 7) & ~7;
  process.bases = process.ratios + tables;
  process.weights = process.bases + vector;
  process.scratch = process.weights + vector;
  process.points = process.scratch + vector;
  store<u32>(formula.processes + (<usize> app << 2), changetype<usize>(process));
  return process.ratios;
}

/** Multiplies a vector by the ratios of a feature at a value of the node. */
// @ts-ignore: decorator
@inline
function multiply(process: Process, feature: usize, size: usize, value: usize): void {
  // Ratios stand by the node's value first, so that one row of them serves all measured rows.
  const table = process.ratios + (((feature * size + value) * size) << 3);
  let point = process.points + feature * process.rows;
  let at = process.scratch;
  const end = at + (<usize> process.rows << 3);
  for (; at < end; at += 8, point++) {
    store<f64>(at, load<f64>(at) * load<f64>(table + (<usize> load<u8>(point) << 3)));
  }
}

/** Writes the speeds of the apps that are listed as present. */
export function gaussianSpeeds(formula: GaussianFormula, counts: usize, found: u32): void {
  const apps = formula.apps;
  const capacity = formula.capacity;
  let total: u32 = 0;
  for (let at: u32 = 0; at < found; at++) total += load<u8>(counts + presentAt(formula, at));
  if (total == 1) return setSpeed(formula, presentAt(formula, 0), 1);
  const size = <usize> capacity + 1;
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const process = changetype<Process>(load<u32>(formula.processes + (<usize> app << 2)));
    memory.copy(process.scratch, process.bases, <usize> process.rows << 3);
    for (let other: u32 = 0; other < found; other++) {
      const by = presentAt(formula, other);
      multiply(process, by, size, min(capacity, <u32> load<u8>(counts + by)));
    }
    multiply(process, apps, size, min(capacity, total));
    let sum: f64 = 0;
    for (let row: usize = 0; row < process.rows; row++) {
      sum += load<f64>(process.scratch + (row << 3)) * load<f64>(process.weights + (row << 3));
    }
    setSpeed(formula, app, max(0, process.mean + sum));
  }
}
