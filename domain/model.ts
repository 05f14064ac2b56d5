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

/**
 * Parameters of a node whose resources stretch the time per request: linear loads on four resources, and apps that wait
 * for answers of another (see datasets/contention.ts, which says what the numbers mean). Arrays by app.
 */
export interface ContentionFormula {
  /** Name of the formula. */
  readonly kind: "contention";
  /** What one container loads each resource by; row-major, apps x 4. */
  readonly loads: Float64Array;
  /** Share of the time per request spent on each resource; row-major, apps x 4. */
  readonly times: Float64Array;
  /** Time for answers from outside the node, 0 for an app that waits for nobody. */
  readonly waits: Float64Array;
  /** App that it waits for, -1 for none. */
  readonly servers: Int32Array;
  /** How many of its containers one container of its server answers. */
  readonly served: Float64Array;
  /** Time per request alone on a node. */
  readonly alone: Float64Array;
}

/**
 * Time per request as a sum over the neighbours of a container: 1 alone, and for each app with neighbours on the node what the
 * first of them adds and what each further one does. Arrays row-major, apps x apps: on the app of the row by the app of the
 * column. Normalised RPS = 1 / the time.
 */
export interface PairwiseFormula {
  /** Name of the formula. */
  readonly kind: "pairwise";
  /** What the first neighbour adds; below 0 where it helps. */
  readonly first: Float64Array;
  /** What each further one adds; 0 or more. */
  readonly further: Float64Array;
  /** Times below this are this; above 0. */
  readonly least: number;
}

/** What a model computes, as plain data: the simulator's core then needs neither a table nor the model. */
export type Formula = ContentionFormula | PairwiseFormula;

/** A model that can say its formula. */
export interface FormulaModel extends InterferenceModel {
  /** Equal to `predict` to a relative 1e-12. */
  readonly formula: Formula;
}
