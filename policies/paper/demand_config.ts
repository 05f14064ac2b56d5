import {
  flag,
  type LearnerOptions,
  learnerOptions,
  real,
  whole,
  withDefaults,
} from "../learning/options.ts";

/** How a learner of one demand learns. Rewards are mean normalised throughput minus the best mean so far. {@link HIGH_OPTIONS} says what each option means. */
export interface DemandConfig {
  readonly hidden: number;
  readonly reference: boolean;
  readonly learningRate: number;
  readonly clipNorm: number;
  readonly entropyWeight: number;
  readonly entropyHalvedEvery: number;
  readonly entropyFloor: number;
  readonly episodes: number;
  readonly episodesPerUpdate: number;
  readonly normalise: boolean;
  readonly demonstrations: number;
  readonly demonstrationsPerUpdate: number;
  readonly demonstrationFloor: number;
  readonly replayed: number;
  readonly replayCapacity: number;
  readonly replayRange: number;
  readonly replayShrink: number;
  readonly replayFloor: number;
}

/** The high level of 2020 on 81 nodes. */
export const HIGH_OPTIONS: LearnerOptions<DemandConfig> = learnerOptions({
  hidden: whole(128, "units of each network's hidden layer", { least: 1, most: 4096 }),
  reference: flag(
    false,
    "differentiate by TensorFlow.js: slower than the core, equal within rounding",
  ),
  learningRate: real(0.015, "step size of Adam", { above: 0 }),
  clipNorm: real(0, "largest norm of a gradient, 0 = no limit", { least: 0 }),
  entropyWeight: real(0.1, "weight of the entropy bonus", { least: 0 }),
  entropyHalvedEvery: whole(
    0,
    "episodes after which the entropy weight is halved, 0 = never",
    { least: 0 },
  ),
  entropyFloor: real(0, "least entropy weight that halving leads to", { least: 0 }),
  episodes: whole(20_000, "episodes in all", { least: 1 }),
  episodesPerUpdate: whole(10, "new episodes of an update", { least: 1, most: 10_000 }),
  normalise: flag(true, "scale the rewards of an update to mean 0 and deviation 1"),
  demonstrations: whole(
    31,
    "first episodes that spread containers evenly and are kept as demonstrations",
    { least: 0 },
  ),
  demonstrationsPerUpdate: whole(3, "demonstrations that each update adds", { least: 0 }),
  demonstrationFloor: real(
    0.95,
    "share of the best mean that the best demonstration must reach to be added",
    { least: 0, most: 1 },
  ),
  replayed: whole(10, "kept episodes that each update adds at most", { least: 0 }),
  replayCapacity: whole(50, "kept episodes above which the range shrinks", { least: 1 }),
  replayRange: real(1.02, "episodes within this factor of the best mean are kept", { least: 1 }),
  replayShrink: real(0.99, "factor by which the range shrinks", { above: 0, most: 1 }),
  replayFloor: real(1.001, "least range", { least: 1 }),
});

/** Vanilla RL of 2020: one choice among all nodes; no demonstrations, no replay, no entropy bonus. */
export const VANILLA_OPTIONS: LearnerOptions<DemandConfig> = withDefaults(HIGH_OPTIONS, {
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
export const DC_OPTIONS: LearnerOptions<DemandConfig> = VANILLA_OPTIONS;
