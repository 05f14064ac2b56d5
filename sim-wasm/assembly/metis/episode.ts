// What an episode has placed so far, what its prices did not expect of it, and the features that all choices share.

import { alloc, blockOf, Owner } from "../memory";
import { ChoiceCache, entryOf, expectedIn, makeRoom } from "./choice_cache";
import { Classes } from "./classes";
import {
  clip,
  contextInputs,
  EXCESS,
  EXCESS_UNIT,
  FEW,
  FEW_LEFT,
  FREE,
  LATER,
  LEAST_EXCESS,
  LEFT,
  MOST_EXCESS,
  OTHER_EXCESS,
  OTHER_PRICE,
  PRESSURE,
  PRICE,
  put,
  RELATIVE_EXCESS,
  SIZE,
  USED_UNIT,
} from "./features";
import { amountOf, classAt, Groups, rankAt } from "./groups";
import { appAt, firstTurn, priceOf, PriceTables, temperatureOf, wantOf } from "./price_tables";
import { apps } from "../space/space";

@unmanaged
export class Episode extends Owner {
  /** True where the containers still to come are known. */
  informed: bool;
  /** Slots taken. */
  used: u32;
  /** u32[apps] */
  placed: usize;
  /** f64[tables][apps]: containers that the groups expect beyond those to come. */
  excess: usize;
  /** f32[tables][apps]: change of prices that would end the excess, over the temperature. */
  shifts: usize;
  /** f32[contextInputs] */
  context: usize;
}

export function createEpisode(tables: PriceTables, informed: bool): Episode {
  const episode = changetype<Episode>(alloc(offsetof<Episode>()));
  episode.informed = informed;
  episode.placed = blockOf(episode, apps * 4);
  episode.excess = blockOf(episode, <usize> tables.count * apps * 8);
  episode.shifts = blockOf(episode, <usize> tables.count * apps * 4);
  episode.context = blockOf(episode, contextInputs(tables.count) * 4);
  return episode;
}

/** Nothing placed. */
export function forgetPlaced(episode: Episode): void {
  episode.used = 0;
  memory.fill(episode.placed, 0, apps * 4);
}

/** One more container of the app (or one less) is placed. */
export function countPlaced(episode: Episode, app: u32, change: i32): void {
  episode.used += change;
  const at = episode.placed + (app << 2);
  store<u32>(at, load<u32>(at) + change);
}

// @ts-ignore: decorator
@inline
function placedOf(episode: Episode, app: u32): f64 {
  return <f64> load<u32>(episode.placed + (app << 2));
}

// @ts-ignore: decorator
@inline
function excessOf(episode: Episode, table: u32, app: u32): f64 {
  return load<f64>(episode.excess + (<usize> (table * apps + app) << 3));
}

/** The excess of every app, summed again: at the start, and where the next app's turn comes. */
export function sumExcess(
  episode: Episode,
  cache: ChoiceCache,
  groups: Groups,
  app: u32,
): void {
  const tables = cache.tables;
  makeRoom(cache, groups.count);
  for (let table: u32 = 0; table < tables.count; table++) {
    for (let b: u32 = 0; b < <u32> apps; b++) {
      const coming = wantOf(tables, table, b) - placedOf(episode, b);
      store<f64>(episode.excess + (<usize> (table * apps + b) << 3), -max(0.0, coming));
    }
  }
  for (let g: u32 = 0; g < groups.count; g++) {
    const k = classAt(groups, g);
    const rank = rankAt(groups, g);
    addExcess(episode, cache, app, k, rank, <f64> amountOf(groups, cache.classes, k, rank));
  }
}

/** So many more nodes of the class hold the configuration, and expect what such nodes expect. */
export function addExcess(
  episode: Episode,
  cache: ChoiceCache,
  app: u32,
  k: u32,
  rank: u32,
  amount: f64,
): void {
  const expected = expectedIn(cache, entryOf(cache, app, k, rank));
  const excess = episode.excess;
  const numbers = cache.tables.count * <u32> apps;
  for (let i: u32 = 0; i < numbers; i++) {
    const at = excess + (<usize> i << 3);
    store<f64>(at, load<f64>(at) + amount * <f64> load<f32>(expected + (<usize> i << 2)));
  }
}

/** A container of the app has come: it is no longer to come. */
export function arriveInExcess(episode: Episode, tables: PriceTables, app: u32): void {
  for (let table: u32 = 0; table < tables.count; table++) {
    const at = episode.excess + (<usize> (table * apps + app) << 3);
    store<f64>(at, load<f64>(at) + 1);
  }
}

/** How prices would have to move to end the excess. */
function movePrices(episode: Episode, tables: PriceTables, nodes: f64, first: u32): void {
  for (let table: u32 = 0; table < tables.count; table++) {
    const excess = episode.excess + ((<usize> table * apps) << 3);
    const scale = 1 / (nodes * temperatureOf(tables, table));
    for (let turn = first; turn < <u32> apps; turn++) {
      const a = appAt(tables, turn);
      const row = tables.inverses + (((<usize> table * apps + a) * apps) << 3);
      let shift: f64 = 0;
      for (let other = first; other < <u32> apps; other++) {
        const b = appAt(tables, other);
        shift += load<f64>(row + (<usize> b << 3)) * load<f64>(excess + (<usize> b << 3));
      }
      store<f32>(episode.shifts + ((<usize> table * apps + a) << 2), <f32> (shift * scale));
    }
  }
}

/** Writes the features that all choices share (features.ts), and how prices would move. */
export function describeEpisode(
  episode: Episode,
  tables: PriceTables,
  classes: Classes,
  groups: Groups,
  app: u32,
): void {
  const context = episode.context;
  const informed = episode.informed;
  const nodes = <f64> classes.nodes;
  const first = firstTurn(tables, app);
  movePrices(episode, tables, nodes, first);
  const left = max(0.0, wantOf(tables, 0, app) - placedOf(episode, app));
  let allLeft: f64 = 0;
  for (let a = 0; a < apps; a++) allLeft += max(0.0, wantOf(tables, 0, a) - placedOf(episode, a));
  const free = <f64> (classes.slots - episode.used);
  const slots = <f64> classes.slots;
  const used = <f64> episode.used;
  put(context, LEFT, informed ? left / nodes : used / nodes / USED_UNIT);
  put(context, FEW_LEFT, informed ? min(left, FEW) / FEW : <f64> groups.count / nodes);
  put(context, RELATIVE_EXCESS, clip(excessOf(episode, 0, app) / (1 + left), -2, 2));
  for (let table: u32 = 0; table < tables.count; table++) {
    put(context, EXCESS + table, clip(excessOf(episode, table, app) / EXCESS_UNIT, -2, 2));
  }
  put(context, tables.count + PRESSURE, informed ? allLeft / free : used / slots);
  put(context, tables.count + FREE, free / slots);
  put(context, tables.count + SIZE, 1 / Math.sqrt(nodes));
  let others: u32 = 0;
  let price: f64 = 0;
  let most: f64 = 0;
  let least: f64 = 0;
  let sum: f64 = 0;
  for (let turn = first; turn < <u32> apps; turn++) {
    const a = appAt(tables, turn);
    if (a == app) continue;
    const excess = excessOf(episode, 0, a);
    most = others ? max(most, excess) : excess;
    least = others ? min(least, excess) : excess;
    sum += excess;
    price += priceOf(tables, a);
    others++;
  }
  const later = informed ? (allLeft - left) / free : placedOf(episode, app) / nodes;
  put(context, tables.count + LATER, later);
  put(context, tables.count + PRICE, priceOf(tables, app));
  put(context, tables.count + OTHER_PRICE, others ? price / <f64> others : 0);
  put(context, tables.count + MOST_EXCESS, clip(most / EXCESS_UNIT, -2, 2));
  put(context, tables.count + LEAST_EXCESS, clip(least / EXCESS_UNIT, -2, 2));
  put(context, tables.count + OTHER_EXCESS, clip(sum / EXCESS_UNIT, -2, 2));
}
