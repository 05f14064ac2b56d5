// What a node of a configuration expects to become: of each temperature f64[apps + 1], the logarithm of the weight of all
// completions, then the containers of each app that come beyond those held. From the tables of price_tables.ts, or where the
// space has none, from the weights of the columns.

import { afterInTable, capacityOf, Classes, countsOf } from "./classes";
import { changed, Listed, totalOf } from "./listed";
import {
  expectedOf,
  firstTurn,
  maskOf,
  PriceTables,
  temperatureOf,
  turnOf,
  weightsOf,
} from "./price_tables";
import { apps } from "../space/space";

/** Throughput that a container which sets a node apart from a column is thought to cost. */
const APART: f64 = 0.3;

/** Columns of less than e to the minus this many of the best one's weight are left out. */
const WINDOW: f64 = 12;

/** Bytes by temperature. */
// @ts-ignore: decorator
@inline
export function completionWidth(): usize {
  return (<usize> apps + 1) << 3;
}

/**
 * Writes them to f64[count][apps + 1], where apps of the app's turn and later ones may still come. more: with one more container
 * of the app, for which there must be room.
 */
export function complete(
  tables: PriceTables,
  classes: Classes,
  app: u32,
  k: u32,
  given: u32,
  more: bool,
  out: usize,
): void {
  const first = firstTurn(tables, app);
  const listed = classes.listed;
  if (listed !== null) {
    const held = more ? changed(listed, given, app, 1) : countsOf(classes, given);
    const free = capacityOf(classes, k) - totalOf(listed, given) - (more ? 1 : 0);
    return sumColumns(tables, classes, first, k, held, free, out);
  }
  const rank = more ? afterInTable(given, app) : given;
  for (let table: u32 = 0; table < tables.count; table++) {
    const row = out + table * completionWidth();
    const weight = load<f64>(weightsOf(tables, classes, table, first, k) + (<usize> rank << 3));
    store<f64>(row, Math.log(weight));
    for (let b: u32 = 0; b < <u32> apps; b++) {
      const comes = turnOf(tables, b) >= first;
      store<f64>(
        row + (<usize> (b + 1) << 3),
        comes ? expectedOf(tables, classes, table, first, b, k, rank) : 0,
      );
    }
  }
}

/**
 * The same by columns, of a node that holds these counts and has so many slots free. Few configurations are part of a column, so each column counts, less with every container that sets it
 * apart: those too many, those of past apps that are missing, and those that no slot would be left for.
 */
function sumColumns(
  tables: PriceTables,
  classes: Classes,
  first: u32,
  k: u32,
  held: usize,
  free: u32,
  out: usize,
): void {
  const listed = classes.listed!;
  const width = <usize> listed.width;
  const past = maskOf(tables, first, width);
  measureAll(listed, held, past, free);
  memory.fill(out, 0, tables.count * completionWidth());
  for (let table: u32 = 0; table < tables.count; table++) {
    const logs = weightsOf(tables, classes, table, 0, k);
    const cost = APART / temperatureOf(tables, table);
    let best: f64 = -Infinity;
    for (let at: u32 = 0; at < listed.summed; at++) {
      const log = load<f64>(logs + (<usize> at << 3)) - cost * <f64> distanceTo(listed, at);
      best = max(best, log);
    }
    const row = out + table * completionWidth();
    store<f64>(row, best);
    if (best == -Infinity) continue;
    let whole: f64 = 0;
    for (let at: u32 = 0; at < listed.summed; at++) {
      const log = load<f64>(logs + (<usize> at << 3)) - cost * <f64> distanceTo(listed, at);
      if (log < best - WINDOW) continue;
      const weight = Math.exp(log - best);
      whole += weight;
      const column = listed.counts + <usize> at * width;
      for (let b = 0; b < apps; b++) {
        const coming = <i32> load<u8>(column + b) - <i32> load<u8>(held + b);
        if (coming <= 0 || load<u8>(past + b)) continue;
        const sum = row + (<usize> (b + 1) << 3);
        store<f64>(sum, load<f64>(sum) + weight * <f64> coming);
      }
    }
    store<f64>(row, Math.log(whole) + best);
    for (let b = 1; b <= apps; b++) {
      const sum = row + (<usize> b << 3);
      store<f64>(sum, load<f64>(sum) / whole);
    }
  }
}

/** Writes how many containers set each column apart from what is held. */
function measureAll(listed: Listed, held: usize, past: usize, free: u32): void {
  const width = <usize> listed.width;
  let column = listed.counts;
  for (let at: u32 = 0; at < listed.summed; at++, column += width) {
    let apart = i16x8.splat(0);
    let coming = i16x8.splat(0);
    for (let byte: usize = 0; byte < width; byte += 16) {
      const has = v128.load(column + byte);
      const needs = v128.load(held + byte);
      const over = v128.load(past + byte);
      const missing = i8x16.sub_sat_u(has, needs);
      apart = i16x8.add(apart, i16x8.extadd_pairwise_i8x16_u(i8x16.sub_sat_u(needs, has)));
      apart = i16x8.add(apart, i16x8.extadd_pairwise_i8x16_u(v128.and(missing, over)));
      coming = i16x8.add(coming, i16x8.extadd_pairwise_i8x16_u(v128.andnot(missing, over)));
    }
    const distance = sumOf(apart) + max(0, sumOf(coming) - <i32> free);
    store<u16>(listed.distances + (<usize> at << 1), <u16> distance);
  }
}

// @ts-ignore: decorator
@inline
function sumOf(shorts: v128): i32 {
  const sums = i32x4.extadd_pairwise_i16x8_u(shorts);
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3);
}

// @ts-ignore: decorator
@inline
function distanceTo(listed: Listed, at: u32): u32 {
  return load<u16>(listed.distances + (<usize> at << 1));
}
