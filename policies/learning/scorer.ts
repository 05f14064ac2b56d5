/**
 * Networks that score the choices of a decision, one number for each.
 * @module
 */
import { InputError, type Random } from "../../domain/mod.ts";
import { createNetwork, type Network, networkInputs, networkOutputs } from "./network.ts";

/** A fresh scorer: nearly the same score for every choice at first. */
export function createScorer(
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

/**
 * The scorer of this name among the networks of a policy, checked.
 * @param inputs Numbers that describe a choice.
 * @throws {InputError} if there is none, or it takes another number of inputs.
 */
export function findScorer(
  networks: readonly Network[],
  name: string,
  inputs: number,
): Network {
  const found = networks.find((network) => network.name === name);
  if (found === undefined) throw new InputError(`The policy has no network ${name}`);
  if (networkInputs(found) !== inputs || networkOutputs(found) !== 1) {
    throw new InputError(
      `Network ${name} takes ${
        networkInputs(found)
      } inputs, a choice gives ${inputs}: train the policy again (metis train)`,
    );
  }
  return found;
}
