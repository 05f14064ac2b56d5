import { InputError, type Problem, type Random } from "../../domain/mod.ts";
import { type ClusterState, Planner, plannerInputs, type Simulator } from "../../sim-wasm/mod.ts";
import { createNetwork, type Network, networkInputs, networkOutputs } from "../network.ts";

/** Temperatures of the prices that the policy sees, in units of throughput, from cold to warm. */
export const TEMPERATURES: readonly number[] = Object.freeze([0.01, 0.05]);

/** Name of the network that scores configurations. */
export const CHOICE_NETWORK = "choice";

/** A fresh scorer: nearly the same score for every choice at first. */
export function createChoiceNetwork(
  apps: number,
  hidden: number,
  draws: Random,
  name: string = CHOICE_NETWORK,
  tables: number = TEMPERATURES.length,
): Network {
  const network = createNetwork({
    name,
    inputs: plannerInputs(apps, tables),
    layers: [{ outputs: hidden, activation: "relu" }, { outputs: 1, activation: "linear" }],
    start: "he",
  }, draws);
  const kernel = network.layers[1]!.kernel;
  kernel.forEach((weight, at) => kernel[at] = 0.1 * weight);
  return network;
}

/**
 * The network of this name among a policy's, checked.
 * @throws {InputError} where there is none, or it takes other inputs than these apps give.
 */
export function choiceNetwork(
  networks: readonly Network[],
  apps: number,
  name: string = CHOICE_NETWORK,
  tables: number = TEMPERATURES.length,
): Network {
  const found = networks.find((network) => network.name === name);
  if (found === undefined) throw new InputError(`The policy has no network ${name}`);
  const inputs = plannerInputs(apps, tables);
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
