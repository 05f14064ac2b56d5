// An upper bound on throughput minus price over a box of configurations (box.ts).
//
// A box has 16 corners of stretches. At a corner, throughput is a sum over apps: of the app's own count, and where it
// waits for a server of the server's count. Such groups of apps are maximised exactly, over whole counts, by dynamic
// programming over the forest of servers (corners.ts). Loads and slots are dualised with multipliers of the corner, from
// a linear program over the counts found so far (Kelley's cutting planes, as column generation; program.ts), so that
// what any counts are worth at the corner's stretches is at most linear in their loads. RPS is convex in the stretches,
// so what they are worth at their own stretches is at most the mean of the corners, by the place between them, at their
// own loads: a polynomial, which its Bernstein coefficients bound (between.ts). Multipliers that differ from corner to
// corner make the error fall with the square of the width of the box.
//
// Memory, per search (A apps, W = capacity + 1); what is asked for together, that of a corner, lies together:
//   alone    f64[16][A]           RPS at the corners of an app without a server
//   pairs    f64[16][A][W][W]     for apps with a server: count x RPS by count, count of the server (0 for other apps)
//   best     f64[A][W]            most that an app and those behind it are worth at a corner, by count of its server
//   own      f64[W]               of one app, by its count
//   corners  f64[16][6]           what counts are worth at a corner: at no load, and the multipliers (loads, slots)
//   losses   f64[A][W]            what a count of an app costs at least at any corner (fix.ts)

import { alloc, blockOf, free, Owner } from "../memory";
import { Limits } from "./climb";
import { Contention, loadOf, serverOf, timeOf } from "./contention";

/** Rows of the small linear program: loads, slots, and that the shares are 1 in all. */
export const ROWS: u32 = 6;
/** Most configurations in it: more are not taken. */
export const MOST: u32 = 56;

/** Columns of it that stand for less of a load. */
export const RELIEFS: u32 = 4;

/** Coefficients of a polynomial of degree 2 in each of four resources: by their degrees as digits, the first resource lowest. */
export const COEFFICIENTS: u32 = 81;
/** Parts that what lies between the corners is cut into at most. */
export const PARTS: u32 = 32;
export const PART_BYTES: usize = <usize> COEFFICIENTS * 8;

/** Bytes of what is kept of a corner. */
export const CORNER_BYTES: usize = 48;

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
  /** Bytes of the pairs of one corner. */
  plane: usize;
  best: usize;
  own: usize;
  corners: usize;
  losses: usize;
  /** Tangents: load <= f64[4] + f64[4] x stretch. */
  tangents: usize;
  /** u8[apps]: the configuration that the last pricing found. */
  found: usize;
  /** f64[4]: the loads that the multipliers of a corner are best for. */
  loads: usize;
  /** f64[apps] each: means of the counts, and of their squares, over the linear programs of the corners. */
  means: usize;
  squares: usize;
  /** f64[PARTS][81]: Bernstein coefficients between the corners; f64[PARTS]: the highest of each part; u32[PARTS]: where. */
  parts: usize;
  tops: usize;
  peaks: usize;
  /** What the highest coefficient is above that of any corner, and the resource in which it bends most; 4 where in none. */
  between: f64;
  bent: u32;
  /** u32[4][apps]: the apps by falling load of each resource. */
  byLoad: usize;
  // The linear program.
  columnCounts: usize; // u8[MOST][apps]
  columnValues: usize; // f64[MOST]
  columnRows: usize; // f64[MOST][ROWS]
  columns: u32;
  kept: usize; // u8[ROWS][apps]
  dearest: usize; // f64[4]: the most that a load may cost
  inverse: usize; // f64[ROWS][ROWS]
  basis: usize; // i32[ROWS]: a column, or -1 - row for the slack of a row
  levels: usize; // f64[ROWS]
  duals: usize; // f64[ROWS]
  change: usize; // f64[ROWS]
  // What the search knows.
  /** Best value of a permitted configuration; u8[apps]: that configuration. */
  bestValue: f64;
  bestCounts: usize;
  /** Nothing among the boxes and counts that were closed is worth more than this. */
  closed: f64;
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
  relaxation.plane = <usize> pairs * width * width * 8;
  relaxation.pairs = blockOf(relaxation, relaxation.plane * 16 + 16);
  relaxation.best = blockOf(relaxation, <usize> apps * width * 8);
  relaxation.own = blockOf(relaxation, <usize> width * 8);
  relaxation.corners = blockOf(relaxation, 16 * CORNER_BYTES);
  relaxation.losses = blockOf(relaxation, <usize> apps * width * 8);
  relaxation.loads = blockOf(relaxation, 32);
  relaxation.means = blockOf(relaxation, <usize> apps * 8);
  relaxation.squares = blockOf(relaxation, <usize> apps * 8);
  relaxation.parts = blockOf(relaxation, <usize> PARTS * PART_BYTES);
  relaxation.tops = blockOf(relaxation, <usize> PARTS * 8);
  relaxation.peaks = blockOf(relaxation, <usize> PARTS * 4);
  relaxation.dearest = blockOf(relaxation, 32);
  for (let resource: u32 = 0; resource < 4; resource++) {
    // Far more than what a full node loses by a load.
    let times: f64 = 0;
    for (let app: u32 = 0; app < apps; app++) times += timeOf(model, app, resource);
    put(relaxation.dearest, resource, 20 * <f64> limits.capacity * times / <f64> apps);
  }
  relaxation.kept = blockOf(relaxation, <usize> apps * ROWS);
  relaxation.tangents = blockOf(relaxation, 64);
  relaxation.found = blockOf(relaxation, apps + 8);
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
