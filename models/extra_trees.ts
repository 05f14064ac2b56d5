import type { Profile } from "../domain/mod.ts";
import { MAX_DEPTH } from "../sim-wasm/models/tree_arrays.ts";
import { featureCount } from "../sim-wasm/models/tree_features.ts";
import type { TreeOptions } from "../sim-wasm/models/tree_fit.ts";
import { Trees } from "../sim-wasm/models/trees.ts";
import { checkTraining } from "./checks.ts";
import { copyRepeats } from "./measurements.ts";
import { TreeModel } from "./tree_model.ts";

/**
 * How extra-trees are grown by default, for so many apps. Half of the features are tried at a node:
 * in cross-validation on the 2020 profiles that is better than all of them from 322 rows on and no worse
 * on 150; more trees, larger leaves and bootstrapping change the error by less than a tenth.
 */
export function extraTreesOptions(apps: number): Omit<TreeOptions, "seed"> {
  return {
    trees: 100,
    maxDepth: MAX_DEPTH,
    minLeaf: 1,
    maxFeatures: Math.ceil(featureCount("presence", apps) / 2),
    bootstrap: false,
    splits: "random",
  };
}

/**
 * Extremely randomised trees (Geurts, Ernst and Wehenkel 2006) per app, fitted only on the rows
 * where it is present, on the counts, the presence of every app and the total.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitExtraTrees(
  profile: Profile,
  options: Partial<TreeOptions> & { readonly seed: number },
): TreeModel {
  checkTraining(profile);
  const { apps, rows, counts, rps } = copyRepeats(profile);
  const width = apps.length;
  const samples = apps.map((_, app) => {
    const present: number[] = [];
    for (let row = 0; row < rows; row++) if (counts[row * width + app] !== 0) present.push(row);
    const kept = new Uint8Array(present.length * width);
    present.forEach((row, at) =>
      kept.set(counts.subarray(row * width, (row + 1) * width), at * width)
    );
    return {
      counts: kept,
      targets: Float64Array.from(present, (row) => rps[row * width + app]!),
    };
  });
  const trees = Trees.fit("presence", samples, { ...extraTreesOptions(width), ...options });
  return new TreeModel("extra-trees", apps, trees);
}
