// Pricing: which configurations are worth more than their containers cost. One pass over a table of
// throughputs in rank order, which is the order of nested loops over the prefix sums p_i of the counts
// (see space.ts): for p_A, for p_(A-1) = 0..p_A, ..., for p_1 = 0..p_2. What the containers of an app cost is any
// function of their number.
//
// The first `near` apps share a table of costs in the same order: all their configurations with one total are a block,
// so the innermost loop runs over two arrays side by side.
//
// Needs nothing of space.ts but the order and FORBIDDEN: tables are handed in, several may live in one instance.

import { FORBIDDEN } from "./space";

/** Most entries of the table of costs: it stays in the first cache. */
export const NEAR_ENTRIES: u32 = 4096;

let prefix: usize = 0; // u32[apps + 2]: p_1 at element 1
let sums: usize = 0; // f64[apps + 2]: cost of the apps i, ..., A - 1 at element i
let near: u32 = 0;
let costs: usize = 0; // f64[NEAR_ENTRIES]: cost of each configuration of the near apps
let starts: usize = 0; // u32[capacity + 2]: first of them with each total
let table: usize = 0; // f64[apps][width]: cost of the containers of an app, by their number
let width: u32 = 0;

// @ts-ignore: decorator
@inline
function at4(base: usize, index: u32): usize {
  return base + ((<usize> index) << 2);
}

// @ts-ignore: decorator
@inline
function at8(base: usize, index: u32): usize {
  return base + ((<usize> index) << 3);
}

// @ts-ignore: decorator
@inline
function costOf(app: u32, count: u32): f64 {
  return load<f64>(at8(table, app * width + count));
}

/** f64s of scratch that a pass needs. */
export function pricingScratch(apps: u32, capacity: u32): u32 {
  return 2 * (apps + 2) + 2 * (capacity + 2) + 2 * NEAR_ENTRIES;
}

/** given: f64[apps][capacity + 1]; scratch: as pricingScratch says. */
function begin(apps: u32, capacity: u32, given: usize, scratch: usize): void {
  table = given;
  width = capacity + 1;
  sums = scratch;
  prefix = at8(sums, apps + 2);
  starts = at8(prefix, apps + 2);
  let before = at8(starts, capacity + 2); // Starts of one app less, then costs of one app less.
  costs = at8(before, capacity + 2);
  let fewer = at8(costs, NEAR_ENTRIES);
  near = 1;
  for (let total: u32 = 0; total < width; total++) {
    store<f64>(at8(costs, total), costOf(0, total));
    store<u32>(at4(starts, total), total);
  }
  store<u32>(at4(starts, width), width);
  while (near < apps) {
    // As many configurations of one app more as there are pairs of totals with a block each.
    let entries: u32 = 0;
    for (let total: u32 = 0; total < width; total++) {
      entries += load<u32>(at4(starts, total + 1));
      if (entries > NEAR_ENTRIES) return;
    }
    let swap = starts;
    starts = before;
    before = swap;
    swap = costs;
    costs = fewer;
    fewer = swap;
    let at: u32 = 0;
    for (let total: u32 = 0; total < width; total++) {
      store<u32>(at4(starts, total), at);
      for (let below: u32 = 0; below <= total; below++) {
        const more = costOf(near, total - below);
        const end = load<u32>(at4(before, below + 1));
        for (let from = load<u32>(at4(before, below)); from < end; from++, at++) {
          store<f64>(at8(costs, at), load<f64>(at8(fewer, from)) + more);
        }
      }
    }
    store<u32>(at4(starts, width), at);
    near++;
  }
}

/** Puts the loops at the first block with this total. */
function beginTotal(apps: u32, total: u32): void {
  for (let i: u32 = 1; i < apps; i++) store<u32>(at4(prefix, i), 0);
  store<u32>(at4(prefix, apps), total);
  store<f64>(at8(sums, apps), 0);
  for (let i = apps - 1; i >= near; i--) settle(i);
}

/** The cost of the apps from i, once their prefix sums are known. */
// @ts-ignore: decorator
@inline
function settle(i: u32): void {
  const count = load<u32>(at4(prefix, i + 1)) - load<u32>(at4(prefix, i));
  store<f64>(at8(sums, i), load<f64>(at8(sums, i + 1)) + costOf(i, count));
}

/** The next block; false at the end of a total. */
// @ts-ignore: decorator
@inline
function advance(apps: u32): bool {
  let i: u32 = near;
  while (i < apps && load<u32>(at4(prefix, i)) == load<u32>(at4(prefix, i + 1))) {
    store<u32>(at4(prefix, i), 0);
    i++;
  }
  if (i >= apps) return false;
  store<u32>(at4(prefix, i), load<u32>(at4(prefix, i)) + 1);
  for (; i >= near; i--) settle(i);
  return true;
}

/**
 * The best value minus cost of all configurations.
 * given: f64[apps][capacity + 1]. @returns Its rank; what it is worth is at `best`, a f64.
 */
export function priceTop(
  values: usize,
  apps: u32,
  capacity: u32,
  given: usize,
  scratch: usize,
  best: usize,
): u32 {
  begin(apps, capacity, given, scratch);
  let rank: u32 = 0;
  let top = -Infinity;
  let topRank: u32 = 0; // First of the block that holds the best.
  let topCosts: usize = 0;
  let topLength: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    beginTotal(apps, total);
    do {
      const sum = load<f64>(at8(sums, near));
      const held = load<u32>(at4(prefix, near));
      const first = load<u32>(at4(starts, held));
      const length = load<u32>(at4(starts, held + 1)) - first;
      const worth = highest(at8(values, rank), at8(costs, first), length) - sum;
      if (worth > top) {
        top = worth;
        topRank = rank;
        topCosts = at8(costs, first);
        topLength = length;
      }
      rank += length;
    } while (advance(apps));
  }
  store<f64>(best, top);
  return topRank + firstHighest(at8(values, topRank), topCosts, topLength);
}

/** The highest difference of two arrays. */
// @ts-ignore: decorator
@inline
function highest(values: usize, prices: usize, length: u32): f64 {
  let best = -Infinity;
  let at: u32 = 0;
  if (length >= 4) {
    let pair = f64x2.splat(-Infinity);
    for (; at + 2 <= length; at += 2) {
      const worth = f64x2.sub(v128.load(at8(values, at)), v128.load(at8(prices, at)));
      pair = f64x2.pmax(pair, worth);
    }
    best = max(f64x2.extract_lane(pair, 0), f64x2.extract_lane(pair, 1));
  }
  for (; at < length; at++) {
    best = max(best, load<f64>(at8(values, at)) - load<f64>(at8(prices, at)));
  }
  return best;
}

function firstHighest(values: usize, prices: usize, length: u32): u32 {
  let best = -Infinity;
  let first: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const worth = load<f64>(at8(values, at)) - load<f64>(at8(prices, at));
    if (worth > best) {
      best = worth;
      first = at;
    }
  }
  return first;
}

/**
 * The best value minus cost of every total and bucket (rank mod buckets, a power of two).
 * given: f64[apps][capacity + 1]; best: f64[capacity + 1][buckets], to be filled with a low number; ranks: u32 likewise.
 */
export function priceBest(
  values: usize,
  apps: u32,
  capacity: u32,
  given: usize,
  scratch: usize,
  buckets: u32,
  best: usize,
  ranks: usize,
): void {
  begin(apps, capacity, given, scratch);
  const mask = buckets - 1;
  let rank: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    beginTotal(apps, total);
    const bestHere = at8(best, total * buckets);
    const ranksHere = at4(ranks, total * buckets);
    do {
      const sum = load<f64>(at8(sums, near));
      const held = load<u32>(at4(prefix, near));
      const end = load<u32>(at4(starts, held + 1));
      for (let at = load<u32>(at4(starts, held)); at < end; at++, rank++) {
        const reduced = load<f64>(at8(values, rank)) - sum - load<f64>(at8(costs, at));
        const bucket = rank & mask;
        if (reduced > load<f64>(at8(bestHere, bucket))) {
          store<f64>(at8(bestHere, bucket), reduced);
          store<u32>(at4(ranksHere, bucket), rank);
        }
      }
    } while (advance(apps));
  }
}

/**
 * All configurations whose value minus cost is at least the threshold of their total.
 * given: f64[apps][capacity + 1]; thresholds: f64[capacity + 1]; found: u32[limit] ranks; reduced: f64[limit].
 * @returns How many there are; only the first `limit` are written.
 */
export function priceCollect(
  values: usize,
  apps: u32,
  capacity: u32,
  given: usize,
  scratch: usize,
  thresholds: usize,
  limit: u32,
  found: usize,
  reducedValues: usize,
): u32 {
  begin(apps, capacity, given, scratch);
  let rank: u32 = 0;
  let count: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    beginTotal(apps, total);
    const threshold = load<f64>(at8(thresholds, total));
    do {
      const sum = load<f64>(at8(sums, near));
      const held = load<u32>(at4(prefix, near));
      const end = load<u32>(at4(starts, held + 1));
      for (let at = load<u32>(at4(starts, held)); at < end; at++, rank++) {
        const reduced = load<f64>(at8(values, rank)) - sum - load<f64>(at8(costs, at));
        if (reduced >= threshold) {
          if (count < limit) {
            store<u32>(at4(found, count), rank);
            store<f64>(at8(reducedValues, count), reduced);
          }
          count++;
        }
      }
    } while (advance(apps));
  }
  return count;
}
