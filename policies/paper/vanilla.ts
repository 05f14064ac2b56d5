import type { Scheduler } from "../../scheduling/mod.ts";
import { vanillaLearner } from "./learners.ts";
import { perDemandScheduler } from "./per_demand.ts";
import type { TensorFlowOptions } from "../learning/tensorflow.ts";

/** The paper's Vanilla RL: one network chooses among all nodes, learned for every demand again. */
export function vanillaScheduler(tensorflow: TensorFlowOptions = {}): Scheduler {
  const summary = "the paper's Vanilla RL: one choice among all nodes, learned for this demand";
  return perDemandScheduler("vanilla", summary, vanillaLearner, tensorflow);
}
