import type { Problem, Random } from "../../domain/mod.ts";
import {
  type ClusterState,
  GROUP_LEVELS,
  groupInputs,
  Planner,
  plannerInputs,
  type Simulator,
} from "../../sim-wasm/mod.ts";
import type { Network } from "../learning/network.ts";
import { createScorer, findScorer } from "../learning/scorer.ts";

/** Temperatures of the prices that the policy sees, in units of throughput, from cold to warm. */
export const TEMPERATURES: readonly number[] = Object.freeze([0.005, 0.03]);

/** Name of the network that scores configurations. */
export const CHOICE_NETWORK = "choice";

/** Fresh networks of a policy: one for configurations and, where it chooses by levels, one for each level of groups. */
export function createMetisNetworks(
  hidden: number,
  byLevels: boolean,
  draws: Random,
): Network[] {
  const inputs = plannerInputs(TEMPERATURES.length);
  const choice = createScorer(CHOICE_NETWORK, inputs, hidden, draws);
  if (!byLevels) return [choice];
  const half = Math.max(4, Math.round(hidden / 8) * 4);
  const groups = GROUP_LEVELS.map((name) => createScorer(name, groupInputs(inputs), half, draws));
  return [choice, ...groups];
}

/** True if a policy chooses by levels of groups. */
export function choosesByLevels(networks: readonly Network[]): boolean {
  return GROUP_LEVELS.every((name) => networks.some((network) => network.name === name));
}

/** The network that scores configurations. @throws {InputError} if there is none, or it sees something else. */
export function choiceNetwork(networks: readonly Network[]): Network {
  return findScorer(networks, CHOICE_NETWORK, plannerInputs(TEMPERATURES.length));
}

/** A planner that sees a problem as the policy `metis` does. Dispose of it after use. @param columns Where there is no table. */
export function metisPlanner(
  simulator: Simulator,
  problem: Problem,
  state: ClusterState,
  recordLimit: number = 0,
  columns?: Uint8Array,
): Planner {
  return new Planner(simulator, problem, state, {
    temperatures: TEMPERATURES,
    ordered: true,
    informed: true,
    recordLimit,
    ...(columns === undefined ? {} : { columns }),
  });
}
