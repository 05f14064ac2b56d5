// Where a space has no table, a planner knows the configurations that it has met: the empty one, then the columns that it was
// given, which stand for all final configurations of a node, then what nodes held or might have held on the way. Their
// place in the list takes the place of a rank.

import { Classes } from "./classes";
import { Rows, widen } from "./rows";
import { blockOf } from "../memory";
import { apps, capacity } from "../space/space";

/** Stands for a configuration that does not fit a node of the space, or the list. */
export const UNLISTED: u32 = 0xffffffff;

/** Bytes that what is kept by app and configuration may take, and configurations beside the columns then. */
const BYTES: u32 = 1 << 28;
const LEAST: u32 = 1 << 13;
const MOST: u32 = 1 << 16;

@unmanaged
export class Listed extends Rows {
  /** Configurations listed, and that there is room for. */
  count: u32;
  most: u32;
  /** u8[most]: containers of each. */
  totals: usize;
  /** u32[mask + 1]: by hash, place + 1. */
  slots: usize;
  mask: u32;
  /** u16[summed]: containers that set each column apart from one configuration (completions.ts). */
  distances: usize;
  /** u8[width]: counts that are looked up. */
  scratch: usize;
}

/** The empty configuration and the columns (u8[count][apps]), in blocks of the classes. */
export function createListed(classes: Classes, columns: usize, count: u32): Listed {
  const listed = changetype<Listed>(blockOf(classes, offsetof<Listed>()));
  const room = BYTES / (<u32> apps * 4 * classes.count);
  const most = 1 + count + max(LEAST, min(MOST, room));
  const width = (<u32> apps + 15) & ~15;
  listed.width = width;
  listed.most = most;
  listed.mask = 1;
  while (listed.mask < 2 * most) listed.mask <<= 1;
  listed.mask--;
  listed.counts = blockOf(classes, <usize> most * width);
  listed.totals = blockOf(classes, most);
  listed.slots = blockOf(classes, (<usize> listed.mask + 1) * 4);
  listed.scratch = blockOf(classes, width);
  listed.distances = blockOf(classes, (<usize> count + 1) * 2);
  listed.floats = blockOf(classes, (<usize> count + 1) * width * 4);
  listed.scores = blockOf(classes, (<usize> count + 1) * 4);
  place(listed, listed.scratch);
  for (let column: u32 = 0; column < count; column++) {
    place(listed, columns + <usize> column * apps);
  }
  listed.summed = listed.count;
  widen(listed, listed.summed);
  return listed;
}

/** Forgets all but the columns. */
export function forgetMet(listed: Listed): void {
  memory.fill(listed.slots, 0, (<usize> listed.mask + 1) * 4);
  listed.count = listed.summed;
  for (let at: u32 = 0; at < listed.count; at++) {
    store<u32>(slotOf(listed, rowOf(listed, at)), at + 1);
  }
}

// @ts-ignore: decorator
@inline
export function rowOf(listed: Listed, at: u32): usize {
  return listed.counts + <usize> at * listed.width;
}

/** Containers of a listed configuration. */
// @ts-ignore: decorator
@inline
export function totalOf(listed: Listed, at: u32): u32 {
  return load<u8>(listed.totals + at);
}

/** Place of the counts (u8[apps]), which are listed from now on. */
export function place(listed: Listed, counts: usize): u32 {
  const slot = slotOf(listed, counts);
  const known = load<u32>(slot);
  if (known) return known - 1;
  if (listed.count == listed.most) return UNLISTED;
  let total: u32 = 0;
  for (let app = 0; app < apps; app++) total += load<u8>(counts + app);
  if (total > <u32> capacity) return UNLISTED;
  const at = listed.count++;
  memory.copy(rowOf(listed, at), counts, apps);
  store<u8>(listed.totals + at, total);
  store<u32>(slot, listed.count);
  return at;
}

/** Place of a configuration with so many more containers of the app, which is listed from now on. */
export function placeChanged(listed: Listed, at: u32, app: u32, change: i32): u32 {
  return place(listed, changed(listed, at, app, change));
}

/** The same where it is listed already, else UNLISTED. */
export function findChanged(listed: Listed, at: u32, app: u32, change: i32): u32 {
  const known = load<u32>(slotOf(listed, changed(listed, at, app, change)));
  return known ? known - 1 : UNLISTED;
}

/** Counts of a configuration with so many more containers of the app: u8[width], until the next call. */
export function changed(listed: Listed, at: u32, app: u32, change: i32): usize {
  const scratch = listed.scratch;
  memory.copy(scratch, rowOf(listed, at), listed.width);
  store<u8>(scratch + app, load<u8>(scratch + app) + change);
  return scratch;
}

/** Address of the slot that the counts have, or would have. */
function slotOf(listed: Listed, counts: usize): usize {
  let hash: u64 = 0x9e3779b97f4a7c15;
  for (let app = 0; app < apps; app++) {
    hash = (hash ^ <u64> load<u8>(counts + app)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  let slot = <u32> hash & listed.mask;
  while (true) {
    const address = listed.slots + (<usize> slot << 2);
    const known = load<u32>(address);
    if (known == 0 || memory.compare(rowOf(listed, known - 1), counts, apps) == 0) return address;
    slot = (slot + 1) & listed.mask;
  }
}
