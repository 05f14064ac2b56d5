import { type Profile, Random } from "../domain/mod.ts";
import type { TreeOptions } from "../sim-wasm/models/tree_fit.ts";
import { Trees } from "../sim-wasm/models/trees.ts";
import { checkTraining } from "./checks.ts";
import { copiesOf, gatherMeasurements, rowsWith } from "./measurements.ts";
import { TreeModel } from "./tree_model.ts";

/** How boosted trees are grown; the figures behind these numbers are in docs/design/profiling.md. */
export const BOOSTING_OPTIONS: Omit<TreeOptions, "seed"> = Object.freeze({
  trees: 300,
  maxDepth: 3,
  minLeaf: 1,
  maxFeatures: Infinity,
  bootstrap: false,
  splits: "best",
  boosting: Object.freeze({ rate: 0.06, subsample: 0.6 }),
});

/** Share of an app's rows that its deviation is found on. */
const HELD = 0.2;

/**
 * Gradient-boosted regression trees per app (Friedman 2001), fitted on the rows where it is present, from
 * histograms of counts, presence and total. Failed measurements are left out.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitBoosting(
  profile: Profile,
  options: Partial<TreeOptions> & { readonly seed: number },
): TreeModel {
  checkTraining(profile);
  const measurements = gatherMeasurements(profile);
  const { apps, counts, rps } = measurements;
  const width = apps.length;
  const random = new Random(options.seed);
  const chosen = { ...BOOSTING_OPTIONS, ...options };
  const rowsOf = apps.map((_, app) => random.fork().shuffle(rowsWith(measurements, app)));
  const sample = (rows: readonly number[], app: number) => {
    const kept = new Uint8Array(rows.length * width);
    rows.forEach((row, at) =>
      kept.set(counts.subarray(row * width, (row + 1) * width), at * width)
    );
    return { counts: kept, targets: Float64Array.from(rows, (row) => rps[row * width + app]!) };
  };
  const weighed = (rows: readonly number[], app: number) =>
    sample(copiesOf(measurements, rows), app);
  const trees = Trees.fit("presence", rowsOf.map(weighed), chosen);
  // A second fit without some rows says how far off the first one may be on rows that nobody measured.
  const held = rowsOf.map((rows) => rows.slice(0, Math.floor(rows.length * HELD)));
  const rest = rowsOf.map((rows, app) => rows.slice(held[app]!.length));
  const partial = Trees.fit("presence", rest.map(weighed), chosen);
  const residuals = held.map((rows, app) => {
    const { counts: asked, targets } = sample(rows, app);
    const predicted = partial.predict(asked, rows.length);
    const squares = targets.map((target, at) => (target - predicted[at * width + app]!) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, rows.length));
  });
  return new TreeModel("boosting", apps, trees, residuals);
}
