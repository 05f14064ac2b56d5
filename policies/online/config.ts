import { flag, type LearnerOptions, learnerOptions, real, whole } from "../learning/options.ts";

/** How the policies for arriving containers are learned. {@link ONLINE_OPTIONS} says what each option means. */
export interface OnlineConfig {
  readonly universal: boolean;
  readonly hidden: number;
  readonly imitationUpdates: number;
  readonly gradientUpdates: number;
  readonly imitationRate: number;
  readonly gradientRate: number;
  readonly imitated: number;
  readonly orders: number;
  readonly samples: number;
  readonly annealing: number;
  readonly skewed: number;
}

/** By default about three minutes of one core (172 to 181 s measured) on 27 nodes. */
export const ONLINE_OPTIONS: LearnerOptions<OnlineConfig> = learnerOptions({
  universal: flag(false, "learn on many drawn nodes; those that are given only validate"),
  hidden: whole(32, "units of each scorer's hidden layer where it starts afresh, a multiple of 4", {
    least: 4,
    most: 1024,
    multipleOf: 4,
  }),
  imitationUpdates: whole(300, "first updates, which imitate placements found in hindsight", {
    least: 0,
  }),
  gradientUpdates: whole(500, "updates after them, by policy gradient", { least: 0 }),
  imitationRate: real(0.003, "step size of Adam while imitating; falls to a fiftieth", {
    above: 0,
  }),
  gradientRate: real(0.002, "step size of Adam by policy gradient; falls to a fiftieth", {
    above: 0,
  }),
  imitated: whole(6, "demands of an update of imitation", { least: 1, most: 1000 }),
  orders: whole(3, "orders of arrival of an update by policy gradient", { least: 1, most: 1000 }),
  samples: whole(12, "samples of each order", { least: 2, most: 1000 }),
  annealing: whole(100_000, "moves of the annealing that finds placements to imitate", {
    least: 1,
  }),
  skewed: real(0, "share of demands whose apps are unequally likely", { least: 0, most: 1 }),
});
