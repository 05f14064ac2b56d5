import {
  configurationCount,
  type FormulaModel,
  type SpaceModel,
  type TreesFormula,
} from "../domain/mod.ts";
import type { UncertainModel, UncertainPrediction } from "./uncertain.ts";
import type { TreeArrays } from "../sim-wasm/models/tree_arrays.ts";
import type { Trees } from "../sim-wasm/models/trees.ts";

/** An interference model that is one ensemble of regression trees per app. */
export class TreeModel implements SpaceModel, FormulaModel, UncertainModel {
  /** As {@link UncertainModel.inSteps}. */
  readonly inSteps = true;
  #formula: TreesFormula | undefined;

  /**
   * Wraps fitted trees.
   * @param kind Name of the kind of model.
   * @param apps Names of the apps, as many as `trees` has.
   * @param residuals Per app, for boosted trees: deviation of what they leave over on rows they did not see.
   */
  constructor(
    readonly kind: "forest" | "extra-trees" | "boosting",
    readonly apps: readonly string[],
    readonly trees: Trees,
    readonly residuals: readonly number[] = [],
  ) {}

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.trees.predict(counts, rows);
  }

  /**
   * How far the trees are from each other says how unsure they are. Boosted trees build on each other, so their
   * spread says nothing: their deviation is that of what they leave over, the same everywhere.
   */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    const rps = this.predict(counts, rows);
    if (this.kind !== "boosting") {
      return { rps, deviations: this.trees.predictSpread(counts, rows) };
    }
    const width = this.apps.length;
    const deviations = rps.map((_, at) => counts[at] === 0 ? 0 : this.residuals[at % width] ?? 0);
    return { rps, deviations };
  }

  /** As {@link SpaceModel.predictSpace}. */
  predictSpace(capacity: number): Float64Array {
    return this.trees.predictSpace(capacity, configurationCount(this.apps.length, capacity));
  }

  /** As {@link SpaceModel.throughputSpace}. */
  throughputSpace(capacity: number, onProgress?: (fraction: number) => void): Float64Array {
    const configurations = configurationCount(this.apps.length, capacity);
    return this.trees.throughputSpace(capacity, configurations, onProgress);
  }

  /** As {@link FormulaModel.formula}. */
  get formula(): TreesFormula {
    return this.#formula ??= {
      kind: "trees",
      features: this.trees.features,
      ensembles: this.arrays(),
    };
  }

  /** The trees of every app, for saving. */
  arrays(): TreeArrays[] {
    return this.apps.map((_, app) => this.trees.arrays(app));
  }
}
