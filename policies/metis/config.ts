import {
  flag,
  type LearnerOptions,
  learnerOptions,
  type LearnerOptionTable,
  real,
  whole,
} from "../learning/options.ts";

/** How the policy `metis` is learned. {@link METIS_OPTIONS} says what each option means. */
export interface MetisConfig {
  /** Learn on many drawn nodes; those of the setting only validate. */
  readonly universal: boolean;
  /** Choose by levels of groups, as the paper does, not among all configurations at once. */
  readonly levels: boolean;
  /** Units of the scorer's hidden layer, a multiple of 4. */
  readonly hidden: number;
  /** Step size of Adam at the start; falls to a fiftieth. */
  readonly learningRate: number;
  /** Largest norm of a gradient. */
  readonly clipNorm: number;
  /** Updates in all. */
  readonly updates: number;
  /** Demands of an update. */
  readonly demands: number;
  /** Placements sampled of each demand. */
  readonly samples: number;
  /** Best samples that local search polishes before the best is imitated. */
  readonly polished: number;
  /** Share of demands that fill any share of the slots; the others fill 25 to 70 %. */
  readonly wholeRange: number;
  /** Share of demands whose apps are unequally likely. */
  readonly skewed: number;
}

/** What each option means. By default about three minutes of one core (158 to 168 s measured) on 27 nodes. */
export const METIS_TABLE: LearnerOptionTable<MetisConfig> = {
  universal: flag(false, "learn on many drawn nodes; those that are given only validate"),
  levels: flag(
    false,
    "choose by levels of groups, as the paper does, not among all configurations at once",
  ),
  hidden: whole(32, "units of the scorer's hidden layer where it starts afresh, a multiple of 4", {
    least: 4,
    most: 1024,
    multipleOf: 4,
  }),
  // Along half a cosine.
  learningRate: real(0.003, "step size of Adam at the start; falls to a fiftieth", { above: 0 }),
  clipNorm: real(1, "largest norm of a gradient", { above: 0 }),
  updates: whole(4000, "updates in all", { least: 1 }),
  demands: whole(6, "demands of an update", { least: 1, most: 1000 }),
  samples: whole(12, "placements sampled for each demand", { least: 1, most: 1000 }),
  polished: whole(3, "best samples that local search polishes before the best is imitated", {
    least: 0,
    most: 1000,
  }),
  wholeRange: real(
    0.4,
    "share of demands that fill any share of the slots; the others fill 25 to 70 %",
    { least: 0, most: 1 },
  ),
  skewed: real(0.3, "share of demands whose apps are unequally likely", { least: 0, most: 1 }),
};

/** The options of the policy `metis`. */
export const METIS_OPTIONS: LearnerOptions<MetisConfig> = learnerOptions(METIS_TABLE);
