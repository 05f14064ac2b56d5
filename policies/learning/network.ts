/**
 * Neural networks as plain data: what a trained policy is, whatever computes it. TensorFlow.js trains them
 * (trainable_network.ts) and the simulator core runs them fast (CoreNetwork); both are tested against a
 * naive one in _forward.ts.
 * @module
 */
import { InputError, type Random, ShapeError } from "../../domain/mod.ts";

/** What a layer does with its sums. */
export type Activation = "tanh" | "relu" | "linear";

/** A fully connected layer: activation(inputs x kernel + bias). */
export interface DenseLayer {
  /** Numbers that go in, at least 1. */
  readonly inputs: number;
  /** Numbers that come out, at least 1. */
  readonly outputs: number;
  /** Applied to every output. */
  readonly activation: Activation;
  /** Row-major, length inputs x outputs: element input * outputs + output. */
  readonly kernel: Float32Array;
  /** Length = outputs. */
  readonly bias: Float32Array;
}

/** Layers one after another; the outputs of one are the inputs of the next. */
export interface Network {
  /** Names it among the networks of one policy, and in error messages. */
  readonly name: string;
  /** At least one. */
  readonly layers: readonly DenseLayer[];
}

/**
 * How weights start. `paper`: kernels from N(0, 0.3), biases 0.1, as the 2020 release; `glorot`: kernels
 * from N(0, sqrt(2 / (inputs + outputs))), biases 0 (Glorot and Bengio, 2010); `he`: kernels from
 * N(0, sqrt(2 / inputs)), biases 0 (He et al., 2015).
 */
export type WeightStart = "paper" | "glorot" | "he";

/** What a new network is to look like. */
export interface NetworkShape {
  /** Names it among the networks of one policy. */
  readonly name: string;
  /** Numbers that go in, at least 1. */
  readonly inputs: number;
  /** The layers from the first on. */
  readonly layers: readonly { readonly outputs: number; readonly activation: Activation }[];
  /** Distribution of the first weights. */
  readonly start: WeightStart;
}

/** A new network with random weights; the same draws give the same weights. */
export function createNetwork(shape: NetworkShape, draws: Random): Network {
  let inputs = shape.inputs;
  const layers = shape.layers.map(({ outputs, activation }): DenseLayer => {
    const deviation = startDeviation(shape.start, inputs, outputs);
    const kernel = Float32Array.from(
      { length: inputs * outputs },
      () => deviation * draws.normal(),
    );
    const bias = new Float32Array(outputs).fill(shape.start === "paper" ? 0.1 : 0);
    const layer = { inputs, outputs, activation, kernel, bias };
    inputs = outputs;
    return layer;
  });
  return checkNetwork({ name: shape.name, layers });
}

/**
 * The network of the 2020 release: `inputs` -> `hidden` tanh -> `actions` logits.
 * @param hidden Width of the hidden layer. @default 128
 */
export function createPaperNetwork(
  name: string,
  inputs: number,
  actions: number,
  draws: Random,
  hidden: number = 128,
): Network {
  const layers = [
    { outputs: hidden, activation: "tanh" as const },
    { outputs: actions, activation: "linear" as const },
  ];
  return createNetwork({ name, inputs, layers, start: "paper" }, draws);
}

function startDeviation(start: WeightStart, inputs: number, outputs: number): number {
  if (start === "paper") return 0.3;
  return Math.sqrt(start === "glorot" ? 2 / (inputs + outputs) : 2 / inputs);
}

/**
 * Returns the network if its layers fit one another and all its weights are finite.
 * @throws {InputError} naming the network and the layer.
 * @throws {ShapeError} if a kernel or bias has another length than its layer says.
 */
export function checkNetwork(network: Network): Network {
  if (network.layers.length === 0) throw new InputError(`Network ${network.name} has no layers`);
  network.layers.forEach((layer, at) => {
    const place = `layer ${at} of network ${network.name}`;
    const before = network.layers[at - 1];
    if (before !== undefined && before.outputs !== layer.inputs) {
      throw new InputError(
        `Inputs of ${place} must be the ${before.outputs} outputs before it: got ${layer.inputs}`,
      );
    }
    const { inputs, outputs, kernel, bias } = layer;
    if (kernel.length !== inputs * outputs) {
      throw new ShapeError(`kernel of ${place}`, inputs * outputs, kernel.length);
    }
    if (bias.length !== outputs) throw new ShapeError(`bias of ${place}`, outputs, bias.length);
    if (!kernel.every(Number.isFinite) || !bias.every(Number.isFinite)) {
      throw new InputError(`Weights of ${place} must be finite numbers`);
    }
  });
  return network;
}

/** Numbers that go into a network. */
export function networkInputs(network: Network): number {
  return network.layers[0]!.inputs;
}

/** Numbers that come out of a network. */
export function networkOutputs(network: Network): number {
  return network.layers[network.layers.length - 1]!.outputs;
}

/** The arrays of a network in order: kernel and bias of layer 0, of layer 1, ... Not copies. */
export function networkArrays(network: Network): Float32Array[] {
  return network.layers.flatMap((layer) => [layer.kernel, layer.bias]);
}

/** A name for each of {@link networkArrays}, such as "level1/layer0/kernel". */
export function networkArrayNames(network: Network): string[] {
  return network.layers.flatMap((_, at) => [
    `${network.name}/layer${at}/kernel`,
    `${network.name}/layer${at}/bias`,
  ]);
}

/** A network that shares no array with the one given. */
export function copyNetwork(network: Network): Network {
  const layers = network.layers.map((layer) => ({
    ...layer,
    kernel: layer.kernel.slice(),
    bias: layer.bias.slice(),
  }));
  return { name: network.name, layers };
}
