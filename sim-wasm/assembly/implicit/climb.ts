// Heuristic pricing: from a configuration, the best single step (one container more, less, or another) as long as
// throughput minus price rises. What it finds is a column, never a bound.

import { Permit, permits } from "../space/permit";
import { Contention, contentionThroughput, inside, listPresent, parametersOf, serverOf, speed, stretch } from "./contention";

/** What limits the configurations that are searched. */
@unmanaged
export class Limits {
  apps: u32;
  capacity: u32;
  /** f64[apps]: price of a container. */
  prices: usize;
  /** u8[apps]: most containers of an app. */
  most: usize;
  /** u8[apps][apps]: 1 where two apps may not share a node; 0 where there is no such rule. */
  apart: usize;
  /** Permit of the nodes; 0 where slots and `most` say all. */
  permit: usize;
}

/** Whether a node may hold these counts with one container of `less` gone and one of `more` come (-1 = none). */
function mayStep(limits: Limits, counts: usize, less: i32, more: i32): bool {
  if (more >= 0 && load<u8>(counts + more) >= load<u8>(limits.most + more)) return false;
  if (!limits.permit) return true;
  if (less >= 0) store<u8>(counts + less, load<u8>(counts + less) - 1);
  if (more >= 0) store<u8>(counts + more, load<u8>(counts + more) + 1);
  const may = permits(changetype<Permit>(limits.permit), counts);
  if (less >= 0) store<u8>(counts + less, load<u8>(counts + less) + 1);
  if (more >= 0) store<u8>(counts + more, load<u8>(counts + more) - 1);
  return may;
}

/** Throughput minus price (f64[apps]) of what a node holds after a step; present lists what it held before. */
export function worthAfter(
  model: Contention,
  prices: usize,
  counts: usize,
  present: usize,
  found: u32,
  first: v128,
  last: v128,
  less: i32,
  more: i32,
): f64 {
  if (less >= 0) {
    const gone = parametersOf(model, less);
    first = f64x2.sub(first, v128.load(gone));
    last = f64x2.sub(last, v128.load(gone, 16));
    store<u8>(counts + less, load<u8>(counts + less) - 1);
  }
  let joined = false;
  if (more >= 0) {
    const come = parametersOf(model, more);
    first = f64x2.add(first, v128.load(come));
    last = f64x2.add(last, v128.load(come, 16));
    joined = load<u8>(counts + more) == 0;
    store<u8>(counts + more, load<u8>(counts + more) + 1);
  }
  first = stretch(first);
  last = stretch(last);
  if (joined) store<u32>(present + (<usize> found << 2), more);
  const all = found + (joined ? 1 : 0);
  let total: f64 = 0;
  for (let at: u32 = 0; at < all; at++) {
    const app = load<u32>(present + (<usize> at << 2));
    const held = load<u8>(counts + app);
    if (!held) continue;
    const parameters = parametersOf(model, app);
    const server = serverOf(model, app);
    const serving = server < 0 ? 0.0 : <f64> load<u8>(counts + server);
    const rps = speed(parameters, inside(parameters, first, last), serving, <f64> held);
    total += <f64> held * (rps - load<f64>(prices + (<usize> app << 3)));
  }
  if (less >= 0) store<u8>(counts + less, load<u8>(counts + less) + 1);
  if (more >= 0) store<u8>(counts + more, load<u8>(counts + more) - 1);
  return total;
}

/** Throughput minus price of a configuration. */
export function reducedValue(model: Contention, limits: Limits, counts: usize): f64 {
  let value = contentionThroughput(changetype<usize>(model), counts);
  for (let app: u32 = 0; app < limits.apps; app++) {
    value -= <f64> load<u8>(counts + app) * load<f64>(limits.prices + (<usize> app << 3));
  }
  return value;
}

/** Climbs from the counts (u8[apps], which keep the limits) and leaves them at the top; returns their reduced value. */
export function climb(model: Contention, limits: Limits, counts: usize, present: usize): f64 {
  let total: u32 = 0;
  for (let app: u32 = 0; app < limits.apps; app++) total += load<u8>(counts + app);
  let now = reducedValue(model, limits, counts);
  while (true) {
    const found = listPresent(counts, limits.apps, present);
    let first = f64x2.splat(0);
    let last = f64x2.splat(0);
    for (let at: u32 = 0; at < found; at++) {
      const app = load<u32>(present + (<usize> at << 2));
      const count = f64x2.splat(<f64> load<u8>(counts + app));
      const parameters = parametersOf(model, app);
      first = f64x2.add(first, f64x2.mul(count, v128.load(parameters)));
      last = f64x2.add(last, f64x2.mul(count, v128.load(parameters, 16)));
    }
    let best = now + 1e-9;
    let bestLess: i32 = -1;
    let bestMore: i32 = -1;
    for (let at: i32 = -1; at < <i32> found; at++) {
      const less: i32 = at < 0 ? -1 : load<u32>(present + (<usize> at << 2));
      if (less >= 0 && mayStep(limits, counts, less, -1)) {
        const value = worthAfter(model, limits.prices, counts, present, found, first, last, less, -1);
        if (value > best) {
          best = value;
          bestLess = less;
          bestMore = -1;
        }
      }
      if (less < 0 && total >= limits.capacity) continue;
      for (let more: u32 = 0; more < limits.apps; more++) {
        if (<i32> more == less) continue;
        if (!mayStep(limits, counts, less, more)) continue;
        const value = worthAfter(model, limits.prices, counts, present, found, first, last, less, more);
        if (value > best) {
          best = value;
          bestLess = less;
          bestMore = more;
        }
      }
    }
    if (bestLess < 0 && bestMore < 0) return now;
    if (bestLess >= 0) {
      store<u8>(counts + bestLess, load<u8>(counts + bestLess) - 1);
      total--;
    }
    if (bestMore >= 0) {
      store<u8>(counts + bestMore, load<u8>(counts + bestMore) + 1);
      total++;
    }
    now = best;
  }
}
