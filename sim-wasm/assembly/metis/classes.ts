// Nodes that are alike are a class: equal slots, equal values of what they may hold (kinds of nodes that differ in nothing
// else are one), and one failure domain where rules speak of those. Class k's configurations are the ranks below its limit.
// Tables by class and configuration have one row of `cells` = n + 1 elements per class (n = configurations of the space;
// element n, which stands for what may not be, stays empty). Where the space has no table, configurations are listed as they
// are met: ranks are places in that list (listed.ts), and the limit is that of the columns.

import { alloc, blockOf, Owner } from "../memory";
import { domainOf, Domains } from "../space/domains";
import { added, apps, configurations, FORBIDDEN, hasTransitions, rankOf, removed, stride } from "../space/space";
import { permitOf, State, surfaceOf, tableOf, valueOn } from "../space/state";
import {
  createListed,
  forgetMet,
  Listed,
  place,
  placeChanged,
  totalOf,
  UNLISTED,
} from "./listed";
import { Rows, rowsOfSpace } from "./rows";

/** Stands for no class (a fenced node), no node, no choice. */
export const NONE: u32 = 0xffffffff;

@unmanaged
export class Classes extends Owner {
  count: u32;
  state: State;
  /** Counts of the configurations, and where the space has no table the same with what was met, else null. */
  rows: Rows;
  listed: Listed | null;
  cells: u32;
  /** Of all classes. */
  nodes: u32;
  slots: u32;
  /** u32[nodes of the state]: class of each, NONE for a fenced one. */
  ofNode: usize;
  /** What is placed by failure domain, where rules speak of those; else 0. The host's. */
  domains: usize;
  /** u32[count]: slots of a node, how many nodes, and the first of them. */
  capacities: usize;
  sizes: usize;
  firsts: usize;
  /** u32[count]: f64[cells], throughputs, FORBIDDEN where a node may not hold a configuration. The state's, or of the list: NaN until asked for. */
  values: usize;
  /** u32[count]: sums go over the ranks below `limits`; of a table those below `rooms` leave a slot free. */
  limits: usize;
  rooms: usize;
  /** f64[apps]: most containers of an app for each node, were there no other. */
  most: usize;
}

/**
 * The classes of a state. domains: 0, or a copy of the state's that the policy may write to. columns: u8[columnCount][apps], where
 * there is no table.
 */
export function createClasses(
  stateAddress: usize,
  domains: usize,
  columns: usize,
  columnCount: u32,
): usize {
  const state = changetype<State>(stateAddress);
  const classes = changetype<Classes>(alloc(offsetof<Classes>()));
  const bytes = <usize> state.nodes * 4;
  classes.state = state;
  classes.domains = domains;
  classes.ofNode = blockOf(classes, bytes);
  classes.capacities = blockOf(classes, bytes);
  classes.sizes = blockOf(classes, bytes);
  classes.firsts = blockOf(classes, bytes);
  classes.values = blockOf(classes, bytes);
  classes.limits = blockOf(classes, bytes);
  classes.rooms = blockOf(classes, bytes);
  classes.most = blockOf(classes, <usize> apps * 8);
  for (let node: u32 = 0; node < state.nodes; node++) {
    const capacity = <u32> load<u8>(state.capacities + node);
    const k = capacity == 0 ? NONE : classFor(classes, state, node, capacity);
    store<u32>(classes.ofNode + (<usize> node << 2), k);
    if (k == NONE) continue;
    const size = classes.sizes + (<usize> k << 2);
    store<u32>(size, load<u32>(size) + 1);
    classes.nodes++;
    classes.slots += capacity;
  }
  if (hasTransitions) {
    classes.rows = rowsOfSpace();
    classes.cells = configurations + 1;
    for (let k: u32 = 0; k < classes.count; k++) countMost(classes, k);
  } else listColumns(classes, columns, columnCount);
  return changetype<usize>(classes);
}

/** Lists the columns, and values them on every class. */
function listColumns(classes: Classes, columns: usize, columnCount: u32): void {
  const listed = createListed(classes, columns, columnCount);
  classes.listed = listed;
  classes.rows = listed;
  classes.cells = listed.most + 1;
  for (let k: u32 = 0; k < classes.count; k++) {
    const values = blockOf(classes, <usize> classes.cells * 8);
    for (let at: u32 = 0; at < classes.cells; at++) store<f64>(values + (<usize> at << 3), NaN);
    store<u32>(classes.values + (<usize> k << 2), <u32> values);
    store<u32>(classes.limits + (<usize> k << 2), listed.summed);
    for (let at: u32 = 0; at < listed.summed; at++) valueOf(classes, k, at);
    countMost(classes, k);
    countAlone(classes, k);
  }
}

/** Forgets the configurations that were met, where they take half of the room. True where they did. */
export function forgetSome(classes: Classes): bool {
  const listed = classes.listed;
  if (listed === null || listed.count - listed.summed < (listed.most - listed.summed) / 2) return false;
  for (let k: u32 = 0; k < classes.count; k++) {
    for (let at = listed.summed; at < listed.count; at++) {
      store<f64>(valuesIn(classes, k) + (<usize> at << 3), NaN);
    }
  }
  forgetMet(listed);
  return true;
}

/** The class of a node, a new one where it is like none before it. */
function classFor(classes: Classes, state: State, node: u32, capacity: u32): u32 {
  const values = <u32> tableOf(state, node);
  const domains = changetype<Domains>(classes.domains);
  for (let k: u32 = 0; k < classes.count; k++) {
    if (capacityOf(classes, k) != capacity || !valuesAlike(state, firstOf(classes, k), node)) continue;
    if (!classes.domains || domainOf(domains, firstOf(classes, k)) == domainOf(domains, node)) return k;
  }
  const at = <usize> classes.count << 2;
  store<u32>(classes.capacities + at, capacity);
  store<u32>(classes.firsts + at, node);
  store<u32>(classes.values + at, values);
  if (hasTransitions) {
    store<u32>(classes.limits + at, ranksUpTo(capacity));
    store<u32>(classes.rooms + at, ranksUpTo(capacity - 1));
  }
  return classes.count++;
}

/** True where two nodes are worth the same with everything that they may hold. */
function valuesAlike(state: State, one: u32, other: u32): bool {
  return tableOf(state, one) == tableOf(state, other) && permitOf(state, one) == permitOf(state, other) &&
    surfaceOf(state, one) == surfaceOf(state, other);
}

/** Adds what the nodes of a class may hold of each app at most, as a share of all nodes. */
function countMost(classes: Classes, k: u32): void {
  const counts = classes.rows.counts;
  const width = <usize> classes.rows.width;
  const limit = limitOf(classes, k);
  const values = valuesIn(classes, k);
  const share = <f64> load<u32>(classes.sizes + (<usize> k << 2)) / <f64> classes.nodes;
  for (let app = 0; app < apps; app++) {
    let most: u8 = 0;
    for (let rank: u32 = 0; rank < limit; rank++) {
      const count = load<u8>(counts + <usize> rank * width + app);
      if (count > most && load<f64>(values + (<usize> rank << 3)) > FORBIDDEN / 2) most = count;
    }
    const at = classes.most + (<usize> app << 3);
    store<f64>(at, load<f64>(at) + share * <f64> most);
  }
}

/** Raises that to what an app may be held of alone, where not all configurations were looked at. */
function countAlone(classes: Classes, k: u32): void {
  const listed = classes.listed!;
  const share = <f64> load<u32>(classes.sizes + (<usize> k << 2)) / <f64> classes.nodes;
  for (let app = 0; app < apps; app++) {
    let known: u32 = 0;
    for (let at: u32 = 0; at < listed.summed; at++) {
      if (valueOf(classes, k, at) > FORBIDDEN / 2) {
        known = max(known, <u32> load<u8>(countsOf(classes, at) + app));
      }
    }
    let most = known;
    memory.fill(listed.scratch, 0, listed.width);
    for (let count = known + 1; count <= capacityOf(classes, k); count++) {
      store<u8>(listed.scratch + app, count);
      if (valueOn(classes.state, firstOf(classes, k), listed.scratch) > FORBIDDEN / 2) most = count;
    }
    const at = classes.most + (<usize> app << 3);
    store<f64>(at, load<f64>(at) + share * <f64> (most - known));
  }
}

/** Number of configurations with at most `total` containers: C(total + apps, apps). */
function ranksUpTo(total: u32): u32 {
  let count: f64 = 1;
  for (let k = 1; k <= apps; k++) count = count * <f64> (<i32> total + k) / <f64> k;
  return <u32> Math.round(count);
}

export function classesCount(address: usize): u32 {
  return changetype<Classes>(address).count;
}

export function classesNodes(address: usize): u32 {
  return changetype<Classes>(address).nodes;
}

export function classesSlots(address: usize): u32 {
  return changetype<Classes>(address).slots;
}

/** u32[nodes of the state] */
export function classesOfNode(address: usize): usize {
  return changetype<Classes>(address).ofNode;
}

/** f64[apps] */
export function classesMost(address: usize): usize {
  return changetype<Classes>(address).most;
}

// @ts-ignore: decorator
@inline
export function classOf(classes: Classes, node: u32): u32 {
  return load<u32>(classes.ofNode + (<usize> node << 2));
}

// @ts-ignore: decorator
@inline
export function capacityOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.capacities + (<usize> k << 2));
}

// @ts-ignore: decorator
@inline
export function sizeOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.sizes + (<usize> k << 2));
}

/** The first node of a class. */
// @ts-ignore: decorator
@inline
export function firstOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.firsts + (<usize> k << 2));
}

/** Address of the throughputs of a class by rank. */
// @ts-ignore: decorator
@inline
export function valuesIn(classes: Classes, k: u32): usize {
  return load<u32>(classes.values + (<usize> k << 2));
}

/** Throughput of a configuration, FORBIDDEN where it may not be. */
// @ts-ignore: decorator
@inline
export function valueOf(classes: Classes, k: u32, rank: u32): f64 {
  const at = valuesIn(classes, k) + (<usize> rank << 3);
  return classes.listed === null ? load<f64>(at) : valueListed(classes, k, rank, at);
}

function valueListed(classes: Classes, k: u32, rank: u32, at: usize): f64 {
  const known = load<f64>(at);
  if (!isNaN(known)) return known;
  const value = fits(classes, k, rank)
    ? valueOn(classes.state, firstOf(classes, k), countsOf(classes, rank))
    : FORBIDDEN;
  store<f64>(at, value);
  return value;
}

/** Throughput of a configuration with one more container of the app, FORBIDDEN where it may not be. Nothing is listed. */
export function valueWith(classes: Classes, k: u32, rank: u32, app: u32): f64 {
  const listed = classes.listed;
  if (listed !== null) return valueBeyond(classes, listed, k, rank, app, NONE);
  return hasRoom(classes, k, rank) ? valueOf(classes, k, afterInTable(rank, app)) : FORBIDDEN;
}

/** The same with one more of another app, or of the same, too. */
export function valueWithBoth(classes: Classes, k: u32, rank: u32, app: u32, other: u32): f64 {
  const listed = classes.listed;
  if (listed !== null) return valueBeyond(classes, listed, k, rank, app, other);
  return hasRoom(classes, k, rank) ? valueWith(classes, k, afterInTable(rank, app), other) : FORBIDDEN;
}

/** other: NONE for none. */
function valueBeyond(
  classes: Classes,
  listed: Listed,
  k: u32,
  rank: u32,
  app: u32,
  other: u32,
): f64 {
  const more: u32 = other == NONE ? 1 : 2;
  if (totalOf(listed, rank) + more > capacityOf(classes, k)) return FORBIDDEN;
  const counts = countsOf(classes, rank);
  addOne(counts, app, 1);
  if (other != NONE) addOne(counts, other, 1);
  const value = valueOn(classes.state, firstOf(classes, k), counts);
  if (other != NONE) addOne(counts, other, -1);
  addOne(counts, app, -1);
  return value;
}

/** Changes the count of an app, for a while. */
// @ts-ignore: decorator
@inline
function addOne(counts: usize, app: u32, change: i32): void {
  store<u8>(counts + app, load<u8>(counts + app) + change);
}

/** Counts of a configuration: u8[width]. */
// @ts-ignore: decorator
@inline
export function countsOf(classes: Classes, rank: u32): usize {
  return classes.rows.counts + <usize> rank * classes.rows.width;
}

// @ts-ignore: decorator
@inline
export function limitOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.limits + (<usize> k << 2));
}

/** Of a table, ranks below it have a free slot. */
// @ts-ignore: decorator
@inline
export function roomOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.rooms + (<usize> k << 2));
}

/** True where a node of the class has slots for the configuration. */
// @ts-ignore: decorator
@inline
export function fits(classes: Classes, k: u32, rank: u32): bool {
  const listed = classes.listed;
  if (listed === null) return rank < limitOf(classes, k);
  return rank != UNLISTED && totalOf(listed, rank) <= capacityOf(classes, k);
}

/** True where a node of the class has one more. */
// @ts-ignore: decorator
@inline
export function hasRoom(classes: Classes, k: u32, rank: u32): bool {
  const listed = classes.listed;
  if (listed === null) return rank < roomOf(classes, k);
  return totalOf(listed, rank) < capacityOf(classes, k);
}

/** Elements of a table by class and configuration. */
// @ts-ignore: decorator
@inline
export function cellsOf(classes: Classes): usize {
  return <usize> classes.count * classes.cells;
}

/** Address of the u32 of a class and configuration. */
// @ts-ignore: decorator
@inline
export function cell4(base: usize, classes: Classes, k: u32, rank: u32): usize {
  return base + ((<usize> k * classes.cells + rank) << 2);
}

/** Rank after adding a container of the app, where there is a table. */
// @ts-ignore: decorator
@inline
export function afterInTable(rank: u32, app: u32): u32 {
  return load<u32>(added + ((<usize> rank * stride + app) << 2));
}

/** Rank after adding a container of the app, which must fit where configurations are listed. */
// @ts-ignore: decorator
@inline
export function after(classes: Classes, rank: u32, app: u32): u32 {
  const listed = classes.listed;
  return listed !== null ? placeChanged(listed, rank, app, 1) : afterInTable(rank, app);
}

/** Rank after taking away a container of the app, which must be there. */
export function before(classes: Classes, rank: u32, app: u32): u32 {
  const listed = classes.listed;
  if (listed !== null) return placeChanged(listed, rank, app, -1);
  return load<u32>(removed + ((<usize> rank * stride + app) << 2));
}

/** Rank of the counts (u8[apps]). */
export function rankIn(classes: Classes, counts: usize): u32 {
  const listed = classes.listed;
  return listed !== null ? place(listed, counts) : rankOf(counts);
}
