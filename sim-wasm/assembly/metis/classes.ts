// Nodes that are alike are a class: equal slots, equal values of what they may hold (kinds of nodes that differ in nothing
// else are one), and one failure domain where rules speak of those. Class k's configurations are the ranks below its limit.
// Tables by class and configuration have one row of `cells` = n + 1 elements per class (n = configurations of the space;
// element n, which stands for what may not be, stays empty).

import { alloc, blockOf, Owner } from "../memory";
import { domainOf, Domains } from "../space/domains";
import { added, apps, configurations, FORBIDDEN, stride } from "../space/space";
import { State, tableOf } from "../space/state";
import { countsRowWidth, countsTable } from "./prices";

/** Stands for no class (a fenced node), no node, no choice. */
export const NONE: u32 = 0xffffffff;

@unmanaged
export class Classes extends Owner {
  count: u32;
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
  /** u32[count]: f64[cells], throughputs, FORBIDDEN where a node may not hold a configuration. The state's. */
  values: usize;
  /** u32[count]: ranks below `limits` fit a node, those below `rooms` leave a slot free. */
  limits: usize;
  rooms: usize;
  /** f64[apps]: most containers of an app for each node, were there no other. */
  most: usize;
}

/** The classes of a state. domains: 0, or a copy of the state's that the policy may write to. */
export function createClasses(stateAddress: usize, domains: usize): usize {
  const state = changetype<State>(stateAddress);
  const classes = changetype<Classes>(alloc(offsetof<Classes>()));
  const bytes = <usize> state.nodes * 4;
  classes.cells = configurations + 1;
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
  for (let k: u32 = 0; k < classes.count; k++) countMost(classes, k);
  return changetype<usize>(classes);
}

/** The class of a node, a new one where it is like none before it. */
function classFor(classes: Classes, state: State, node: u32, capacity: u32): u32 {
  const values = <u32> tableOf(state, node);
  const domains = changetype<Domains>(classes.domains);
  for (let k: u32 = 0; k < classes.count; k++) {
    if (capacityOf(classes, k) != capacity || <u32> valuesIn(classes, k) != values) continue;
    if (!classes.domains || domainOf(domains, firstOf(classes, k)) == domainOf(domains, node)) return k;
  }
  const at = <usize> classes.count << 2;
  store<u32>(classes.capacities + at, capacity);
  store<u32>(classes.firsts + at, node);
  store<u32>(classes.values + at, values);
  store<u32>(classes.limits + at, ranksUpTo(capacity));
  store<u32>(classes.rooms + at, ranksUpTo(capacity - 1));
  return classes.count++;
}

/** Adds what the nodes of a class may hold of each app at most, as a share of all nodes. */
function countMost(classes: Classes, k: u32): void {
  const counts = countsTable();
  const width = <usize> countsRowWidth();
  const share = <f64> load<u32>(classes.sizes + (<usize> k << 2)) / <f64> classes.nodes;
  for (let app = 0; app < apps; app++) {
    let most: u8 = 0;
    for (let rank: u32 = 0; rank < limitOf(classes, k); rank++) {
      const count = load<u8>(counts + <usize> rank * width + app);
      if (count > most && valueOf(classes, k, rank) > FORBIDDEN / 2) most = count;
    }
    const at = classes.most + (<usize> app << 3);
    store<f64>(at, load<f64>(at) + share * <f64> most);
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
  return load<f64>(valuesIn(classes, k) + (<usize> rank << 3));
}

// @ts-ignore: decorator
@inline
export function limitOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.limits + (<usize> k << 2));
}

/** Ranks below it have a free slot. */
// @ts-ignore: decorator
@inline
export function roomOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.rooms + (<usize> k << 2));
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

/** Rank after adding a container of the app. */
// @ts-ignore: decorator
@inline
export function after(rank: u32, app: u32): u32 {
  return load<u32>(added + ((<usize> rank * stride + app) << 2));
}
