import { OBJECTIVES, type Scheduler, steer } from "../scheduling/mod.ts";

/** App after app, each container on the node where the total throughput changes for the best. */
export const greedy: Scheduler = {
  name: "greedy",
  summary: "each container where the predicted throughput changes for the best",
  supports: {
    rules: true,
    nodeClasses: true,
    denseOnly: false,
    forbidden: true,
    objectives: OBJECTIVES,
  },
  schedule(problem) {
    using state = steer(problem).simulator.clusterState(problem);
    state.greedy(problem.demand);
    return Promise.resolve({ placement: state.placement() });
  },
};
