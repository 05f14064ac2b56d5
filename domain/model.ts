import type { Formula } from "./formula.ts";

/**
 * What every interference model answers: how fast each app's containers run in a configuration.
 * Models are pure: the same counts give the same answer, and nothing is changed by asking.
 */
export interface InterferenceModel {
  /** Name of the kind of model: "table", "forest", "extra-trees", ... */
  readonly kind: string;
  /** Names of the apps, in the order of every count vector. */
  readonly apps: readonly string[];
  /**
   * Normalised RPS of each app in each configuration.
   * @param counts Row-major, length rows x apps; read only.
   * @param rows Number of configurations.
   * @returns A new array, row-major, length rows x apps; 0 if the app is absent; always finite.
   * @throws {MissingConfigurationError} by a table that was never given the configuration.
   * @throws {ShapeError} if `counts` has another length.
   */
  predict(counts: Uint8Array, rows: number): Float64Array;
}

/** A model that can predict a whole space of configurations faster than configuration by configuration. */
export interface SpaceModel extends InterferenceModel {
  /** True if `throughputSpace` marks some configurations as forbidden. @default false */
  readonly forbids?: boolean;
  /**
   * Normalised RPS of each app in every configuration of at most `capacity` containers.
   * @returns Row-major, configurations x apps, in rank order (see Simulator); equal to `predict` row by row.
   */
  predictSpace(capacity: number): Float64Array;
  /**
   * Throughput (sum over apps of count x RPS) of every configuration of at most `capacity` containers:
   * what a simulator needs, without the memory for every app's RPS.
   * @param onProgress Told now and then which share, 0 to 1, is done.
   * @returns Length = configurations, in rank order.
   */
  throughputSpace(capacity: number, onProgress?: (fraction: number) => void): Float64Array;
}

/** A model that can say its formula. */
export interface FormulaModel extends InterferenceModel {
  /** Equal to `predict` but for rounding: to a relative 1e-9, contention and pairs to 1e-12. */
  readonly formula: Formula;
}

/** The formula of a model, undefined where it has none. */
export function formulaOf(model: InterferenceModel): Formula | undefined {
  return (model as Partial<FormulaModel>).formula;
}
