// A cluster state: what every node holds, with the change of throughput of each step in O(apps).
// States are blocks of memory; several may live in one instance.

import { alloc, free } from "../memory";
import {
  added,
  apps,
  configurations,
  dense,
  FORBIDDEN,
  hasTransitions,
  rankOf,
  removed,
  stride,
  throughputOf,
  unrank,
  values,
} from "./space";

/** Stands for "no app" where a step only removes or only adds. */
export const NO_APP: i32 = -1;

@unmanaged
export class State {
  nodes: u32;
  /** True where rules limit what a node may hold. */
  restricted: bool;
  /** u32[nodes]: rank of what the node holds (dense spaces only). */
  ranks: usize;
  /** u8[nodes][apps] and 8 bytes more, so that evaluateMany may read it. */
  counts: usize;
  /** u8[nodes]: slots. */
  capacities: usize;
  /** u8[nodes]: containers held. */
  held: usize;
  /** f64[configurations + 1]: the space's values, FORBIDDEN where the rules say so (dense spaces only). */
  values: usize;
  /** f64[nodes]: throughput of each node. */
  nodeValues: usize;
  /** u8[apps]: most containers of an app on a node. */
  limits: usize;
  /** u8[apps][apps]: 1 where two apps may not share a node. */
  apart: usize;
  /** u8[apps]: counts of a node as they would be after a step. */
  scratch: usize;
}

/** A state without containers. The host fills capacities (and limits, apart; then calls restrict). */
export function createState(nodes: u32): usize {
  const address = alloc(offsetof<State>());
  const state = changetype<State>(address);
  state.nodes = nodes;
  state.restricted = false;
  state.ranks = alloc(<usize> nodes * 4);
  state.counts = alloc(<usize> nodes * apps + 8);
  state.capacities = alloc(nodes);
  state.held = alloc(nodes);
  state.values = values;
  state.nodeValues = alloc(<usize> nodes * 8);
  state.limits = alloc(apps);
  state.apart = alloc(<usize> apps * apps);
  state.scratch = alloc(<usize> apps + 8);
  return address;
}

export function destroyState(address: usize): void {
  const state = changetype<State>(address);
  free(state.ranks);
  free(state.counts);
  free(state.capacities);
  free(state.held);
  if (state.values != values) free(state.values);
  free(state.nodeValues);
  free(state.limits);
  free(state.apart);
  free(state.scratch);
  free(address);
}

export function stateCounts(address: usize): usize {
  return changetype<State>(address).counts;
}

export function stateCapacities(address: usize): usize {
  return changetype<State>(address).capacities;
}

export function stateLimits(address: usize): usize {
  return changetype<State>(address).limits;
}

export function stateApart(address: usize): usize {
  return changetype<State>(address).apart;
}

export function stateValues(address: usize): usize {
  return changetype<State>(address).values;
}

export function stateNodeValues(address: usize): usize {
  return changetype<State>(address).nodeValues;
}

/** Call once limits and apart are written: forbids the configurations that break them. */
export function restrict(address: usize): void {
  const state = changetype<State>(address);
  state.restricted = true;
  if (!dense) return;
  if (state.values == values) state.values = alloc((<usize> configurations + 1) * 8);
  for (let rank: u32 = 0; rank < configurations; rank++) {
    unrank(rank, state.scratch);
    const value = allowed(state, state.scratch) ? load<f64>(values + <usize> rank * 8) : FORBIDDEN;
    store<f64>(state.values + <usize> rank * 8, value);
  }
  store<f64>(state.values + <usize> configurations * 8, FORBIDDEN);
}

function allowed(state: State, counts: usize): bool {
  for (let a = 0; a < apps; a++) {
    const count = load<u8>(counts + a);
    if (count > load<u8>(state.limits + a)) return false;
    if (count == 0) continue;
    for (let b = a + 1; b < apps; b++) {
      if (load<u8>(counts + b) && load<u8>(state.apart + a * apps + b)) return false;
    }
  }
  return true;
}

/**
 * Takes over the counts that the host wrote to stateCounts.
 * Returns -1, or the first node that holds too much or breaks a rule; the state is then not usable.
 */
export function refresh(address: usize): i32 {
  const state = changetype<State>(address);
  for (let node: u32 = 0; node < state.nodes; node++) {
    const counts = state.counts + <usize> node * apps;
    let total: u32 = 0;
    for (let app = 0; app < apps; app++) total += load<u8>(counts + app);
    if (total > load<u8>(state.capacities + node)) return node;
    if (state.restricted && !allowed(state, counts)) return node;
    store<u8>(state.held + node, total);
    if (dense) store<u32>(state.ranks + <usize> node * 4, rankOf(counts));
    store<f64>(state.nodeValues + <usize> node * 8, throughputOf(counts));
  }
  return -1;
}

/** Total throughput, summed again so that rounding does not build up over many steps. */
export function stateTotal(address: usize): f64 {
  const state = changetype<State>(address);
  let total: f64 = 0;
  for (let node: u32 = 0; node < state.nodes; node++) {
    total += load<f64>(state.nodeValues + <usize> node * 8);
  }
  return total;
}

/**
 * Throughput of a node after taking away one container of app `less` and adding one of `more`
 * (either may be NO_APP), FORBIDDEN where a rule or the space forbids it. The node's slots are not looked
 * at; `less` must be present.
 */
// @ts-ignore: decorator
@inline
export function valueAfter(state: State, node: u32, less: i32, more: i32): f64 {
  if (hasTransitions) {
    let rank = load<u32>(state.ranks + (<usize> node << 2));
    if (less >= 0) rank = load<u32>(removed + ((<usize> rank * stride + less) << 2));
    if (more >= 0) rank = load<u32>(added + ((<usize> rank * stride + more) << 2));
    return load<f64>(state.values + (<usize> rank << 3));
  }
  return valueAfterCounting(state, node, less, more);
}

function valueAfterCounting(state: State, node: u32, less: i32, more: i32): f64 {
  const counts = state.scratch;
  memory.copy(counts, state.counts + <usize> node * apps, apps);
  if (less >= 0) store<u8>(counts + less, load<u8>(counts + less) - 1);
  if (more >= 0) {
    store<u8>(counts + more, load<u8>(counts + more) + 1);
    if (state.restricted && !allowed(state, counts)) return FORBIDDEN;
  }
  return throughputOf(counts);
}

/** Carries out what valueAfter valued; the caller has checked that it may be. */
export function apply(state: State, node: u32, less: i32, more: i32, value: f64): void {
  const counts = state.counts + <usize> node * apps;
  if (less >= 0) {
    store<u8>(counts + less, load<u8>(counts + less) - 1);
    store<u8>(state.held + node, load<u8>(state.held + node) - 1);
  }
  if (more >= 0) {
    store<u8>(counts + more, load<u8>(counts + more) + 1);
    store<u8>(state.held + node, load<u8>(state.held + node) + 1);
  }
  if (hasTransitions) {
    let rank = load<u32>(state.ranks + <usize> node * 4);
    if (less >= 0) rank = load<u32>(removed + (<usize> rank * stride + less) * 4);
    if (more >= 0) rank = load<u32>(added + (<usize> rank * stride + more) * 4);
    store<u32>(state.ranks + <usize> node * 4, rank);
  } else if (dense) {
    store<u32>(state.ranks + <usize> node * 4, rankOf(counts));
  }
  store<f64>(state.nodeValues + <usize> node * 8, value);
}

/** True where the node has a free slot. */
// @ts-ignore: decorator
@inline
export function hasRoom(state: State, node: u32): bool {
  return load<u8>(state.held + node) < load<u8>(state.capacities + node);
}

/** Change of total throughput by placing a container of `app`; FORBIDDEN or less where it may not be. */
export function placeGain(address: usize, node: u32, app: i32): f64 {
  const state = changetype<State>(address);
  if (!hasRoom(state, node)) return FORBIDDEN;
  return valueAfter(state, node, NO_APP, app) - load<f64>(state.nodeValues + <usize> node * 8);
}

/** Places a container and returns the change; does nothing and returns FORBIDDEN or less where it may not be. */
export function place(address: usize, node: u32, app: i32): f64 {
  return exchangeOne(address, node, NO_APP, app);
}

/** Takes a container away and returns the change; FORBIDDEN, and no change, where there is none. */
export function remove(address: usize, node: u32, app: i32): f64 {
  return exchangeOne(address, node, app, NO_APP);
}

function exchangeOne(address: usize, node: u32, less: i32, more: i32): f64 {
  const state = changetype<State>(address);
  if (less < 0 && !hasRoom(state, node)) return FORBIDDEN;
  if (less >= 0 && load<u8>(state.counts + <usize> node * apps + less) == 0) return FORBIDDEN;
  const before = load<f64>(state.nodeValues + <usize> node * 8);
  const after = valueAfter(state, node, less, more);
  if (after < FORBIDDEN / 2) return FORBIDDEN;
  apply(state, node, less, more, after);
  return after - before;
}

/**
 * Change of total throughput when `from` gives a container of app `given` and takes one of app `taken`
 * (NO_APP for a plain move) from `to`; FORBIDDEN or less where it may not be.
 */
export function exchangeGain(address: usize, from: u32, to: u32, given: i32, taken: i32): f64 {
  const state = changetype<State>(address);
  if (from == to || given == taken) return 0;
  if (load<u8>(state.counts + <usize> from * apps + given) == 0) return FORBIDDEN;
  if (taken >= 0 && load<u8>(state.counts + <usize> to * apps + taken) == 0) return FORBIDDEN;
  if (taken < 0 && !hasRoom(state, to)) return FORBIDDEN;
  return valueAfter(state, from, given, taken) + valueAfter(state, to, taken, given) -
    load<f64>(state.nodeValues + <usize> from * 8) - load<f64>(state.nodeValues + <usize> to * 8);
}

/** Carries out the exchange and returns its change; does nothing where it may not be. */
export function exchange(address: usize, from: u32, to: u32, given: i32, taken: i32): f64 {
  const gain = exchangeGain(address, from, to, given, taken);
  if (gain < FORBIDDEN / 2 || from == to || given == taken) return gain;
  const state = changetype<State>(address);
  const fromValue = valueAfter(state, from, given, taken);
  const toValue = valueAfter(state, to, taken, given);
  apply(state, from, given, taken, fromValue);
  apply(state, to, taken, given, toValue);
  return gain;
}
