// Greedy construction: each container goes where the total throughput changes most favourably.

import { alloc, free } from "../memory";
import { apps, FORBIDDEN } from "../space/space";
import { apply, mayPlace, NO_APP, State, valueAfter } from "../space/state";

let gains: usize = 0;
/** f64[nodes]: throughput of each node with one more container of the app. */
let afters: usize = 0;
let heapNodes: usize = 0;
let heapSize: u32 = 0;

/** Notes what one more container of the app makes of a node, and what it gains. */
// @ts-ignore: decorator
@inline
function look(state: State, node: u32, app: i32): void {
  const at = <usize> node << 3;
  if (!mayPlace(state, node, app)) {
    store<f64>(gains + at, FORBIDDEN);
    return;
  }
  const after = valueAfter(state, node, NO_APP, app);
  store<f64>(afters + at, after);
  store<f64>(gains + at, after - load<f64>(state.nodeValues + at));
}

function gainOf(state: State, node: u32, app: i32): f64 {
  if (!mayPlace(state, node, app)) return FORBIDDEN;
  return valueAfter(state, node, NO_APP, app) - load<f64>(state.nodeValues + <usize> node * 8);
}

/** True where node a comes before node b: larger gain, then smaller number. */
// @ts-ignore: decorator
@inline
function before(a: u32, b: u32): bool {
  const gainA = load<f64>(gains + <usize> a * 8);
  const gainB = load<f64>(gains + <usize> b * 8);
  return gainA > gainB || (gainA == gainB && a < b);
}

function siftDown(at: u32): void {
  const node = load<u32>(heapNodes + <usize> at * 4);
  while (true) {
    let child = at * 2 + 1;
    if (child >= heapSize) break;
    let childNode = load<u32>(heapNodes + <usize> child * 4);
    if (child + 1 < heapSize) {
      const other = load<u32>(heapNodes + <usize> (child + 1) * 4);
      if (before(other, childNode)) {
        child++;
        childNode = other;
      }
    }
    if (!before(childNode, node)) break;
    store<u32>(heapNodes + <usize> at * 4, childNode);
    at = child;
  }
  store<u32>(heapNodes + <usize> at * 4, node);
}

/** Orders all nodes by what one more container of the app gains. Where domains matter, each container changes many. */
function makeHeap(state: State, app: i32): void {
  heapSize = state.nodes;
  for (let node: u32 = 0; node < heapSize; node++) {
    look(state, node, app);
    store<u32>(heapNodes + <usize> node * 4, node);
  }
  for (let parent = <i32> (heapSize / 2) - 1; parent >= 0; parent--) siftDown(parent);
}

/**
 * Adds a demand (u32[apps]) app after app in the order given (u32[apps]). A heap of nodes makes it
 * O(apps x nodes + containers x log nodes). Returns the containers that found no node.
 */
export function greedyByApp(address: usize, demand: usize, order: usize): u32 {
  const state = changetype<State>(address);
  const nodes = state.nodes;
  gains = alloc(<usize> nodes * 8);
  afters = alloc(<usize> nodes * 8);
  heapNodes = alloc(<usize> nodes * 4);
  let unplaced: u32 = 0;
  for (let at = 0; at < apps; at++) {
    const app = <i32> load<u32>(order + at * 4);
    let left = load<u32>(demand + app * 4);
    if (left == 0) continue;
    makeHeap(state, app);
    while (left > 0) {
      if (state.domains) makeHeap(state, app);
      const node = load<u32>(heapNodes);
      const gain = load<f64>(gains + <usize> node * 8);
      if (gain < FORBIDDEN / 2) break;
      apply(state, node, NO_APP, app, load<f64>(afters + <usize> node * 8));
      left--;
      look(state, node, app);
      siftDown(0);
    }
    unplaced += left;
  }
  free(gains);
  free(afters);
  free(heapNodes);
  return unplaced;
}

/**
 * Adds containers (u32[count], the app of each) in the order given, each on the best node (ties: the
 * smallest number). O(containers x nodes). Returns the containers that found no node.
 */
export function greedyInOrder(address: usize, containers: usize, count: u32): u32 {
  const state = changetype<State>(address);
  let unplaced: u32 = 0;
  for (let at: u32 = 0; at < count; at++) {
    const app = <i32> load<u32>(containers + (<usize> at << 2));
    let best: f64 = FORBIDDEN / 2;
    let bestNode: i32 = -1;
    for (let node: u32 = 0; node < state.nodes; node++) {
      const gain = gainOf(state, node, app);
      if (gain > best) {
        best = gain;
        bestNode = node;
      }
    }
    if (bestNode < 0) {
      unplaced++;
      continue;
    }
    apply(state, bestNode, NO_APP, app, valueAfter(state, bestNode, NO_APP, app));
  }
  return unplaced;
}
