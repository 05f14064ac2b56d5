import type { OptionRanges } from "./options.ts";
import { SIZE_CLASSES } from "./sub_schedulers.ts";

/** How sub-schedulers learn. The reward is mean normalised throughput minus that of round robin. */
export interface SubConfig {
  /** Units of each network's hidden layer. */
  readonly hidden: number;
  /** Step size of Adam. */
  readonly learningRate: number;
  /** Gradients with a larger norm are scaled down to it; 0 = never. */
  readonly clipNorm: number;
  /** Weight of the entropy bonus in the loss. */
  readonly entropyWeight: number;
  /** Episodes of a size class after which its entropy weight is halved, again and again; 0 = never. */
  readonly entropyHalvedEvery: number;
  /** Least entropy weight that halving leads to. */
  readonly entropyFloor: number;
  /** Episodes of each size class in all. */
  readonly episodes: number;
  /** Episodes of an update, all of one size class. */
  readonly episodesPerUpdate: number;
  /**
   * Episodes that share a demand: with more than one, rewards are compared within a demand, which tells good choices
   * from easy demands. 1 is the paper's way.
   */
  readonly episodesPerDemand: number;
  /** First size class to train, 0 to 19: class k has 10k + 1 to 10k + 10 containers. */
  readonly firstClass: number;
  /** Last size class to train. */
  readonly lastClass: number;
}

/** What every option takes. */
export const SUB_RANGES: OptionRanges<SubConfig> = {
  hidden: { kind: "whole", least: 1, most: 4096 },
  learningRate: { kind: "real", least: 0, above: true },
  clipNorm: { kind: "real", least: 0 },
  entropyWeight: { kind: "real", least: 0 },
  entropyHalvedEvery: { kind: "whole", least: 0 },
  entropyFloor: { kind: "real", least: 0 },
  episodes: { kind: "whole", least: 1 },
  episodesPerUpdate: { kind: "whole", least: 2, most: 10_000 },
  episodesPerDemand: { kind: "whole", least: 1 },
  firstClass: { kind: "whole", least: 0, most: SIZE_CLASSES - 1 },
  lastClass: { kind: "whole", least: 0, most: SIZE_CLASSES - 1 },
};

/** One line on every option, for help texts. */
export const SUB_DESCRIPTIONS: Readonly<Record<keyof SubConfig, string>> = {
  hidden: "units of each network's hidden layer",
  learningRate: "step size of Adam",
  clipNorm: "largest norm of a gradient, 0 = no limit",
  entropyWeight: "weight of the entropy bonus",
  entropyHalvedEvery: "episodes of a class after which its entropy weight is halved, 0 = never",
  entropyFloor: "least entropy weight that halving leads to",
  episodes: "episodes of each size class in all",
  episodesPerUpdate: "episodes of an update",
  episodesPerDemand: "episodes that share a demand and are compared with one another, 1 = none",
  firstClass: "first size class to train, 0 to 19",
  lastClass: "last size class to train, 0 to 19",
};

/** The sub-schedulers of 2020. */
export const SUB_DEFAULTS: Readonly<SubConfig> = Object.freeze({
  hidden: 128,
  learningRate: 0.01,
  clipNorm: 0,
  entropyWeight: 0.01,
  entropyHalvedEvery: 1000,
  entropyFloor: 0.002,
  episodes: 20_000,
  episodesPerUpdate: 200,
  episodesPerDemand: 1,
  firstClass: 0,
  lastClass: SIZE_CLASSES - 1,
});
