import { InputError } from "../../domain/mod.ts";
import { type Address, CORE_CONSTANTS } from "../build/core_exports.ts";
import { ACTIVATIONS, type Layer } from "../core/layer.ts";
import type { Core } from "../core/core.ts";
import { CoreObject, coreOf } from "../core/core_object.ts";

/** A dense layer as plain arrays: activation(inputs x kernel + bias). */
export type ScorerLayer = Layer;

const { MAX_SCORER_LAYERS, MAX_SCORER_WIDTH } = CORE_CONSTANTS;

/** A network with one output in the core's memory, that scores choices. */
export class Scorer extends CoreObject {
  readonly #kernels: readonly Address[];
  readonly #shape: string;

  /**
   * @param layers Hidden layers, whose widths are multiples of four, then one with a single output.
   * @throws {InputError} for other shapes.
   */
  constructor(core: Core, layers: readonly ScorerLayer[]) {
    checkShape(layers);
    const { functions } = core;
    const address = functions.createScorer(layers[0]!.inputs);
    super("scorer", core, address, () => functions.destroyScorer(address));
    this.#shape = shapeOf(layers);
    this.#kernels = layers.map(({ outputs, activation }) =>
      functions.addScorerLayer(address, outputs, ACTIVATIONS[activation])
    );
    this.load(layers);
  }

  /** Takes over weights of the same shapes. @throws {InputError} for other shapes. */
  load(layers: readonly ScorerLayer[]): void {
    if (shapeOf(layers) !== this.#shape) {
      throw new InputError(`Scorer of shape ${this.#shape} cannot load ${shapeOf(layers)}`);
    }
    const core = coreOf(this);
    layers.forEach(({ kernel, bias }, at) => {
      const address = this.#kernels[at]!;
      core.write("f32", address, kernel, kernel.length);
      core.write("f32", address + 4 * kernel.length, bias, bias.length);
    });
  }
}

function checkShape(layers: readonly ScorerLayer[]): void {
  const last = layers.length - 1;
  const fits = last >= 1 && last < MAX_SCORER_LAYERS &&
    layers.every(({ outputs }, at) =>
      at === last ? outputs === 1 : outputs % 4 === 0 && outputs <= MAX_SCORER_WIDTH
    );
  if (!fits) {
    throw new InputError(
      `A scorer needs hidden widths that are multiples of 4 up to ${MAX_SCORER_WIDTH} and one output: got ${
        shapeOf(layers)
      }`,
    );
  }
}

function shapeOf(layers: readonly ScorerLayer[]): string {
  return layers.map((layer) => `${layer.inputs}-${layer.activation}-${layer.outputs}`).join(", ");
}
