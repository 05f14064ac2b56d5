// What an ensemble of trees (tree_arrays.ts) says of a whole space at once. An app that is absent is predicted 0.
//
// A leaf is a box of counts with a range of totals. Its configurations are found from the last
// prefix sum to the first: for fixed later prefix sums the first count runs through consecutive
// ranks (the rank is defined in space.ts), so a leaf is added to runs of memory, without lookups.
// What the first half of the apps adds to the rank does not depend on the others: it is listed once a
// leaf for each prefix sum, and every way to spread the rest over the other half goes through a list.

import { alloc, free } from "../memory";
import { LEAF } from "./tree_arrays";
import { PRESENCE } from "./tree_features";

/** Below, a box is found in so few steps that lists cost more than they save. */
const LEAST_APPS_FOR_LISTS: i32 = 4;

let appCount: i32 = 0;
let slots: i32 = 0;
let terms: usize = 0; // u32[apps][slots + 2], as in space.ts
let least: usize = 0; // i32[apps]: the box
let most: usize = 0;
let leastBefore: usize = 0; // i32[apps + 1]: sums of the bounds of the first i apps
let mostBefore: usize = 0;
let freeUpTo: usize = 0; // i32[apps + 1]: a prefix sum up to which the first i apps are not held back by the box
let leastTotal: i32 = 0;
let mostTotal: i32 = 0;
let target: usize = 0;
/** Apps in the lists; 0 = no lists. */
let half: i32 = 0;
let lists: usize = 0; // u32[C(half + slots, half)]: the list of prefix sum p begins at rankTerm(half, p)
let listLengths: usize = 0; // i32[slots + 1]: -1 where a list is not made yet
let sink: usize = 0; // where the list that is being made goes on, 0 where none is

// What is done with a run: add a value, or add `factor` x a column divided by the trees.
let added: f64 = 0;
let column: usize = 0;
let divisor: f64 = 1;

// @ts-ignore: decorator
@inline
function at(array: usize, i: i32): i32 {
  return load<i32>(array + (<usize> i << 2));
}

// @ts-ignore: decorator
@inline
function put(array: usize, i: i32, value: i32): void {
  store<i32>(array + (<usize> i << 2), value);
}

// @ts-ignore: decorator
@inline
function rankTerm(i: i32, prefix: i32): u32 {
  return load<u32>(terms + (<usize> ((i - 1) * (slots + 2) + prefix) << 2));
}

function beginSpace(apps: i32, capacity: i32): void {
  appCount = apps;
  slots = capacity;
  terms = alloc(<usize> apps * (capacity + 2) * 4);
  for (let i = 1; i <= apps; i++) {
    for (let p = 1; p <= capacity + 1; p++) {
      let binomial: f64 = 1;
      for (let k = 1; k <= i; k++) binomial = binomial * <f64> (p - 1 + k) / <f64> k;
      store<u32>(terms + (<usize> ((i - 1) * (capacity + 2) + p) << 2), <u32> Math.round(binomial));
    }
  }
  least = alloc(<usize> apps * 4);
  most = alloc(<usize> apps * 4);
  leastBefore = alloc(<usize> (apps + 1) * 4);
  mostBefore = alloc(<usize> (apps + 1) * 4);
  freeUpTo = alloc(<usize> (apps + 1) * 4);
  half = 0;
  sink = 0;
  put(freeUpTo, 0, capacity);
  for (let app = 0; app < apps; app++) put(most, app, capacity);
  leastTotal = 0;
  mostTotal = capacity;
}

/** Makes visits go by lists: worth it for many boxes of a few runs each. */
function beginLists(): void {
  if (appCount < LEAST_APPS_FOR_LISTS) return;
  half = appCount >> 1;
  lists = alloc(<usize> rankTerm(half, slots + 1) * 4);
  listLengths = alloc(<usize> (slots + 1) * 4);
}

function endLists(): void {
  if (half == 0) return;
  free(lists);
  free(listLengths);
  half = 0;
}

function endSpace(): void {
  free(terms);
  free(least);
  free(most);
  free(leastBefore);
  free(mostBefore);
  free(freeUpTo);
}

/** Visits every configuration of the box. */
function visitBox(): void {
  for (let app = 0; app < appCount; app++) {
    put(leastBefore, app + 1, at(leastBefore, app) + at(least, app));
    put(mostBefore, app + 1, at(mostBefore, app) + at(most, app));
    put(freeUpTo, app + 1, at(least, app) > 0 ? -1 : min(at(freeUpTo, app), at(most, app)));
  }
  if (half) memory.fill(listLengths, 0xff, <usize> (slots + 1) * 4);
  const from = max(leastTotal, at(leastBefore, appCount));
  const to = min(mostTotal, at(mostBefore, appCount));
  for (let total = from; total <= to; total++) {
    visitPrefix(appCount, total, rankTerm(appCount, total));
  }
}

/** Visits the ways to spread `prefix` containers over the first i apps; `rank` holds the later terms. */
function visitPrefix(i: i32, prefix: i32, rank: u32): void {
  if (prefix <= at(freeUpTo, i)) {
    // All C(prefix + i - 1, i - 1) ways are in the box, and their ranks are consecutive.
    visitRun(rank, rankTerm(i, prefix + 1) - rankTerm(i, prefix));
    return;
  }
  if (i == half && !sink) {
    visitList(prefix, rank);
    return;
  }
  // Prefix sum of one app less: within the box of app i - 1, and reachable by the apps before.
  const from = max(prefix - at(most, i - 1), at(leastBefore, i - 1));
  const to = min(prefix - at(least, i - 1), at(mostBefore, i - 1));
  if (i == 2) {
    if (from <= to) visitRun(rank + from, to - from + 1);
  } else if (i == 1) {
    if (from <= to) visitRun(rank, 1);
  } else {
    for (let before = from; before <= to; before++) {
      visitPrefix(i - 1, before, rank + rankTerm(i - 1, before));
    }
  }
}

/** Visits the ways to spread `prefix` containers over the first half of the apps. */
function visitList(prefix: i32, rank: u32): void {
  const list = lists + (<usize> rankTerm(half, prefix) << 2);
  let length = at(listLengths, prefix);
  if (length < 0) {
    sink = list;
    visitPrefix(half, prefix, 0);
    length = <i32> ((sink - list) >> 2);
    sink = 0;
    put(listLengths, prefix, length);
  }
  const base = target + (<usize> rank << 3);
  const end = list + (<usize> length << 2);
  for (let entry = list; entry < end; entry += 4) {
    const to = base + (<usize> load<u32>(entry) << 3);
    store<f64>(to, load<f64>(to) + added);
  }
}

// @ts-ignore: decorator
@inline
function visitRun(rank: u32, length: u32): void {
  if (sink) {
    for (const end = rank + length; rank < end; rank++, sink += 4) store<u32>(sink, rank);
    return;
  }
  let to = target + (<usize> rank << 3);
  const end = to + (<usize> length << 3);
  if (column) {
    let from = column + (<usize> rank << 3);
    for (; to < end; to += 8, from += 8) {
      store<f64>(to, load<f64>(to) + added * (load<f64>(from) / divisor));
    }
  } else {
    for (; to < end; to += 8) store<f64>(to, load<f64>(to) + added);
  }
}

/** Adds the leaves below a node to the configurations of their boxes. */
function visitNode(nodes: usize, values: usize, node: u32, featureSet: i32): void {
  const right = load<u32>(nodes + (<usize> node << 3));
  const split = load<u32>(nodes + (<usize> node << 3), 4);
  const feature = <i32> (split & 0xffff);
  if (feature == LEAF) {
    added = load<f64>(values + (<usize> right << 3));
    visitBox();
    return;
  }
  let threshold = <i32> (split >> 16);
  if (feature == 2 * appCount && featureSet == PRESENCE) {
    const low = leastTotal;
    const high = mostTotal;
    mostTotal = min(high, threshold);
    if (low <= mostTotal) visitNode(nodes, values, node + 1, featureSet);
    leastTotal = max(low, threshold + 1);
    mostTotal = high;
    if (leastTotal <= high) visitNode(nodes, values, right, featureSet);
    leastTotal = low;
    return;
  }
  let app = feature;
  if (feature >= appCount) {
    app = feature - appCount;
    // Presence is 0 or 1: any threshold from 1 on sends everything left.
    threshold = threshold == 0 ? 0 : slots;
  }
  const low = at(least, app);
  const high = at(most, app);
  if (low <= threshold) {
    put(most, app, min(high, threshold));
    visitNode(nodes, values, node + 1, featureSet);
    put(most, app, high);
  }
  if (threshold < high) {
    put(least, app, max(low, threshold + 1));
    visitNode(nodes, values, right, featureSet);
    put(least, app, low);
  }
}

/**
 * Sums of the trees over all configurations in which `app` is present, by rank; 0 for the others.
 * out: f64[configurations], configurations = C(apps + capacity, apps). Divide by the trees for means.
 */
export function sumSpace(
  nodes: usize,
  values: usize,
  roots: usize,
  trees: u32,
  featureSet: i32,
  apps: i32,
  capacity: i32,
  app: i32,
  configurations: u32,
  out: usize,
): void {
  memory.fill(out, 0, <usize> configurations << 3);
  beginSpace(apps, capacity);
  put(least, app, 1);
  target = out;
  column = 0;
  beginLists();
  for (let tree: u32 = 0; tree < trees; tree++) {
    visitNode(nodes, values, load<u32>(roots + (<usize> tree << 2)), featureSet);
  }
  endLists();
  endSpace();
}

/** Adds count of `app` x its mean (sums / trees) to the throughput of every configuration, by rank. */
export function addThroughput(
  sums: usize,
  trees: u32,
  apps: i32,
  capacity: i32,
  app: i32,
  throughput: usize,
): void {
  beginSpace(apps, capacity);
  target = throughput;
  column = sums;
  divisor = <f64> trees;
  for (let count = 1; count <= capacity; count++) {
    put(least, app, count);
    put(most, app, count);
    added = <f64> count;
    visitBox();
  }
  endSpace();
}
