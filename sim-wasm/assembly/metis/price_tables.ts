// Tables that go by smoothed prices of a demand (prices.ts), one set per temperature: weights of completions, by
// additions only, and the final counts that a node of a configuration expects. With
//   W(c) = exp((T(c) - p . c) / t),   Z_a(c) = sum of W over all completions of c by apps a, a + 1, ...
// the chance that a node of configuration c takes one more container of app a, in the largest-entropy mixture of final
// configurations, is Z_a(c + e_a) / Z_a(c): Z_a(c) = Z_a+1(c) + Z_a(c + e_a). Where apps come in any order there is one
// stage, of all apps; where they come in order, the stage of a turn sums over the apps from that turn on only. Where the space
// has no table there are the weights of the columns alone, and completions.ts sums over them.

import { alloc, blockOf, Owner } from "../memory";
import { afterInTable, Classes, cellsOf, countsOf, limitOf, roomOf, valuesIn } from "./classes";
import { apps, configurations, FORBIDDEN } from "../space/space";

@unmanaged
export class PriceTables extends Owner {
  /** How many temperatures. */
  count: u32;
  /** True where apps come in order, so that only later apps may still be added. */
  ordered: bool;
  stages: u32;
  /** u32[apps], the apps in that order; u32[apps], the turn of each app. */
  order: usize;
  turns: usize;
  /** f64[count] */
  temperatures: usize;
  /** f64[count][apps], the price of each app; f64[count][apps], containers that the prices are made for. */
  prices: usize;
  wants: usize;
  /** f64[count][apps][apps]: change of prices by change of what is wanted per node. */
  inverses: usize;
  /** f64[count][stages][classes][cells]: Z, of columns the logarithm of W. */
  weights: usize;
  /** f64[count][stages][apps][classes][cells]: weights times the final count of each app. */
  moments: usize;
  /** u8[apps][width of a row]: by turn, 255 for the apps before it; columns only. */
  masks: usize;
  /** u32[apps]; u32[apps][cells]: by turn, the configurations without later apps, largest first; ordered only. */
  turnCounts: usize;
  turnRanks: usize;
}

export function createPriceTables(
  classes: Classes,
  count: u32,
  ordered: bool,
  order: usize,
): PriceTables {
  const tables = changetype<PriceTables>(alloc(offsetof<PriceTables>()));
  const n = <usize> apps;
  tables.count = count;
  tables.ordered = ordered;
  const whole = classes.listed === null;
  tables.stages = ordered && whole ? apps : 1;
  tables.order = blockOf(tables, n * 4);
  tables.turns = blockOf(tables, n * 4);
  memory.copy(tables.order, order, n * 4);
  for (let turn: u32 = 0; turn < <u32> apps; turn++) {
    store<u32>(tables.turns + (<usize> appAt(tables, turn) << 2), turn);
  }
  const cells = cellsOf(classes);
  const rows = <usize> count * tables.stages;
  tables.temperatures = blockOf(tables, count * 8);
  tables.prices = blockOf(tables, <usize> count * n * 8);
  tables.wants = blockOf(tables, <usize> count * n * 8);
  tables.inverses = blockOf(tables, <usize> count * n * n * 8);
  tables.weights = blockOf(tables, rows * cells * 8);
  if (!whole) {
    fillMasks(tables, classes.rows.width);
    return tables;
  }
  tables.moments = blockOf(tables, rows * n * cells * 8);
  tables.turnCounts = blockOf(tables, n * 4);
  tables.turnRanks = blockOf(tables, ordered ? n * classes.cells * 4 : 0);
  if (ordered) listTurns(tables, classes);
  return tables;
}

function fillMasks(tables: PriceTables, width: usize): void {
  tables.masks = blockOf(tables, <usize> apps * width);
  for (let turn: u32 = 0; tables.ordered && turn < <u32> apps; turn++) {
    for (let past: u32 = 0; past < turn; past++) {
      store<u8>(tables.masks + <usize> turn * width + appAt(tables, past), 255);
    }
  }
}

/** u8[width]: 255 for the apps that come no more where it is this turn. */
// @ts-ignore: decorator
@inline
export function maskOf(tables: PriceTables, turn: u32, width: usize): usize {
  return tables.masks + <usize> turn * width;
}

function listTurns(tables: PriceTables, classes: Classes): void {
  const counts = classes.rows.counts;
  const width = <usize> classes.rows.width;
  for (let rank: i32 = <i32> configurations - 1; rank >= 0; rank--) {
    let last = apps - 1;
    while (last > 0 && load<u8>(counts + <usize> rank * width + appAt(tables, last)) == 0) last--;
    for (let turn = last; turn < apps; turn++) {
      const at = tables.turnCounts + (turn << 2);
      const count = load<u32>(at);
      store<u32>(tables.turnRanks + ((<usize> turn * classes.cells + count) << 2), <u32> rank);
      store<u32>(at, count + 1);
    }
  }
}

/** The app of a turn. */
// @ts-ignore: decorator
@inline
export function appAt(tables: PriceTables, turn: u32): u32 {
  return load<u32>(tables.order + (<usize> turn << 2));
}

/** The turn of an app. */
// @ts-ignore: decorator
@inline
export function turnOf(tables: PriceTables, app: u32): u32 {
  return load<u32>(tables.turns + (<usize> app << 2));
}

/** The first turn whose app may still come where it is the app's turn. */
// @ts-ignore: decorator
@inline
export function firstTurn(tables: PriceTables, app: u32): u32 {
  return tables.ordered ? turnOf(tables, app) : 0;
}

/** Containers of the app that the prices of a table are made for. */
// @ts-ignore: decorator
@inline
export function wantOf(tables: PriceTables, table: u32, app: u32): f64 {
  return load<f64>(tables.wants + (<usize> (table * apps + app) << 3));
}

// @ts-ignore: decorator
@inline
export function temperatureOf(tables: PriceTables, table: u32): f64 {
  return load<f64>(tables.temperatures + (table << 3));
}

/** Price of the app at the coldest temperature. */
// @ts-ignore: decorator
@inline
export function priceOf(tables: PriceTables, app: u32): f64 {
  return load<f64>(tables.prices + (<usize> app << 3));
}

/** Address of the weights of a class: f64[cells]. */
// @ts-ignore: decorator
@inline
export function weightsOf(
  tables: PriceTables,
  classes: Classes,
  table: u32,
  stage: usize,
  k: u32,
): usize {
  return tables.weights +
    ((<usize> table * tables.stages + stage) * cellsOf(classes) + <usize> k * classes.cells) * 8;
}

/** Address of the moments of an app: f64[classes][cells]. */
// @ts-ignore: decorator
@inline
function momentsOf(
  tables: PriceTables,
  classes: Classes,
  table: u32,
  stage: usize,
  app: usize,
): usize {
  return tables.moments +
    ((<usize> table * tables.stages + stage) * apps + app) * cellsOf(classes) * 8;
}

/**
 * Fills the tables of one temperature t from its prices (f64[apps]), the inverse Hessian (f64[apps][apps]) and
 * the containers wanted (f64[apps], of the whole cluster); all are copied.
 */
export function fillTables(
  tables: PriceTables,
  classes: Classes,
  table: u32,
  t: f64,
  prices: usize,
  inverse: usize,
  wants: usize,
): void {
  const n = <usize> apps;
  memory.copy(tables.prices + <usize> table * n * 8, prices, n * 8);
  memory.copy(tables.inverses + <usize> table * n * n * 8, inverse, n * n * 8);
  memory.copy(tables.wants + <usize> table * n * 8, wants, n * 8);
  store<f64>(tables.temperatures + (table << 3), t);
  const last = tables.stages - 1;
  for (let k: u32 = 0; k < classes.count; k++) {
    weigh(classes, k, weightsOf(tables, classes, table, last, k), t, prices);
  }
  if (classes.listed !== null) return;
  if (!tables.ordered) {
    for (let b: usize = 0; b < n; b++) countHeld(tables, classes, table, last, last, b);
  }
  for (let turn = apps - 1; turn >= 0; turn--) {
    const a = appAt(tables, turn);
    const stage: usize = tables.ordered ? turn : 0;
    const from = tables.ordered && turn < apps - 1 ? stage + 1 : stage;
    // Later apps leave the count of this one as it is.
    if (tables.ordered) countHeld(tables, classes, table, stage, from, a);
    addCompletions(
      tables,
      classes,
      weightsOf(tables, classes, table, stage, 0),
      weightsOf(tables, classes, table, from, 0),
      a,
    );
    for (let later = <u32> stage; later < <u32> n; later++) {
      const b = appAt(tables, later);
      const moments = momentsOf(tables, classes, table, stage, b);
      const source = later == stage ? moments : momentsOf(tables, classes, table, from, b);
      addCompletions(tables, classes, moments, source, a);
    }
  }
}

/** W of every configuration of a class, relative to the largest: row f64[cells]. */
function weigh(
  classes: Classes,
  k: u32,
  row: usize,
  t: f64,
  prices: usize,
): void {
  const counts = classes.rows.counts;
  const width = <usize> classes.rows.width;
  const limit = limitOf(classes, k);
  const values = valuesIn(classes, k);
  let best: f64 = FORBIDDEN;
  for (let rank: u32 = 0; rank < limit; rank++) {
    let score = load<f64>(values + (<usize> rank << 3));
    const held = counts + <usize> rank * width;
    for (let a = 0; a < apps; a++) {
      score -= load<f64>(prices + (a << 3)) * <f64> load<u8>(held + a);
    }
    store<f64>(row + (<usize> rank << 3), score);
    best = max(best, score);
  }
  const whole = classes.listed === null;
  const cells = classes.cells;
  for (let rank: u32 = 0; rank < cells; rank++) {
    const at = row + (<usize> rank << 3);
    const score = load<f64>(at);
    const log = rank >= limit || score < FORBIDDEN / 2 ? -Infinity : (score - best) / t;
    // Beyond 600 temperatures all is equally hopeless, but not impossible: chances stay defined.
    const weight = log == -Infinity ? 0 : Math.exp(max(-600.0, log));
    store<f64>(at, whole ? weight : log);
  }
}

/** Weights of a stage times the count of the app, as moments of another: where no more of the app is added. */
function countHeld(
  tables: PriceTables,
  classes: Classes,
  table: u32,
  stage: usize,
  from: usize,
  app: usize,
): void {
  const counts = classes.rows.counts;
  const width = <usize> classes.rows.width;
  for (let k: u32 = 0; k < classes.count; k++) {
    const weights = weightsOf(tables, classes, table, from, k);
    const moments = momentsOf(tables, classes, table, stage, app) + <usize> k * classes.cells * 8;
    const limit = limitOf(classes, k);
    for (let rank: u32 = 0; rank < limit; rank++) {
      const count = load<u8>(counts + <usize> rank * width + app);
      store<f64>(
        moments + (<usize> rank << 3),
        count ? load<f64>(weights + (<usize> rank << 3)) * <f64> count : 0,
      );
    }
  }
}

/**
 * to[c] = from[c] + to[c + e_app]: sums over what app may still add. Where apps come in order, only
 * configurations without later apps are ever looked up, so only they are summed.
 */
function addCompletions(tables: PriceTables, classes: Classes, to: usize, from: usize, app: u32): void {
  const turn = <usize> turnOf(tables, app);
  const list = tables.turnRanks + ((turn * classes.cells) << 2);
  const count = tables.ordered ? load<u32>(tables.turnCounts + (turn << 2)) : configurations;
  for (let k: u32 = 0; k < classes.count; k++) {
    const row = to + <usize> k * classes.cells * 8;
    const source = from + <usize> k * classes.cells * 8;
    const limit = limitOf(classes, k);
    const room = roomOf(classes, k);
    for (let i: u32 = 0; i < count; i++) {
      const rank = tables.ordered ? load<u32>(list + (<usize> i << 2)) : configurations - 1 - i;
      if (rank >= limit) continue;
      const at = <usize> rank << 3;
      let sum = load<f64>(source + at);
      if (rank < room) sum += load<f64>(row + (<usize> afterInTable(rank, app) << 3));
      store<f64>(row + at, sum);
    }
  }
}

/** Expected containers of the app still to come on a node, where the apps of `stage` may be added. */
export function expectedOf(
  tables: PriceTables,
  classes: Classes,
  table: u32,
  stage: usize,
  app: u32,
  k: u32,
  rank: u32,
): f64 {
  const whole = load<f64>(weightsOf(tables, classes, table, stage, k) + (<usize> rank << 3));
  if (whole <= 0) return 0;
  const moment = load<f64>(
    momentsOf(tables, classes, table, stage, app) + ((<usize> k * classes.cells + rank) << 3),
  );
  const held = <f64> load<u8>(countsOf(classes, rank) + app);
  return max(0.0, moment / whole - held);
}
