import { flag, type LearnerOptions, learnerOptions, real, whole } from "../learning/options.ts";
import { SIZE_CLASSES } from "./sub_schedulers.ts";

const SIZE_CLASS = { least: 0, most: SIZE_CLASSES - 1 };

/** How sub-schedulers learn. The reward is mean normalised throughput minus that of round robin. {@link SUB_OPTIONS} says what each option means. */
export interface SubConfig {
  readonly hidden: number;
  readonly reference: boolean;
  readonly learningRate: number;
  readonly learningRateHalved: number;
  readonly clipNorm: number;
  readonly entropyWeight: number;
  readonly entropyHalvedEvery: number;
  readonly entropyFloor: number;
  readonly episodes: number;
  readonly episodesPerUpdate: number;
  readonly episodesPerDemand: number;
  readonly firstClass: number;
  readonly lastClass: number;
}

/**
 * What is learned, and how, is that of the sub-schedulers of 2020: observations, networks, rewards, REINFORCE, Adam. Settings
 * that learn faster are the default; {@link PUBLISHED_SETTINGS} are theirs. Size class k has 10k + 1 to 10k + 10 containers.
 */
export const SUB_OPTIONS: LearnerOptions<SubConfig> = learnerOptions({
  hidden: whole(128, "units of each network's hidden layer", { least: 1, most: 4096 }),
  reference: flag(
    false,
    "differentiate by TensorFlow.js: slower than the core, equal within rounding",
  ),
  learningRate: real(0.005, "step size of Adam at first", { above: 0 }),
  learningRateHalved: whole(
    60_000,
    "episodes of a class after which the step size is half, after twice as many a third, 0 = never",
    { least: 0 },
  ),
  clipNorm: real(0, "largest norm of a gradient, 0 = no limit", { least: 0 }),
  entropyWeight: real(0.01, "weight of the entropy bonus", { least: 0 }),
  entropyHalvedEvery: whole(
    1000,
    "episodes of a class after which its entropy weight is halved, 0 = never",
    { least: 0 },
  ),
  entropyFloor: real(0.01, "least entropy weight that halving leads to", { least: 0 }),
  episodes: whole(8_000_000, "episodes of each size class in all", { least: 1 }),
  episodesPerUpdate: whole(200, "episodes of an update", { least: 2, most: 10_000 }),
  // Comparing within a demand tells good choices from easy demands; 1 is the paper's way.
  episodesPerDemand: whole(
    20,
    "episodes that share a demand and are compared with one another, 1 = none",
    { least: 1 },
  ),
  firstClass: whole(0, "first size class to train, 0 to 19", SIZE_CLASS),
  lastClass: whole(SIZE_CLASSES - 1, "last size class to train, 0 to 19", SIZE_CLASS),
}, (config) => [
  ...(Number(config["firstClass"]) > Number(config["lastClass"])
    ? ["Option firstClass must not be above lastClass"]
    : []),
  ...(Number(config["episodesPerUpdate"]) % Number(config["episodesPerDemand"]) !== 0
    ? ["Option episodesPerUpdate must be a multiple of episodesPerDemand"]
    : []),
]);

/** The settings of 2020 where they are not the default: they learn to the same end, with many times the episodes. */
export const PUBLISHED_SETTINGS = {
  learningRate: 0.01,
  learningRateHalved: 0,
  entropyFloor: 0.002,
  episodesPerDemand: 1,
} as const satisfies Partial<SubConfig>;
