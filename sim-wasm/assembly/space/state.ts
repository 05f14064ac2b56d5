// A cluster state: what every node holds, with the change of throughput of each step in O(apps).
// States are blocks of memory; several may live in one instance.

import { alloc, free } from "../memory";
import {
  clearDomains,
  domainOf,
  Domains,
  mayMoveBetween,
  mayPlaceIn,
  noteDomains,
} from "./domains";
import { Permit, permits } from "./permit";
import {
  added,
  apps,
  dense,
  FORBIDDEN,
  hasTransitions,
  rankOf,
  removed,
  stride,
  throughputOf,
  valuesOf,
} from "./space";

/** Stands for "no app" where a step only removes or only adds. */
export const NO_APP: i32 = -1;

@unmanaged
export class State {
  nodes: u32;
  /** u32[nodes]: rank of what the node holds (dense spaces only). */
  ranks: usize;
  /** u8[nodes][apps] and 8 bytes more, so that evaluateMany may read it. */
  counts: usize;
  /** u8[nodes]: slots. */
  capacities: usize;
  /** u8[nodes]: containers held. */
  held: usize;
  /** usize[nodes]: f64[configurations + 1], FORBIDDEN where the node may not (dense spaces only). */
  tables: usize;
  /** usize[nodes]: what the node may hold; 0 where its slots alone limit that. */
  permits: usize;
  /** u32[nodes]: which surface values it. */
  surfaces: usize;
  /** u32[nodes]: nodes of the same number are interchangeable. */
  alike: usize;
  /** f64[nodes]: throughput of each node. */
  nodeValues: usize;
  /** Failure domains, where rules speak of them; else 0. */
  domains: usize;
  /** u8[apps]: counts of a node as they would be after a step. */
  scratch: usize;
}

/** A state without containers. The host fills capacities, and what is special about nodes. */
export function createState(nodes: u32): usize {
  const address = alloc(offsetof<State>());
  const state = changetype<State>(address);
  state.nodes = nodes;
  state.ranks = alloc(<usize> nodes * 4);
  state.counts = alloc(<usize> nodes * apps + 8);
  state.capacities = alloc(nodes);
  state.held = alloc(nodes);
  state.tables = alloc(<usize> nodes * 4);
  state.permits = alloc(<usize> nodes * 4);
  state.surfaces = alloc(<usize> nodes * 4);
  state.alike = alloc(<usize> nodes * 4);
  state.nodeValues = alloc(<usize> nodes * 8);
  state.domains = 0;
  state.scratch = alloc(<usize> apps + 8);
  if (dense) {
    const table = valuesOf(0);
    for (let node: u32 = 0; node < nodes; node++) store<usize>(state.tables + node * 4, table);
  }
  return address;
}

export function destroyState(address: usize): void {
  const state = changetype<State>(address);
  free(state.ranks);
  free(state.counts);
  free(state.capacities);
  free(state.held);
  free(state.tables);
  free(state.permits);
  free(state.surfaces);
  free(state.alike);
  free(state.nodeValues);
  free(state.scratch);
  free(address);
}

export function stateCounts(address: usize): usize {
  return changetype<State>(address).counts;
}

export function stateCapacities(address: usize): usize {
  return changetype<State>(address).capacities;
}

export function stateTables(address: usize): usize {
  return changetype<State>(address).tables;
}

export function statePermits(address: usize): usize {
  return changetype<State>(address).permits;
}

export function stateSurfaces(address: usize): usize {
  return changetype<State>(address).surfaces;
}

export function stateAlike(address: usize): usize {
  return changetype<State>(address).alike;
}

export function stateNodeValues(address: usize): usize {
  return changetype<State>(address).nodeValues;
}

/** Gives a state without containers its failure domains; they stay the host's. */
export function setDomains(address: usize, domains: usize): void {
  changetype<State>(address).domains = domains;
  clearDomains(changetype<Domains>(domains));
}

/** Values of a node by rank; 0 where the space is no table. */
// @ts-ignore: decorator
@inline
export function tableOf(state: State, node: u32): usize {
  return load<usize>(state.tables + (<usize> node << 2));
}

// @ts-ignore: decorator
@inline
export function permitOf(state: State, node: u32): usize {
  return load<usize>(state.permits + (<usize> node << 2));
}

// @ts-ignore: decorator
@inline
export function surfaceOf(state: State, node: u32): u32 {
  return load<u32>(state.surfaces + (<usize> node << 2));
}

/** Throughput of these counts on a node, FORBIDDEN where it may not hold them. */
export function valueOn(state: State, node: u32, counts: usize): f64 {
  if (dense) return load<f64>(tableOf(state, node) + (<usize> rankOf(counts) << 3));
  const permit = permitOf(state, node);
  if (permit && !permits(changetype<Permit>(permit), counts)) return FORBIDDEN;
  return throughputOf(counts, surfaceOf(state, node));
}

/**
 * Takes over the counts that the host wrote to stateCounts.
 * Returns -1, or the first node that holds too much or breaks a rule; the state is then not usable.
 */
export function refresh(address: usize): i32 {
  const state = changetype<State>(address);
  const domains = changetype<Domains>(state.domains);
  if (state.domains) clearDomains(domains);
  for (let node: u32 = 0; node < state.nodes; node++) {
    const counts = state.counts + <usize> node * apps;
    let total: u32 = 0;
    for (let app = 0; app < apps; app++) {
      const count = <u32> load<u8>(counts + app);
      total += count;
      if (state.domains) {
        for (let each: u32 = 0; each < count; each++) noteDomains(domains, node, NO_APP, app);
      }
    }
    if (total > load<u8>(state.capacities + node)) return node;
    const permit = permitOf(state, node);
    if (permit && !permits(changetype<Permit>(permit), counts)) return node;
    store<u8>(state.held + node, total);
    if (dense) store<u32>(state.ranks + <usize> node * 4, rankOf(counts));
    store<f64>(state.nodeValues + <usize> node * 8, valueOn(state, node, counts));
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
 * (either may be NO_APP), FORBIDDEN where a rule or the space forbids it. The node's slots and the failure domains are
 * not looked at; `less` must be present.
 */
// @ts-ignore: decorator
@inline
export function valueAfter(state: State, node: u32, less: i32, more: i32): f64 {
  return valueInTable(state, tableOf(state, node), node, less, more);
}

/** As {@link valueAfter}, for who has looked up the node's table already. */
// @ts-ignore: decorator
@inline
export function valueInTable(state: State, table: usize, node: u32, less: i32, more: i32): f64 {
  if (hasTransitions) {
    let rank = load<u32>(state.ranks + (<usize> node << 2));
    if (less >= 0) rank = load<u32>(removed + ((<usize> rank * stride + less) << 2));
    if (more >= 0) rank = load<u32>(added + ((<usize> rank * stride + more) << 2));
    return load<f64>(table + (<usize> rank << 3));
  }
  return valueAfterCounting(state, node, less, more);
}

function valueAfterCounting(state: State, node: u32, less: i32, more: i32): f64 {
  const counts = state.scratch;
  memory.copy(counts, state.counts + <usize> node * apps, apps);
  if (less >= 0) store<u8>(counts + less, load<u8>(counts + less) - 1);
  if (more >= 0) store<u8>(counts + more, load<u8>(counts + more) + 1);
  return valueOn(state, node, counts);
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
  if (state.domains) noteDomains(changetype<Domains>(state.domains), node, less, more);
}

/** True where the node has a free slot. */
// @ts-ignore: decorator
@inline
export function hasRoom(state: State, node: u32): bool {
  return load<u8>(state.held + node) < load<u8>(state.capacities + node);
}

/** True if the node has a free slot and its failure domain may get the next container of the app. */
// @ts-ignore: decorator
@inline
export function mayPlace(state: State, node: u32, app: i32): bool {
  if (!hasRoom(state, node)) return false;
  if (!state.domains) return true;
  const domains = changetype<Domains>(state.domains);
  return mayPlaceIn(domains, domainOf(domains, node), app);
}

/** True if the failure domains of two nodes may trade: `from` gives `given` and takes `taken`, or nothing. */
// @ts-ignore: decorator
@inline
export function mayTrade(state: State, from: u32, to: u32, given: i32, taken: i32): bool {
  if (!state.domains) return true;
  const domains = changetype<Domains>(state.domains);
  const a = domainOf(domains, from);
  const b = domainOf(domains, to);
  return a == b || (mayMoveBetween(domains, a, b, given) && mayMoveBetween(domains, b, a, taken));
}

/** Change of total throughput by placing a container of `app`; FORBIDDEN or less where it may not be. */
export function placeGain(address: usize, node: u32, app: i32): f64 {
  const state = changetype<State>(address);
  if (!mayPlace(state, node, app)) return FORBIDDEN;
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
  if (less < 0 && !mayPlace(state, node, more)) return FORBIDDEN;
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
  if (!mayTrade(state, from, to, given, taken)) return FORBIDDEN;
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
