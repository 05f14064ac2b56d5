import type * as tfjs from "@tensorflow/tfjs";
import { Owner, ShapeError } from "../../domain/mod.ts";
import { dense } from "./dense.ts";
import {
  checkNetwork,
  copyNetwork,
  type Network,
  networkArrayNames,
  networkArrays,
} from "./network.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** A network whose weights are trained: variables of TensorFlow.js that mirror plain arrays. */
export class TrainableNetwork extends Owner {
  readonly #tensorflow: TensorFlow;
  #network: Network;
  readonly #variables: tfjs.Variable[];
  /** Whether the plain arrays are newer than the variables: most trainings never ask for the latter. */
  #isAhead = false;

  /** The network is copied. @throws {InputError | ShapeError} if it is not sound. */
  constructor(tensorflow: TensorFlow, network: Network) {
    super("network in training");
    this.#tensorflow = tensorflow;
    this.#network = copyNetwork(checkNetwork(network));
    const { tf } = tensorflow;
    // Variables survive tidy, the tensors that they start from do not.
    this.#variables = tf.tidy(() =>
      network.layers.flatMap(({ inputs, outputs, kernel, bias }) => [
        tf.variable(tf.tensor2d(kernel.slice(), [inputs, outputs])),
        tf.variable(tf.tensor1d(bias.slice())),
      ])
    );
  }

  /** Name of the network. */
  get name(): string {
    return this.#network.name;
  }

  /** Kernel and bias of layer 0, of layer 1, ... Owned by this object. */
  get variables(): readonly tfjs.Variable[] {
    if (this.#isAhead) {
      const { tf } = this.#tensorflow;
      this.weightsView.forEach((array, at) => {
        const variable = this.#variables[at]!;
        tf.tidy(() => variable.assign(tf.tensor(array.slice(), variable.shape)));
      });
      this.#isAhead = false;
    }
    return this.#variables;
  }

  /** The weights as they are now, the arrays themselves: read only, changed by the next step. */
  get weightsView(): readonly Float32Array[] {
    return networkArrays(this.#network);
  }

  /** A name for each array of weights, such as "level1/layer0/kernel". */
  get arrayNames(): readonly string[] {
    return networkArrayNames(this.#network);
  }

  /** The network's answers, shape [rows, outputs]: part of a loss, or a tensor owned by the caller. */
  apply(inputs: tfjs.Tensor2D): tfjs.Tensor2D {
    let values = inputs;
    const { variables } = this;
    this.#network.layers.forEach((layer, at) => {
      const kernel = variables[2 * at] as unknown as tfjs.Tensor2D;
      const bias = variables[2 * at + 1] as unknown as tfjs.Tensor1D;
      values = dense(this.#tensorflow, values, kernel, bias, layer.activation, at > 0);
    });
    return values;
  }

  /** A copy of the network as it is now. */
  read(): Network {
    return copyNetwork(this.#network);
  }

  /** Takes over weights of the same shapes. @throws {ShapeError} if an array has another length. */
  assign(arrays: readonly Float32Array[]): void {
    const own = networkArrays(this.#network);
    if (arrays.length !== own.length) {
      throw new ShapeError(`arrays of network ${this.name}`, own.length, arrays.length);
    }
    own.forEach((array, at) => {
      const given = arrays[at]!;
      if (given.length !== array.length) {
        throw new ShapeError(this.arrayNames[at]!, array.length, given.length);
      }
    });
    own.forEach((array, at) => array.set(arrays[at]!));
    this.#isAhead = true;
  }

  /** Gives the tensors back. */
  protected override release(): void {
    for (const variable of this.#variables) variable.dispose();
  }
}

/** Takes over weights of several networks, network after network. @throws {ShapeError} if an array has another length. */
export function assignArrays(
  networks: readonly TrainableNetwork[],
  arrays: readonly Float32Array[],
): void {
  let first = 0;
  for (const network of networks) {
    const count = network.weightsView.length;
    network.assign(arrays.slice(first, first + count));
    first += count;
  }
}
