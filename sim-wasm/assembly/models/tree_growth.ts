// Growing one regression tree on small whole-numbered features (u8), by squared error: nodes are split until they are pure,
// deep enough or too small.

import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { randomBelow } from "../random";
import { addInner, addLeaf, linkRight } from "./tree_arrays";
import { createTreeNode, drawFeature, highestOf, listVarying, lowestOf, summarise, TreeNode } from "./tree_node";
import { TreeRows } from "./tree_rows";
import { createSplit, searchSplit, Split } from "./tree_split";

@unmanaged
export class Growth extends Owner {
  rows: TreeRows;
  /** Splits above a leaf at most. */
  maxDepth: u32;
  /** Features looked at per node, of those that vary there. */
  maxFeatures: i32;
  node: TreeNode;
  split: Split;
  /** Open nodes, 16 bytes each: members from and to, depth, parent. Each split takes one and leaves two. */
  stack: usize;
  /** u32[rows]: members that go right. */
  scratch: usize;
}

/** minLeaf: least rows of a leaf. */
export function createGrowth(
  rows: TreeRows,
  maxDepth: u32,
  minLeaf: u32,
  maxFeatures: i32,
  randomSplits: bool,
): Growth {
  const growth = changetype<Growth>(alloc(offsetof<Growth>()));
  growth.rows = rows;
  growth.maxDepth = maxDepth;
  growth.maxFeatures = maxFeatures;
  growth.node = createTreeNode(rows);
  growth.split = createSplit(rows, minLeaf, randomSplits);
  growth.stack = blockOf(growth, (<usize> rows.count + 2) * 16);
  growth.scratch = blockOf(growth, <usize> rows.count * 4 + 16);
  return growth;
}

export function destroyGrowth(growth: Growth): void {
  destroyOwner(growth.node);
  destroyOwner(growth.split);
  destroyOwner(growth);
}

/** Parent of a node that is a left child or a root: nothing to link. */
const NONE: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
function push(top: usize, from: u32, to: u32, depth: u32, parent: u32): usize {
  store<u32>(top, from);
  store<u32>(top, to, 4);
  store<u32>(top, depth, 8);
  store<u32>(top, parent, 12);
  return top + 16;
}

// @ts-ignore: decorator
@inline
function addLeafOf(record: usize, column: u32): void {
  addLeaf(load<f64>(record + column, 8), load<f64>(record + column));
}

/** Grows one tree on the first `used` members. */
export function grow(growth: Growth, used: u32): void {
  const node = growth.node;
  const split = growth.split;
  const members = growth.rows.members;
  const column = growth.rows.stride;
  const stack = growth.stack;
  let top = push(stack, 0, used, 0, NONE);
  while (top > stack) {
    top -= 16;
    const from = load<u32>(top);
    const to = load<u32>(top, 4);
    const depth = load<u32>(top, 8);
    const parent = load<u32>(top, 12);
    if (parent != NONE) linkRight(parent);
    const first = members + (from << 2);
    const last = members + (to << 2);
    const rows = to - from;

    if (rows == 1) {
      addLeafOf(<usize> load<u32>(first), column);
      continue;
    }
    summarise(node, first, last);
    const isLeaf = node.pure || depth >= growth.maxDepth || rows < 2 * split.minLeaf;
    if (!isLeaf) listVarying(node);
    if (isLeaf || node.varying == 0) {
      addLeaf(node.sum, node.weight);
      continue;
    }
    if (rows == 2) {
      splitPair(growth, <usize> load<u32>(first), <usize> load<u32>(first, 4));
      continue;
    }
    searchSplit(split, node, min(node.varying, growth.maxFeatures));
    if (split.feature < 0) {
      addLeaf(node.sum, node.weight);
      continue;
    }
    const middle = from + partition(first, last, split.feature, split.threshold, growth.scratch);
    const inner = addInner(split.feature, split.threshold);
    top = push(top, middle, to, depth + 1, inner);
    top = push(top, from, middle, depth + 1, NONE);
  }
}

/** Splits a node of two rows, at once: every feature that varies separates them alike. */
function splitPair(growth: Growth, one: usize, other: usize): void {
  const node = growth.node;
  const column = node.stride;
  const feature = drawFeature(node, 0);
  const low = lowestOf(node, feature);
  const high = highestOf(node, feature);
  const inner = addInner(feature, growth.split.isRandom ? low + randomBelow(high - low) : (low + high) >> 1);
  const isLow = <u32> load<u8>(one + feature) == low;
  addLeafOf(isLow ? one : other, column);
  linkRight(inner);
  addLeafOf(isLow ? other : one, column);
}

/** Moves the rows with feature <= threshold to the front, order kept; returns how many they are. */
function partition(first: usize, last: usize, feature: u32, threshold: u32, scratch: usize): u32 {
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
