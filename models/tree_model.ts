import { configurationCount, type SpaceModel } from "../domain/mod.ts";
import type { TreeArrays, Trees } from "../sim-wasm/trees.ts";

/** An interference model that is one ensemble of regression trees per app. */
export class TreeModel implements SpaceModel {
  /**
   * Wraps fitted trees.
   * @param kind Name of the kind of model.
   * @param apps Names of the apps, as many as `trees` has.
   */
  constructor(
    readonly kind: "forest" | "extra-trees",
    readonly apps: readonly string[],
    readonly trees: Trees,
  ) {}

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.trees.predict(counts, rows);
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

  /** The trees of every app, for saving. */
  arrays(): TreeArrays[] {
    return this.apps.map((_, app) => this.trees.arrays(app));
  }
}
