// Prices of containers for a demand: the dual of "how many nodes hold each configuration", smoothed.
//
// Every node draws its configuration c with probability proportional to exp((T(c) - p . c) / t). The
// prices p under which the expected containers are those wanted minimise the convex function
//   F(p) = sum over classes k of share_k * t * ln Z_k(p) + p . want,   Z_k(p) = sum over c exp((T(c) - p . c) / t),
// which at t -> 0 is the dual of the linear relaxation of the exact program (metis.md, section 7), and at
// t > 0 its largest-entropy version. Newton's method with Levenberg's damping; 7 apps take 10 to 20 steps.

import { alloc, free } from "./memory";
import { apps, configurations, FORBIDDEN, unrank } from "./space";

/** u8[configurations][8]: counts by rank for up to 8 apps; wider spaces use a wider row. */
let countsByRank: usize = 0;
let countsWidth: u32 = 0;
let scores: usize = 0;

/** Address of the table of counts, made at first use. Row width: {@link countsRowWidth}. */
export function countsTable(): usize {
  if (countsByRank) return countsByRank;
  countsWidth = (<u32> apps + 7) & ~7;
  countsByRank = alloc(<usize> (configurations + 1) * countsWidth);
  for (let rank: u32 = 0; rank < configurations; rank++) {
    unrank(rank, countsByRank + <usize> rank * countsWidth);
  }
  scores = alloc((<usize> configurations + 1) * 8);
  return countsByRank;
}

export function countsRowWidth(): u32 {
  return countsWidth;
}

/** Number of configurations with at most `total` containers: C(total + apps, apps). */
export function ranksUpTo(total: u32): u32 {
  let count: f64 = 1;
  for (let k = 1; k <= apps; k++) count = count * <f64> (<i32> total + k) / <f64> k;
  return <u32> Math.round(count);
}

/** Configurations that score lower than the best by this many temperatures are left out of sums. */
const WINDOW: f64 = 36;

/**
 * F at `prices`, with its gradient and Hessian (f64[apps], f64[apps][apps]). classes: how many; limits
 * u32[classes] (ranks below which a class's configurations are), shares f64[classes].
 */
function dual(
  values: usize,
  classes: u32,
  limits: usize,
  shares: usize,
  want: usize,
  t: f64,
  prices: usize,
  gradient: usize,
  hessian: usize,
  means: usize,
  squares: usize,
): f64 {
  const n = <usize> apps;
  let value: f64 = 0;
  for (let a = 0; a < apps; a++) {
    const w = load<f64>(want + (<usize> a << 3));
    value += load<f64>(prices + (<usize> a << 3)) * w;
    store<f64>(gradient + (<usize> a << 3), w);
  }
  memory.fill(hessian, 0, n * n * 8);
  let largest: u32 = 0;
  for (let k: u32 = 0; k < classes; k++) largest = max(largest, load<u32>(limits + (k << 2)));
  for (let rank: u32 = 0; rank < largest; rank++) {
    let score = load<f64>(values + (<usize> rank << 3));
    const counts = countsByRank + <usize> rank * countsWidth;
    for (let a = 0; a < apps; a++) {
      score -= load<f64>(prices + (<usize> a << 3)) * <f64> load<u8>(counts + a);
    }
    store<f64>(scores + (<usize> rank << 3), score);
  }
  for (let k: u32 = 0; k < classes; k++) {
    const limit = load<u32>(limits + (k << 2));
    let best: f64 = FORBIDDEN;
    for (let rank: u32 = 0; rank < limit; rank++) {
      best = max(best, load<f64>(scores + (<usize> rank << 3)));
    }
    let sum: f64 = 0;
    memory.fill(means, 0, n * 8);
    memory.fill(squares, 0, n * n * 8);
    const floor = best - WINDOW * t;
    for (let rank: u32 = 0; rank < limit; rank++) {
      const score = load<f64>(scores + (<usize> rank << 3));
      if (score < floor) continue;
      const weight = Math.exp((score - best) / t);
      sum += weight;
      const counts = countsByRank + <usize> rank * countsWidth;
      for (let a = 0; a < apps; a++) {
        const count = load<u8>(counts + a);
        if (count == 0) continue;
        const share = weight * <f64> count;
        const mean = means + (<usize> a << 3);
        store<f64>(mean, load<f64>(mean) + share);
        for (let b = 0; b <= a; b++) {
          const square = squares + ((<usize> a * n + b) << 3);
          store<f64>(square, load<f64>(square) + share * <f64> load<u8>(counts + b));
        }
      }
    }
    const share = load<f64>(shares + (<usize> k << 3));
    value += share * (best + t * Math.log(sum));
    for (let a = 0; a < apps; a++) {
      const mean = load<f64>(means + (<usize> a << 3)) / sum;
      const slope = gradient + (<usize> a << 3);
      store<f64>(slope, load<f64>(slope) - share * mean);
      for (let b = 0; b <= a; b++) {
        const cell = hessian + ((<usize> a * n + b) << 3);
        const product = mean * load<f64>(means + (<usize> b << 3)) / sum;
        const square = load<f64>(squares + ((<usize> a * n + b) << 3)) / sum;
        store<f64>(cell, load<f64>(cell) + share * (square - product) / t);
      }
    }
  }
  return value;
}

/** Solves (H + damping * I) x = -g by Cholesky's factors, over a copy; false where H is not positive. */
function solve(hessian: usize, gradient: usize, damping: f64, factor: usize, x: usize): bool {
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
  return true;
}

/**
 * Minimises F from the prices given, which it overwrites. want: f64[apps], containers per node.
 * Returns the steps tried.
 */
export function solvePrices(
  values: usize,
  classes: u32,
  limits: usize,
  shares: usize,
  want: usize,
  t: f64,
  prices: usize,
  maxSteps: u32,
  tolerance: f64,
): u32 {
  countsTable();
  const n = <usize> apps;
  const scratch = alloc((n * n * 4 + n * 5) * 8);
  let hessian = scratch;
  let otherHessian = hessian + n * n * 8;
  const factor = otherHessian + n * n * 8;
  const squares = factor + n * n * 8;
  let gradient = squares + n * n * 8;
  let otherGradient = gradient + n * 8;
  const step = otherGradient + n * 8;
  const trial = step + n * 8;
  const means = trial + n * 8;
  let value = dual(
    values, classes, limits, shares, want, t, prices, gradient, hessian, means, squares,
  );
  let damping: f64 = 1e-3;
  let steps: u32 = 0;
  while (steps < maxSteps) {
    let slope: f64 = 0;
    for (let a: usize = 0; a < n; a++) slope = max(slope, Math.abs(load<f64>(gradient + (a << 3))));
    if (slope < tolerance) break;
    steps++;
    if (!solve(hessian, gradient, damping, factor, step)) {
      damping *= 10;
      continue;
    }
    let longest: f64 = 0;
    for (let a: usize = 0; a < n; a++) longest = max(longest, Math.abs(load<f64>(step + (a << 3))));
    // Far from the optimum the quadratic model is worth little: steps beyond a few temperatures mislead.
    const scale = min(1.0, 0.7 / longest);
    for (let a: usize = 0; a < n; a++) {
      const price = load<f64>(prices + (a << 3)) + scale * load<f64>(step + (a << 3));
      store<f64>(trial + (a << 3), max(-20.0, min(20.0, price)));
    }
    const after = dual(
      values, classes, limits, shares, want, t, trial, otherGradient, otherHessian, means, squares,
    );
    if (after <= value) {
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
  free(scratch);
  return steps;
}
