// Nodes with equal slots are a class; class k's configurations are the ranks below its limit. Tables by class and
// configuration have one row of `cells` = n + 1 elements per class (n = configurations of the space; element n, which
// stands for what may not be, stays empty).

import { alloc, blockOf, Owner } from "../memory";
import { ranksUpTo } from "./prices";
import { added, configurations, stride } from "../space/space";

/** Stands for no class (a fenced node), no node, no choice. */
export const NONE: u32 = 0xffffffff;

@unmanaged
export class Classes extends Owner {
  count: u32;
  cells: u32;
  /** Of all classes. */
  nodes: u32;
  slots: u32;
  /** u32[count]: slots of a node, and how many nodes. */
  capacities: usize;
  sizes: usize;
  /** u32[count]: ranks below `limits` fit a node, those below `rooms` leave a slot free. */
  limits: usize;
  rooms: usize;
}

/** capacities, sizes: u32[count]. */
export function createClasses(count: u32, capacities: usize, sizes: usize): Classes {
  const classes = changetype<Classes>(alloc(offsetof<Classes>()));
  classes.count = count;
  classes.cells = configurations + 1;
  classes.capacities = blockOf(classes, count * 4);
  classes.sizes = blockOf(classes, count * 4);
  classes.limits = blockOf(classes, count * 4);
  classes.rooms = blockOf(classes, count * 4);
  for (let k: u32 = 0; k < count; k++) {
    const capacity = load<u32>(capacities + (k << 2));
    const size = load<u32>(sizes + (k << 2));
    store<u32>(classes.capacities + (k << 2), capacity);
    store<u32>(classes.sizes + (k << 2), size);
    store<u32>(classes.limits + (k << 2), ranksUpTo(capacity));
    store<u32>(classes.rooms + (k << 2), ranksUpTo(capacity - 1));
    classes.nodes += size;
    classes.slots += size * capacity;
  }
  return classes;
}

/** The class of nodes with these slots, NONE where there is none. */
export function classOf(classes: Classes, capacity: u32): u32 {
  for (let k: u32 = 0; k < classes.count; k++) {
    if (load<u32>(classes.capacities + (k << 2)) == capacity) return k;
  }
  return NONE;
}

// @ts-ignore: decorator
@inline
export function limitOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.limits + (k << 2));
}

/** Ranks below it have a free slot. */
// @ts-ignore: decorator
@inline
export function roomOf(classes: Classes, k: u32): u32 {
  return load<u32>(classes.rooms + (k << 2));
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
