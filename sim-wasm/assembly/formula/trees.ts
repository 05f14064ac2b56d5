// An ensemble of regression trees for each app, as the formula of a node.
//
// Few features of a node are not 0, and a split that sees 0 always goes left. So instead of walking down each tree, we look
// at the splits that send this node right: those of its features that are not 0, with thresholds below them. Leaves are numbered from
// left to right, tree after tree. A split that goes right leads from the first leaf below it to the first one to the right of
// it; of several with the same first leaf the highest decides, which leads furthest. Following them from the first leaf of
// a tree ends in the leaf of the node (after QuickScorer: Lucchese et al. 2015).
//
// Memory, of each app:
//   starts    u32[trees]          first leaf of each tree
//   lists     u32[features + 1]   where the splits of each feature begin
//   splits    u32[splits][2]      by feature, then by threshold: first leaf | threshold << 24, first leaf to the right
//   values    f64[leaves]

import { blockOf } from "../memory";
import { PRESENCE } from "../models/tree_features";
import { Formula, makeFormula, presentAt, setSpeed } from "./base";

export const TREES: u32 = 2;

/** Bits of a leaf in a split. */
const LEAF_BITS: u32 = 24;
const LEAF_MASK: u32 = 0xffffff;

@unmanaged
class Ensemble {
  trees: u32;
  leaves: u32;
  starts: usize;
  lists: usize;
  splits: usize;
  values: usize;
}

@unmanaged
export class TreesFormula extends Formula {
  featureSet: i32;
  /** u32[apps]: the ensemble of each app. */
  ensembles: usize;
  /** u32[most leaves of an app]: where each leads, 0 between two evaluations. */
  leads: usize;
}

/** A formula whose ensembles are added one by one. mostLeaves: of any app; below 2^24. */
export function createTreesFormula(
  apps: u32,
  featureSet: i32,
  mostLeaves: u32,
): usize {
  const formula = changetype<TreesFormula>(makeFormula(offsetof<TreesFormula>(), TREES, apps));
  formula.featureSet = featureSet;
  formula.ensembles = blockOf(formula, <usize> apps * 4);
  formula.leads = blockOf(formula, <usize> mostLeaves * 4);
  return changetype<usize>(formula);
}

/** Makes room for the trees of an app: values, starts, lists, splits. Returns where. */
export function addEnsemble(
  address: usize,
  app: u32,
  trees: u32,
  leaves: u32,
  features: u32,
): usize {
  const formula = changetype<TreesFormula>(address);
  const splits = leaves - trees;
  const words = <usize> trees + features + 1 + 2 * splits;
  const ensemble = changetype<Ensemble>(blockOf(formula, offsetof<Ensemble>()));
  ensemble.trees = trees;
  ensemble.leaves = leaves;
  ensemble.values = blockOf(formula, <usize> leaves * 8 + words * 4);
  ensemble.starts = ensemble.values + <usize> leaves * 8;
  ensemble.lists = ensemble.starts + <usize> trees * 4;
  ensemble.splits = ensemble.lists + (<usize> features + 1) * 4;
  store<u32>(formula.ensembles + (<usize> app << 2), changetype<usize>(ensemble));
  return ensemble.values;
}

/** Notes where the splits of a feature lead that send this value right. */
// @ts-ignore: decorator
@inline
function lead(ensemble: Ensemble, feature: u32, value: u32, leads: usize): void {
  const list = ensemble.lists + (<usize> feature << 2);
  let split = ensemble.splits + (<usize> load<u32>(list) << 3);
  const end = ensemble.splits + (<usize> load<u32>(list, 4) << 3);
  for (; split < end; split += 8) {
    const from = load<u32>(split);
    if (from >> LEAF_BITS >= value) return;
    const at = leads + (<usize> (from & LEAF_MASK) << 2);
    store<u32>(at, max(load<u32>(at), load<u32>(split, 4)));
  }
}

/** Writes the speeds of the apps that are listed as present. */
export function treesSpeeds(formula: TreesFormula, counts: usize, found: u32): void {
  const apps = formula.apps;
  const leads = formula.leads;
  let total: u32 = 0;
  for (let at: u32 = 0; at < found; at++) total += load<u8>(counts + presentAt(formula, at));
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const ensemble = changetype<Ensemble>(load<u32>(formula.ensembles + (<usize> app << 2)));
    for (let other: u32 = 0; other < found; other++) {
      const by = presentAt(formula, other);
      lead(ensemble, by, load<u8>(counts + by), leads);
      if (formula.featureSet == PRESENCE) lead(ensemble, apps + by, 1, leads);
    }
    if (formula.featureSet == PRESENCE) {
      lead(ensemble, 2 * apps, total, leads);
    }
    let start = ensemble.starts;
    let sum: f64 = 0;
    for (const end = start + (<usize> ensemble.trees << 2); start < end; start += 4) {
      let leaf = load<u32>(start);
      // No split leads to leaf 0.
      let next = load<u32>(leads + (<usize> leaf << 2));
      while (next) {
        leaf = next;
        next = load<u32>(leads + (<usize> leaf << 2));
      }
      sum += load<f64>(ensemble.values + (<usize> leaf << 3));
    }
    memory.fill(leads, 0, <usize> ensemble.leaves << 2);
    setSpeed(formula, app, sum / <f64> ensemble.trees);
  }
}
