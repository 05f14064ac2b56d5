/**
 * What models compute, as plain data: the simulator's core then needs neither a table nor the model.
 * @module
 */

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
 * column. Normalised RPS = that alone / the time.
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
  /** By app: normalised RPS alone, 0 or more. */
  readonly alone: Float64Array;
}

/** An ensemble of regression trees for each app. */
export interface TreesFormula {
  /** Name of the formula. */
  readonly kind: "trees";
  /** What the trees see: the counts, or those, per app whether it is present, and the total. */
  readonly features: "counts" | "presence";
  /** By app; see TreeArrays. */
  readonly ensembles: readonly {
    readonly trees: number;
    readonly splits: Uint32Array;
    readonly values: Float64Array;
  }[];
}

/** A Gaussian process for each app over the counts and the total: 1 for a lone container, else its mean, 0 or more. */
export interface GaussianFormula {
  /** Name of the formula. */
  readonly kind: "gaussian";
  /** Larger counts and totals are taken for this one. */
  readonly capacity: number;
  /** By app. */
  readonly processes: readonly {
    /** Row-major, (apps + 1) x (capacity + 1) x (capacity + 1): covariance of every two values of every feature, above 0. */
    readonly tables: Float64Array;
    /** Row-major, rows x (apps + 1): the features that were measured. */
    readonly points: Uint8Array;
    /** Length rows. */
    readonly weights: Float64Array;
    /** Where nothing is near. */
    readonly mean: number;
  }[];
}

/** A weighted mean of formulas; 1 for a lone container. */
export interface BlendFormula {
  /** Name of the formula. */
  readonly kind: "blend";
  /** Formulas with their shares of the value. */
  readonly members: readonly { readonly weight: number; readonly formula: Formula }[];
}

/** Measured configurations, and a formula for all others. */
export interface MeasuredFormula {
  /** Name of the formula. */
  readonly kind: "measured";
  /** Row-major, rows x apps; no row twice. */
  readonly counts: Uint8Array;
  /** Row-major, rows x apps. */
  readonly rps: Float64Array;
  /** The formula of all other configurations. */
  readonly others: Formula;
}

/** A formula for some of its apps, in another order, each at a speed of its own; see ArrangedModel. */
export interface ArrangedFormula {
  /** Name of the formula. */
  readonly kind: "arranged";
  /** Apps of the formula that is arranged. */
  readonly apps: number;
  /** By app: its index there. */
  readonly places: Uint32Array;
  /** By app: what its normalised RPS is multiplied by. */
  readonly speed: Float64Array;
  /** What is looked up and multiplied. */
  readonly formula: Formula;
}

/** What a container is worth to a search instead of its normalised RPS. */
export interface WorthFormula {
  /** Name of the formula. */
  readonly kind: "worth";
  /** RPS below which the logarithm counts as that of this; null where the worth is no logarithm. */
  readonly leastLogarithm: number | null;
  /** By app: what that is multiplied by. */
  readonly weights: Float64Array;
  /** What the logarithm is taken of. */
  readonly formula: Formula;
}

/** What a model computes, as plain data. */
export type Formula =
  | ContentionFormula
  | PairwiseFormula
  | TreesFormula
  | GaussianFormula
  | BlendFormula
  | MeasuredFormula
  | ArrangedFormula
  | WorthFormula;
