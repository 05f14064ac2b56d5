// Prices of containers for a demand: the dual of "how many nodes hold each configuration", smoothed.
//
// Every node draws its configuration c with probability proportional to exp((T(c) - p . c) / t). The
// prices p under which the expected containers are those wanted minimise the convex function
//   F(p) = sum over classes k of share_k * t * ln Z_k(p) + p . want,   Z_k(p) = sum over c exp((T(c) - p . c) / t),
// which at t -> 0 is the dual of the linear relaxation of the exact program (metis.md, section 7), and at
// t > 0 its largest-entropy version. Newton's method with Levenberg's damping; 7 apps take 10 to 20 steps.

import { sumLanes } from "../dense";
import { alloc, free } from "../memory";
import { Classes, limitOf, sizeOf, valuesIn } from "./classes";
import { Rows } from "./rows";
import { apps, FORBIDDEN } from "../space/space";

/** Ranks below the largest limit of the classes with these values. */
function mostAlike(classes: Classes, values: usize): u32 {
  let largest: u32 = 0;
  for (let k: u32 = 0; k < classes.count; k++) {
    if (valuesIn(classes, k) == values) largest = max(largest, limitOf(classes, k));
  }
  return largest;
}

/** Throughput minus price of every configuration below a rank; floats: f32[width], the prices. */
function scoreAll(rows: Rows, values: usize, count: u32, floats: usize): void {
  const rowBytes = <usize> rows.width << 2;
  const scores = rows.scores;
  let row = rows.floats;
  for (let rank: u32 = 0; rank < count; rank++, row += rowBytes) {
    let cost = f32x4.mul(v128.load(row), v128.load(floats));
    for (let at: usize = 16; at < rowBytes; at += 16) {
      cost = f32x4.add(cost, f32x4.mul(v128.load(row + at), v128.load(floats + at)));
    }
    const worth = <f32> load<f64>(values + (<usize> rank << 3));
    store<f32>(scores + (<usize> rank << 2), worth - sumLanes(cost));
  }
}

/** Configurations that score lower than the best by this many temperatures are left out of sums. */
const WINDOW: f64 = 22;

/**
 * F at `prices`, with its gradient and the lower half of its Hessian (f64[apps], f64[apps][apps]). floats: f32[width], sums
 * f32[width + 1][width].
 */
function dual(
  classes: Classes,
  want: usize,
  t: f64,
  prices: usize,
  gradient: usize,
  hessian: usize,
  floats: usize,
  sums: usize,
): f64 {
  const n = <usize> apps;
  const rows = classes.rows;
  const scores = rows.scores;
  const held = rows.counts;
  const floatsOfAll = rows.floats;
  const width = <usize> rows.width;
  const rowBytes = width << 2;
  let value: f64 = 0;
  memory.fill(floats, 0, rowBytes);
  for (let a: usize = 0; a < n; a++) {
    const w = load<f64>(want + (a << 3));
    const price = load<f64>(prices + (a << 3));
    value += price * w;
    store<f64>(gradient + (a << 3), w);
    store<f32>(floats + (a << 2), <f32> price);
  }
  memory.fill(hessian, 0, n * n * 8);
  let scored: usize = 0;
  for (let k: u32 = 0; k < classes.count; k++) {
    const limit = limitOf(classes, k);
    const values = valuesIn(classes, k);
    if (values != scored) scoreAll(rows, values, mostAlike(classes, values), floats);
    scored = values;
    let best = <f32> FORBIDDEN;
    for (let rank: u32 = 0; rank < limit; rank++) {
      best = max(best, load<f32>(scores + (<usize> rank << 2)));
    }
    let sum: f64 = 0;
    memory.fill(sums, 0, (width + 1) * rowBytes);
    const means = sums + width * rowBytes;
    const floor = best - <f32> (WINDOW * t);
    const cold = <f32> (1 / t);
    let row = floatsOfAll;
    for (let rank: u32 = 0; rank < limit; rank++, row += rowBytes) {
      const score = load<f32>(scores + (<usize> rank << 2));
      if (score < floor) continue;
      const weight = NativeMathf.exp((score - best) * cold);
      sum += <f64> weight;
      const weights = f32x4.splat(weight);
      for (let at: usize = 0; at < rowBytes; at += 16) {
        const share = f32x4.mul(weights, v128.load(row + at));
        v128.store(means + at, f32x4.add(v128.load(means + at), share));
      }
      const counts = held + <usize> rank * width;
      for (let a: usize = 0; a < n; a++) {
        const count = load<u8>(counts + a);
        if (count == 0) continue;
        const share = f32x4.splat(weight * <f32> count);
        const squares = sums + a * rowBytes;
        for (let at: usize = 0; at < rowBytes; at += 16) {
          v128.store(
            squares + at,
            f32x4.add(v128.load(squares + at), f32x4.mul(share, v128.load(row + at))),
          );
        }
      }
    }
    const share = <f64> sizeOf(classes, k) / <f64> classes.nodes;
    value += share * (<f64> best + t * Math.log(sum));
    for (let a: usize = 0; a < n; a++) {
      const mean = <f64> load<f32>(means + (a << 2)) / sum;
      const slope = gradient + (a << 3);
      store<f64>(slope, load<f64>(slope) - share * mean);
      for (let b: usize = 0; b <= a; b++) {
        const cell = hessian + ((a * n + b) << 3);
        const product = mean * <f64> load<f32>(means + (b << 2)) / sum;
        const square = <f64> load<f32>(sums + a * rowBytes + (b << 2)) / sum;
        store<f64>(cell, load<f64>(cell) + share * (square - product) / t);
      }
    }
  }
  return value;
}

/** Cholesky's factor of H + damping * I; false where that is not positive. */
function factorise(hessian: usize, damping: f64, factor: usize): bool {
  const n = <usize> apps;
  for (let i: usize = 0; i < n; i++) {
    for (let j: usize = 0; j <= i; j++) {
      let sum = load<f64>(hessian + ((i * n + j) << 3)) + (i == j ? damping : 0);
      for (let k: usize = 0; k < j; k++) {
        sum -= load<f64>(factor + ((i * n + k) << 3)) * load<f64>(factor + ((j * n + k) << 3));
      }
      if (i == j) {
        if (!(sum > 1e-14)) return false;
        store<f64>(factor + ((i * n + i) << 3), Math.sqrt(sum));
      } else {
        store<f64>(factor + ((i * n + j) << 3), sum / load<f64>(factor + ((j * n + j) << 3)));
      }
    }
  }
  return true;
}

/** Solves (H + damping * I) x = -g by the factor. */
function solve(factor: usize, gradient: usize, x: usize): void {
  const n = <usize> apps;
  for (let i: usize = 0; i < n; i++) {
    let sum = -load<f64>(gradient + (i << 3));
    for (let k: usize = 0; k < i; k++) {
      sum -= load<f64>(factor + ((i * n + k) << 3)) * load<f64>(x + (k << 3));
    }
    store<f64>(x + (i << 3), sum / load<f64>(factor + ((i * n + i) << 3)));
  }
  for (let i: isize = <isize> n - 1; i >= 0; i--) {
    const row = <usize> i;
    let sum = load<f64>(x + (row << 3));
    for (let k = row + 1; k < n; k++) {
      sum -= load<f64>(factor + ((k * n + row) << 3)) * load<f64>(x + (k << 3));
    }
    store<f64>(x + (row << 3), sum / load<f64>(factor + ((row * n + row) << 3)));
  }
}

/**
 * Minimises F from the prices given, which it overwrites. want: f64[apps], containers per node. inverse: 0, or
 * f64[apps][apps] for the inverse of F's Hessian, which says how prices follow a change of what is wanted.
 * Returns the steps tried.
 */
export function solvePrices(
  address: usize,
  want: usize,
  t: f64,
  prices: usize,
  maxSteps: u32,
  tolerance: f64,
  inverse: usize,
): u32 {
  const classes = changetype<Classes>(address);
  const n = <usize> apps;
  const width = <usize> classes.rows.width;
  const scratch = alloc((n * n * 3 + n * 4) * 8);
  const floats = alloc((width + 2) * width * 4);
  const sums = floats + width * 4;
  let hessian = scratch;
  let otherHessian = hessian + n * n * 8;
  const factor = otherHessian + n * n * 8;
  let gradient = factor + n * n * 8;
  let otherGradient = gradient + n * 8;
  const step = otherGradient + n * 8;
  const trial = step + n * 8;
  let value = dual(
    classes, want, t, prices, gradient, hessian, floats, sums,
  );
  let damping: f64 = 1e-3;
  let steps: u32 = 0;
  while (steps < maxSteps) {
    let slope: f64 = 0;
    for (let a: usize = 0; a < n; a++) slope = max(slope, Math.abs(load<f64>(gradient + (a << 3))));
    if (slope < tolerance) break;
    steps++;
    if (!factorise(hessian, damping, factor)) {
      damping *= 10;
      continue;
    }
    solve(factor, gradient, step);
    let longest: f64 = 0;
    for (let a: usize = 0; a < n; a++) longest = max(longest, Math.abs(load<f64>(step + (a << 3))));
    // Far from the optimum the quadratic model is worth little: steps beyond a few temperatures mislead.
    const scale = min(1.0, 0.7 / longest);
    for (let a: usize = 0; a < n; a++) {
      const price = load<f64>(prices + (a << 3)) + scale * load<f64>(step + (a << 3));
      store<f64>(trial + (a << 3), max(-20.0, min(20.0, price)));
    }
    const after = dual(
      classes, want, t, trial, otherGradient, otherHessian, floats, sums,
    );
    // Sums are in single precision: a rise within its rounding is none.
    if (after <= value + 1e-6) {
      value = after;
      memory.copy(prices, trial, n * 8);
      let swap = gradient;
      gradient = otherGradient;
      otherGradient = swap;
      swap = hessian;
      hessian = otherHessian;
      otherHessian = swap;
      damping = max(1e-6, damping * 0.2);
    } else {
      damping = damping * 8;
      if (damping > 1e9) break;
    }
  }
  if (inverse) {
    let ridge: f64 = 1e-4;
    while (!factorise(hessian, ridge, factor)) ridge *= 10;
    for (let a: usize = 0; a < n; a++) {
      memory.fill(gradient, 0, n * 8);
      store<f64>(gradient + (a << 3), -1);
      solve(factor, gradient, step);
      memory.copy(inverse + a * n * 8, step, n * 8);
    }
  }
  free(scratch);
  free(floats);
  return steps;
}
