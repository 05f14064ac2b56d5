import type { OptionRanges } from "./options.ts";

/** How a learner of one demand learns. Rewards are mean normalised throughput minus the best mean so far. */
export interface DemandConfig {
  /** Units of each network's hidden layer. */
  readonly hidden: number;
  /** Step size of Adam. */
  readonly learningRate: number;
  /** Gradients with a larger norm are scaled down to it; 0 = never. */
  readonly clipNorm: number;
  /** Weight of the entropy bonus in the loss. */
  readonly entropyWeight: number;
  /** Episodes after which the entropy weight is halved, again and again; 0 = never. */
  readonly entropyHalvedEvery: number;
  /** Least entropy weight that halving leads to. */
  readonly entropyFloor: number;
  /** Episodes in all. */
  readonly episodes: number;
  /** New episodes of an update. */
  readonly episodesPerUpdate: number;
  /** Whether rewards of an update are shifted to mean 0 and scaled to deviation 1. */
  readonly normalise: boolean;
  /** First episodes that follow external knowledge (spread evenly) and are kept as demonstrations. */
  readonly demonstrations: number;
  /** Demonstrations that each update adds. */
  readonly demonstrationsPerUpdate: number;
  /** Demonstrations are added while the best of them is above this share of the best mean. */
  readonly demonstrationFloor: number;
  /** Kept episodes that each update adds at most. */
  readonly replayed: number;
  /** Kept episodes at most: more of them shrink the range. */
  readonly replayCapacity: number;
  /** Episodes are kept whose mean is above best / range. */
  readonly replayRange: number;
  /** Factor of the range where too many episodes are kept. */
  readonly replayShrink: number;
  /** Least range that shrinking leads to. */
  readonly replayFloor: number;
}

/** What every option takes. */
export const DEMAND_RANGES: OptionRanges<DemandConfig> = {
  hidden: { kind: "whole", least: 1, most: 4096 },
  learningRate: { kind: "real", least: 0, above: true },
  clipNorm: { kind: "real", least: 0 },
  entropyWeight: { kind: "real", least: 0 },
  entropyHalvedEvery: { kind: "whole", least: 0 },
  entropyFloor: { kind: "real", least: 0 },
  episodes: { kind: "whole", least: 1 },
  episodesPerUpdate: { kind: "whole", least: 1, most: 10_000 },
  normalise: { kind: "switch" },
  demonstrations: { kind: "whole", least: 0 },
  demonstrationsPerUpdate: { kind: "whole", least: 0 },
  demonstrationFloor: { kind: "real", least: 0, most: 1 },
  replayed: { kind: "whole", least: 0 },
  replayCapacity: { kind: "whole", least: 1 },
  replayRange: { kind: "real", least: 1 },
  replayShrink: { kind: "real", least: 0, most: 1, above: true },
  replayFloor: { kind: "real", least: 1 },
};

/** One line on every option, for help texts. */
export const DEMAND_DESCRIPTIONS: Readonly<Record<keyof DemandConfig, string>> = {
  hidden: "units of each network's hidden layer",
  learningRate: "step size of Adam",
  clipNorm: "largest norm of a gradient, 0 = no limit",
  entropyWeight: "weight of the entropy bonus",
  entropyHalvedEvery: "episodes after which the entropy weight is halved, 0 = never",
  entropyFloor: "least entropy weight that halving leads to",
  episodes: "episodes in all",
  episodesPerUpdate: "new episodes of an update",
  normalise: "scale the rewards of an update to mean 0 and deviation 1",
  demonstrations: "first episodes that spread containers evenly and are kept as demonstrations",
  demonstrationsPerUpdate: "demonstrations that each update adds",
  demonstrationFloor: "share of the best mean that the best demonstration must reach to be added",
  replayed: "kept episodes that each update adds at most",
  replayCapacity: "kept episodes above which the range shrinks",
  replayRange: "episodes within this factor of the best mean are kept",
  replayShrink: "factor by which the range shrinks",
  replayFloor: "least range",
};

/** The high level of 2020 on 81 nodes. */
export const HIGH_DEFAULTS: Readonly<DemandConfig> = Object.freeze({
  hidden: 128,
  learningRate: 0.015,
  clipNorm: 0,
  entropyWeight: 0.1,
  entropyHalvedEvery: 0,
  entropyFloor: 0,
  episodes: 20_000,
  episodesPerUpdate: 10,
  normalise: true,
  demonstrations: 31,
  demonstrationsPerUpdate: 3,
  demonstrationFloor: 0.95,
  replayed: 10,
  replayCapacity: 50,
  replayRange: 1.02,
  replayShrink: 0.99,
  replayFloor: 1.001,
});

/** Vanilla RL of 2020: one choice among all nodes; no demonstrations, no replay, no entropy bonus. */
export const VANILLA_DEFAULTS: Readonly<DemandConfig> = Object.freeze({
  ...HIGH_DEFAULTS,
  learningRate: 0.001,
  entropyWeight: 0,
  demonstrations: 0,
  demonstrationsPerUpdate: 0,
  replayed: 0,
});

/**
 * Divide-and-conquer of 2020: all levels of three learned together, without anything else. Its step size is not
 * known; at Vanilla RL's it learns, at the high level's 0.015 the choices become certain before they are good.
 */
export const DC_DEFAULTS: Readonly<DemandConfig> = VANILLA_DEFAULTS;
