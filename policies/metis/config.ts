import type { OptionRanges } from "../paper/options.ts";

/** How the policy `metis` is learned. */
export interface MetisConfig {
  /** Choose by literal levels (groups of nine, of three, nodes) in place of one choice among configurations. */
  readonly levels: boolean;
  /** Units of the scorer's hidden layer; a multiple of 4. */
  readonly hidden: number;
  /** Step size of Adam at the start; it falls to a fiftieth along half a cosine. */
  readonly learningRate: number;
  /** Gradients with a larger norm are scaled down to it. */
  readonly clipNorm: number;
  /** Updates in all. */
  readonly updates: number;
  /** Demands of an update. */
  readonly demands: number;
  /** Placements sampled of each demand. */
  readonly samples: number;
  /** The best of them are polished by local search, and the best of those is imitated. */
  readonly polished: number;
  /** Share of the demands that fill any share of the slots; the others fill 25 to 70 %. */
  readonly wholeRange: number;
  /** Share of the demands whose apps are unequally likely. */
  readonly skewed: number;
}

/** What every option takes. */
export const METIS_RANGES: OptionRanges<MetisConfig> = {
  levels: { kind: "switch" },
  hidden: { kind: "whole", least: 4, most: 1024 },
  learningRate: { kind: "real", least: 0, above: true },
  clipNorm: { kind: "real", least: 0, above: true },
  updates: { kind: "whole", least: 1 },
  demands: { kind: "whole", least: 1, most: 1000 },
  samples: { kind: "whole", least: 1, most: 1000 },
  polished: { kind: "whole", least: 0, most: 1000 },
  wholeRange: { kind: "real", least: 0, most: 1 },
  skewed: { kind: "real", least: 0, most: 1 },
};

/** One line on every option, for help texts. */
export const METIS_DESCRIPTIONS: Readonly<Record<keyof MetisConfig, string>> = {
  levels: "choose by levels of groups, as the paper does, not among all configurations at once",
  hidden: "units of the scorer's hidden layer, a multiple of 4",
  learningRate: "step size of Adam at the start; falls to a fiftieth",
  clipNorm: "largest norm of a gradient",
  updates: "updates in all",
  demands: "demands of an update",
  samples: "placements sampled of each demand",
  polished: "best samples that local search polishes before the best is imitated",
  wholeRange: "share of demands that fill any share of the slots; the others fill 25 to 70 %",
  skewed: "share of demands whose apps are unequally likely",
};

/** About three minutes of one core (158 to 168 s measured) on 27 nodes. */
export const METIS_DEFAULTS: Readonly<MetisConfig> = Object.freeze({
  levels: false,
  hidden: 32,
  learningRate: 0.003,
  clipNorm: 1,
  updates: 4000,
  demands: 6,
  samples: 12,
  polished: 3,
  wholeRange: 0.4,
  skewed: 0.3,
});
