import { InputError, ShapeError } from "../../domain/mod.ts";
import { addressOf, CoreObject, coreOf } from "../core/core_object.ts";
import type { Simulator } from "../space/simulator.ts";
import { type NetworkWeights, writePadded } from "./network.ts";

/**
 * A network `observation -> hidden tanh -> logits` laid out for episodes in the core. Weights are copies.
 * Dispose of it after use.
 */
export class Chooser extends CoreObject {
  /** Numbers of an observation. */
  readonly inputs: number;
  /** Width of the hidden layer. */
  readonly hidden: number;
  /** Logits: most children of a group. */
  readonly outputs: number;

  /** Copies the network beside the players of a simulator. @throws {InputError} for a network that is not of this form. */
  constructor(simulator: Simulator, network: NetworkWeights) {
    const [first, second] = checkForm(network);
    const { functions } = coreOf(simulator);
    const address = functions.createChooser(first.inputs, first.outputs, second.outputs);
    super("chooser", coreOf(simulator), address, () => functions.destroyChooser(address));
    this.inputs = first.inputs;
    this.hidden = first.outputs;
    this.outputs = second.outputs;
    this.assign(network);
  }

  /** Takes over weights of the same shape. @throws {ShapeError} if it is another. */
  assign(network: NetworkWeights): void {
    const core = coreOf(this);
    const [first, second] = checkForm(network);
    if (first.inputs !== this.inputs) throw new ShapeError("inputs", this.inputs, first.inputs);
    if (first.outputs !== this.hidden) throw new ShapeError("hidden", this.hidden, first.outputs);
    if (second.outputs !== this.outputs) {
      throw new ShapeError("outputs", this.outputs, second.outputs);
    }
    const { functions } = core;
    const chooser = addressOf(this);
    writePadded(core, functions.chooserFirst(chooser), first.kernel, this.inputs, this.hidden);
    core.write("f32", functions.chooserFirstBias(chooser), first.bias, this.hidden);
    const lanes = (this.hidden + 3) & ~3;
    const target = core.view("f32", functions.chooserSecond(chooser), this.outputs * lanes);
    for (let unit = 0; unit < this.hidden; unit++) {
      for (let output = 0; output < this.outputs; output++) {
        target[output * lanes + unit] = second.kernel[unit * this.outputs + output]!;
      }
    }
    core.write("f32", functions.chooserSecondBias(chooser), second.bias, this.outputs);
    functions.finishChooser(chooser);
  }
}

function checkForm(network: NetworkWeights) {
  const [first, second, third] = network.layers;
  if (
    first?.activation !== "tanh" || second?.activation !== "linear" || third !== undefined
  ) {
    throw new InputError(
      `Network ${network.name} must be one tanh layer and one linear layer to play episodes`,
    );
  }
  return [first, second] as const;
}
