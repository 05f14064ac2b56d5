import { Owner } from "../../domain/mod.ts";
import { Adam, type AdamOptions } from "./adam.ts";
import type { Gradients } from "./gradients.ts";
import type { Network } from "./network.ts";
import { decodeWeights, encodeWeights, type StateLayout } from "./state.ts";
import type { TensorFlow } from "./tensorflow.ts";
import { assignArrays, TrainableNetwork } from "./trainable_network.ts";
import type { TrainerState } from "./trainer.ts";

/** Networks and the optimiser that trains them: stepped, saved and restored as one. */
export class LearnedNetworks extends Owner {
  /** In the order that they were given. */
  readonly trainable: readonly TrainableNetwork[];
  readonly #adam: Adam;

  /** The networks are copied. */
  constructor(tensorflow: TensorFlow, networks: readonly Network[], adam: AdamOptions) {
    super("set of networks in training");
    this.trainable = networks.map((network) => new TrainableNetwork(tensorflow, network));
    this.#adam = new Adam(this.trainable, adam);
  }

  /** Step size of the next step. */
  set learningRate(rate: number) {
    this.#adam.learningRate = rate;
  }

  /** As {@link Adam.step}. */
  step(gradients: Gradients, update: number): number {
    return this.#adam.step(gradients, update);
  }

  /** Copies of the networks as they are now. */
  read(): Network[] {
    return this.trainable.map((network) => network.read());
  }

  /** Copies of weights and optimiser, and these counters, as a state. */
  save(layout: StateLayout, counters: Readonly<Record<string, number>>): TrainerState {
    const adam = this.#adam.state();
    const { steps, arrays } = encodeWeights({ weights: this.#weights(), adam }, layout);
    return { values: { ...counters, ...steps }, arrays };
  }

  /** Continues from a state. @throws {InputError | ShapeError} if it is of other networks. */
  restore(state: TrainerState, layout: StateLayout): void {
    const { weights, adam } = decodeWeights(state, this.#weights().length, layout);
    assignArrays(this.trainable, weights);
    this.#adam.restore(adam);
  }

  /** Gives the tensors back. */
  protected override release(): void {
    for (const network of this.trainable) network.dispose();
  }

  #weights(): Float32Array[] {
    return this.trainable.flatMap((network) => [...network.weightsView]);
  }
}
