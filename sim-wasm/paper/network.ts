import { InputError, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { addressOf, CoreObject, coreOf } from "../core/core_object.ts";
import { ACTIVATIONS, type Layer } from "../core/layer.ts";

/** A layer as the core takes it: activation(inputs x kernel + bias). */
export type LayerWeights = Layer;

/** Layers one after another. */
export interface NetworkWeights {
  /** Names it in error messages. */
  readonly name: string;
  /** At least one; the outputs of one are the inputs of the next. */
  readonly layers: readonly LayerWeights[];
}

/**
 * A network in a core of its own: answers batches with SIMD instructions, within 1e-5 of TensorFlow.js. Its
 * weights are copies; {@link assign} takes new ones. Dispose of it after use.
 */
export class CoreNetwork extends CoreObject {
  /** Numbers of one question. */
  readonly inputs: number;
  /** Numbers of one answer. */
  readonly outputs: number;
  readonly #shapes: readonly LayerWeights[];

  /** Copies the network. */
  constructor(network: NetworkWeights) {
    const { layers } = network;
    const first = layers[0];
    const last = layers[layers.length - 1];
    if (first === undefined || last === undefined) {
      throw new InputError(`Network ${network.name} has no layers`);
    }
    const core = new Core("network");
    const address = core.functions.createNetwork(layers.length);
    super("network", core, address, () => core.dispose());
    this.inputs = first.inputs;
    this.outputs = last.outputs;
    this.#shapes = layers;
    layers.forEach(({ inputs, outputs, activation }, at) =>
      core.functions.setNetworkLayer(address, at, inputs, outputs, ACTIVATIONS[activation])
    );
    this.assign(network);
  }

  /** Takes over weights of the same shapes. @throws {ShapeError} if they are not. */
  assign(network: NetworkWeights): void {
    if (network.layers.length !== this.#shapes.length) {
      throw new ShapeError(
        `layers of network ${network.name}`,
        this.#shapes.length,
        network.layers.length,
      );
    }
    const core = coreOf(this);
    network.layers.forEach(({ inputs, outputs, kernel, bias }, at) => {
      const shape = this.#shapes[at]!;
      if (inputs !== shape.inputs) throw new ShapeError("inputs", shape.inputs, inputs);
      if (outputs !== shape.outputs) throw new ShapeError("outputs", shape.outputs, outputs);
      if (kernel.length !== inputs * outputs) {
        throw new ShapeError("kernel", inputs * outputs, kernel.length);
      }
      const { networkBias, networkKernel } = core.functions;
      writePadded(core, networkKernel(addressOf(this), at), kernel, inputs, outputs);
      core.write("f32", networkBias(addressOf(this), at), bias, outputs);
    });
  }

  /**
   * Answers a batch.
   * @param inputs Row-major, rows x inputs; read only.
   * @returns A new array, row-major, rows x outputs.
   * @throws {ShapeError} if `inputs` has another length.
   */
  run(inputs: Float32Array, rows: number): Float32Array {
    const length = rows * this.inputs;
    if (inputs.length !== length) throw new ShapeError("inputs", length, inputs.length);
    const answers = rows * this.outputs;
    const core = coreOf(this);
    return core.lend([["f32", length], ["f32", answers]], (from, to) => {
      core.write("f32", from, inputs, length);
      core.functions.runNetwork(addressOf(this), from, rows, to);
      return core.read("f32", to, answers);
    });
  }
}

/** Writes rows x columns into rows of lanes (columns rounded up to 4). */
export function writePadded(
  core: Core,
  address: Address,
  values: Float32Array,
  rows: number,
  columns: number,
): void {
  const lanes = (columns + 3) & ~3;
  const target = core.view("f32", address, rows * lanes);
  for (let row = 0; row < rows; row++) {
    target.set(values.subarray(row * columns, (row + 1) * columns), row * lanes);
  }
}
