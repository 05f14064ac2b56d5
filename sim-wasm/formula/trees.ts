import { type TreesFormula, UnsupportedError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";
import { LEAF, linkTrees, type TreeArrays } from "../models/tree_arrays.ts";
import { FEATURE_SETS, featureCount } from "../models/tree_features.ts";

/** Leaves are numbered by so many bits. */
const LEAF_BITS = 24;

/**
 * Writes a formula into a core, as sim-wasm/assembly/formula/trees.ts draws it. Returns where it is.
 * @throws {InputError} if the arrays are not those of sound trees.
 * @throws {UnsupportedError} for more leaves than a number there has room for.
 */
export function placeTrees(core: Core, { features, ensembles }: TreesFormula): Address {
  const { functions } = core;
  const apps = ensembles.length;
  const usable = featureCount(features, apps);
  const most = Math.max(...ensembles.map(({ values }) => values.length));
  if (most >= 2 ** LEAF_BITS) throw new UnsupportedError(`Trees of ${most} leaves are too many`);
  const formula = functions.createTreesFormula(apps, FEATURE_SETS[features], most);
  ensembles.forEach((ensemble, app) => {
    linkTrees(ensemble, usable, app);
    const { trees, values } = ensemble;
    const at = functions.addEnsemble(formula, app, trees, values.length, usable);
    const words = leadsOf(ensemble, usable);
    core.write("f64", at, values, values.length);
    core.write("u32", at + 8 * values.length, words, words.length);
  });
  return formula;
}

/** A split that sends a node to the right, from leaf to leaf. */
interface Lead {
  readonly feature: number;
  readonly threshold: number;
  readonly from: number;
  readonly to: number;
}

/** Starts, lists and splits of the trees of an app. */
function leadsOf({ trees, splits }: TreeArrays, features: number): Uint32Array {
  const starts: number[] = [];
  const leads: Lead[] = [];
  let node = 0;
  let leaf = 0;
  for (let tree = 0; tree < trees; tree++) {
    starts.push(leaf);
    // Splits whose left side is being read, the lowest last, with the first leaf of each.
    const open: { readonly split: number; readonly from: number }[] = [];
    while (true) {
      const split = splits[node++]!;
      if (split !== LEAF) {
        open.push({ split, from: leaf });
        continue;
      }
      leaf++;
      const above = open.pop();
      if (above === undefined) break;
      const { split: parent, from } = above;
      leads.push({ feature: parent & 0xffff, threshold: parent >>> 16, from, to: leaf });
    }
  }
  leads.sort((a, b) => a.feature - b.feature || a.threshold - b.threshold || a.from - b.from);
  const lists = new Uint32Array(features + 1);
  for (const { feature } of leads) lists[feature + 1]!++;
  for (let feature = 0; feature < features; feature++) lists[feature + 1]! += lists[feature]!;
  return Uint32Array.from([
    ...starts,
    ...lists,
    ...leads.flatMap(({ threshold, from, to }) => [(threshold << LEAF_BITS | from) >>> 0, to]),
  ]);
}
