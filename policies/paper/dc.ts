import type { Scheduler } from "../../scheduling/mod.ts";
import { DC_OPTIONS } from "./demand_config.ts";
import { perDemandScheduler } from "./per_demand.ts";
import type { TensorFlowOptions } from "../learning/tensorflow.ts";

/** The paper's divide-and-conquer: levels of three choices, learned together, for every demand again. */
export function dcScheduler(tensorflow: TensorFlowOptions = {}): Scheduler {
  const summary =
    "the paper's divide-and-conquer: levels of three choices, learned for this demand";
  return perDemandScheduler({
    ...{ name: "dc", summary, tensorflow },
    episodes: DC_OPTIONS.defaults.episodes,
    learner: async () => (await import("./learners.ts")).dcLearner,
  });
}
