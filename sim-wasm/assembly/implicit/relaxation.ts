// An upper bound on throughput minus price over a box of configurations: lowest and highest counts of each app, lowest
// and highest stretch of each resource.
//
// With the stretches fixed, throughput is a sum over apps: of the app's own count, and where it waits for a server of
// the server's count. Such groups of apps are maximised exactly, over whole counts, by dynamic programming over the
// forest of servers. What ties the groups together is dualised with multipliers: loads (the stretches must be those of
// the loads; load as a function of stretch is concave, so a tangent bounds it) and slots. RPS is convex in the
// stretches, so the Lagrangian function is largest at a corner of the box. The multipliers are those of a linear
// program over the configurations found so far (Kelley's cutting planes, as column generation), of six rows.
//
// Memory, per search (A apps, W = capacity + 1, corners in pairs that differ in the first resource: 8 x 2 lanes):
//   alone  f64[A][8][2]         RPS at the corners of an app without a server
//   pairs  f64[A][W][W][8][2]   for apps with a server: count x RPS by count of the server, count (0 for other apps)
//   best   f64[A][W][8][2]      most that an app and those behind it are worth, by count of its server
//   own    f64[W][8][2]         of one app, by its count

import { alloc, blockOf, free, Owner } from "../memory";
import { Permit, permits } from "../space/permit";
import { Limits, reducedValue } from "./climb";
import { Contention, inside, loadOf, parametersOf, serverOf, speed, timeOf } from "./contention";

/** Rows of the small linear program: loads, slots, and that the shares are 1 in all. */
const ROWS: u32 = 6;
/** Most configurations in it: more are not taken. */
const MOST: u32 = 56;
const CORNERS: u32 = 16;

/** A box of configurations, followed by its lowest and its highest counts: u8[2][apps]. */
@unmanaged
export class Box {
  /** Nothing in the box is worth more. */
  bound: f64;
  // Lowest and highest stretch of each resource.
  low0: f64;
  low1: f64;
  low2: f64;
  low3: f64;
  high0: f64;
  high1: f64;
  high2: f64;
  high3: f64;
  // Multipliers that proved the bound: of loads, and of slots.
  dual0: f64;
  dual1: f64;
  dual2: f64;
  dual3: f64;
  dual4: f64;
  /** Where to split: an app, or apps + a resource; NOWHERE if it holds one configuration. */
  split: u32;
  /** Count of the app that the lower part may reach. */
  splitCount: u32;
}

export const NOWHERE: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
export function lowOf(box: usize, resource: u32): usize {
  return box + offsetof<Box>("low0") + (<usize> resource << 3);
}

// @ts-ignore: decorator
@inline
export function highOf(box: usize, resource: u32): usize {
  return box + offsetof<Box>("high0") + (<usize> resource << 3);
}

// @ts-ignore: decorator
@inline
function dualOf(box: usize, row: u32): usize {
  return box + offsetof<Box>("dual0") + (<usize> row << 3);
}

// @ts-ignore: decorator
@inline
export function lowest(box: usize): usize {
  return box + offsetof<Box>();
}

// @ts-ignore: decorator
@inline
export function highest(box: usize, apps: u32): usize {
  return box + offsetof<Box>() + apps;
}

/** What all bounds of one search share. */
@unmanaged
export class Relaxation extends Owner {
  model: Contention;
  limits: Limits;
  apps: u32;
  /** Slots + 1. */
  width: u32;
  /** u32[apps]: every app after those that wait for it. */
  order: usize;
  /** i32[apps]: the server of each app; -1 where it has none, or where servers go round in a circle. */
  servers: usize;
  /** u8[apps]: 1 where some app waits for it. */
  serves: usize;
  /** i32[apps]: first app that waits for it; i32[apps]: next that waits for the same. -1 = none. */
  firstClient: usize;
  nextClient: usize;
  /** u32[apps]: which of the apps with a server it is. */
  pairOf: usize;
  aloneRps: usize;
  pairs: usize;
  best: usize;
  own: usize;
  /** f64[apps]: price of a container with its multipliers. */
  costs: usize;
  /** Tangents: load <= f64[4] + f64[4] x stretch. */
  tangents: usize;
  /** u8[apps]: the configuration that the last pricing found. */
  found: usize;
  /** u8[apps][W]: best count by count of the server, for tracing one corner. */
  traces: usize;
  /** u32[4][apps]: the apps by falling load of each resource. */
  byLoad: usize;
  // The linear program.
  columnCounts: usize; // u8[MOST][apps]
  columnValues: usize; // f64[MOST]
  columnRows: usize; // f64[MOST][ROWS]
  columns: u32;
  inverse: usize; // f64[ROWS][ROWS]
  basis: usize; // i32[ROWS]: a column, or -1 - row for the slack of a row
  levels: usize; // f64[ROWS]
  duals: usize; // f64[ROWS]
  change: usize; // f64[ROWS]
  // What the search knows.
  /** Best value of a permitted configuration; u8[apps]: that configuration. */
  bestValue: f64;
  bestCounts: usize;
}

// @ts-ignore: decorator
@inline
function f(base: usize, at: u32): f64 {
  return load<f64>(base + (<usize> at << 3));
}

// @ts-ignore: decorator
@inline
function put(base: usize, at: u32, value: f64): void {
  store<f64>(base + (<usize> at << 3), value);
}

// @ts-ignore: decorator
@inline
function word(base: usize, at: u32): i32 {
  return load<i32>(base + (<usize> at << 2));
}

/** Fills in what does not change from box to box. */
export function prepare(relaxation: Relaxation, model: Contention, limits: Limits): void {
  const apps = limits.apps;
  const width = limits.capacity + 1;
  relaxation.model = model;
  relaxation.limits = limits;
  relaxation.apps = apps;
  relaxation.width = width;
  relaxation.order = blockOf(relaxation, apps * 4);
  relaxation.servers = blockOf(relaxation, apps * 4);
  relaxation.firstClient = blockOf(relaxation, apps * 4);
  relaxation.nextClient = blockOf(relaxation, apps * 4);
  relaxation.pairOf = blockOf(relaxation, apps * 4);
  relaxation.byLoad = blockOf(relaxation, apps * 16);
  const depths = alloc(apps * 4);
  let pairs: u32 = 0;
  for (let app: u32 = 0; app < apps; app++) store<i32>(relaxation.firstClient + (<usize> app << 2), -1);
  for (let app: u32 = 0; app < apps; app++) {
    // An app whose chain of servers does not end is bounded as if the most of its server answered the fewest of it.
    let depth: u32 = 0;
    let at = serverOf(model, app);
    while (at >= 0 && depth <= apps) {
      depth++;
      at = serverOf(model, at);
    }
    store<u32>(depths + (<usize> app << 2), depth);
    const server = depth > apps ? -1 : serverOf(model, app);
    store<i32>(relaxation.servers + (<usize> app << 2), server);
    if (server < 0) continue;
    store<u32>(relaxation.pairOf + (<usize> app << 2), pairs++);
    store<i32>(relaxation.nextClient + (<usize> app << 2), word(relaxation.firstClient, server));
    store<i32>(relaxation.firstClient + (<usize> server << 2), app);
  }
  let placed: u32 = 0;
  for (let depth = <i32> apps + 1; depth >= 0; depth--) {
    for (let app: u32 = 0; app < apps; app++) {
      if (word(depths, app) == depth) store<u32>(relaxation.order + (<usize> (placed++) << 2), app);
    }
  }
  free(depths);
  for (let resource: u32 = 0; resource < 4; resource++) {
    const sorted = relaxation.byLoad + <usize> (resource * apps) * 4;
    for (let app: u32 = 0; app < apps; app++) {
      const mine = loadOf(model, app, resource);
      let at = app;
      while (at > 0 && loadOf(model, word(sorted, at - 1), resource) < mine) {
        store<i32>(sorted + (<usize> at << 2), word(sorted, at - 1));
        at--;
      }
      store<u32>(sorted + (<usize> at << 2), app);
    }
  }
  relaxation.aloneRps = blockOf(relaxation, <usize> apps * 128);
  relaxation.pairs = blockOf(relaxation, <usize> pairs * width * width * 128 + 128);
  relaxation.best = blockOf(relaxation, <usize> apps * width * 128);
  relaxation.own = blockOf(relaxation, <usize> width * 128);
  relaxation.costs = blockOf(relaxation, <usize> apps * 8);
  relaxation.tangents = blockOf(relaxation, 64);
  relaxation.found = blockOf(relaxation, apps + 8);
  relaxation.traces = blockOf(relaxation, <usize> apps * width);
  relaxation.columnCounts = blockOf(relaxation, <usize> apps * MOST);
  relaxation.columnValues = blockOf(relaxation, MOST * 8);
  relaxation.columnRows = blockOf(relaxation, MOST * ROWS * 8);
  relaxation.inverse = blockOf(relaxation, ROWS * ROWS * 8);
  relaxation.basis = blockOf(relaxation, ROWS * 4);
  relaxation.levels = blockOf(relaxation, ROWS * 8);
  relaxation.duals = blockOf(relaxation, ROWS * 8);
  relaxation.change = blockOf(relaxation, ROWS * 8);
  relaxation.bestCounts = blockOf(relaxation, apps + 8);
}

// @ts-ignore: decorator
@inline
function stretchOf(amount: f64): f64 {
  return Math.sqrt(1 + amount * amount);
}

// @ts-ignore: decorator
@inline
export function loadAt(stretched: f64): f64 {
  return Math.sqrt(max(0, stretched * stretched - 1));
}

/** Lowers the highest counts to what the resources of a node allow; false if the lowest are too much already. */
function tightenResources(limits: Limits, low: usize, high: usize): bool {
  const permit = changetype<Permit>(limits.permit);
  for (let resource: u32 = 0; resource < permit.resources; resource++) {
    const needs = permit.needs + (<usize> resource << 3);
    const stride = <usize> permit.resources << 3;
    let left = load<f64>(permit.amounts + (<usize> resource << 3));
    for (let app: u32 = 0; app < limits.apps; app++) {
      left -= <f64> load<u8>(low + app) * load<f64>(needs + app * stride);
    }
    if (left < 0) return false;
    for (let app: u32 = 0; app < limits.apps; app++) {
      const one = load<f64>(needs + app * stride);
      const more = <u32> load<u8>(high + app) - <u32> load<u8>(low + app);
      if (one > 0 && <f64> more * one > left) {
        store<u8>(high + app, load<u8>(low + app) + <u32> (left / one));
      }
    }
  }
  return true;
}

/** Draws the sides of a box nearer where slots, loads and rules allow it; false if nothing is left in it. */
export function tighten(relaxation: Relaxation, box: usize): bool {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const low = lowest(box);
  const high = highest(box, apps);
  if (limits.apart) {
    for (let a: u32 = 0; a < apps; a++) {
      if (!load<u8>(low + a)) continue;
      const row = limits.apart + <usize> a * apps;
      for (let b: u32 = 0; b < apps; b++) {
        if (!load<u8>(row + b)) continue;
        if (load<u8>(low + b)) return false;
        store<u8>(high + b, 0);
      }
    }
  }
  if (limits.permit && !tightenResources(limits, low, high)) return false;
  let total: u32 = 0;
  for (let app: u32 = 0; app < apps; app++) total += load<u8>(low + app);
  if (total > limits.capacity) return false;
  const free = limits.capacity - total;
  for (let resource: u32 = 0; resource < 4; resource++) {
    let least: f64 = 0;
    for (let app: u32 = 0; app < apps; app++) {
      least += <f64> load<u8>(low + app) * loadOf(model, app, resource);
    }
    // Rounding must not cut off a configuration at the side of the box.
    const most = loadAt(load<f64>(highOf(box, resource))) + 1e-9;
    if (least > most) return false;
    for (let app: u32 = 0; app < apps; app++) {
      const one = loadOf(model, app, resource);
      let more = <u32> load<u8>(high + app) - <u32> load<u8>(low + app);
      more = min(more, free);
      if (one > 0 && <f64> more * one > most - least) more = <u32> ((most - least) / one);
      store<u8>(high + app, load<u8>(low + app) + more);
    }
    const stretched = stretchOf(least) - 1e-12;
    if (stretched > load<f64>(lowOf(box, resource))) store<f64>(lowOf(box, resource), stretched);
  }
  for (let resource: u32 = 0; resource < 4; resource++) {
    const sorted = relaxation.byLoad + <usize> (resource * apps) * 4;
    let most: f64 = 0;
    for (let app: u32 = 0; app < apps; app++) {
      most += <f64> load<u8>(low + app) * loadOf(model, app, resource);
    }
    let left = free;
    for (let at: u32 = 0; at < apps && left > 0; at++) {
      const app = word(sorted, at);
      const more = min(left, <u32> load<u8>(high + app) - <u32> load<u8>(low + app));
      most += <f64> more * loadOf(model, app, resource);
      left -= more;
    }
    const stretched = stretchOf(most) + 1e-12;
    if (stretched < load<f64>(lowOf(box, resource)) - 1e-9) return false;
    if (stretched < load<f64>(highOf(box, resource))) store<f64>(highOf(box, resource), stretched);
    if (load<f64>(highOf(box, resource)) < load<f64>(lowOf(box, resource))) {
      store<f64>(highOf(box, resource), load<f64>(lowOf(box, resource)));
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function corner(box: usize, resource: u32, at: u32): f64 {
  return load<f64>((at >> resource) & 1 ? highOf(box, resource) : lowOf(box, resource));
}

/** RPS at the corners of the box, and the tangents of the loads. */
function valueCorners(relaxation: Relaxation, box: usize): void {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  for (let resource: u32 = 0; resource < 4; resource++) {
    const middle = max(
      1 + 1e-9,
      (load<f64>(lowOf(box, resource)) + load<f64>(highOf(box, resource))) / 2,
    );
    const at = loadAt(middle);
    put(relaxation.tangents, resource, at - middle * middle / at);
    put(relaxation.tangents, 4 + resource, middle / at);
  }
  for (let app: u32 = 0; app < apps; app++) {
    const most = <u32> load<u8>(high + app);
    if (most == 0) continue;
    const parameters = parametersOf(model, app);
    const server = word(relaxation.servers, app);
    const circular = server < 0 && serverOf(model, app) >= 0;
    const alone = f64x2.splat(load<f64>(parameters, 88));
    const wait = load<f64>(parameters, 72);
    for (let pair: u32 = 0; pair < 8; pair++) {
      // Time at the two corners of the pair: they differ in the first resource.
      let rest = load<f64>(parameters, 64);
      for (let resource: u32 = 1; resource < 4; resource++) {
        rest += timeOf(model, app, resource) * corner(box, resource, pair << 1);
      }
      const first = timeOf(model, app, 0);
      const within = f64x2.replace_lane(
        f64x2.splat(rest + first * load<f64>(lowOf(box, 0))),
        1,
        rest + first * load<f64>(highOf(box, 0)),
      );
      if (server < 0) {
        let outside = wait;
        if (circular) {
          const serving = <f64> load<u8>(high + serverOf(model, app)) * load<f64>(parameters, 80);
          outside *= 1 - min(1, serving / max(1, <f64> load<u8>(low + app)));
        }
        const time = f64x2.add(within, f64x2.splat(outside));
        v128.store(relaxation.aloneRps + (<usize> (app * 8 + pair) << 4), f64x2.div(alone, time));
        continue;
      }
      const block = relaxation.pairs +
        ((<usize> word(relaxation.pairOf, app) * width * width) << 7);
      const served = load<f64>(parameters, 80);
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        for (let j = <u32> load<u8>(low + app); j <= most; j++) {
          const at = block + (<usize> (i * width + j) << 7) + (<usize> pair << 4);
          if (j == 0) {
            v128.store(at, f64x2.splat(0));
            continue;
          }
          const count = <f64> j;
          const answered = min(1, <f64> i * served / count);
          const time = f64x2.add(within, f64x2.splat(wait * (1 - answered)));
          v128.store(at, f64x2.mul(f64x2.splat(count), f64x2.div(alone, time)));
        }
      }
    }
  }
}

/** Most of the Lagrangian function at each corner for given multipliers; the best corner, and in `found` its counts. */
function price(relaxation: Relaxation, box: usize, duals: usize): f64 {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  for (let app: u32 = 0; app < apps; app++) {
    let cost = f(limits.prices, app) + f(duals, 4);
    for (let resource: u32 = 0; resource < 4; resource++) {
      cost += f(duals, resource) * loadOf(model, app, resource);
    }
    put(relaxation.costs, app, cost);
  }
  let bestCorner: u32 = 0;
  let bestSum: f64 = -Infinity;
  const negative = f64x2.splat(-Infinity);
  const own = relaxation.own;
  for (let pair: u32 = 0; pair < 8; pair++) {
    const lane = <usize> pair << 4;
    let rest = f(duals, 4) * <f64> limits.capacity;
    for (let resource: u32 = 1; resource < 4; resource++) {
      rest += f(duals, resource) *
        (f(relaxation.tangents, resource) +
          f(relaxation.tangents, 4 + resource) * corner(box, resource, pair << 1));
    }
    let sum = f64x2.replace_lane(
      f64x2.splat(
        rest +
          f(duals, 0) *
            (f(relaxation.tangents, 0) + f(relaxation.tangents, 4) * load<f64>(lowOf(box, 0))),
      ),
      1,
      rest +
        f(duals, 0) *
          (f(relaxation.tangents, 0) + f(relaxation.tangents, 4) * load<f64>(highOf(box, 0))),
    );
    for (let at: u32 = 0; at < apps; at++) {
      const app = word(relaxation.order, at);
      const least = <u32> load<u8>(low + app);
      const most = <u32> load<u8>(high + app);
      const server = word(relaxation.servers, app);
      const client = word(relaxation.firstClient, app);
      const cost = f64x2.splat(f(relaxation.costs, app));
      if (most == 0 && client < 0) {
        if (server < 0) continue;
        for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
          v128.store(relaxation.best + (<usize> (app * width + i) << 7) + lane, f64x2.splat(0));
        }
        continue;
      }
      if (server < 0) {
        const rps = most == 0
          ? f64x2.splat(0)
          : v128.load(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane);
        const gain = f64x2.sub(rps, cost);
        if (client < 0) {
          const few = f64x2.mul(gain, f64x2.splat(<f64> least));
          const many = f64x2.mul(gain, f64x2.splat(<f64> most));
          sum = f64x2.add(sum, f64x2.pmax(few, many));
          continue;
        }
        let top = negative;
        for (let j = least; j <= most; j++) {
          let value = f64x2.mul(gain, f64x2.splat(<f64> j));
          for (let c = client; c >= 0; c = word(relaxation.nextClient, c)) {
            value = f64x2.add(
              value,
              v128.load(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane),
            );
          }
          top = f64x2.pmax(top, value);
        }
        sum = f64x2.add(sum, top);
        continue;
      }
      for (let j = least; j <= most; j++) {
        let value = f64x2.neg(f64x2.mul(cost, f64x2.splat(<f64> j)));
        for (let c = client; c >= 0; c = word(relaxation.nextClient, c)) {
          value = f64x2.add(
            value,
            v128.load(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane),
          );
        }
        v128.store(own + (<usize> j << 7) + lane, value);
      }
      const block = relaxation.pairs +
        ((<usize> word(relaxation.pairOf, app) * width * width) << 7) + lane;
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        let top = negative;
        for (let j = least; j <= most; j++) {
          const value = f64x2.add(
            v128.load(own + (<usize> j << 7) + lane),
            v128.load(block + (<usize> (i * width + j) << 7)),
          );
          top = f64x2.pmax(top, value);
        }
        v128.store(relaxation.best + (<usize> (app * width + i) << 7) + lane, top);
      }
    }
    const first = f64x2.extract_lane(sum, 0);
    const second = f64x2.extract_lane(sum, 1);
    if (first > bestSum) {
      bestSum = first;
      bestCorner = pair << 1;
    }
    if (second > bestSum) {
      bestSum = second;
      bestCorner = (pair << 1) + 1;
    }
  }
  trace(relaxation, box, bestCorner);
  store<u32>(relaxation.found + ((<usize> apps + 3) & ~3), bestCorner);
  return bestSum;
}

/** The counts of the best configuration at a corner, into `found`: the values of `best` are still those of `price`. */
function trace(relaxation: Relaxation, box: usize, at: u32): void {
  const apps = relaxation.apps;
  const width = relaxation.width;
  const found = relaxation.found;
  const low = lowest(box);
  const high = highest(box, apps);
  const lane = <usize> at << 3;
  // Servers before those that wait for them.
  for (let place = <i32> apps - 1; place >= 0; place--) {
    const app = word(relaxation.order, place);
    const server = word(relaxation.servers, app);
    const cost = f(relaxation.costs, app);
    let top = -Infinity;
    let count = <u32> load<u8>(low + app);
    const i: u32 = server < 0 ? 0 : <u32> load<u8>(found + server);
    const block: usize = server < 0
      ? <usize> 0
      : relaxation.pairs + ((<usize> word(relaxation.pairOf, app) * width * width) << 7) + lane;
    const rps = server < 0 ? load<f64>(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane) : 0.0;
    for (let j = count; j <= <u32> load<u8>(high + app); j++) {
      let value = -cost * <f64> j;
      if (j > 0) {
        value += server < 0
          ? rps * <f64> j
          : load<f64>(block + (<usize> (i * width + j) << 7));
      }
      for (let c = word(relaxation.firstClient, app); c >= 0; c = word(relaxation.nextClient, c)) {
        value += load<f64>(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane);
      }
      if (value > top) {
        top = value;
        count = j;
      }
    }
    store<u8>(found + app, count);
  }
}

/** Sets the linear program back to its slacks. */
function beginProgram(relaxation: Relaxation): void {
  relaxation.columns = 0;
  for (let row: u32 = 0; row < ROWS; row++) {
    store<i32>(relaxation.basis + (<usize> row << 2), -1 - <i32> row);
    put(relaxation.levels, row, row == ROWS - 1 ? 1 : 0);
    for (let at: u32 = 0; at < ROWS; at++) {
      put(relaxation.inverse, row * ROWS + at, row == at ? 1 : 0);
    }
  }
}

/** Adds the configuration in `found`, at a corner, worth `sum` in the Lagrangian function of the multipliers. */
function addColumn(relaxation: Relaxation, box: usize, at: u32, sum: f64, duals: usize): void {
  if (relaxation.columns == MOST) return;
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const column = relaxation.columns++;
  const rows = relaxation.columnRows + <usize> (column * ROWS) * 8;
  let total: f64 = 0;
  for (let app: u32 = 0; app < apps; app++) total += <f64> load<u8>(relaxation.found + app);
  let value = sum;
  for (let resource: u32 = 0; resource < 4; resource++) {
    let row = -f(relaxation.tangents, resource) -
      f(relaxation.tangents, 4 + resource) * corner(box, resource, at);
    for (let app: u32 = 0; app < apps; app++) {
      const count = load<u8>(relaxation.found + app);
      if (count) row += <f64> count * loadOf(model, app, resource);
    }
    put(rows, resource, row);
    value += f(duals, resource) * row;
  }
  put(rows, 4, total - <f64> limits.capacity);
  value += f(duals, 4) * (total - <f64> limits.capacity);
  put(rows, 5, 1);
  put(relaxation.columnValues, column, value);
  memory.copy(relaxation.columnCounts + <usize> column * apps, relaxation.found, apps);
}

/** Worth of a place in the basis: that all shares are 1 cannot be left out. */
// @ts-ignore: decorator
@inline
function worth(relaxation: Relaxation, column: i32): f64 {
  if (column >= 0) return f(relaxation.columnValues, column);
  return column == -<i32> ROWS ? -1e4 : 0;
}

/** Solves the linear program over its columns, into `duals`; returns its value. */
function solveProgram(relaxation: Relaxation): f64 {
  const inverse = relaxation.inverse;
  const basis = relaxation.basis;
  const levels = relaxation.levels;
  const duals = relaxation.duals;
  const change = relaxation.change;
  for (let pivots = 0; pivots < 60; pivots++) {
    memory.fill(duals, 0, ROWS * 8);
    for (let row: u32 = 0; row < ROWS; row++) {
      const value = worth(relaxation, word(basis, row));
      if (value == 0) continue;
      for (let at: u32 = 0; at < ROWS; at++) {
        put(duals, at, f(duals, at) + value * f(inverse, row * ROWS + at));
      }
    }
    let entering: i32 = -99;
    let gain: f64 = 1e-9;
    for (let column: u32 = 0; column < relaxation.columns; column++) {
      const rows = relaxation.columnRows + <usize> (column * ROWS) * 8;
      let reduced = f(relaxation.columnValues, column);
      for (let row: u32 = 0; row < ROWS; row++) reduced -= f(duals, row) * f(rows, row);
      if (reduced > gain) {
        gain = reduced;
        entering = column;
      }
    }
    for (let row: u32 = 0; row < ROWS - 1; row++) {
      if (-f(duals, row) > gain) {
        gain = -f(duals, row);
        entering = -1 - <i32> row;
      }
    }
    if (entering == -99) break;
    for (let row: u32 = 0; row < ROWS; row++) {
      if (entering < 0) {
        put(change, row, f(inverse, row * ROWS + (-1 - entering)));
        continue;
      }
      const rows = relaxation.columnRows + <usize> (<u32> entering * ROWS) * 8;
      let sum: f64 = 0;
      for (let at: u32 = 0; at < ROWS; at++) sum += f(inverse, row * ROWS + at) * f(rows, at);
      put(change, row, sum);
    }
    let leaving: i32 = -1;
    let step = Infinity;
    for (let row: u32 = 0; row < ROWS; row++) {
      const by = f(change, row);
      if (by <= 1e-10) continue;
      const ratio = max(0, f(levels, row)) / by;
      if (ratio < step - 1e-13 || (ratio < step + 1e-13 && by > f(change, leaving))) {
        step = ratio;
        leaving = row;
      }
    }
    if (leaving < 0) break;
    const pivot = f(change, leaving);
    for (let at: u32 = 0; at < ROWS; at++) {
      put(inverse, leaving * ROWS + at, f(inverse, leaving * ROWS + at) / pivot);
    }
    for (let row: u32 = 0; row < ROWS; row++) {
      const by = f(change, row);
      if (<i32> row == leaving || by == 0) continue;
      put(levels, row, f(levels, row) - step * by);
      for (let at: u32 = 0; at < ROWS; at++) {
        put(inverse, row * ROWS + at, f(inverse, row * ROWS + at) - by * f(inverse, leaving * ROWS + at));
      }
    }
    put(levels, leaving, step);
    store<i32>(basis + (<usize> leaving << 2), entering);
  }
  let value: f64 = 0;
  for (let row: u32 = 0; row < ROWS; row++) value += worth(relaxation, word(basis, row)) * f(levels, row);
  return value;
}

/** Whether a configuration keeps slots and rules. */
export function permitted(limits: Limits, counts: usize): bool {
  let total: u32 = 0;
  for (let app: u32 = 0; app < limits.apps; app++) {
    const count = load<u8>(counts + app);
    if (count > load<u8>(limits.most + app)) return false;
    total += count;
  }
  if (total > limits.capacity) return false;
  return !limits.permit || permits(changetype<Permit>(limits.permit), counts);
}

/** Looks whether a configuration is the best so far. */
export function look(relaxation: Relaxation, counts: usize): void {
  if (!permitted(relaxation.limits, counts)) return;
  const value = reducedValue(relaxation.model, relaxation.limits, counts);
  if (value <= relaxation.bestValue) return;
  relaxation.bestValue = value;
  memory.copy(relaxation.bestCounts, counts, relaxation.apps);
}

/**
 * Bounds a box that was tightened, and says where to split it. The work ends where the bound is at most the best value
 * known plus `tolerance`, or where it is clear that it will not be.
 */
export function boundBox(relaxation: Relaxation, address: usize, tolerance: f64, most: u32): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  const duals = relaxation.duals;
  valueCorners(relaxation, address);
  beginProgram(relaxation);
  for (let row: u32 = 0; row < 5; row++) put(duals, row, load<f64>(dualOf(address, row)));
  let lower = -Infinity;
  for (let step: u32 = 0; step < most; step++) {
    const sum = price(relaxation, address, duals);
    const at = load<u32>(relaxation.found + ((<usize> apps + 3) & ~3));
    // Covers the rounding of the sums.
    const bound = sum + 1e-12 * (1 + Math.abs(sum));
    if (bound < box.bound) {
      box.bound = bound;
      for (let row: u32 = 0; row < 5; row++) store<f64>(dualOf(address, row), f(duals, row));
    }
    look(relaxation, relaxation.found);
    const target = relaxation.bestValue + tolerance;
    if (box.bound <= target) return;
    if (lower > -1e3 && sum - lower < 1e-7) break;
    if (relaxation.columns == MOST) break;
    addColumn(relaxation, address, at, sum, duals);
    lower = solveProgram(relaxation);
    for (let row: u32 = 0; row < 5; row++) put(duals, row, max(0, f(duals, row)));
    if (lower > target && step > 3 && box.bound - lower < 0.2 * (lower - target)) break;
  }
  chooseSplit(relaxation, address);
}

/** Where the linear program mixes configurations most: counts of an app, or else the widest resource. */
function chooseSplit(relaxation: Relaxation, address: usize): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const basis = relaxation.basis;
  const levels = relaxation.levels;
  const low = lowest(address);
  const high = highest(address, apps);
  // Nothing but their counts makes the bound of servers in a circle exact.
  for (let app: u32 = 0; app < apps; app++) {
    if (word(relaxation.servers, app) >= 0 || serverOf(model, app) < 0) continue;
    if (splitRange(box, app, low, high) || splitRange(box, serverOf(model, app), low, high)) return;
  }
  let resource: u32 = 0;
  let widest: f64 = 0;
  for (let r: u32 = 0; r < 4; r++) {
    const width = 0.3 * (loadAt(load<f64>(highOf(address, r))) - loadAt(load<f64>(lowOf(address, r))));
    if (width > widest) {
      widest = width;
      resource = r;
    }
  }
  let split: u32 = NOWHERE;
  let spread: f64 = 0;
  let middle: f64 = 0;
  let together: u32 = NOWHERE;
  for (let app: u32 = 0; app < apps; app++) {
    if (load<u8>(high + app) == load<u8>(low + app)) continue;
    let mean: f64 = 0;
    let square: f64 = 0;
    for (let row: u32 = 0; row < ROWS; row++) {
      const column = word(basis, row);
      if (column < 0) continue;
      const count = <f64> load<u8>(relaxation.columnCounts + <usize> column * apps + app);
      mean += f(levels, row) * count;
      square += f(levels, row) * count * count;
    }
    let weight = 0.0;
    for (let r: u32 = 0; r < 4; r++) weight += loadOf(model, app, r) * loadOf(model, app, r);
    const value = Math.sqrt(max(0, square - mean * mean)) * (0.1 + Math.sqrt(weight));
    if (value > spread) {
      spread = value;
      split = app;
      middle = mean;
    }
    if (limits.apart && mean > 0.05 && !load<u8>(low + app) && together == NOWHERE) {
      for (let other: u32 = 0; other < apps; other++) {
        if (!load<u8>(limits.apart + <usize> app * apps + other)) continue;
        for (let row: u32 = 0; row < ROWS; row++) {
          const column = word(basis, row);
          if (column < 0 || f(levels, row) < 0.05) continue;
          if (load<u8>(relaxation.columnCounts + <usize> column * apps + other)) together = app;
        }
      }
    }
  }
  if (together != NOWHERE) {
    box.split = together;
    box.splitCount = 0;
    return;
  }
  if (split != NOWHERE && widest < SPLIT_WIDTH * 0.3 && spread * 0.5 >= widest) {
    box.split = split;
    const count = min(<u32> load<u8>(high + split) - 1, <u32> Math.floor(max(0, middle)));
    box.splitCount = max(<u32> load<u8>(low + split), count);
    return;
  }
  if (widest > NARROW * 0.3) {
    box.split = apps + resource;
    return;
  }
  // In a narrow box only whole counts are left to settle: with all of them settled, it is a point.
  box.split = NOWHERE;
  for (let app: u32 = 0; app < apps; app++) {
    if (splitRange(box, app, low, high)) return;
  }
}

/** Splits the counts of an app in the middle; false if it has one only. */
function splitRange(box: Box, app: u32, low: usize, high: usize): bool {
  const least = <u32> load<u8>(low + app);
  const most = <u32> load<u8>(high + app);
  if (least == most) return false;
  box.split = app;
  box.splitCount = (least + most) >> 1;
  return true;
}

/** Width of the loads of a resource above which boxes are split by loads alone. */
const SPLIT_WIDTH: f64 = 0.5;
/** Width below which they are not. */
const NARROW: f64 = 0.02;
