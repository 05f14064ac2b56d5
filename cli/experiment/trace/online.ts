import { InfeasibleError } from "../../../domain/mod.ts";
import type { Network } from "../../../policies/learning/network.ts";
import { placeArrivals } from "../../../policies/online/live.ts";
import {
  makeRoom,
  stopExcess,
  type TracePolicy,
  type TracePolicyOptions,
} from "../../../replanning/trace/mod.ts";

/**
 * Places each container that comes by a learned policy, stops one where that loses the least, and moves none. Where rules
 * leave no node for one, what runs makes room in the fewest moves.
 * @param networks Of a policy of kind online.
 */
export function onlinePolicy(
  networks: readonly Network[],
  options: TracePolicyOptions,
): TracePolicy {
  return {
    respond: async (problem) => {
      using state = problem.simulator.clusterState(problem);
      state.load(problem.current);
      if (!stopExcess(state, problem)) return { placement: await makeRoom(problem, options) };
      try {
        return { placement: placeArrivals(problem, networks, state.placement()) };
      } catch (error) {
        if (!(error instanceof InfeasibleError)) throw error;
        return { placement: await makeRoom(problem, options) };
      }
    },
  };
}
