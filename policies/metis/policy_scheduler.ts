import { InfeasibleError } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { MetisPlayer } from "./player.ts";
import type { Network } from "../learning/network.ts";

/**
 * The policy `metis` as training validates it: one plan, always the best choice, and no greedy rule that
 * steps in (unlike the scheduler `metis`), so that the gap is the policy's own.
 */
export function metisPolicyScheduler(networks: readonly Network[]): Scheduler {
  return {
    name: "metis",
    summary: "the policy in training, greedy decoding",
    supports: { rules: true, nodeClasses: true, general: true, denseOnly: true, forbidden: true },
    schedule(problem) {
      using player = new MetisPlayer(problem.simulator, problem, networks);
      player.price(problem.demand);
      if (player.plan(problem.demand, { temperature: 0 }) === null) {
        throw new InfeasibleError("The policy found no node for every container under the rules");
      }
      return Promise.resolve({ placement: player.placement() });
    },
  };
}
