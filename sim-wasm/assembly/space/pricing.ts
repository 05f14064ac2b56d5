// Pricing: which configurations are worth more than their containers cost. One pass over a table of
// throughputs in rank order, which is the order of nested loops over the prefix sums p_i of the counts
// (see space.ts): for p_A, for p_(A-1) = 0..p_A, ..., for p_1 = 0..p_2. The cost of a configuration is
// linear in its prefix sums, so a step of the innermost loop costs one product.
//
// Needs nothing of space.ts but the order and FORBIDDEN: tables are handed in, several may live in one instance.

import { FORBIDDEN } from "./space";

let prefix: usize = 0; // u32[apps + 2]: p_1 at element 1
let costs: usize = 0; // f64[apps + 2]: cost of p_i, ..., p_A at element i
let slopes: usize = 0; // f64[apps + 1]: change of cost with p_i at element i

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

/** scratch: (apps + 2) * 24 bytes. */
function lay(apps: u32, scratch: usize): void {
  costs = scratch;
  slopes = at8(costs, apps + 2);
  prefix = at8(slopes, apps + 2);
}

/** prices: f64[apps], of one container each. */
function begin(apps: u32, prices: usize, scratch: usize): void {
  lay(apps, scratch);
  for (let i: u32 = 1; i < apps; i++) {
    store<f64>(at8(slopes, i), load<f64>(at8(prices, i - 1)) - load<f64>(at8(prices, i)));
  }
  store<f64>(at8(slopes, apps), load<f64>(at8(prices, apps - 1)));
}

/** Puts the loops at the first configuration with this total. */
function beginTotal(apps: u32, total: u32): void {
  for (let i: u32 = 1; i < apps; i++) store<u32>(at4(prefix, i), 0);
  store<u32>(at4(prefix, apps), total);
  const cost = load<f64>(at8(slopes, apps)) * <f64> total;
  for (let i: u32 = 2; i <= apps; i++) store<f64>(at8(costs, i), cost);
}

/** Next step of all loops but the innermost; false at the end of a total. */
// @ts-ignore: decorator
@inline
function advance(apps: u32): bool {
  let i: u32 = 2;
  while (i < apps && load<u32>(at4(prefix, i)) == load<u32>(at4(prefix, i + 1))) {
    store<u32>(at4(prefix, i), 0);
    i++;
  }
  if (i >= apps) return false;
  const p = load<u32>(at4(prefix, i)) + 1;
  store<u32>(at4(prefix, i), p);
  const cost = load<f64>(at8(costs, i + 1)) + load<f64>(at8(slopes, i)) * <f64> p;
  for (; i >= 2; i--) store<f64>(at8(costs, i), cost);
  return true;
}

/**
 * The best value minus cost of every total and bucket (rank mod buckets, a power of two).
 * best: f64[capacity + 1][buckets], to be filled with a low number; ranks: u32 likewise.
 */
export function priceBest(
  values: usize,
  apps: u32,
  capacity: u32,
  prices: usize,
  scratch: usize,
  buckets: u32,
  best: usize,
  ranks: usize,
): void {
  begin(apps, prices, scratch);
  const slope = load<f64>(at8(slopes, 1));
  const mask = buckets - 1;
  let rank: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    beginTotal(apps, total);
    const bestHere = at8(best, total * buckets);
    const ranksHere = at4(ranks, total * buckets);
    do {
      const cost = apps == 1 ? slope * <f64> total : load<f64>(at8(costs, 2));
      const last: u32 = apps == 1 ? 0 : load<u32>(at4(prefix, 2));
      for (let p: u32 = 0; p <= last; p++, rank++) {
        const reduced = load<f64>(at8(values, rank)) - cost - slope * <f64> p;
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
 * thresholds: f64[capacity + 1]; found: u32[limit] ranks; reduced: f64[limit].
 * @returns How many there are; only the first `limit` are written.
 */
export function priceCollect(
  values: usize,
  apps: u32,
  capacity: u32,
  prices: usize,
  scratch: usize,
  thresholds: usize,
  limit: u32,
  found: usize,
  reducedValues: usize,
): u32 {
  begin(apps, prices, scratch);
  const slope = load<f64>(at8(slopes, 1));
  let rank: u32 = 0;
  let count: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    beginTotal(apps, total);
    const threshold = load<f64>(at8(thresholds, total));
    do {
      const cost = apps == 1 ? slope * <f64> total : load<f64>(at8(costs, 2));
      const last: u32 = apps == 1 ? 0 : load<u32>(at4(prefix, 2));
      for (let p: u32 = 0; p <= last; p++, rank++) {
        const reduced = load<f64>(at8(values, rank)) - cost - slope * <f64> p;
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
