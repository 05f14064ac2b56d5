import type { Profile } from "../domain/mod.ts";
import type { TreeOptions } from "../sim-wasm/models/tree_fit.ts";
import { Trees } from "../sim-wasm/models/trees.ts";
import { checkTraining } from "./checks.ts";
import { copyRepeats } from "./measurements.ts";
import { TreeModel } from "./tree_model.ts";

/** How the paper grows its forest. */
export const FOREST_OPTIONS: Omit<TreeOptions, "seed"> = Object.freeze({
  trees: 100,
  maxDepth: 20,
  minLeaf: 1,
  maxFeatures: Infinity,
  bootstrap: true,
  splits: "best",
});

/**
 * The interference model of the paper (SC'20): a random forest per app on the counts alone, fitted
 * on all rows, with 0 as the target where the app is absent.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitForest(
  profile: Profile,
  options: Partial<TreeOptions> & { readonly seed: number },
): TreeModel {
  checkTraining(profile);
  const { apps, rows, counts, rps } = copyRepeats(profile);
  const samples = apps.map((_, app) => ({
    counts,
    targets: Float64Array.from({ length: rows }, (_, row) => {
      const at = row * apps.length + app;
      return counts[at] === 0 ? 0 : rps[at]!;
    }),
  }));
  const trees = Trees.fit("counts", samples, { ...FOREST_OPTIONS, ...options });
  return new TreeModel("forest", apps, trees);
}
