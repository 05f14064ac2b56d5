// The space of configurations and the throughput of each. One wasm instance holds one space, so
// module variables are fields of that space.
//
// Rank: with prefix sums p_i of the counts (i = 1..apps), rank = sum over i of C(p_i + i - 1, i).
// It orders configurations by their total first: those with total <= s are the indices below
// C(s + apps, apps), so one table serves nodes of every capacity up to `capacity`.
//
// Memory, for `apps` apps, n = number of configurations (dense spaces only), stride = 2^k > apps:
//   terms     u32[apps][256]      C(p + i - 1, i) for p = 0..capacity: the terms of the rank
//   tables    usize[surfaces]     of each surface f64[n + 1]: throughput by rank; element n is FORBIDDEN
//   added     u32[n + 1][stride]  rank after adding app a (n where full); column `apps` = no change
//   removed   u32[n + 1][stride]  rank after removing app a (n where absent); column `apps` = no change
// Larger spaces evaluate a formula where a surface has one:
//   formulas  usize[surfaces]     a contention model of implicit/, or 0
//   models    usize[surfaces]     a model of formula/, or 0
// and else, and where evaluating takes longer, keep a hashed cache, filled by asking the host; the byte behind the counts of a
// key is the surface:
//   keys      u8[entries][keyBytes], cached f64[entries], used u8[entries]

import { formulaThroughput, isQuick } from "../formula/evaluate";
import { contentionThroughput } from "../implicit/contention";
import { alloc, free } from "../memory";

// @ts-ignore: decorator
@external("env", "evaluate")
declare function evaluate(counts: usize, surface: u32): f64;

/** Value of what may not be: far below any throughput, yet finite so that sums stay comparable. */
export const FORBIDDEN: f64 = -1e30;

export let apps: i32 = 0;
export let capacity: i32 = 0;
export let configurations: u32 = 0;
export let stride: u32 = 0;
export let terms: usize = 0;
/** Table of the first surface. */
export let values: usize = 0;
export let added: usize = 0;
export let removed: usize = 0;
export let dense: bool = false;
export let hasTransitions: bool = false;

let tables: usize = 0;
let formulas: usize = 0;
let models: usize = 0;
let keyBytes: u32 = 0;
let entries: u32 = 0;
let stored: u32 = 0;
let keys: usize = 0;
let cached: usize = 0;
let used: usize = 0;
let scratchKey: usize = 0;

/** Term i (1-based) of the rank for prefix sum p. */
// @ts-ignore: decorator
@inline
export function term(i: i32, p: u32): u32 {
  return load<u32>(terms + (((<u32> (i - 1)) << 8) + p) * 4);
}

/** Prepares a dense space with a table for each surface, for the host to fill. */
export function createDense(
  appCount: i32,
  slots: i32,
  count: u32,
  surfaces: u32,
  withTransitions: bool,
): void {
  apps = appCount;
  capacity = slots;
  configurations = count;
  dense = true;
  stride = 1;
  while (stride <= <u32> apps) stride <<= 1;
  terms = alloc(<usize> apps * 256 * 4);
  for (let i = 1; i <= apps; i++) {
    // C(p + i - 1, i) = C(p - 1 + i - 1, i) * (p + i - 1) / (p - 1); products stay below 2^53.
    for (let p = 1; p <= capacity; p++) {
      let binomial: f64 = 1;
      for (let k = 1; k <= i; k++) binomial = binomial * <f64> (p - 1 + k) / <f64> k;
      store<u32>(terms + (((i - 1) << 8) + p) * 4, <u32> Math.round(binomial));
    }
  }
  tables = alloc(surfaces * 4);
  for (let surface: u32 = 0; surface < surfaces; surface++) {
    const table = alloc((<usize> count + 1) * 8);
    store<f64>(table + <usize> count * 8, FORBIDDEN);
    store<usize>(tables + surface * 4, table);
  }
  values = valuesOf(0);
  hasTransitions = withTransitions;
  if (withTransitions) fillTransitions();
}

/** Throughputs of a surface by rank, f64[n + 1]. */
export function valuesOf(surface: u32): usize {
  return load<usize>(tables + surface * 4);
}

/** Prepares a cache for a space that is too large for a table. `entryCount` is a power of two. */
export function createHashed(appCount: i32, slots: i32, surfaces: u32, entryCount: u32): void {
  apps = appCount;
  capacity = slots;
  dense = false;
  hasTransitions = false;
  keyBytes = (<u32> apps + 8) & ~7;
  entries = entryCount;
  keys = alloc(<usize> entries * keyBytes);
  cached = alloc(<usize> entries * 8);
  used = alloc(entries);
  scratchKey = alloc(keyBytes);
  formulas = alloc(<usize> surfaces * 4);
  models = alloc(<usize> surfaces * 4);
}

/** Evaluates a surface of a hashed space by a contention model from now on. */
export function setFormula(surface: u32, formula: usize): void {
  store<usize>(formulas + (<usize> surface << 2), formula);
}

/** The contention model of a surface of a hashed space, 0 where it has none. */
export function formulaOf(surface: u32): usize {
  return load<usize>(formulas + (<usize> surface << 2));
}

/** Evaluates a surface of a hashed space by a model of formula/ from now on. */
export function setModel(surface: u32, model: usize): void {
  store<usize>(models + (<usize> surface << 2), model);
}

/** The model of formula/ of a surface of a hashed space, 0 where it has none. */
export function modelOf(surface: u32): usize {
  return load<usize>(models + (<usize> surface << 2));
}

function fillTransitions(): void {
  const bytes = (<usize> configurations + 1) * stride * 4;
  added = alloc(bytes);
  removed = alloc(bytes);
  const counts = alloc(apps);
  for (let rank: u32 = 0; rank <= configurations; rank++) {
    for (let app: u32 = 0; app < stride; app++) {
      const change: u32 = app == <u32> apps ? rank : configurations;
      store<u32>(added + (<usize> rank * stride + app) * 4, change);
      store<u32>(removed + (<usize> rank * stride + app) * 4, change);
    }
  }
  for (let rank: u32 = 0; rank < configurations; rank++) {
    unrank(rank, counts);
    let total: u32 = 0;
    for (let app = 0; app < apps; app++) total += load<u8>(counts + app);
    if (total == <u32> capacity) continue;
    for (let app = 0; app < apps; app++) {
      const more = rankAfter(rank, counts, app);
      store<u32>(added + (<usize> rank * stride + app) * 4, more);
      store<u32>(removed + (<usize> more * stride + app) * 4, rank);
    }
  }
  free(counts);
}

/** Rank after adding one container of `app` to the configuration with this rank and these counts. */
function rankAfter(rank: u32, counts: usize, app: i32): u32 {
  let prefix: u32 = 0;
  for (let i = 0; i < apps; i++) {
    prefix += load<u8>(counts + i);
    if (i >= app) rank += term(i + 1, prefix + 1) - term(i + 1, prefix);
  }
  return rank;
}

/** Rank of the counts (u8[apps], total <= capacity). */
export function rankOf(counts: usize): u32 {
  let rank: u32 = 0;
  let prefix: u32 = 0;
  for (let i = 0; i < apps; i++) {
    prefix += load<u8>(counts + i);
    rank += term(i + 1, prefix);
  }
  return rank;
}

/** Writes the counts (u8[apps]) of a rank. */
export function unrank(rank: u32, counts: usize): void {
  let prefix: u32 = <u32> capacity;
  let above: u32 = 0;
  for (let i = apps; i >= 1; i--) {
    while (term(i, prefix) > rank) prefix--;
    rank -= term(i, prefix);
    if (i < apps) store<u8>(counts + i, above - prefix);
    above = prefix;
  }
  store<u8>(counts, above);
}

/** Writes the counts (u8[rows][apps]) of the ranks from `first` on. */
export function unrankMany(first: u32, rows: u32, counts: usize): void {
  for (let row: u32 = 0; row < rows; row++) unrank(first + row, counts + <usize> row * apps);
}

/** Throughput of a node with these counts (u8[apps], total <= capacity) on a surface, from table or cache. */
export function throughputOf(counts: usize, surface: u32): f64 {
  if (dense) return load<f64>(valuesOf(surface) + <usize> rankOf(counts) * 8);
  const formula = formulaOf(surface);
  if (formula) return contentionThroughput(formula, counts);
  const model = modelOf(surface);
  return model && isQuick(model) ? formulaThroughput(model, counts) : lookUp(counts, surface, model);
}

function lookUp(counts: usize, surface: u32, model: usize): f64 {
  memory.copy(scratchKey, counts, apps);
  store<u8>(scratchKey + apps, surface);
  let hash: u64 = 0x9e3779b97f4a7c15;
  for (let at: u32 = 0; at < keyBytes; at += 8) {
    hash = (hash ^ load<u64>(scratchKey + at)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  let slot = <u32> hash & (entries - 1);
  while (load<u8>(used + slot)) {
    if (memory.compare(keys + <usize> slot * keyBytes, scratchKey, keyBytes) == 0) {
      return load<f64>(cached + <usize> slot * 8);
    }
    slot = (slot + 1) & (entries - 1);
  }
  const value = model ? formulaThroughput(model, scratchKey) : evaluate(scratchKey, surface);
  if (stored * 4 >= entries * 3) {
    memory.fill(used, 0, entries);
    stored = 0;
    slot = <u32> hash & (entries - 1);
  }
  stored++;
  store<u8>(used + slot, 1);
  memory.copy(keys + <usize> slot * keyBytes, scratchKey, keyBytes);
  store<f64>(cached + <usize> slot * 8, value);
  return value;
}

/** True where the counts (u8[apps]) fit one node of the space. */
function fits(counts: usize): bool {
  let total: u32 = 0;
  for (let app = 0; app < apps; app++) total += load<u8>(counts + app);
  return total <= <u32> capacity;
}

/**
 * Total throughput on a surface of each of `placements` placements of `nodes` nodes; NaN where a node holds more
 * than the space's capacity. counts: u8[placements][nodes][apps] with 8 readable bytes behind it;
 * out: f64[placements].
 */
export function evaluateMany(
  counts: usize,
  placements: u32,
  nodes: u32,
  surface: u32,
  out: usize,
): void {
  let at = counts;
  const values = dense ? valuesOf(surface) : 0;
  // Eight counts of at most 31 sum up to at most 248: no prefix sum can spill into the next byte.
  const packed = dense && apps <= 8 && capacity <= 31;
  const mask: u64 = apps >= 8 ? <u64> -1 : (<u64> 1 << (<u64> apps * 8)) - 1;
  const lastByte = <u64> (apps - 1) * 8;
  for (let placement: u32 = 0; placement < placements; placement++) {
    let total: f64 = 0;
    for (let node: u32 = 0; node < nodes; node++, at += apps) {
      if (packed) {
        const bytes = load<u64>(at) & mask;
        // Multiplying by ones makes byte i the sum of bytes 0..i: all prefix sums at once.
        let prefixes = bytes * 0x0101010101010101;
        if ((bytes & 0xe0e0e0e0e0e0e0e0) != 0 || <i32> ((prefixes >> lastByte) & 255) > capacity) {
          total = NaN;
          continue;
        }
        let rank: u32 = 0;
        let row = terms;
        for (let i = 0; i < apps; i++, row += 1024, prefixes >>= 8) {
          rank += load<u32>(row + ((<u32> prefixes & 255) << 2));
        }
        total += load<f64>(values + (<usize> rank << 3));
      } else {
        total += fits(at) ? throughputOf(at, surface) : NaN;
      }
    }
    store<f64>(out + <usize> placement * 8, total);
  }
}

/**
 * Sum of table entries: ranks u32[count]; NaN where one is out of range. A node whose rank is known costs one
 * read.
 */
export function sumRanks(ranks: usize, count: u32): f64 {
  let even: f64 = 0;
  let odd: f64 = 0;
  let largest: u32 = 0;
  const end = ranks + ((<usize> count & ~1) << 2);
  let at = ranks;
  for (; at < end; at += 8) {
    const first = load<u32>(at);
    const second = load<u32>(at, 4);
    largest = max(largest, max(first, second));
    if (largest >= configurations) return NaN;
    even += load<f64>(values + (<usize> first << 3));
    odd += load<f64>(values + (<usize> second << 3));
  }
  if (count & 1) {
    const last = load<u32>(at);
    if (last >= configurations) return NaN;
    even += load<f64>(values + (<usize> last << 3));
  }
  return even + odd;
}
