// The choices of one decision: the most promising groups for one more container of an app, what the scorer sees of
// each (features.ts), and its score.

import { alloc, blockOf, Owner } from "../memory";
import {
  chanceIn,
  ChoiceCache,
  entryOf,
  keyOf,
  leansIn,
  logOddsIn,
  sumsIn,
} from "./choice_cache";
import {
  afterInTable,
  capacityOf,
  cell4,
  Classes,
  firstOf,
  hasRoom,
  limitOf,
  valueOf,
  valueWith,
} from "./classes";
import { Episode } from "./episode";
import {
  BEYOND,
  BEYOND_UNIT,
  choiceInputs,
  clip,
  contextInputs,
  LOG_CHANCE_UNIT,
  MOVED_GAP,
  put,
  RARITY,
  SHARE,
  staticInputs,
  SURPLUS_UNIT,
} from "./features";
import { amountOf, classAt, Groups, rankAt } from "./groups";
import { findChanged, totalOf, UNLISTED } from "./listed";
import { addInputs, hiddenWidth, Scorer, scoreFrom, startSums } from "./scorer";
import { appAt, firstTurn } from "./price_tables";
import { domainOf, Domains, mayPlaceIn } from "../space/domains";
import { apps, FORBIDDEN } from "../space/space";

/** Most configurations that a choice is made among. */
export const SHORTLIST: u32 = 16;

/** Without a table chances take long to find: groups that are looked at, those whose throughput gains most. */
const LOOKED: u32 = 128;

/** A choice is hopeless where the logarithm of its chance is this much below the best one's. */
const HOPELESS: f32 = 6;

/** Below every key and score. */
export const LOWEST: f32 = -1e38;

@unmanaged
export class Shortlist extends Owner {
  /** Choices listed. */
  count: u32;
  /** u32[SHORTLIST]: group, and entry of the cache, of each choice. */
  groups: usize;
  entries: usize;
  /** f32[SHORTLIST]: key of the entry, score. */
  keys: usize;
  scores: usize;
  /** u8[SHORTLIST]: 1 where the choice leads to the placement that is followed. */
  good: usize;
  /** u32[LOOKED], f64[LOOKED]: groups that are looked at, and what they gain. */
  looked: usize;
  gains: usize;
  /** f32[SHORTLIST][choiceInputs]: the second part of the features. */
  inputs: usize;
  /** Numbers of each part of the features. */
  staticInputs: u32;
  choiceInputs: u32;
  contextInputs: u32;
  /** f32[hidden]: sums of the scorer's first layer, of the context alone and of a choice. */
  contextSums: usize;
  sums: usize;
}

export function createShortlist(tables: u32, scorer: Scorer): Shortlist {
  const list = changetype<Shortlist>(alloc(offsetof<Shortlist>()));
  list.staticInputs = staticInputs(tables);
  list.choiceInputs = choiceInputs(tables);
  list.contextInputs = contextInputs(tables);
  list.groups = blockOf(list, SHORTLIST * 4);
  list.entries = blockOf(list, SHORTLIST * 4);
  list.keys = blockOf(list, SHORTLIST * 4);
  list.scores = blockOf(list, SHORTLIST * 4);
  list.good = blockOf(list, SHORTLIST);
  list.looked = blockOf(list, LOOKED * 4);
  list.gains = blockOf(list, LOOKED * 8);
  list.inputs = blockOf(list, SHORTLIST * list.choiceInputs * 4);
  list.contextSums = blockOf(list, hiddenWidth(scorer) * 4);
  list.sums = blockOf(list, hiddenWidth(scorer) * 4);
  return list;
}

// @ts-ignore: decorator
@inline
export function groupIn(list: Shortlist, choice: u32): u32 {
  return load<u32>(list.groups + (<usize> choice << 2));
}

// @ts-ignore: decorator
@inline
export function entryIn(list: Shortlist, choice: u32): usize {
  return <usize> load<u32>(list.entries + (<usize> choice << 2));
}

// @ts-ignore: decorator
@inline
export function scoreIn(list: Shortlist, choice: u32): f32 {
  return load<f32>(list.scores + (<usize> choice << 2));
}

// @ts-ignore: decorator
@inline
export function isGood(list: Shortlist, choice: u32): bool {
  return load<u8>(list.good + choice) != 0;
}

/** Address of the second part of a choice's features. */
// @ts-ignore: decorator
@inline
export function inputsOf(list: Shortlist, choice: u32): usize {
  return list.inputs + ((<usize> choice * list.choiceInputs) << 2);
}

// @ts-ignore: decorator
@inline
function keyIn(list: Shortlist, choice: u32): f32 {
  return load<f32>(list.keys + (<usize> choice << 2));
}

// @ts-ignore: decorator
@inline
function enter(list: Shortlist, choice: u32, group: u32, key: f32, entry: usize): void {
  const at = <usize> choice << 2;
  store<u32>(list.groups + at, group);
  store<f32>(list.keys + at, key);
  store<u32>(list.entries + at, <u32> entry);
}

/** True if the failure domain of a class may take a container of the app. */
// @ts-ignore: decorator
@inline
function mayTake(classes: Classes, k: u32, app: u32): bool {
  if (!classes.domains) return true;
  const domains = changetype<Domains>(classes.domains);
  return mayPlaceIn(domains, domainOf(domains, firstOf(classes, k)), app);
}

/** Lists the choices for a container of the app; where there are too many, the most promising ones. */
export function listChoices(list: Shortlist, cache: ChoiceCache, groups: Groups, app: u32): void {
  const classes = cache.classes;
  list.count = 0;
  let lowest: f32 = LOWEST;
  let lowestAt: u32 = 0;
  const isMany = classes.listed !== null && groups.count > LOOKED;
  const count = isMany ? findGaining(list, classes, groups, app) : groups.count;
  for (let i: u32 = 0; i < count; i++) {
    const g = isMany ? load<u32>(list.looked + (<usize> i << 2)) : i;
    const k = classAt(groups, g);
    const rank = rankAt(groups, g);
    if (!hasRoom(classes, k, rank) || !mayTake(classes, k, app)) continue;
    const entry = entryOf(cache, app, k, rank);
    const key = keyOf(entry);
    if (key < <f32> FORBIDDEN / 2) continue;
    let at = list.count;
    if (at < SHORTLIST) {
      list.count++;
    } else {
      if (key <= lowest) continue;
      at = lowestAt;
    }
    enter(list, at, g, key, entry);
    if (list.count == SHORTLIST) {
      lowest = -LOWEST;
      for (let i: u32 = 0; i < SHORTLIST; i++) {
        const other = keyIn(list, i);
        if (other < lowest) {
          lowest = other;
          lowestAt = i;
        }
      }
    }
  }
}

/** Finds the groups that gain most by a container of the app. Returns how many. */
function findGaining(list: Shortlist, classes: Classes, groups: Groups, app: u32): u32 {
  let found: u32 = 0;
  let leastAt: u32 = 0;
  for (let g: u32 = 0; g < groups.count; g++) {
    const k = classAt(groups, g);
    const rank = rankAt(groups, g);
    if (!mayTake(classes, k, app)) continue;
    const gain = valueWith(classes, k, rank, app) - valueOf(classes, k, rank);
    if (gain < FORBIDDEN / 2) continue;
    let at = found;
    if (found < LOOKED) found++;
    else if (gain > load<f64>(list.gains + (<usize> leastAt << 3))) at = leastAt;
    else continue;
    store<u32>(list.looked + (<usize> at << 2), g);
    store<f64>(list.gains + (<usize> at << 3), gain);
    if (found < LOOKED) continue;
    leastAt = 0;
    for (let other: u32 = 1; other < LOOKED; other++) {
      const least = load<f64>(list.gains + (<usize> leastAt << 3));
      if (load<f64>(list.gains + (<usize> other << 3)) < least) leastAt = other;
    }
  }
  return found;
}

/** Leaves out choices whose chance at the warmest prices is hopeless beside the best one's: saves scoring them. */
export function prune(list: Shortlist): void {
  let best: f32 = LOWEST;
  for (let i: u32 = 0; i < list.count; i++) best = max(best, keyIn(list, i));
  let kept: u32 = 0;
  for (let i: u32 = 0; i < list.count; i++) {
    const key = keyIn(list, i);
    if (key < best - HOPELESS) continue;
    enter(list, kept++, groupIn(list, i), key, entryIn(list, i));
  }
  list.count = kept;
}

/** Nodes of the class that hold this configuration with one more container of the app, or with two more, ... */
export function countBeyond(amounts: usize, classes: Classes, app: u32, k: u32, rank: u32): u32 {
  let sum: u32 = 0;
  const listed = classes.listed;
  if (listed === null) {
    const limit = limitOf(classes, k);
    for (let next = afterInTable(rank, app); next < limit; next = afterInTable(next, app)) {
      sum += load<u32>(cell4(amounts, classes, k, next));
    }
    return sum;
  }
  const free = <i32> capacityOf(classes, k) - <i32> totalOf(listed, rank);
  for (let more = 1; more <= free; more++) {
    const next = findChanged(listed, rank, app, more);
    if (next != UNLISTED) sum += load<u32>(cell4(amounts, classes, k, next));
  }
  return sum;
}

/** The chance with these log-odds. */
// @ts-ignore: decorator
@inline
function chanceOf(odds: f32): f32 {
  return 1 / (1 + NativeMathf.exp(-odds));
}

/** Writes the features of each choice that change from container to container. */
export function describeChoices(
  list: Shortlist,
  cache: ChoiceCache,
  episode: Episode,
  groups: Groups,
  app: u32,
): void {
  const classes = cache.classes;
  const tables = cache.tables.count;
  const nodes = <f64> classes.nodes;
  const first = firstTurn(cache.tables, app);
  for (let i: u32 = 0; i < list.count; i++) {
    const g = groupIn(list, i);
    const k = classAt(groups, g);
    const rank = rankAt(groups, g);
    const entry = entryIn(list, i);
    const amount = <f64> amountOf(groups, classes, k, rank);
    const beyond = <f64> countBeyond(groups.amounts, classes, app, k, rank);
    const all = amount + beyond;
    const inputs = inputsOf(list, i);
    for (let table: u32 = 0; table < tables; table++) {
      // The chance under the prices that would end the excess, to first order of its log-odds.
      const shifts = episode.shifts + ((<usize> table * apps) << 2);
      const leans = leansIn(cache, entry, table);
      let tilt: f32 = 0;
      for (let turn = first; turn < <u32> apps; turn++) {
        const b = appAt(cache.tables, turn);
        tilt -= load<f32>(shifts + (<usize> b << 2)) * load<f32>(leans + (<usize> b << 2));
      }
      const movedOdds = logOddsIn(entry, table) + max<f32>(-6, min<f32>(6, tilt));
      const moved = <f64> chanceOf(movedOdds);
      const chance = <f64> chanceIn(cache, entry, table);
      put(inputs, table, clip(all * moved - beyond, -4, 4) / SURPLUS_UNIT);
      put(inputs, tables + table, clip(all * chance - beyond, -4, 4) / SURPLUS_UNIT);
      put(inputs, 2 * tables + table, <f64> movedOdds / LOG_CHANCE_UNIT);
      if (table == 0) put(inputs, 3 * tables + MOVED_GAP, clip(moved - beyond / all, -1, 1) * 2);
    }
    put(inputs, 3 * tables + SHARE, amount / nodes);
    put(inputs, 3 * tables + RARITY, 1 / amount);
    put(inputs, 3 * tables + BEYOND, min(beyond, BEYOND_UNIT) / BEYOND_UNIT);
  }
}

/** Scores every choice. */
export function scoreChoices(list: Shortlist, cache: ChoiceCache, episode: Episode): void {
  const scorer = cache.scorer;
  const bytes = <usize> hiddenWidth(scorer) << 2;
  const behind = list.staticInputs + list.choiceInputs;
  const shared = list.contextSums;
  const sums = list.sums;
  startSums(scorer, shared);
  addInputs(scorer, shared, episode.context, behind, list.contextInputs);
  for (let i: u32 = 0; i < list.count; i++) {
    const cached = sumsIn(cache, entryIn(list, i));
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(sums + at, f32x4.add(v128.load(shared + at), v128.load(cached + at)));
    }
    addInputs(scorer, sums, inputsOf(list, i), list.staticInputs, list.choiceInputs);
    store<f32>(list.scores + (<usize> i << 2), scoreFrom(scorer, sums));
  }
}
