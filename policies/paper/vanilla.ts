import type { Scheduler } from "../../scheduling/mod.ts";
import { VANILLA_OPTIONS } from "./demand_config.ts";
import { perDemandScheduler } from "./per_demand.ts";
import type { TensorFlowOptions } from "../learning/tensorflow.ts";

/** The paper's Vanilla RL: one network chooses among all nodes, learned for every demand again. */
export function vanillaScheduler(tensorflow: TensorFlowOptions = {}): Scheduler {
  const summary = "the paper's Vanilla RL: one choice among all nodes, learned for this demand";
  return perDemandScheduler({
    ...{ name: "vanilla", summary, tensorflow },
    episodes: VANILLA_OPTIONS.defaults.episodes,
    learner: async () => (await import("./learners.ts")).vanillaLearner,
  });
}
