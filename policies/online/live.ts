import { type Demand, placedDemand, type Placement, placingOrder } from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import type { Network } from "../learning/network.ts";
import { OnlinePlayer } from "./player.ts";
import { onlineNetwork } from "./policy.ts";

/**
 * Adds the containers that a demand has beyond what runs, one by one by a policy that does not know what is still to come.
 * What runs stays where it is.
 * @param networks Of a policy of kind online. @param running At most the demand, on nodes that may hold it.
 * @throws {InfeasibleError} if no node may take a container.
 * @throws {InputError} if a network is missing or sees something else. @throws {InvalidPlacementError} if what runs breaks a rule.
 */
export function placeArrivals(
  problem: SchedulingProblem,
  networks: readonly Network[],
  running: Placement,
): Placement {
  const missing = missingIn(problem.demand, running);
  if (missing.every((count) => count === 0)) return running;
  const network = onlineNetwork(networks, "unknown");
  using player = new OnlinePlayer(problem.simulator, problem, "unknown");
  player.planner.setNetwork(network.layers);
  player.state.load(running);
  player.arrivals.load(player.state);
  for (const app of placingOrder(problem)) {
    for (let each = 0; each < missing[app]!; each++) {
      player.arrivals.arrive(app, { temperature: 0 });
    }
  }
  player.arrivals.write();
  return player.state.placement();
}

function missingIn(demand: Demand, running: Placement): number[] {
  const placed = placedDemand(running);
  return demand.map((count, app) => count - placed[app]!);
}
