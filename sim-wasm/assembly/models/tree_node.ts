// What a node of a tree that is being grown holds: the sums of its rows, between which values each feature varies, and
// the order in which features are looked at.

import { alloc, blockOf, Owner } from "../memory";
import { randomBits } from "../random";
import { TreeRows } from "./tree_rows";

@unmanaged
export class TreeNode extends Owner {
  /** Bytes of the features of a row. */
  stride: u32;
  /** Addresses of its records: u32[rows] from `first` to `last`. */
  first: usize;
  last: usize;
  rows: u32;
  weight: f64;
  /** Sum of weight * target. */
  sum: f64;
  /** True where all targets are equal, up to rounding. */
  pure: bool;
  /** u8[stride]: the least and the largest value of each feature; valid unless it is pure. */
  lowest: usize;
  highest: usize;
  /** How many features vary. */
  varying: i32;
  /** u16[varying]: which. */
  active: usize;
  /**
   * State of the order of the features: a linear congruential stream (Knuth's MMIX constants), started again from the main
   * generator at every node, since most nodes are small and the main one costs more.
   */
  order: u64;
}

export function createTreeNode(rows: TreeRows): TreeNode {
  const node = changetype<TreeNode>(alloc(offsetof<TreeNode>()));
  node.stride = rows.stride;
  node.lowest = blockOf(node, rows.stride);
  node.highest = blockOf(node, rows.stride);
  node.active = blockOf(node, <usize> rows.features * 2);
  return node;
}

/** Takes the records of a node, at least one: sums, purity, least and largest values. */
export function summarise(node: TreeNode, first: usize, last: usize): void {
  node.first = first;
  node.last = last;
  node.rows = <u32> ((last - first) >> 2);
  const stride = node.stride;
  const lowest = node.lowest;
  const highest = node.highest;
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
  node.weight = f64x2.extract_lane(sums, 0);
  node.sum = f64x2.extract_lane(sums, 1);
  // Means of repeated measurements differ in their last bits.
  node.pure = most - least <= 1e-13 * max(abs(least), abs(most));
  if (node.pure) return;
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

/** Lists the features that vary, and starts their order. */
export function listVarying(node: TreeNode): void {
  const active = node.active;
  let count = 0;
  for (let block: u32 = 0; block < node.stride; block += 16) {
    let mask = i8x16.bitmask(i8x16.ne(v128.load(node.lowest + block), v128.load(node.highest + block)));
    while (mask) {
      store<u16>(active + (count++ << 1), <u16> (block + ctz(mask)));
      mask &= mask - 1;
    }
  }
  node.varying = count;
  if (count > 0) node.order = <u64> randomBits();
}

/** Least value of a feature. */
// @ts-ignore: decorator
@inline
export function lowestOf(node: TreeNode, feature: u32): u32 {
  return <u32> load<u8>(node.lowest + feature);
}

/** Largest value of a feature. */
// @ts-ignore: decorator
@inline
export function highestOf(node: TreeNode, feature: u32): u32 {
  return <u32> load<u8>(node.highest + feature);
}

/** Moves a random one of the features active[at..varying) to place `at` and returns it. */
// @ts-ignore: decorator
@inline
export function drawFeature(node: TreeNode, at: i32): u32 {
  const active = node.active;
  const order = node.order * 6364136223846793005 + 1442695040888963407;
  node.order = order;
  const other = at + <i32> (((order >> 32) * <u64> (node.varying - at)) >> 32);
  const drawn = load<u16>(active + (other << 1));
  store<u16>(active + (other << 1), load<u16>(active + (at << 1)));
  store<u16>(active + (at << 1), drawn);
  return drawn;
}
