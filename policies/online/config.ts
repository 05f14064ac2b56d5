import type { OptionRanges } from "../paper/options.ts";

/** How the policies for arriving containers are learned. */
export interface OnlineConfig {
  /** Units of each scorer's hidden layer; a multiple of 4. */
  readonly hidden: number;
  /** First updates, which imitate near-optimal placements found in hindsight. */
  readonly imitationUpdates: number;
  /** Updates after them, by policy gradient on what every container brings until the end. */
  readonly gradientUpdates: number;
  /** Step size of Adam while imitating, and by policy gradient; each falls to a fiftieth. */
  readonly imitationRate: number;
  readonly gradientRate: number;
  /** Demands of an update of imitation. */
  readonly imitated: number;
  /** Orders of arrival of an update by policy gradient, and samples of each. */
  readonly orders: number;
  readonly samples: number;
  /** Moves of the annealing that finds placements to imitate. */
  readonly annealing: number;
  /** Share of demands whose apps are unequally likely. */
  readonly skewed: number;
}

/** What every option takes. */
export const ONLINE_RANGES: OptionRanges<OnlineConfig> = {
  hidden: { kind: "whole", least: 4, most: 1024 },
  imitationUpdates: { kind: "whole", least: 0 },
  gradientUpdates: { kind: "whole", least: 0 },
  imitationRate: { kind: "real", least: 0, above: true },
  gradientRate: { kind: "real", least: 0, above: true },
  imitated: { kind: "whole", least: 1, most: 1000 },
  orders: { kind: "whole", least: 1, most: 1000 },
  samples: { kind: "whole", least: 2, most: 1000 },
  annealing: { kind: "whole", least: 1 },
  skewed: { kind: "real", least: 0, most: 1 },
};

/** One line on every option, for help texts. */
export const ONLINE_DESCRIPTIONS: Readonly<Record<keyof OnlineConfig, string>> = {
  hidden: "units of each scorer's hidden layer, a multiple of 4",
  imitationUpdates: "first updates, which imitate placements found in hindsight",
  gradientUpdates: "updates after them, by policy gradient",
  imitationRate: "step size of Adam while imitating; falls to a fiftieth",
  gradientRate: "step size of Adam by policy gradient; falls to a fiftieth",
  imitated: "demands of an update of imitation",
  orders: "orders of arrival of an update by policy gradient",
  samples: "samples of each order",
  annealing: "moves of the annealing that finds placements to imitate",
  skewed: "share of demands whose apps are unequally likely",
};

/** About three minutes of one core (172 to 181 s measured) on 27 nodes. */
export const ONLINE_DEFAULTS: Readonly<OnlineConfig> = Object.freeze({
  hidden: 32,
  imitationUpdates: 300,
  gradientUpdates: 500,
  imitationRate: 0.003,
  gradientRate: 0.002,
  imitated: 6,
  orders: 3,
  samples: 12,
  annealing: 100_000,
  skewed: 0,
});
