// Pricing of configurations by a pairwise model: climbs that find columns, and branch and bound that proves what any is worth.
// A box of configurations holds at least some counts of each app and at most others; the box with the highest bound is
// split first, into one without further containers of an app and one with one more.

import { alloc, blockOf, destroyOwner, free, Owner } from "../memory";
import {
  forgetBoxes,
  highestBound,
  isClosed,
  OpenBoxes,
  openBoxes,
  popBox,
  pushBox,
} from "../open_boxes";
import { Permit, permits } from "../space/permit";
import { formulaThroughput } from "./evaluate";
import { boundPairs } from "./pair_bound";

export const NOWHERE: u32 = 0xffffffff;

/** A box, followed by its lowest and its highest counts: u8[2][apps]. */
@unmanaged
export class PairBox {
  /** Nothing in the box is worth more. */
  bound: f64;
  /** App to split at; NOWHERE where it holds one configuration. */
  split: u32;
}

@unmanaged
export class PairSearch extends Owner {
  formula: usize;
  apps: u32;
  capacity: u32;
  /** 0 where slots and `most` say all. */
  permit: usize;
  /** f64[apps]: price of a container. */
  prices: usize;
  /** u8[apps]: most containers of an app. */
  most: usize;
  /** u8[apps]: the best configuration found, and its throughput minus price. */
  bestCounts: usize;
  bestValue: f64;
  open: OpenBoxes;
  /** Nothing among the boxes that were closed is worth more. */
  closed: f64;
  boxes: u32;
  /** u8[apps + 8] of one configuration. */
  counts: usize;
  // For one bound:
  /** u32[apps]: apps that may be added. */
  candidates: usize;
  /** f64[apps]: time of one container more beside the lowest counts, of one among them, and what each candidate is worth. */
  beside: usize;
  among: usize;
  worths: usize;
}

/** A search; formula and permit stay the host's. room: most boxes that are open at a time. */
export function createPairSearch(
  formula: usize,
  apps: u32,
  capacity: u32,
  permit: usize,
  room: u32,
): usize {
  const search = changetype<PairSearch>(alloc(offsetof<PairSearch>()));
  search.formula = formula;
  search.apps = apps;
  search.capacity = capacity;
  search.permit = permit;
  search.prices = blockOf(search, <usize> apps * 8);
  search.most = blockOf(search, apps);
  search.bestCounts = blockOf(search, apps);
  search.open = openBoxes(search, room);
  search.counts = blockOf(search, <usize> apps + 8);
  search.candidates = blockOf(search, <usize> apps * 4);
  search.beside = blockOf(search, <usize> apps * 8);
  search.among = blockOf(search, <usize> apps * 8);
  search.worths = blockOf(search, <usize> apps * 8);
  return changetype<usize>(search);
}

export function destroyPairSearch(address: usize): void {
  const search = changetype<PairSearch>(address);
  forgetBoxes(search.open);
  destroyOwner(search);
}

export function pairSearchPrices(address: usize): usize {
  return changetype<PairSearch>(address).prices;
}

export function pairSearchLimits(address: usize): usize {
  return changetype<PairSearch>(address).most;
}

/** Whether a node may hold these counts (u8[apps]). */
export function pairSearchPermits(address: usize, counts: usize): bool {
  const search = changetype<PairSearch>(address);
  return !search.permit || permits(changetype<Permit>(search.permit), counts);
}

/** Slots of the nodes that are searched for from now on, at most those that it was made for. */
export function pairSearchCapacity(address: usize, capacity: u32): void {
  changetype<PairSearch>(address).capacity = capacity;
}

/** Throughput of a node with these counts (u8[apps]). */
export function pairSearchThroughput(address: usize, counts: usize): f64 {
  return formulaThroughput(changetype<PairSearch>(address).formula, counts);
}

/** u8[apps]: the best configuration found. */
export function pairSearchBest(address: usize): usize {
  return changetype<PairSearch>(address).bestCounts;
}

/** Throughput minus price of it; at least 0, that of the empty one. */
export function pairSearchValue(address: usize): f64 {
  return changetype<PairSearch>(address).bestValue;
}

/** Boxes that were bounded since the search began. */
export function pairSearchBoxes(address: usize): u32 {
  return changetype<PairSearch>(address).boxes;
}

/** No permitted configuration is worth more. */
export function pairSearchBound(address: usize): f64 {
  const search = changetype<PairSearch>(address);
  return highestBound(search.open, max(search.bestValue, search.closed));
}

/** Throughput minus price of a configuration. */
export function reducedOf(search: PairSearch, counts: usize): f64 {
  let value = formulaThroughput(search.formula, counts);
  for (let app: u32 = 0; app < search.apps; app++) {
    const count = load<u8>(counts + app);
    if (count) value -= <f64> count * load<f64>(search.prices + (<usize> app << 3));
  }
  return value;
}

// @ts-ignore: decorator
@inline
function shift(counts: usize, app: i32, by: i32): void {
  if (app >= 0) store<u8>(counts + app, <i32> load<u8>(counts + app) + by);
}

/** Climbs from counts (u8[apps], within the limits) by the best step and leaves them at the top; returns throughput minus price. */
export function pairClimbFrom(address: usize, counts: usize): f64 {
  const search = changetype<PairSearch>(address);
  const apps = <i32> search.apps;
  let total: u32 = 0;
  for (let app = 0; app < apps; app++) total += load<u8>(counts + app);
  let now = reducedOf(search, counts);
  while (true) {
    let best = now + 1e-9;
    let bestLess: i32 = -1;
    let bestMore: i32 = -1;
    for (let less = -1; less < apps; less++) {
      if (less >= 0 && load<u8>(counts + less) == 0) continue;
      if (less < 0 && total >= search.capacity) continue;
      shift(counts, less, -1);
      for (let more = -1; more < apps; more++) {
        if (more == less) continue;
        if (more >= 0 && load<u8>(counts + more) >= load<u8>(search.most + more)) continue;
        shift(counts, more, 1);
        if (pairSearchPermits(address, counts)) {
          const value = reducedOf(search, counts);
          if (value > best) {
            best = value;
            bestLess = less;
            bestMore = more;
          }
        }
        shift(counts, more, -1);
      }
      shift(counts, less, 1);
    }
    if (bestLess < 0 && bestMore < 0) return now;
    shift(counts, bestLess, -1);
    shift(counts, bestMore, 1);
    total += (bestMore >= 0 ? 1 : 0) - (bestLess >= 0 ? 1 : 0);
    now = best;
  }
}

// @ts-ignore: decorator
@inline
export function lowestOf(box: usize): usize {
  return box + offsetof<PairBox>();
}

// @ts-ignore: decorator
@inline
export function highestOf(box: usize, apps: u32): usize {
  return box + offsetof<PairBox>() + apps;
}

/** Keeps a configuration where it is the best so far. Returns its throughput minus price, -Infinity where it may not be. */
export function look(search: PairSearch, counts: usize): f64 {
  if (!pairSearchPermits(changetype<usize>(search), counts)) return -Infinity;
  const value = reducedOf(search, counts);
  if (value > search.bestValue) {
    search.bestValue = value;
    memory.copy(search.bestCounts, counts, search.apps);
  }
  return value;
}

/** Bounds a box and keeps it where it may hold something better. */
function take(search: PairSearch, box: usize, tolerance: f64): void {
  search.boxes++;
  const above = changetype<PairBox>(box).bound;
  boundPairs(search, box);
  const bound = min(above, changetype<PairBox>(box).bound);
  changetype<PairBox>(box).bound = bound;
  const isOpen = changetype<PairBox>(box).split != NOWHERE && bound > search.bestValue + tolerance;
  if (isOpen && pushBox(search.open, box)) return;
  search.closed = max(search.closed, bound);
  free(box);
}

/** Starts a search at the prices and limits that were written, with the best configuration known (u8[apps]). */
export function beginPairSearch(address: usize, known: usize, tolerance: f64): void {
  const search = changetype<PairSearch>(address);
  const apps = search.apps;
  forgetBoxes(search.open);
  search.boxes = 0;
  search.closed = -Infinity;
  search.bestValue = 0;
  memory.fill(search.bestCounts, 0, apps);
  look(search, known);
  const box = alloc(offsetof<PairBox>() + <usize> apps * 2);
  for (let app: u32 = 0; app < apps; app++) {
    const most = <u32> load<u8>(search.most + app);
    store<u8>(highestOf(box, apps) + app, min(most, search.capacity));
  }
  changetype<PairBox>(box).bound = Infinity;
  take(search, box, tolerance);
}

/** Splits `count` boxes, or fewer where none is left that may hold something better; true if it ended so. */
export function continuePairSearch(address: usize, tolerance: f64, count: u32): bool {
  const search = changetype<PairSearch>(address);
  const apps = search.apps;
  for (; count > 0; count--) {
    if (isClosed(search.open, search.bestValue + tolerance)) return true;
    const more = popBox(search.open);
    const split = changetype<PairBox>(more).split;
    const bytes = offsetof<PairBox>() + <usize> apps * 2;
    const without = alloc(bytes);
    memory.copy(without, more, bytes);
    const lowest = lowestOf(more) + split;
    store<u8>(highestOf(without, apps) + split, load<u8>(lowest));
    store<u8>(lowest, load<u8>(lowest) + 1);
    take(search, without, tolerance);
    take(search, more, tolerance);
  }
  return isClosed(search.open, search.bestValue + tolerance);
}
