import { InputError, ShapeError } from "../../domain/mod.ts";
import type { Core } from "../core/core.ts";

/** A layer as the core takes it: activation(inputs x kernel + bias). */
export interface LayerWeights {
  /** Numbers that go in. */
  readonly inputs: number;
  /** Numbers that come out. */
  readonly outputs: number;
  /** Applied to every output. */
  readonly activation: "linear" | "tanh" | "relu";
  /** Row-major, length inputs x outputs. */
  readonly kernel: Float32Array;
  /** Length = outputs. */
  readonly bias: Float32Array;
}

/** Layers one after another. */
export interface NetworkWeights {
  /** Names it in error messages. */
  readonly name: string;
  /** At least one; the outputs of one are the inputs of the next. */
  readonly layers: readonly LayerWeights[];
}

const ACTIVATIONS = { linear: 0, tanh: 1, relu: 2 } as const;

/**
 * A network in the core: answers batches with SIMD instructions, within 1e-5 of TensorFlow.js. Its
 * weights are copies; {@link assign} takes new ones. Dispose of it after use.
 */
export class CoreNetwork {
  /** Numbers of one question. */
  readonly inputs: number;
  /** Numbers of one answer. */
  readonly outputs: number;
  readonly #core: Core;
  readonly #address: number;
  readonly #shapes: readonly LayerWeights[];
  #disposed = false;

  /** Copies the network into a core. @param core The core of a simulator, or one of its own. */
  constructor(core: Core, network: NetworkWeights) {
    const { layers } = network;
    const first = layers[0];
    const last = layers[layers.length - 1];
    if (first === undefined || last === undefined) {
      throw new InputError(`Network ${network.name} has no layers`);
    }
    this.inputs = first.inputs;
    this.outputs = last.outputs;
    this.#core = core;
    this.#shapes = layers;
    this.#address = core.function("createNetwork")(layers.length);
    layers.forEach(({ inputs, outputs, activation }, at) =>
      core.function("setNetworkLayer")(
        this.#address,
        at,
        inputs,
        outputs,
        ACTIVATIONS[activation],
      )
    );
    this.assign(network);
  }

  /** Takes over weights of the same shapes. @throws {ShapeError} where they are not. */
  assign(network: NetworkWeights): void {
    if (network.layers.length !== this.#shapes.length) {
      throw new ShapeError(
        `layers of network ${network.name}`,
        this.#shapes.length,
        network.layers.length,
      );
    }
    network.layers.forEach(({ inputs, outputs, kernel, bias }, at) => {
      const shape = this.#shapes[at]!;
      if (inputs !== shape.inputs) throw new ShapeError("inputs", shape.inputs, inputs);
      if (outputs !== shape.outputs) throw new ShapeError("outputs", shape.outputs, outputs);
      if (kernel.length !== inputs * outputs) {
        throw new ShapeError("kernel", inputs * outputs, kernel.length);
      }
      const address = this.#core.function("networkKernel")(this.#live(), at);
      writePadded(this.#core, address, kernel, inputs, outputs);
      const biasAddress = this.#core.function("networkBias")(this.#address, at);
      this.#core.write("f32", biasAddress, bias, outputs);
    });
  }

  /**
   * Answers a batch.
   * @param inputs Row-major, rows x inputs; read only.
   * @returns A new array, row-major, rows x outputs.
   * @throws {ShapeError} where `inputs` has another length.
   */
  run(inputs: Float32Array, rows: number): Float32Array {
    const length = rows * this.inputs;
    if (inputs.length !== length) throw new ShapeError("inputs", length, inputs.length);
    const answers = rows * this.outputs;
    return this.#core.lend([["f32", length], ["f32", answers]], (from, to) => {
      this.#core.write("f32", from, inputs, length);
      this.#core.function("runNetwork")(this.#live(), from, rows, to);
      return this.#core.read("f32", to, answers);
    });
  }

  /** Gives the memory back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#core.function("destroyNetwork")(this.#address);
    this.#disposed = true;
  }

  /** Lets `using` declarations dispose of the network. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(): number {
    if (this.#disposed) throw new InputError("This network was disposed: create a new one");
    return this.#address;
  }
}

/** Writes rows x columns into rows of lanes (columns rounded up to 4). */
export function writePadded(
  core: Core,
  offset: number,
  values: Float32Array,
  rows: number,
  columns: number,
): void {
  const lanes = (columns + 3) & ~3;
  const target = core.view("f32", offset, rows * lanes);
  for (let row = 0; row < rows; row++) {
    target.set(values.subarray(row * columns, (row + 1) * columns), row * lanes);
  }
}
