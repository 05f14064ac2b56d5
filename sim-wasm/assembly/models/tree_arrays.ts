// The trees of the last fit, in one array of nodes and one of leaf values. Trees stand in preorder, so the left child of
// node i is i + 1:
//   nodes   u32[][2]: inner: index of the right child, feature | threshold << 16 (a value <= threshold goes left);
//           leaf: index of its value, LEAF
//   values  f64[leaves]
//   roots   u32[trees]

import { alloc, free } from "../memory";

/** Second word of a leaf. */
export const LEAF: u32 = 0xffff;

let nodes: usize = 0;
let nodeCapacity: u32 = 0;
let nodeTotal: u32 = 0;
let values: usize = 0;
let valueCapacity: u32 = 0;
let valueTotal: u32 = 0;
let roots: usize = 0;

export function fittedNodes(): usize {
  return nodes;
}
export function fittedNodeCount(): u32 {
  return nodeTotal;
}
export function fittedValues(): usize {
  return values;
}
export function fittedValueCount(): u32 {
  return valueTotal;
}
export function fittedRoots(): usize {
  return roots;
}

/** Gives back the result of the last fit. */
export function freeFitted(): void {
  free(nodes);
  free(values);
  free(roots);
  nodes = values = roots = 0;
  nodeCapacity = valueCapacity = nodeTotal = valueTotal = 0;
}

/** Begins a result of so many trees. */
export function beginFitted(trees: u32): void {
  freeFitted();
  roots = alloc(<usize> trees * 4 + 16);
}

/** Begins a tree of at most `leaves` leaves. */
export function beginTree(tree: u32, leaves: u32): void {
  if (nodeTotal + 2 * leaves > nodeCapacity) {
    nodeCapacity = 2 * nodeCapacity + 2 * leaves;
    nodes = nodes ? heap.realloc(nodes, <usize> nodeCapacity << 3) : heap.alloc(<usize> nodeCapacity << 3);
  }
  if (valueTotal + leaves > valueCapacity) {
    valueCapacity = 2 * valueCapacity + leaves;
    values = values ? heap.realloc(values, <usize> valueCapacity << 3) : heap.alloc(<usize> valueCapacity << 3);
  }
  store<u32>(roots + (<usize> tree << 2), nodeTotal);
}

/** Adds a leaf. */
// @ts-ignore: decorator
@inline
export function addLeaf(sum: f64, weight: f64): void {
  store<f64>(values + (valueTotal << 3), sum / weight);
  store<u32>(nodes + (nodeTotal << 3), valueTotal);
  store<u32>(nodes + (nodeTotal << 3), LEAF, 4);
  valueTotal++;
  nodeTotal++;
}

/** Adds an inner node, whose left child is added next; returns which it is, for {@link linkRight}. */
// @ts-ignore: decorator
@inline
export function addInner(feature: u32, threshold: u32): u32 {
  store<u32>(nodes + (nodeTotal << 3), feature | (threshold << 16), 4);
  return nodeTotal++;
}

/** The node that is added next is the right child of an inner node. */
// @ts-ignore: decorator
@inline
export function linkRight(inner: u32): void {
  store<u32>(nodes + (inner << 3), nodeTotal);
}

/** Leaf value of one tree for one row of features. */
// @ts-ignore: decorator
@inline
export function follow(nodes: usize, values: usize, root: u32, features: usize): f64 {
  let node = root;
  while (true) {
    const split = load<u32>(nodes + (<usize> node << 3), 4);
    const right = load<u32>(nodes + (<usize> node << 3));
    const feature = split & 0xffff;
    if (feature == LEAF) return load<f64>(values + (<usize> right << 3));
    node = <u32> load<u8>(features + feature) <= split >> 16 ? node + 1 : right;
  }
}
