import { InputError } from "../../domain/mod.ts";
import { CORE_CONSTANTS } from "../build/core_exports.ts";

/** The trees of one app, each in preorder: a node, then all of its left side, then its right side. */
export interface TreeArrays {
  /** Number of trees, at least 1. */
  readonly trees: number;
  /**
   * One number per node, tree after tree: feature + 65536 x threshold (a feature value of at most
   * the threshold goes left), or {@link LEAF}. Preorder says which node is whose child.
   */
  readonly splits: Uint32Array;
  /** Value of each leaf, in the order of the leaves. */
  readonly values: Float64Array;
}

/** What stands for a leaf in {@link TreeArrays.splits}. */
export const LEAF = CORE_CONSTANTS.LEAF;

/** Deepest trees that are grown or loaded: far above what whole-numbered features need. */
export const MAX_DEPTH = 1000;

/** Trees as the core follows them; see sim-wasm/assembly/models/tree_arrays.ts. */
export interface LinkedTrees {
  readonly roots: Uint32Array;
  readonly nodes: Uint32Array;
  readonly values: Float64Array;
}

/**
 * Finds the children of every node from the preorder, so that following any path ends in a leaf.
 * @param usable Number of features that there are.
 * @throws {InputError} if the arrays are not those of whole trees.
 */
export function linkTrees(
  { trees, splits, values }: TreeArrays,
  usable: number,
  app: number,
): LinkedTrees {
  const refuse = (problem: string): never => {
    throw new InputError(`Trees of app ${app} are broken: ${problem}`);
  };
  if (!Number.isInteger(trees) || trees < 1 || trees > splits.length) {
    refuse(`${splits.length} nodes cannot be ${trees} trees`);
  }
  const roots = new Uint32Array(trees);
  const nodes = new Uint32Array(2 * splits.length);
  let node = 0;
  let leaves = 0;
  for (let tree = 0; tree < trees; tree++) {
    roots[tree] = node;
    const awaitingRight: { readonly node: number; readonly depth: number }[] = [];
    let depth = 0;
    for (let open = true; open; node++) {
      const split = splits[node] ?? refuse(`tree ${tree} ends too early`);
      nodes[2 * node + 1] = split;
      if (split !== LEAF) {
        if ((split & 0xffff) >= usable) refuse(`node ${node} asks for an unknown feature`);
        if (split >>> 16 > 255) refuse(`node ${node} has a threshold above 255`);
        if (depth === MAX_DEPTH) refuse(`node ${node} is deeper than ${MAX_DEPTH} splits`);
        awaitingRight.push({ node, depth: ++depth });
        continue;
      }
      const value = values[leaves] ?? refuse(`node ${node} has no value`);
      if (!Number.isFinite(value)) refuse(`the value of node ${node} is not a finite number`);
      nodes[2 * node] = leaves++;
      const parent = awaitingRight.pop();
      if (parent === undefined) {
        open = false;
      } else {
        nodes[2 * parent.node] = node + 1;
        depth = parent.depth;
      }
    }
  }
  if (node < splits.length) refuse(`${splits.length - node} nodes are left over`);
  if (leaves < values.length) refuse(`${values.length - leaves} values are left over`);
  return { roots, nodes, values };
}
