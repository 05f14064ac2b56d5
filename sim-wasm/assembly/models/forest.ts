// Growing ensembles of regression trees on small whole-numbered features (u8), by squared error.
//
// Two ways to split a node of a tree:
//   best    every threshold between values present in the node, from a histogram per feature; the
//           threshold is the midpoint of the two values around it (Breiman et al. 1984; exact)
//   random  one threshold per feature, uniform between the node's least and largest value, the best
//           feature wins (extremely randomised trees: Geurts, Ernst and Wehenkel 2006)
// Rows are distinct feature vectors; observations are measurements, several of which may share a row.
//
// Memory of a fit, for `rowCount` rows, `stride` = features rounded up to a multiple of 16:
//   records     rowCount x (stride + 32) bytes: features u8[stride], (weight, weight * target) f64x2,
//               (mean target, 0) f64x2; weights are those of the tree that is being grown
//   members     u32[rowCount] addresses of the records of this tree, node by node; scratch alike
//   histograms  f64x2[features][bins], tallies u32[features][bins] (only where minLeaf > 1)
// Result: an ensemble in one array of nodes and one of leaf values; trees in preorder, so the left
// child of node i is i + 1:
//   nodes  u32[][2]: inner: index of the right child, feature | threshold << 16 (value <= threshold
//          goes left); leaf: index of its value, LEAF
//   roots  u32[trees]

import { alloc, free } from "../memory";
import { randomBelow, randomBits, seedRandom } from "../random";

/** Second word of a leaf. */
export const LEAF: u32 = 0xffff;

/** Bytes of an observation that can be drawn. */
const DRAW: u32 = 32;

let stride: u32 = 0;
let recordBytes: u32 = 0;
let featureCount: i32 = 0;
let bins: u32 = 0;
let minLeaf: u32 = 1;
let maxFeatures: i32 = 0;

let histograms: usize = 0;
let tallies: usize = 0;
let lowest: usize = 0;
let highest: usize = 0;
let active: usize = 0;
let scratch: usize = 0;

let nodes: usize = 0;
let nodeCapacity: u32 = 0;
let nodeTotal: u32 = 0;
let leafValues: usize = 0;
let leafCapacity: u32 = 0;
let leafTotal: u32 = 0;
let roots: usize = 0;

// Outcome of the search for a split.
let bestFeature: i32 = -1;
let bestThreshold: u32 = 0;
let bestGain: f64 = 0;

export function fittedNodes(): usize {
  return nodes;
}
export function fittedNodeCount(): u32 {
  return nodeTotal;
}
export function fittedValues(): usize {
  return leafValues;
}
export function fittedValueCount(): u32 {
  return leafTotal;
}
export function fittedRoots(): usize {
  return roots;
}

/** Gives back the result of the last fit. */
export function freeFitted(): void {
  free(nodes);
  free(leafValues);
  free(roots);
  nodes = leafValues = roots = 0;
  nodeCapacity = leafCapacity = nodeTotal = leafTotal = 0;
}

/**
 * Grows `trees` trees; the result is read through fittedNodes() and its siblings.
 * features: u8[rowCount][paddedFeatures], zero from column `featureTotal` on; paddedFeatures % 16 = 0.
 * observationRows: u32[observations], observationTargets and observationWeights: f64[observations],
 * weights above 0. maxDepth: splits above a leaf at most. leafRows: least rows of a leaf.
 * triedFeatures: features looked at per node, of those that vary there. bootstrap: draw as many
 * observations as there are, with replacement, for each tree.
 * rate: 0 grows independent trees. Above 0, each tree learns what those before it leave over (gradient boosting
 * by squared error: Friedman 2001) from a share `subsample` of the rows, drawn again for each tree, and counts by `rate`; leaf values
 * are scaled so that the mean of the trees is the prediction here too.
 */
export function fitTrees(
  features: usize,
  rowCount: u32,
  featureTotal: i32,
  paddedFeatures: u32,
  observationRows: usize,
  observationTargets: usize,
  observationWeights: usize,
  observations: u32,
  trees: u32,
  maxDepth: u32,
  leafRows: u32,
  triedFeatures: i32,
  bootstrap: bool,
  randomSplits: bool,
  seed: u32,
  rate: f64,
  subsample: f64,
): void {
  freeFitted();
  seedRandom(seed);
  stride = paddedFeatures;
  recordBytes = stride + 32;
  featureCount = featureTotal;
  minLeaf = leafRows;
  maxFeatures = triedFeatures;
  const records = alloc(<usize> rowCount * recordBytes);
  bins = 1;
  for (let row: u32 = 0; row < rowCount; row++) {
    const record = records + row * recordBytes;
    memory.copy(record, features + row * stride, stride);
    for (let f = 0; f < featureCount; f++) {
      bins = max<u32>(bins, <u32> load<u8>(record + f) + 1);
    }
  }
  const members = alloc(<usize> rowCount * 4 + 16);
  scratch = alloc(<usize> rowCount * 4 + 16);
  histograms = alloc(featureCount * bins * 16);
  tallies = alloc(featureCount * bins * 4);
  lowest = alloc(stride);
  highest = alloc(stride);
  active = alloc(<usize> featureCount * 2 + 16);
  // Open nodes: each split takes one and leaves two, with at least one row each.
  const stack = alloc((<usize> rowCount + 2) * 16);
  roots = alloc(<usize> trees * 4 + 16);

  const draws = alloc(<usize> observations * DRAW);
  for (let i: u32 = 0; i < observations; i++) {
    const weight = load<f64>(observationWeights + (i << 3));
    const target = load<f64>(observationTargets + (i << 3));
    v128.store(draws + i * DRAW, pairOf(weight, weight * target));
    const record = records + load<u32>(observationRows + (i << 2)) * recordBytes;
    store<u32>(draws + i * DRAW, <u32> record, 16);
  }

  if (rate > 0) {
    boost(records, rowCount, draws, observations, members, trees, maxDepth, stack, rate, subsample);
  }
  let used: u32 = 0;
  for (let tree: u32 = 0; rate == 0 && tree < trees; tree++) {
    reserve(rowCount);
    if (bootstrap || tree == 0) {
      used = weigh(records, rowCount, draws, observations, bootstrap, members);
    }
    store<u32>(roots + (tree << 2), nodeTotal);
    grow(members, used, maxDepth, randomSplits, stack);
  }
  free(draws);
  free(records);
  free(members);
  free(scratch);
  free(histograms);
  free(tallies);
  free(lowest);
  free(highest);
  free(active);
  free(stack);
}

/** Boosted trees; see fitTrees. */
function boost(
  records: usize,
  rowCount: u32,
  draws: usize,
  observations: u32,
  members: usize,
  trees: u32,
  maxDepth: u32,
  stack: usize,
  rate: f64,
  subsample: f64,
): void {
  const used = weigh(records, rowCount, draws, observations, false, members);
  // Per row: its mean target, then what is left of it.
  const left = alloc(<usize> rowCount * 8 + 16);
  let weight: f64 = 0;
  let sum: f64 = 0;
  for (let row: u32 = 0; row < rowCount; row++) {
    const record = records + row * recordBytes;
    weight += load<f64>(record + stride);
    sum += load<f64>(record + stride, 8);
    store<f64>(left + (row << 3), load<f64>(record + stride, 16));
  }
  const base = sum / weight;
  for (let row: u32 = 0; row < rowCount; row++) {
    store<f64>(left + (row << 3), load<f64>(left + (row << 3)) - base);
  }
  const drawn = max<u32>(1, <u32> Math.ceil(subsample * <f64> used));
  for (let tree: u32 = 0; tree < trees; tree++) {
    reserve(rowCount);
    for (let row: u32 = 0; row < rowCount; row++) {
      const record = records + row * recordBytes;
      const residual = load<f64>(left + (row << 3));
      store<f64>(record + stride, load<f64>(record + stride) * residual, 8);
      store<f64>(record + stride, residual, 16);
    }
    for (let at: u32 = 0; at < used; at++) store<u32>(members + (at << 2), <u32> (records + at * recordBytes));
    for (let at: u32 = 0; drawn < used && at < drawn; at++) {
      const other = at + randomBelow(used - at);
      const kept = load<u32>(members + (other << 2));
      store<u32>(members + (other << 2), load<u32>(members + (at << 2)));
      store<u32>(members + (at << 2), kept);
    }
    const root = nodeTotal;
    const firstLeaf = leafTotal;
    store<u32>(roots + (tree << 2), root);
    grow(members, drawn, maxDepth, false, stack);
    for (let row: u32 = 0; row < rowCount; row++) {
      const record = records + row * recordBytes;
      let node = root;
      while (true) {
        const split = load<u32>(nodes + (<usize> node << 3), 4);
        const right = load<u32>(nodes + (<usize> node << 3));
        const feature = split & 0xffff;
        if (feature == LEAF) {
          const value = load<f64>(leafValues + (<usize> right << 3));
          store<f64>(left + (row << 3), load<f64>(left + (row << 3)) - rate * value);
          break;
        }
        node = <u32> load<u8>(record + feature) <= split >> 16 ? node + 1 : right;
      }
    }
    for (let leaf = firstLeaf; leaf < leafTotal; leaf++) {
      const at = leafValues + (<usize> leaf << 3);
      store<f64>(at, base + <f64> trees * rate * load<f64>(at));
    }
  }
  free(left);
}

/** Makes room for one more tree of at most `rowCount` leaves. */
function reserve(rowCount: u32): void {
  if (nodeTotal + 2 * rowCount > nodeCapacity) {
    nodeCapacity = 2 * nodeCapacity + 2 * rowCount;
    nodes = nodes ? heap.realloc(nodes, <usize> nodeCapacity << 3) : heap.alloc(<usize> nodeCapacity << 3);
  }
  if (leafTotal + rowCount > leafCapacity) {
    leafCapacity = 2 * leafCapacity + rowCount;
    leafValues = leafValues
      ? heap.realloc(leafValues, <usize> leafCapacity << 3)
      : heap.alloc(<usize> leafCapacity << 3);
  }
}

/**
 * Weighs the records for one tree and lists those in use in `members`; returns how many they are.
 * draws: per observation (weight, weight * target) f64x2, address of its record u32; DRAW bytes each.
 */
function weigh(
  records: usize,
  rowCount: u32,
  draws: usize,
  observations: u32,
  bootstrap: bool,
  members: usize,
): u32 {
  const end = records + rowCount * recordBytes;
  for (let record = records; record < end; record += recordBytes) {
    v128.store(record + stride, f64x2.splat(0));
  }
  for (let i: u32 = 0; i < observations; i++) {
    const draw = draws + (bootstrap ? randomBelow(observations) : i) * DRAW;
    const sums = <usize> load<u32>(draw, 16) + stride;
    v128.store(sums, f64x2.add(v128.load(sums), v128.load(draw)));
  }
  let used: u32 = 0;
  for (let record = records; record < end; record += recordBytes) {
    const weight = load<f64>(record + stride);
    if (weight == 0) continue;
    store<f64>(record + stride, load<f64>(record + stride, 8) / weight, 16);
    store<u32>(members + (used++ << 2), <u32> record);
  }
  return used;
}

// @ts-ignore: decorator
@inline
function addLeaf(sum: f64, weight: f64): void {
  store<f64>(leafValues + (leafTotal << 3), sum / weight);
  store<u32>(nodes + (nodeTotal << 3), leafTotal);
  store<u32>(nodes + (nodeTotal << 3), LEAF, 4);
  leafTotal++;
  nodeTotal++;
}

// @ts-ignore: decorator
@inline
function push(stack: usize, top: usize, from: u32, to: u32, depth: u32, parent: u32): usize {
  store<u32>(stack + top, from);
  store<u32>(stack + top, to, 4);
  store<u32>(stack + top, depth, 8);
  store<u32>(stack + top, parent, 12);
  return top + 16;
}

/** Parent of a node that is a left child or a root: nothing to link. */
const NONE: u32 = 0xffffffff;

/** Grows one tree on the rows members[0..used). */
function grow(members: usize, used: u32, maxDepth: u32, randomSplits: bool, stack: usize): void {
  let top = push(stack, 0, 0, used, 0, NONE);
  while (top) {
    top -= 16;
    const from = load<u32>(stack + top);
    const to = load<u32>(stack + top, 4);
    const depth = load<u32>(stack + top, 8);
    const parent = load<u32>(stack + top, 12);
    if (parent != NONE) store<u32>(nodes + (parent << 3), nodeTotal);
    const first = members + (from << 2);
    const last = members + (to << 2);
    const rows = to - from;

    if (rows == 1) {
      const record = <usize> load<u32>(first);
      addLeaf(load<f64>(record + stride, 8), load<f64>(record + stride));
      continue;
    }
    const sums = summarise(first, last);
    const weight = f64x2.extract_lane(sums, 0);
    const sum = f64x2.extract_lane(sums, 1);
    const varying = pure || depth >= maxDepth || rows < 2 * minLeaf ? 0 : listVarying();
    if (varying == 0) {
      addLeaf(sum, weight);
      continue;
    }
    order = <u64> randomBits();
    if (rows == 2) {
      splitPair(varying, randomSplits, <usize> load<u32>(first), <usize> load<u32>(first, 4));
      continue;
    }
    const tried = min(varying, maxFeatures);
    bestFeature = -1;
    if (randomSplits) searchRandom(first, last, varying, tried, weight, sum, rows);
    else searchBest(first, last, varying, tried, weight, sum, rows);
    if (bestFeature < 0) {
      addLeaf(sum, weight);
      continue;
    }
    const middle = from + partition(first, last, bestFeature, bestThreshold);
    const node = nodeTotal++;
    store<u32>(nodes + (node << 3), <u32> bestFeature | (bestThreshold << 16), 4);
    top = push(stack, top, middle, to, depth + 1, node);
    top = push(stack, top, from, middle, depth + 1, NONE);
  }
}

/** True where all targets of the summarised rows are equal, up to rounding. */
let pure: bool = false;

/** Least and largest value of every feature, purity, and the returned (weight, weight * target). */
function summarise(first: usize, last: usize): v128 {
  const record = <usize> load<u32>(first);
  let sums = v128.load(record + stride);
  let least = load<f64>(record + stride, 16);
  let most = least;
  let low = v128.load(record);
  let high = low;
  for (let at = first + 4; at < last; at += 4) {
    const record = <usize> load<u32>(at);
    sums = f64x2.add(sums, v128.load(record + stride));
    const target = load<f64>(record + stride, 16);
    least = target < least ? target : least;
    most = target > most ? target : most;
    const values = v128.load(record);
    low = i8x16.min_u(low, values);
    high = i8x16.max_u(high, values);
  }
  v128.store(lowest, low);
  v128.store(highest, high);
  // Means of repeated measurements differ in their last bits.
  pure = most - least <= 1e-13 * max(abs(least), abs(most));
  if (!pure) {
    for (let block: u32 = 16; block < stride; block += 16) {
      const record = <usize> load<u32>(first);
      low = v128.load(record + block);
      high = low;
      for (let at = first + 4; at < last; at += 4) {
        const values = v128.load(<usize> load<u32>(at) + block);
        low = i8x16.min_u(low, values);
        high = i8x16.max_u(high, values);
      }
      v128.store(lowest + block, low);
      v128.store(highest + block, high);
    }
  }
  return sums;
}

/** Lists the features that vary in the summarised rows, in `active`; returns how many. */
function listVarying(): i32 {
  let count = 0;
  for (let block: u32 = 0; block < stride; block += 16) {
    let mask = i8x16.bitmask(i8x16.ne(v128.load(lowest + block), v128.load(highest + block)));
    while (mask) {
      store<u16>(active + (count++ << 1), <u16> (block + ctz(mask)));
      mask &= mask - 1;
    }
  }
  return count;
}

// Order of features at a node: a linear congruential stream (Knuth's MMIX constants), started again from
// the main generator at every node, since most nodes are small and the main one costs more.
let order: u64 = 0;

/** Moves a random one of the features active[at..varying) to place `at` and returns it. */
// @ts-ignore: decorator
@inline
function drawFeature(at: i32, varying: i32): i32 {
  order = order * 6364136223846793005 + 1442695040888963407;
  const other = at + <i32> (((order >> 32) * <u64> (varying - at)) >> 32);
  const drawn = load<u16>(active + (other << 1));
  store<u16>(active + (other << 1), load<u16>(active + (at << 1)));
  store<u16>(active + (at << 1), drawn);
  return drawn;
}

/** Splits a node of two rows, at once: every feature that varies separates them alike. */
function splitPair(varying: i32, randomSplits: bool, one: usize, other: usize): void {
  const feature = drawFeature(0, varying);
  const low = <u32> load<u8>(lowest + feature);
  const high = <u32> load<u8>(highest + feature);
  const threshold = randomSplits ? low + randomBelow(high - low) : (low + high) >> 1;
  store<u32>(nodes + (nodeTotal << 3), nodeTotal + 2);
  store<u32>(nodes + (nodeTotal << 3), <u32> feature | (threshold << 16), 4);
  nodeTotal++;
  const isLow = <u32> load<u8>(one + feature) == low;
  const left = isLow ? one : other;
  const right = isLow ? other : one;
  addLeaf(load<f64>(left + stride, 8), load<f64>(left + stride));
  addLeaf(load<f64>(right + stride, 8), load<f64>(right + stride));
}

/**
 * How much a split lowers the squared error, times the weight of all rows.
 * left: (weight, weight * target) of the left side.
 */
// @ts-ignore: decorator
@inline
function gainOf(left: v128, weight: f64, sum: f64): f64 {
  const leftWeight = f64x2.extract_lane(left, 0);
  const difference = f64x2.extract_lane(left, 1) * weight - sum * leftWeight;
  return difference * difference / (leftWeight * (weight - leftWeight));
}

// @ts-ignore: decorator
@inline
function pairOf(weight: f64, sum: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(weight), 1, sum);
}

function searchBest(
  first: usize,
  last: usize,
  varying: i32,
  tried: i32,
  weight: f64,
  sum: f64,
  rows: u32,
): void {
  bestGain = -Infinity;
  // Features come in random order, so that ties are broken at random.
  for (let i = 0; i < tried; i++) {
    const feature = drawFeature(i, varying);
    const low = <u32> load<u8>(lowest + feature);
    const high = <u32> load<u8>(highest + feature);
    const histogram = histograms + feature * bins * 16;
    for (let bin = low; bin <= high; bin++) v128.store(histogram + (bin << 4), f64x2.splat(0));
    for (let at = first; at < last; at += 4) {
      const record = <usize> load<u32>(at);
      const bin = histogram + (<usize> load<u8>(record + feature) << 4);
      v128.store(bin, f64x2.add(v128.load(bin), v128.load(record + stride)));
    }
    const tally = tallies + ((feature * bins) << 2);
    if (minLeaf > 1) {
      memory.fill(tally, 0, bins << 2);
      for (let at = first; at < last; at += 4) {
        const bin = tally + (<usize> load<u8>(<usize> load<u32>(at) + feature) << 2);
        store<u32>(bin, load<u32>(bin) + 1);
      }
    }
    let left = v128.load(histogram + (low << 4));
    let leftRows: u32 = minLeaf > 1 ? load<u32>(tally + (low << 2)) : 1;
    let previous = low;
    for (let bin = low + 1; bin <= high; bin++) {
      const here = v128.load(histogram + (bin << 4));
      if (f64x2.extract_lane(here, 0) == 0) continue;
      if (minLeaf == 1 || (leftRows >= minLeaf && rows - leftRows >= minLeaf)) {
        const gain = gainOf(left, weight, sum);
        if (gain > bestGain) {
          bestGain = gain;
          bestFeature = feature;
          bestThreshold = (previous + bin) >> 1;
        }
      }
      left = f64x2.add(left, here);
      if (minLeaf > 1) leftRows += load<u32>(tally + (bin << 2));
      previous = bin;
    }
  }
}

function searchRandom(
  first: usize,
  last: usize,
  varying: i32,
  tried: i32,
  weight: f64,
  sum: f64,
  rows: u32,
): void {
  bestGain = -Infinity;
  for (let i = 0; i < tried; i++) {
    const feature = drawFeature(i, varying);
    const low = <u32> load<u8>(lowest + feature);
    const high = <u32> load<u8>(highest + feature);
    // A threshold uniform in [low, high) separates whole numbers as its whole part does.
    const threshold = low + randomBelow(high - low);
    let left = f64x2.splat(0);
    let leftRows: u32 = 0;
    for (let at = first; at < last; at += 4) {
      const record = <usize> load<u32>(at);
      const goesLeft = <u32> load<u8>(record + feature) <= threshold;
      left = f64x2.add(left, v128.and(v128.load(record + stride), i64x2.splat(-(<i64> goesLeft))));
      leftRows += u32(goesLeft);
    }
    if (leftRows < minLeaf || rows - leftRows < minLeaf) continue;
    const gain = gainOf(left, weight, sum);
    if (gain > bestGain) {
      bestGain = gain;
      bestFeature = feature;
      bestThreshold = threshold;
    }
  }
}

/** Moves the rows with feature <= threshold to the front, order kept; returns how many they are. */
function partition(first: usize, last: usize, feature: i32, threshold: u32): u32 {
  let left = first;
  let right = scratch;
  for (let at = first; at < last; at += 4) {
    const record = load<u32>(at);
    const goesLeft = <usize> (<u32> load<u8>(<usize> record + feature) <= threshold) << 2;
    store<u32>(left, record);
    store<u32>(right, record);
    left += goesLeft;
    right += 4 - goesLeft;
  }
  const count = <u32> ((left - first) >> 2);
  // Runs are short: a loop beats the call behind memory.copy.
  for (let from = scratch; from < right; from += 4, left += 4) store<u32>(left, load<u32>(from));
  return count;
}
