// Gradient boosting by squared error (Friedman 2001): each tree learns what those before it leave over.

import { alloc, free } from "../memory";
import { randomBelow, seedRandom } from "../random";
import {
  beginFitted,
  beginTree,
  fittedNodeCount,
  fittedNodes,
  fittedValueCount,
  fittedValues,
  follow,
} from "./tree_arrays";
import { createGrowth, destroyGrowth, grow } from "./tree_growth";
import { TreeRows, weigh } from "./tree_rows";

/**
 * Grows `trees` trees, each from a share `subsample` of the rows, drawn again for each tree, and counting by `rate`; leaf
 * values are scaled so that the mean of the trees is the prediction, as with fitForest(), whose other parameters are alike.
 */
export function fitBoosted(
  rowsAddress: usize,
  trees: u32,
  maxDepth: u32,
  minLeaf: u32,
  maxFeatures: i32,
  rate: f64,
  subsample: f64,
  seed: u32,
): void {
  seedRandom(seed);
  const rows = changetype<TreeRows>(rowsAddress);
  const growth = createGrowth(rows, maxDepth, minLeaf, maxFeatures, false);
  beginFitted(trees);
  weigh(rows, false);
  // f64[rows]: what is left of the mean target of each row.
  const left = alloc(<usize> rows.count * 8);
  const base = beginResiduals(rows, left);
  const drawn = max<u32>(1, <u32> Math.ceil(subsample * <f64> rows.used));
  for (let tree: u32 = 0; tree < trees; tree++) {
    setTargets(rows, left);
    drawMembers(rows, drawn);
    beginTree(tree, rows.count);
    const root = fittedNodeCount();
    const firstLeaf = fittedValueCount();
    grow(growth, drawn);
    for (let row: u32 = 0; row < rows.count; row++) {
      const record = rows.records + row * rows.recordBytes;
      const value = follow(fittedNodes(), fittedValues(), root, record);
      store<f64>(left + (row << 3), load<f64>(left + (row << 3)) - rate * value);
    }
    for (let leaf = firstLeaf; leaf < fittedValueCount(); leaf++) {
      const at = fittedValues() + (<usize> leaf << 3);
      store<f64>(at, base + <f64> trees * rate * load<f64>(at));
    }
  }
  free(left);
  destroyGrowth(growth);
}

/** Writes the mean target of each row less the mean of all, which is returned. */
function beginResiduals(rows: TreeRows, left: usize): f64 {
  let weight: f64 = 0;
  let sum: f64 = 0;
  for (let row: u32 = 0; row < rows.count; row++) {
    const sums = rows.records + row * rows.recordBytes + rows.stride;
    weight += load<f64>(sums);
    sum += load<f64>(sums, 8);
  }
  const base = sum / weight;
  for (let row: u32 = 0; row < rows.count; row++) {
    const sums = rows.records + row * rows.recordBytes + rows.stride;
    store<f64>(left + (row << 3), load<f64>(sums, 16) - base);
  }
  return base;
}

/** Makes what is left the target of every row. */
function setTargets(rows: TreeRows, left: usize): void {
  for (let row: u32 = 0; row < rows.count; row++) {
    const sums = rows.records + row * rows.recordBytes + rows.stride;
    const residual = load<f64>(left + (row << 3));
    store<f64>(sums, load<f64>(sums) * residual, 8);
    store<f64>(sums, residual, 16);
  }
}

/** Lists all rows as members, a random `drawn` of them first. */
function drawMembers(rows: TreeRows, drawn: u32): void {
  const members = rows.members;
  const used = rows.used;
  for (let at: u32 = 0; at < used; at++) {
    store<u32>(members + (at << 2), <u32> (rows.records + at * rows.recordBytes));
  }
  for (let at: u32 = 0; drawn < used && at < drawn; at++) {
    const other = at + randomBelow(used - at);
    const kept = load<u32>(members + (other << 2));
    store<u32>(members + (other << 2), load<u32>(members + (at << 2)));
    store<u32>(members + (at << 2), kept);
  }
}
