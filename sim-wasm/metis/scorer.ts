import { InputError } from "../../domain/mod.ts";
import type { Core } from "../core/core.ts";

/** A dense layer as plain arrays: activation(inputs x kernel + bias). */
export interface ScorerLayer {
  /** Numbers that go in. */
  readonly inputs: number;
  /** Numbers that come out. */
  readonly outputs: number;
  /** Applied to every output. */
  readonly activation: "tanh" | "relu" | "linear";
  /** Row-major, length inputs x outputs. */
  readonly kernel: Float32Array;
  /** Length = outputs. */
  readonly bias: Float32Array;
}

const ACTIVATIONS = { linear: 0, relu: 1, tanh: 2 } as const;

/** Widest hidden layer that the core has room for. */
const WIDEST = 1024;

/** A network with one output in the core's memory, that scores choices. */
export class Scorer {
  readonly offset: number;
  readonly #core: Core;
  readonly #kernels: number[] = [];
  readonly #shape: string;

  /**
   * @param layers Hidden layers, whose widths are multiples of four, then one with a single output.
   * @throws {InputError} for other shapes.
   */
  constructor(core: Core, layers: readonly ScorerLayer[]) {
    this.#core = core;
    this.#shape = shapeOf(layers);
    const last = layers.length - 1;
    layers.forEach(({ outputs }, at) => {
      const fits = at === last ? outputs === 1 : outputs % 4 === 0 && outputs <= WIDEST;
      if (!fits || last < 1 || last > 5) {
        throw new InputError(
          `A scorer needs hidden widths that are multiples of 4 up to ${WIDEST} and one output: got ${this.#shape}`,
        );
      }
    });
    this.offset = core.function("createScorer")(layers[0]!.inputs) >>> 0;
    for (const { outputs, activation } of layers) {
      this.#kernels.push(
        core.function("addScorerLayer")(this.offset, outputs, ACTIVATIONS[activation]) >>> 0,
      );
    }
    this.load(layers);
  }

  /** Takes over weights of the same shapes. @throws {InputError} for other shapes. */
  load(layers: readonly ScorerLayer[]): void {
    if (shapeOf(layers) !== this.#shape) {
      throw new InputError(`Scorer of shape ${this.#shape} cannot load ${shapeOf(layers)}`);
    }
    layers.forEach(({ kernel, bias }, at) => {
      const offset = this.#kernels[at]!;
      this.#core.write("f32", offset, kernel, kernel.length);
      this.#core.write("f32", offset + 4 * kernel.length, bias, bias.length);
    });
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#core.function("destroyScorer")(this.offset);
  }
}

function shapeOf(layers: readonly ScorerLayer[]): string {
  return layers.map((layer) => `${layer.inputs}-${layer.activation}-${layer.outputs}`).join(", ");
}
