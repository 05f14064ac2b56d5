// The search for the split of a node that lowers the squared error most, in one of two ways:
//   best    every threshold between values present in the node, from a histogram of the feature; the threshold is the
//           midpoint of the two values around it (Breiman et al. 1984; exact)
//   random  one threshold per feature, uniform between the node's least and largest value, the best feature wins
//           (extremely randomised trees: Geurts, Ernst and Wehenkel 2006)

import { alloc, blockOf, Owner } from "../memory";
import { randomBelow } from "../random";
import { drawFeature, highestOf, lowestOf, TreeNode } from "./tree_node";
import { TreeRows } from "./tree_rows";

@unmanaged
export class Split extends Owner {
  /** Least rows of a leaf. */
  minLeaf: u32;
  isRandom: bool;
  /** Below 0 where there is none. */
  feature: i32;
  /** Values up to it go left. */
  threshold: u32;
  gain: f64;
  /** f64x2[bins]: (weight, weight * target) of the rows by the value of a feature. */
  histogram: usize;
  /** u32[bins]: rows by the value of a feature; only where minLeaf > 1. */
  tally: usize;
}

export function createSplit(rows: TreeRows, minLeaf: u32, isRandom: bool): Split {
  const split = changetype<Split>(alloc(offsetof<Split>()));
  split.minLeaf = minLeaf;
  split.isRandom = isRandom;
  split.histogram = blockOf(split, <usize> rows.bins * 16);
  split.tally = blockOf(split, <usize> rows.bins * 4);
  return split;
}

/** Looks at `tried` of the features that vary. They come in random order, so that ties are broken at random. */
export function searchSplit(split: Split, node: TreeNode, tried: i32): void {
  split.feature = -1;
  split.gain = -Infinity;
  if (split.isRandom) searchRandom(split, node, tried);
  else searchBest(split, node, tried);
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
function keepIfBetter(split: Split, feature: u32, threshold: u32, gain: f64): void {
  if (gain > split.gain) {
    split.gain = gain;
    split.feature = feature;
    split.threshold = threshold;
  }
}

/** Every threshold between the values that are present. */
function searchBest(split: Split, node: TreeNode, tried: i32): void {
  const minLeaf = split.minLeaf;
  const histogram = split.histogram;
  const tally = split.tally;
  const column = node.stride;
  const first = node.first;
  const last = node.last;
  const weight = node.weight;
  const sum = node.sum;
  for (let i = 0; i < tried; i++) {
    const feature = drawFeature(node, i);
    const low = lowestOf(node, feature);
    const high = highestOf(node, feature);
    for (let bin = low; bin <= high; bin++) v128.store(histogram + (bin << 4), f64x2.splat(0));
    for (let at = first; at < last; at += 4) {
      const record = <usize> load<u32>(at);
      const bin = histogram + (<usize> load<u8>(record + feature) << 4);
      v128.store(bin, f64x2.add(v128.load(bin), v128.load(record + column)));
    }
    if (minLeaf > 1) {
      memory.fill(tally + (low << 2), 0, (high - low + 1) << 2);
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
      if (minLeaf == 1 || (leftRows >= minLeaf && node.rows - leftRows >= minLeaf)) {
        keepIfBetter(split, feature, (previous + bin) >> 1, gainOf(left, weight, sum));
      }
      left = f64x2.add(left, here);
      if (minLeaf > 1) leftRows += load<u32>(tally + (bin << 2));
      previous = bin;
    }
  }
}

/** One threshold, uniform in [low, high): it separates whole numbers as its whole part does. */
function searchRandom(split: Split, node: TreeNode, tried: i32): void {
  const minLeaf = split.minLeaf;
  const column = node.stride;
  const first = node.first;
  const last = node.last;
  const rows = node.rows;
  const weight = node.weight;
  const sum = node.sum;
  for (let i = 0; i < tried; i++) {
    const feature = drawFeature(node, i);
    const low = lowestOf(node, feature);
    const threshold = low + randomBelow(highestOf(node, feature) - low);
    let left = f64x2.splat(0);
    let leftRows: u32 = 0;
    for (let at = first; at < last; at += 4) {
      const record = <usize> load<u32>(at);
      const goesLeft = <u32> load<u8>(record + feature) <= threshold;
      left = f64x2.add(left, v128.and(v128.load(record + column), i64x2.splat(-(<i64> goesLeft))));
      leftRows += u32(goesLeft);
    }
    if (leftRows < minLeaf || rows - leftRows < minLeaf) continue;
    keepIfBetter(split, feature, threshold, gainOf(left, weight, sum));
  }
}
