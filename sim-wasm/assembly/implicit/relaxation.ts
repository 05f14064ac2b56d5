// An upper bound on throughput minus price over a box of configurations (box.ts).
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
import { Limits } from "./climb";
import { Contention, loadOf, serverOf } from "./contention";

/** Rows of the small linear program: loads, slots, and that the shares are 1 in all. */
export const ROWS: u32 = 6;
/** Most configurations in it: more are not taken. */
export const MOST: u32 = 56;

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
export function f(base: usize, at: u32): f64 {
  return load<f64>(base + (<usize> at << 3));
}

// @ts-ignore: decorator
@inline
export function put(base: usize, at: u32, value: f64): void {
  store<f64>(base + (<usize> at << 3), value);
}

// @ts-ignore: decorator
@inline
export function word(base: usize, at: u32): i32 {
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
