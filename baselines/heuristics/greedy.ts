import type { Placement } from "../../domain/mod.ts";
import {
  OBJECTIVES,
  type ScheduleOptions,
  type Scheduler,
  type SchedulingProblem,
  steer,
} from "../../scheduling/mod.ts";
import { placeOnBestNode } from "./best_node.ts";

/** App after app, each container on the node where the total throughput changes most favourably. */
export const greedy: Scheduler = {
  name: "greedy",
  summary: "each container where the predicted throughput changes most favourably",
  heedsPredictions: true,
  supports: {
    rules: true,
    nodeClasses: true,
    general: true,
    denseOnly: false,
    forbidden: true,
    objectives: OBJECTIVES,
  },
  tellsDecisions: true,
  schedule(given, { onPlaced }) {
    const problem = steer(given);
    if (onPlaced !== undefined) {
      return Promise.resolve({ placement: placeAndTell(problem, onPlaced) });
    }
    using state = problem.simulator.clusterState(problem);
    state.greedy(problem.demand);
    return Promise.resolve({ placement: state.placement() });
  },
};

/** The same choices, one call into the core each: the core's own loop tells nobody. */
function placeAndTell(
  problem: SchedulingProblem,
  onPlaced: NonNullable<ScheduleOptions["onPlaced"]>,
): Placement {
  using state = problem.simulator.clusterState(problem);
  return placeOnBestNode(
    problem,
    "greedy",
    (_book, node, app) => -(state.placeGain(node, app) ?? -Infinity),
    (node, app) => {
      state.place(node, app);
      onPlaced(node, app);
    },
  );
}
