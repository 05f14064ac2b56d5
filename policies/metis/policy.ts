import { InputError, type Problem, type Random } from "../../domain/mod.ts";
import {
  type ClusterState,
  groupInputs,
  Planner,
  plannerInputs,
  type Simulator,
} from "../../sim-wasm/mod.ts";
import { createNetwork, type Network, networkInputs, networkOutputs } from "../learning/network.ts";

/** Temperatures of the prices that the policy sees, in units of throughput, from cold to warm. */
export const TEMPERATURES: readonly number[] = Object.freeze([0.005, 0.03]);

/** Name of the network that scores configurations. */
export const CHOICE_NETWORK = "choice";

/** Names of the networks of groups, where the policy chooses by levels: of groups of up to three nodes, and larger. */
export const GROUP_NETWORKS = ["middle", "top"] as const;

/** A fresh scorer: nearly the same score for every choice at first. */
export function createScorerNetwork(
  name: string,
  inputs: number,
  hidden: number,
  draws: Random,
): Network {
  const network = createNetwork({
    name,
    inputs,
    layers: [{ outputs: hidden, activation: "relu" }, { outputs: 1, activation: "linear" }],
    start: "he",
  }, draws);
  const kernel = network.layers[1]!.kernel;
  kernel.forEach((weight, at) => kernel[at] = 0.1 * weight);
  return network;
}

/** Fresh networks of a policy: one for configurations and, where it chooses by levels, one for each level of groups. */
export function createMetisNetworks(
  apps: number,
  hidden: number,
  byLevels: boolean,
  draws: Random,
): Network[] {
  const inputs = plannerInputs(apps, TEMPERATURES.length);
  const choice = createScorerNetwork(CHOICE_NETWORK, inputs, hidden, draws);
  if (!byLevels) return [choice];
  const half = Math.max(4, Math.round(hidden / 8) * 4);
  const groups = GROUP_NETWORKS.map((name) =>
    createScorerNetwork(name, groupInputs(inputs), half, draws)
  );
  return [choice, ...groups];
}

/** True where a policy chooses by levels of groups. */
export function choosesByLevels(networks: readonly Network[]): boolean {
  return GROUP_NETWORKS.every((name) => networks.some((network) => network.name === name));
}

/**
 * The network of this name among a policy's, checked.
 * @param inputs Numbers that it takes. @default those of a configuration
 * @throws {InputError} where there is none, or it takes other inputs than these apps give.
 */
export function choiceNetwork(
  networks: readonly Network[],
  apps: number,
  name: string = CHOICE_NETWORK,
  inputs: number = plannerInputs(apps, TEMPERATURES.length),
): Network {
  const found = networks.find((network) => network.name === name);
  if (found === undefined) throw new InputError(`The policy has no network ${name}`);
  if (networkInputs(found) !== inputs || networkOutputs(found) !== 1) {
    throw new InputError(
      `Network ${name} takes ${
        networkInputs(found)
      } inputs, ${apps} apps give ${inputs}: train a policy for them (metis train)`,
    );
  }
  return found;
}

/** A planner that sees a problem as the policy `metis` does. Dispose of it after use. */
export function metisPlanner(
  simulator: Simulator,
  problem: Problem,
  state: ClusterState,
  recordLimit: number = 0,
): Planner {
  return new Planner(simulator, problem, state, {
    temperatures: TEMPERATURES,
    ordered: true,
    informed: true,
    recordLimit,
  });
}
