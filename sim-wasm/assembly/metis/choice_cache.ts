// What depends on app, class and configuration only, computed once for each: an entry holds
//   key         f32                 logarithm of the chance at the warmest prices, FORBIDDEN where it may not be
//   logOdds     f32[tables]         logarithm of the odds of the chance
//   chances     f32[tables]
//   expected    f32[tables][apps]   containers that the node still expects
//   leans       f32[tables][apps]   how the chance answers to a change of each price
//   inputs      f32[staticInputs]   the first part of the features (features.ts)
//   sums        f32[hidden]         what they add to the sums of the scorer's first layer; at a multiple of four

import { alloc, blockOf, Owner } from "../memory";
import {
  capacityOf,
  cell4,
  Classes,
  cellsOf,
  countsOf,
  hasRoom,
  valueOf,
  valueWith,
  valueWithBoth,
} from "./classes";
import { complete, completionWidth } from "./completions";
import {
  BEST_AFTER,
  BEST_BEFORE,
  clip,
  COUNT_UNIT,
  EXPECTED_UNIT,
  FILL,
  FREE_SLOTS,
  GAIN,
  IS_EMPTY,
  KINDS,
  KINDS_UNIT,
  LOG_CHANCE_UNIT,
  MEAN_THROUGHPUT,
  NET_GAIN,
  NEXT_GAIN,
  OWN,
  put,
  SLOT_UNIT,
  staticInputs,
} from "./features";
import {
  appAt,
  firstTurn,
  priceOf,
  PriceTables,
  turnOf,
} from "./price_tables";
import { addInputs, hiddenWidth, Scorer } from "./scorer";
import { lanesOf } from "../dense";
import { apps, FORBIDDEN } from "../space/space";

/** Entries that there is room for. */
const ENTRIES: u32 = 16384;

@unmanaged
export class ChoiceCache extends Owner {
  classes: Classes;
  tables: PriceTables;
  scorer: Scorer;
  /** u32[apps][classes][cells]: entry + 1, 0 where there is none. */
  index: usize;
  /** f32[ENTRIES][width] */
  entries: usize;
  used: u32;
  /** Numbers of an entry, and where its parts begin. */
  width: u32;
  expectedAt: u32;
  leansAt: u32;
  inputsAt: u32;
  sumsAt: u32;
  /** What a node expects (completions.ts) without and with one more container. */
  now: usize;
  then: usize;
}

export function createChoiceCache(
  classes: Classes,
  tables: PriceTables,
  scorer: Scorer,
): ChoiceCache {
  const cache = changetype<ChoiceCache>(alloc(offsetof<ChoiceCache>()));
  cache.classes = classes;
  cache.tables = tables;
  cache.scorer = scorer;
  cache.expectedAt = 1 + 2 * tables.count;
  cache.leansAt = cache.expectedAt + tables.count * apps;
  cache.inputsAt = cache.leansAt + tables.count * apps;
  cache.sumsAt = lanesOf(cache.inputsAt + staticInputs(tables.count));
  cache.width = cache.sumsAt + hiddenWidth(scorer);
  cache.index = blockOf(cache, <usize> apps * cellsOf(classes) * 4);
  cache.entries = blockOf(cache, <usize> ENTRIES * cache.width * 4);
  cache.now = blockOf(cache, tables.count * completionWidth());
  cache.then = blockOf(cache, tables.count * completionWidth());
  return cache;
}

/** Forgets all entries. */
export function clearCache(cache: ChoiceCache): void {
  memory.fill(cache.index, 0, <usize> apps * cellsOf(cache.classes) * 4);
  cache.used = 0;
}

/** Empties the cache where it may not hold what one decision among so many groups looks up. */
export function makeRoom(cache: ChoiceCache, groups: u32): void {
  if (cache.used + groups + 2 > ENTRIES) clearCache(cache);
}

/** The entry of app, class and configuration. */
export function entryOf(cache: ChoiceCache, app: u32, k: u32, rank: u32): usize {
  const classes = cache.classes;
  const index = cell4(cache.index, classes, app * classes.count + k, rank);
  const known = load<u32>(index);
  if (known) return cache.entries + <usize> (known - 1) * cache.width * 4;
  const entry = cache.entries + <usize> cache.used * cache.width * 4;
  cache.used++;
  store<u32>(index, cache.used);
  fillChances(cache, entry, app, k, rank);
  fillInputs(cache, entry, app, k, rank);
  return entry;
}

// @ts-ignore: decorator
@inline
export function keyOf(entry: usize): f32 {
  return load<f32>(entry);
}

// @ts-ignore: decorator
@inline
export function logOddsIn(entry: usize, table: u32): f32 {
  return load<f32>(entry + ((1 + table) << 2));
}

// @ts-ignore: decorator
@inline
export function chanceIn(cache: ChoiceCache, entry: usize, table: u32): f32 {
  return load<f32>(entry + ((1 + cache.tables.count + table) << 2));
}

// @ts-ignore: decorator
@inline
export function expectedIn(cache: ChoiceCache, entry: usize): usize {
  return entry + (cache.expectedAt << 2);
}

// @ts-ignore: decorator
@inline
export function leansIn(cache: ChoiceCache, entry: usize, table: u32): usize {
  return entry + ((cache.leansAt + table * apps) << 2);
}

// @ts-ignore: decorator
@inline
export function inputsIn(cache: ChoiceCache, entry: usize): usize {
  return entry + (cache.inputsAt << 2);
}

// @ts-ignore: decorator
@inline
export function sumsIn(cache: ChoiceCache, entry: usize): usize {
  return entry + (<usize> cache.sumsAt << 2);
}

/** The parts of an entry that go by the prices, and the features made of them. */
function fillChances(cache: ChoiceCache, entry: usize, app: u32, k: u32, rank: u32): void {
  const tables = cache.tables;
  const classes = cache.classes;
  const count = tables.count;
  const isOpen = hasRoom(classes, k, rank);
  const inputs = inputsIn(cache, entry);
  complete(tables, classes, app, k, rank, false, cache.now);
  if (isOpen) complete(tables, classes, app, k, rank, true, cache.then);
  for (let table: u32 = 0; table < count; table++) {
    const now = cache.now + table * completionWidth();
    const then = cache.then + table * completionWidth();
    const whole = load<f64>(now);
    const may = isOpen && whole > -Infinity;
    const chance = may ? min(1.0, Math.exp(load<f64>(then) - whole)) : 0;
    for (let b: u32 = 0; b < <u32> apps; b++) {
      const expected = load<f64>(now + (<usize> (b + 1) << 3));
      // Expected containers of b where the node takes one more, minus where it does not.
      const more = load<f64>(then + (<usize> (b + 1) << 3)) + (b == app ? 1 : 0);
      const comes = may && turnOf(tables, b) >= firstTurn(tables, app);
      put(entry, cache.expectedAt + table * apps + b, expected);
      put(
        entry,
        cache.leansAt + table * apps + b,
        comes ? (more - expected) / max(0.02, 1 - chance) : 0,
      );
      if (b == app) put(inputs, count + table, expected / EXPECTED_UNIT);
    }
    put(entry, 1 + table, clip(Math.log((chance + 1e-12) / (1 - chance + 1e-12)), -24, 24));
    put(entry, 1 + count + table, chance);
    put(inputs, table, max(-20.0, Math.log(chance + 1e-12)) / LOG_CHANCE_UNIT);
    if (table == count - 1) {
      // The shortlist goes by the warmest chance; what may not be is not even listed.
      const allowed = valueWith(classes, k, rank, app) > FORBIDDEN / 2;
      put(entry, 0, allowed ? Math.log(chance + 1e-30) : FORBIDDEN);
    }
  }
}

/** The features of the surface, and what all features of the entry add to the scorer's sums. */
function fillInputs(cache: ChoiceCache, entry: usize, app: u32, k: u32, rank: u32): void {
  const tables = cache.tables;
  const classes = cache.classes;
  const inputs = inputsIn(cache, entry);
  const singles = 2 * tables.count;
  const then = valueWith(classes, k, rank, app);
  const now = valueOf(classes, k, rank);
  let gain: f64 = -1;
  let nextGain: f64 = -1;
  let bestBefore: f64 = -1;
  let bestAfter: f64 = -1;
  if (then > FORBIDDEN / 2) {
    gain = then - now;
    nextGain = max(-1.0, valueWithBoth(classes, k, rank, app, app) - then);
    for (let turn = firstTurn(tables, app); turn < <u32> apps; turn++) {
      const b = appAt(tables, turn);
      if (b == app) continue;
      bestBefore = max(bestBefore, valueWith(classes, k, rank, b) - now);
      bestAfter = max(bestAfter, valueWithBoth(classes, k, rank, app, b) - then);
    }
  }
  const counts = countsOf(classes, rank);
  let held: u32 = 0;
  let kinds: f64 = 0;
  for (let a = 0; a < apps; a++) {
    const count = load<u8>(counts + a);
    held += count;
    if (count) kinds++;
  }
  const capacity = capacityOf(classes, k);
  put(inputs, singles + GAIN, gain);
  put(inputs, singles + NET_GAIN, gain - priceOf(tables, app));
  put(inputs, singles + NEXT_GAIN, nextGain);
  put(inputs, singles + BEST_BEFORE, bestBefore);
  put(inputs, singles + BEST_AFTER, bestAfter);
  put(inputs, singles + MEAN_THROUGHPUT, held ? now / <f64> held : 0);
  put(inputs, singles + FILL, <f64> held / <f64> capacity);
  put(inputs, singles + IS_EMPTY, held == 0 ? 1 : 0);
  put(inputs, singles + FREE_SLOTS, <f64> (capacity - held) / SLOT_UNIT);
  put(inputs, singles + OWN, <f64> load<u8>(counts + app) / COUNT_UNIT);
  put(inputs, singles + KINDS, kinds / KINDS_UNIT);
  const sums = sumsIn(cache, entry);
  memory.fill(sums, 0, <usize> hiddenWidth(cache.scorer) << 2);
  addInputs(cache.scorer, sums, inputs, 0, staticInputs(tables.count));
}
