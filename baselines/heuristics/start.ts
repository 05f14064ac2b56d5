import { InfeasibleError, type Random } from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";

/** Orders of apps that are tried before a search gives up on finding a first placement. */
const ORDERS = 64;

/**
 * Loads a greedy placement into an empty state: in the apps' order, and where rules make that a dead
 * end, in up to 64 random orders.
 * @throws {InfeasibleError} if none of them works.
 */
export function startGreedily(
  state: ClusterState,
  problem: SchedulingProblem,
  draws: Random,
): void {
  const empty = state.placement();
  const order = problem.apps.map((_, app) => app);
  for (let attempt = 0;; attempt++) {
    try {
      return state.greedy(problem.demand, order);
    } catch (error) {
      if (!(error instanceof InfeasibleError) || attempt === ORDERS) throw error;
      state.load(empty);
      draws.shuffle(order);
    }
  }
}
