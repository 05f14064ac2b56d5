// Branch and bound over boxes of configurations, the box with the highest bound first: the best configuration at given
// prices, and at any time a bound on what any is worth.

import { alloc, blockOf, destroyOwner, free } from "../memory";
import {
  forgetBoxes,
  highestBound,
  isClosed,
  OpenBoxes,
  openBoxes,
  popBox,
  pushBox,
} from "../open_boxes";
import { Permit } from "../space/permit";
import { climb, Limits } from "./climb";
import { Contention, contentionThroughput } from "./contention";
import { boundBox, look, permitted } from "./bound";
import { Box, highest, highOf, loadAt, lowest, lowOf } from "./box";
import { prepare, Relaxation } from "./relaxation";
import { tighten } from "./tighten";

@unmanaged
export class Search extends Relaxation {
  open: OpenBoxes;
  boxes: u32;
  /** u32[apps + 1] for climbing. */
  present: usize;
}

/** Share of the gap of a box that the multipliers of its parts may cost. */
const SLACK: f64 = 0.1;

/** A search over what limits and permit (0 for none; it stays the host's) allow. room: most boxes that are open at a time. */
export function createSearch(
  model: usize,
  apps: u32,
  capacity: u32,
  permit: usize,
  room: u32,
): usize {
  const search = changetype<Search>(heap.alloc(offsetof<Search>()));
  memory.fill(changetype<usize>(search), 0, offsetof<Search>());
  const limits = changetype<Limits>(blockOf(search, offsetof<Limits>()));
  limits.apps = apps;
  limits.capacity = capacity;
  limits.prices = blockOf(search, <usize> apps * 8);
  limits.most = blockOf(search, apps);
  limits.permit = permit;
  limits.apart = 0;
  if (permit) readApart(search, limits, changetype<Permit>(permit));
  prepare(search, changetype<Contention>(model), limits);
  search.open = openBoxes(search, room);
  search.present = blockOf(search, <usize> apps * 4 + 4);
  return changetype<usize>(search);
}

/** Which apps may not share a node, as a matrix. */
function readApart(search: Search, limits: Limits, permit: Permit): void {
  if (permit.apart == 0) return;
  const apps = limits.apps;
  limits.apart = blockOf(search, <usize> apps * apps);
  for (let pair: u32 = 0; pair < permit.apart; pair++) {
    const a = load<u32>(permit.pairs + (<usize> pair << 3));
    const b = load<u32>(permit.pairs + (<usize> pair << 3), 4);
    store<u8>(limits.apart + <usize> a * apps + b, 1);
    store<u8>(limits.apart + <usize> b * apps + a, 1);
  }
}

export function destroySearch(address: usize): void {
  const search = changetype<Search>(address);
  forgetBoxes(search.open);
  destroyOwner(search);
}

export function searchPrices(address: usize): usize {
  return changetype<Search>(address).limits.prices;
}

export function searchLimits(address: usize): usize {
  return changetype<Search>(address).limits.most;
}

/** Whether a node may hold these counts (u8[apps]). */
export function searchPermits(address: usize, counts: usize): bool {
  return permitted(changetype<Search>(address).limits, counts);
}

/** Slots of the nodes that are searched for from now on, at most those that it was made for. */
export function searchCapacity(address: usize, capacity: u32): void {
  changetype<Search>(address).limits.capacity = capacity;
}

/** Throughput of a node with these counts (u8[apps]). */
export function searchThroughput(address: usize, counts: usize): f64 {
  return contentionThroughput(changetype<usize>(changetype<Search>(address).model), counts);
}

/** u8[apps]: the best configuration found. */
export function searchBest(address: usize): usize {
  return changetype<Search>(address).bestCounts;
}

/** Boxes that were bounded since the search began. */
export function searchBoxes(address: usize): u32 {
  return changetype<Search>(address).boxes;
}

/** Climbs from counts (u8[apps], within the limits) and leaves them at the top; returns throughput minus price. */
export function climbFrom(address: usize, counts: usize): f64 {
  const search = changetype<Search>(address);
  return climb(search.model, search.limits, counts, search.present);
}

/** Values a box that holds one configuration, and frees it; false if it holds more. */
function settle(search: Search, box: usize): bool {
  if (memory.compare(lowest(box), highest(box, search.apps), search.apps) != 0) return false;
  look(search, lowest(box));
  free(box);
  return true;
}

/** Bounds a box and keeps it where it may hold something better. */
function take(search: Search, box: usize, tolerance: f64): void {
  if (!tighten(search, box)) return free(box);
  search.boxes++;
  if (settle(search, box)) return;
  const gap = changetype<Box>(box).bound - search.bestValue - tolerance;
  boundBox(search, box, tolerance, max(1e-9, min(0.1, SLACK * gap)));
  if (changetype<Box>(box).bound > search.bestValue + tolerance) {
    // What could not be better was left out of it.
    if (settle(search, box) || pushBox(search.open, box)) return;
  }
  search.closed = max(search.closed, changetype<Box>(box).bound);
  free(box);
}

function copyOf(search: Search, box: usize): usize {
  const bytes = offsetof<Box>() + <usize> search.apps * 2;
  const copy = alloc(bytes);
  memory.copy(copy, box, bytes);
  return copy;
}

/** Starts a search at the prices and limits that were written, with the best configuration known (u8[apps]). */
export function beginSearch(address: usize, known: usize, tolerance: f64): void {
  const search = changetype<Search>(address);
  const apps = search.apps;
  forgetBoxes(search.open);
  search.boxes = 0;
  search.closed = -Infinity;
  search.bestValue = 0;
  memory.fill(search.bestCounts, 0, apps);
  look(search, known);
  const bytes = offsetof<Box>() + <usize> apps * 2;
  const box = alloc(bytes);
  for (let resource: u32 = 0; resource < 4; resource++) {
    store<f64>(lowOf(box, resource), 1);
    store<f64>(highOf(box, resource), 1e4);
  }
  for (let app: u32 = 0; app < apps; app++) {
    const most = <u32> load<u8>(search.limits.most + app);
    store<u8>(highest(box, apps) + app, min(most, search.limits.capacity));
  }
  changetype<Box>(box).bound = 1e12;
  take(search, box, tolerance);
}

/** Splits `count` boxes, or fewer where none is left that may hold something better; true if it ended so. */
export function continueSearch(address: usize, tolerance: f64, count: u32): bool {
  const search = changetype<Search>(address);
  const apps = search.apps;
  for (; count > 0; count--) {
    if (isClosed(search.open, search.bestValue + tolerance)) return true;
    const above = popBox(search.open);
    const split = changetype<Box>(above).split;
    const below = copyOf(search, above);
    if (split < apps) {
      const at = changetype<Box>(above).splitCount;
      store<u8>(highest(below, apps) + split, at);
      store<u8>(lowest(above) + split, at + 1);
    } else {
      const resource = split - apps;
      const middle = (loadAt(load<f64>(lowOf(above, resource))) +
        loadAt(load<f64>(highOf(above, resource)))) / 2;
      const stretched = Math.sqrt(1 + middle * middle);
      store<f64>(highOf(below, resource), stretched);
      store<f64>(lowOf(above, resource), stretched);
    }
    take(search, below, tolerance);
    take(search, above, tolerance);
  }
  return isClosed(search.open, search.bestValue + tolerance);
}

/** Throughput minus price of the best configuration found; at least 0, that of the empty one. */
export function searchValue(address: usize): f64 {
  return changetype<Search>(address).bestValue;
}

/** No permitted configuration is worth more. */
export function searchBound(address: usize): f64 {
  const search = changetype<Search>(address);
  return highestBound(search.open, max(search.bestValue, search.closed));
}
