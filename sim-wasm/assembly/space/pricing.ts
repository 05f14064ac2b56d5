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
let permitted: usize = 0; // u8[apps + 2]: 1 where the counts of apps i - 1, ..., A - 1 keep the rules

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
  permitted = at4(prefix, apps + 2);
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

/** Whether app `app` (0-based) may be on a node as often as the prefix sums say, beside the apps after it. */
function mayHold(apps: u32, app: u32, limits: usize, apart: usize): bool {
  // prefix is 1-based: p_(app + 1) - p_app is the count of app `app`.
  const count = load<u32>(at4(prefix, app + 1)) - (app == 0 ? 0 : load<u32>(at4(prefix, app)));
  if (count == 0) return true;
  if (count > <u32> load<u8>(limits + app)) return false;
  for (let other = app + 1; other < apps; other++) {
    const present = load<u32>(at4(prefix, other + 1)) > load<u32>(at4(prefix, other));
    if (present && load<u8>(apart + app * apps + other)) return false;
  }
  return true;
}

/**
 * Overwrites the values of configurations that break a rule by FORBIDDEN.
 * limits: u8[apps], most containers of an app on a node; apart: u8[apps][apps], 1 where two apps may not meet.
 */
export function maskValues(
  values: usize,
  apps: u32,
  capacity: u32,
  scratch: usize,
  limits: usize,
  apart: usize,
): void {
  lay(apps, scratch);
  let rank: u32 = 0;
  for (let total: u32 = 0; total <= capacity; total++) {
    for (let i: u32 = 1; i < apps; i++) store<u32>(at4(prefix, i), 0);
    store<u32>(at4(prefix, apps), total);
    store<u8>(permitted + apps + 1, 1);
    let changed = apps;
    while (true) {
      // The count of app i (0-based) is settled by p_i and p_(i + 1): recheck from the changed level down.
      for (let i: u32 = changed; i >= 1; i--) {
        const ok = load<u8>(permitted + i + 1) != 0 &&
          (i == apps || mayHold(apps, i, limits, apart));
        store<u8>(permitted + i, ok ? 1 : 0);
      }
      const ok = load<u8>(permitted + 1) != 0 && mayHold(apps, 0, limits, apart);
      if (!ok) store<f64>(at8(values, rank), FORBIDDEN);
      rank++;
      let i: u32 = 1;
      while (i < apps && load<u32>(at4(prefix, i)) == load<u32>(at4(prefix, i + 1))) {
        store<u32>(at4(prefix, i), 0);
        i++;
      }
      if (i >= apps) break;
      store<u32>(at4(prefix, i), load<u32>(at4(prefix, i)) + 1);
      changed = i;
    }
  }
}
