// Containers that come one by one, and may leave again: which node takes each. Choices are those of the planner
// (planner.ts); here every node has a place of its own. Where the planner's tables go by an order of apps,
// containers must come in it.

import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { makeRoom } from "./choice_cache";
import { after, before, classOf, countsOf, NONE, rankIn, valueOf } from "./classes";
import { choose, give, note } from "./decide";
import { addExcess, arriveInExcess, countPlaced, sumExcess } from "./episode";
import { classAt, groupOf, rankAt, shift } from "./groups";
import { beginEpisode, Planner } from "./planner";
import { apps } from "../space/space";
import { NO_APP, refresh, State } from "../space/state";

@unmanaged
export class Arrivals extends Owner {
  planner: Planner;
  nodes: u32;
  ranks: usize; // u32[nodes]: what the node holds
  targets: usize; // u32[nodes]: what it is to hold in the end, where a placement is followed
  follows: bool;
  stage: u32; // app whose tables are in use, where the planner has an order of apps
}

export function createArrivals(plannerAddress: usize, stateAddress: usize): usize {
  const p = changetype<Planner>(plannerAddress);
  const state = changetype<State>(stateAddress);
  const arrivals = changetype<Arrivals>(alloc(offsetof<Arrivals>()));
  arrivals.planner = p;
  arrivals.nodes = state.nodes;
  arrivals.ranks = blockOf(arrivals, <usize> state.nodes * 4);
  arrivals.targets = blockOf(arrivals, <usize> state.nodes * 4);
  return changetype<usize>(arrivals);
}

export function destroyArrivals(address: usize): void {
  destroyOwner(changetype<Arrivals>(address));
}

/** All nodes empty. target: 0, or a state whose placement is followed. */
export function beginArrivals(address: usize, target: usize): void {
  const arrivals = changetype<Arrivals>(address);
  const p = arrivals.planner;
  memory.fill(arrivals.ranks, 0, <usize> arrivals.nodes * 4);
  arrivals.follows = target != 0;
  if (target) {
    const counts = changetype<State>(target).counts;
    for (let node: u32 = 0; node < arrivals.nodes; node++) {
      store<u32>(
        arrivals.targets + (<usize> node << 2),
        rankIn(p.classes, counts + <usize> node * apps),
      );
    }
  }
  beginEpisode(p);
  sumExcess(p.episode, p.cache!, p.groups, 0);
  arrivals.stage = 0;
}

/** Every node holds what it holds in a state, as if its containers had come. Call beginArrivals before. */
export function loadArrivals(address: usize, stateAddress: usize): void {
  const arrivals = changetype<Arrivals>(address);
  const p = arrivals.planner;
  const cache = p.cache!;
  const counts = changetype<State>(stateAddress).counts;
  for (let node: u32 = 0; node < arrivals.nodes; node++) {
    const k = classOf(p.classes, node);
    const held = counts + <usize> node * apps;
    const rank = rankIn(p.classes, held);
    if (k == NONE || rank == 0) continue;
    store<u32>(arrivals.ranks + (<usize> node << 2), rank);
    makeRoom(cache, 0);
    addExcess(p.episode, cache, 0, k, 0, -1);
    addExcess(p.episode, cache, 0, k, rank, 1);
    shift(p.groups, p.classes, k, 0, rank);
    for (let app: u32 = 0; app < <u32> apps; app++) {
      const count = load<u8>(held + app);
      for (let each: u8 = 0; each < count; each++) {
        arriveInExcess(p.episode, p.tables, app);
        note(p, k, NO_APP, app);
      }
      countPlaced(p.episode, app, count);
    }
  }
}

// @ts-ignore: decorator
@inline
function misses(arrivals: Arrivals, node: u32, app: u32): bool {
  const classes = arrivals.planner.classes;
  const at = <usize> node << 2;
  return load<u8>(countsOf(classes, load<u32>(arrivals.targets + at)) + app) >
    load<u8>(countsOf(classes, load<u32>(arrivals.ranks + at)) + app);
}

/**
 * Places a container of the app by the policy; temperature 0 takes the best choice. Returns its node, or -1 where
 * no node may take it.
 */
export function arrive(address: usize, app: u32, temperature: f32, recording: bool): i32 {
  const arrivals = changetype<Arrivals>(address);
  const p = arrivals.planner;
  if (p.tables.ordered && app != arrivals.stage) {
    arrivals.stage = app;
    sumExcess(p.episode, p.cache!, p.groups, app);
  }
  let good = false;
  if (arrivals.follows) {
    memory.fill(p.marks, 0, p.groups.count);
    for (let node: u32 = 0; node < arrivals.nodes; node++) {
      const k = classOf(p.classes, node);
      if (k == NONE || !misses(arrivals, node, app)) continue;
      const rank = load<u32>(arrivals.ranks + (<usize> node << 2));
      store<u8>(p.marks + groupOf(p.groups, p.classes, k, rank), 1);
      good = true;
    }
  }
  const g = choose(p, app, temperature, good, recording);
  if (g < 0) return -1;
  const group = <u32> g;
  const k = classAt(p.groups, group);
  const rank = rankAt(p.groups, group);
  const wantsMissing = good && load<u8>(p.marks + group) != 0;
  let node: u32 = 0;
  while (
    classOf(p.classes, node) != k ||
    load<u32>(arrivals.ranks + (<usize> node << 2)) != rank ||
    (wantsMissing && !misses(arrivals, node, app))
  ) node++;
  store<u32>(arrivals.ranks + (<usize> node << 2), after(p.classes, rank, app));
  give(p, app, group);
  return <i32> node;
}

/** A container of the app leaves the node, which must hold one. */
export function depart(address: usize, node: u32, app: u32): void {
  const arrivals = changetype<Arrivals>(address);
  const p = arrivals.planner;
  const k = classOf(p.classes, node);
  const rank = load<u32>(arrivals.ranks + (<usize> node << 2));
  const less = before(p.classes, rank, app);
  store<u32>(arrivals.ranks + (<usize> node << 2), less);
  shift(p.groups, p.classes, k, rank, less);
  countPlaced(p.episode, app, -1);
  note(p, k, app, NO_APP);
  sumExcess(p.episode, p.cache!, p.groups, 0);
}

/**
 * Places containers (u8[count], the app of each) in this order. totals: f64[count], total throughput after each.
 * Returns those that found no place.
 */
export function arriveAll(
  address: usize,
  order: usize,
  count: u32,
  temperature: f32,
  recording: bool,
  totals: usize,
): u32 {
  const arrivals = changetype<Arrivals>(address);
  const classes = arrivals.planner.classes;
  let total: f64 = 0;
  let unplaced: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const app = load<u8>(order + i);
    const node = arrive(address, app, temperature, recording);
    if (node < 0) {
      unplaced++;
    } else {
      const rank = load<u32>(arrivals.ranks + (<usize> node << 2));
      const k = classOf(classes, node);
      total += valueOf(classes, k, rank) - valueOf(classes, k, before(classes, rank, app));
    }
    store<f64>(totals + (<usize> i << 3), total);
  }
  return unplaced;
}

/** Writes what every node holds into a state. */
export function writeArrivals(address: usize, stateAddress: usize): i32 {
  const arrivals = changetype<Arrivals>(address);
  const state = changetype<State>(stateAddress);
  const classes = arrivals.planner.classes;
  for (let node: u32 = 0; node < arrivals.nodes; node++) {
    memory.copy(
      state.counts + <usize> node * apps,
      countsOf(classes, load<u32>(arrivals.ranks + (<usize> node << 2))),
      apps,
    );
  }
  return refresh(stateAddress);
}
