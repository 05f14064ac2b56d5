// The different configurations that nodes hold: nodes of one class that hold the same are a group, and one choice.

import { alloc, blockOf, Owner } from "../memory";
import { cell4, Classes, cellsOf, sizeOf } from "./classes";

@unmanaged
export class Groups extends Owner {
  count: u32;
  /** u32[nodes + classes]: configuration and class of each group. */
  ranks: usize;
  classes: usize;
  /** u32[classes][cells]: nodes that hold the configuration, and the place of their group in the list. */
  amounts: usize;
  places: usize;
}

export function createGroups(classes: Classes): Groups {
  const groups = changetype<Groups>(alloc(offsetof<Groups>()));
  const most = <usize> (classes.nodes + classes.count);
  groups.ranks = blockOf(groups, most * 4);
  groups.classes = blockOf(groups, most * 4);
  groups.amounts = blockOf(groups, cellsOf(classes) * 4);
  groups.places = blockOf(groups, cellsOf(classes) * 4);
  emptyNodes(groups, classes);
  return groups;
}

// @ts-ignore: decorator
@inline
export function rankAt(groups: Groups, group: u32): u32 {
  return load<u32>(groups.ranks + (<usize> group << 2));
}

// @ts-ignore: decorator
@inline
export function classAt(groups: Groups, group: u32): u32 {
  return load<u32>(groups.classes + (<usize> group << 2));
}

/** Nodes of the class that hold the configuration. */
// @ts-ignore: decorator
@inline
export function amountOf(groups: Groups, classes: Classes, k: u32, rank: u32): u32 {
  return load<u32>(cell4(groups.amounts, classes, k, rank));
}

/** The group of a class and a configuration that is present. */
// @ts-ignore: decorator
@inline
export function groupOf(groups: Groups, classes: Classes, k: u32, rank: u32): u32 {
  return load<u32>(cell4(groups.places, classes, k, rank));
}

// @ts-ignore: decorator
@inline
function put(groups: Groups, classes: Classes, group: u32, k: u32, rank: u32): void {
  store<u32>(groups.ranks + (<usize> group << 2), rank);
  store<u32>(groups.classes + (<usize> group << 2), k);
  store<u32>(cell4(groups.places, classes, k, rank), group);
}

/** All nodes empty: one group per class. */
export function emptyNodes(groups: Groups, classes: Classes): void {
  for (let g: u32 = 0; g < groups.count; g++) {
    store<u32>(cell4(groups.amounts, classes, classAt(groups, g), rankAt(groups, g)), 0);
  }
  groups.count = classes.count;
  for (let k: u32 = 0; k < classes.count; k++) {
    put(groups, classes, k, k, 0);
    store<u32>(cell4(groups.amounts, classes, k, 0), sizeOf(classes, k));
  }
}

/** One node of the class changes from one configuration to another. */
export function shift(groups: Groups, classes: Classes, k: u32, from: u32, to: u32): void {
  const source = cell4(groups.amounts, classes, k, from);
  const left = load<u32>(source) - 1;
  store<u32>(source, left);
  const target = cell4(groups.amounts, classes, k, to);
  const now = load<u32>(target) + 1;
  store<u32>(target, now);
  if (left == 0) {
    const place = groupOf(groups, classes, k, from);
    if (now == 1) {
      put(groups, classes, place, k, to);
      return;
    }
    // The last group takes the place of the one that is gone.
    groups.count--;
    put(groups, classes, place, classAt(groups, groups.count), rankAt(groups, groups.count));
  } else if (now == 1) {
    put(groups, classes, groups.count, k, to);
    groups.count++;
  }
}
