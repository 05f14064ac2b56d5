import { configurationCount, type SpaceModel } from "../domain/mod.ts";
import type { TreeArrays, Trees } from "../sim-wasm/trees.ts";

/** An interference model that is one ensemble of regression trees per app. */
export class TreeModel implements SpaceModel {
  /**
   * @param kind Name of the kind of model.
   * @param apps Names of the apps, as many as `trees` has.
   */
  constructor(
    readonly kind: "forest" | "extra-trees",
    readonly apps: readonly string[],
    readonly trees: Trees,
  ) {}

  /** @inheritdoc */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.trees.predict(counts, rows);
  }

  /** @inheritdoc */
  predictSpace(capacity: number): Float64Array {
    return this.trees.predictSpace(capacity, configurationCount(this.apps.length, capacity));
  }

  /** @inheritdoc */
  throughputSpace(capacity: number): Float64Array {
    return this.trees.throughputSpace(capacity, configurationCount(this.apps.length, capacity));
  }

  /** The trees of every app, for saving. */
  arrays(): TreeArrays[] {
    return this.apps.map((_, app) => this.trees.arrays(app));
  }
}
