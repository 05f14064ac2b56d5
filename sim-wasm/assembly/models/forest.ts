// Ensembles of independent trees: random forests and extremely randomised trees.

import { seedRandom } from "../random";
import { beginFitted, beginTree } from "./tree_arrays";
import { createGrowth, destroyGrowth, grow } from "./tree_growth";
import { TreeRows, weigh } from "./tree_rows";

/**
 * Grows `trees` independent trees; the result is read through fittedNodes() and its siblings.
 * maxDepth: splits above a leaf at most. minLeaf: least rows of a leaf. maxFeatures: features looked at per node, of
 * those that vary there. bootstrap: draw as many observations as there are, with replacement, for each tree.
 */
export function fitForest(
  rowsAddress: usize,
  trees: u32,
  maxDepth: u32,
  minLeaf: u32,
  maxFeatures: i32,
  bootstrap: bool,
  randomSplits: bool,
  seed: u32,
): void {
  seedRandom(seed);
  const rows = changetype<TreeRows>(rowsAddress);
  const growth = createGrowth(rows, maxDepth, minLeaf, maxFeatures, randomSplits);
  beginFitted(trees);
  for (let tree: u32 = 0; tree < trees; tree++) {
    if (bootstrap || tree == 0) weigh(rows, bootstrap);
    beginTree(tree, rows.count);
    grow(growth, rows.used);
  }
  destroyGrowth(growth);
}
