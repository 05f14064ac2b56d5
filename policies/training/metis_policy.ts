import { InfeasibleError } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { choiceNetwork, metisPlanner } from "../metis/policy.ts";
import type { Network } from "../network.ts";

/** The policy `metis` as training validates it: one plan, always the best choice. */
export function metisPolicyScheduler(
  networks: readonly Network[],
  apps: readonly string[],
): Scheduler {
  const network = choiceNetwork(networks, apps.length);
  return {
    name: "metis",
    summary: "the policy in training, greedy decoding",
    supports: { rules: true, nodeClasses: true, denseOnly: true },
    schedule(problem) {
      const state = problem.simulator.clusterState(problem);
      const planner = metisPlanner(problem.simulator, problem, state);
      try {
        planner.setNetwork(network.layers);
        planner.price(problem.demand);
        if (planner.plan(problem.demand, { temperature: 0 }) === null) {
          throw new InfeasibleError("The policy found no node for every container under the rules");
        }
        return Promise.resolve({ placement: planner.placement() });
      } finally {
        planner.dispose();
        state.dispose();
      }
    },
  };
}
