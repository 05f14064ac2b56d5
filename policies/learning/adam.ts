import { InputError } from "../../domain/mod.ts";
import { DivergenceError } from "./divergence.ts";
import type { Gradients } from "./gradients.ts";
import { assignArrays, type TrainableNetwork } from "./trainable_network.ts";

/** How Adam steps. */
export interface AdamOptions {
  /** Step size, above 0. */
  readonly learningRate: number;
  /** Decay of the mean of gradients, in [0, 1). @default 0.9 */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). @default 0.999 */
  readonly beta2?: number;
  /** Keeps the division finite. @default 1e-8 */
  readonly epsilon?: number;
  /** Gradients with a larger global norm are scaled down to it. @default no clipping */
  readonly clipNorm?: number;
}

/** What Adam keeps between steps; arrays are copies, one for each array of weights. */
export interface AdamState {
  readonly steps: number;
  readonly means: readonly Float32Array[];
  readonly squares: readonly Float32Array[];
}

/**
 * Adam (Kingma and Ba, 2015) in the form of TensorFlow's AdamOptimizer, over the plain arrays of some
 * networks: its state is exact to save and restore.
 */
export class Adam {
  /** Step size of the next step; may be changed at any time. */
  learningRate: number;
  readonly #networks: readonly TrainableNetwork[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #clipNorm: number;
  #steps = 0;
  #means: Float32Array[];
  #squares: Float32Array[];

  constructor(networks: readonly TrainableNetwork[], options: AdamOptions) {
    this.#networks = networks;
    this.learningRate = options.learningRate;
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-8;
    this.#clipNorm = options.clipNorm ?? Infinity;
    const zeros = (): Float32Array[] => this.#weights().map((w) => new Float32Array(w.length));
    this.#means = zeros();
    this.#squares = zeros();
  }

  /**
   * One step against the gradient.
   * @param gradients One array for each array of weights, network after network.
   * @param update Number of the update, for messages.
   * @returns Global norm of the gradient before clipping.
   * @throws {DivergenceError} if loss, gradient or new weights are not finite; nothing has changed then.
   */
  step({ loss, arrays }: Gradients, update: number): number {
    const names = this.#networks.flatMap((network) => [...network.arrayNames]);
    if (!Number.isFinite(loss)) throw new DivergenceError(update, "loss");
    let squared = 0;
    arrays.forEach((gradient, at) => {
      let sum = 0;
      for (const value of gradient) sum += value * value;
      if (!Number.isFinite(sum)) throw new DivergenceError(update, `gradient of ${names[at]}`);
      squared += sum;
    });
    const norm = Math.sqrt(squared);
    const scale = norm > this.#clipNorm ? this.#clipNorm / norm : 1;
    const means = this.#means.map((mean) => mean.slice());
    const squares = this.#squares.map((square) => square.slice());
    const steps = this.#steps + 1;
    const rate = this.learningRate * Math.sqrt(1 - this.#beta2 ** steps) /
      (1 - this.#beta1 ** steps);
    const weights = this.#weights().map((before, at) => {
      const after = before.slice();
      this.#advance(after, arrays[at]!, means[at]!, squares[at]!, scale, rate);
      if (!after.every(Number.isFinite)) throw new DivergenceError(update, names[at]!);
      return after;
    });
    this.#means = means;
    this.#squares = squares;
    this.#steps = steps;
    assignArrays(this.#networks, weights);
    return norm;
  }

  /** Everything needed to continue bit for bit. */
  state(): AdamState {
    return {
      steps: this.#steps,
      means: this.#means.map((mean) => mean.slice()),
      squares: this.#squares.map((square) => square.slice()),
    };
  }

  /** Continues from a state. @throws {InputError} if it is of other networks. */
  restore(state: AdamState): void {
    const lengths = this.#weights().map((array) => array.length).join();
    for (const arrays of [state.means, state.squares]) {
      if (arrays.map((array) => array.length).join() !== lengths) {
        throw new InputError("The state of the optimiser belongs to other networks");
      }
    }
    this.#steps = state.steps;
    this.#means = state.means.map((mean) => mean.slice());
    this.#squares = state.squares.map((square) => square.slice());
  }

  #advance(
    weights: Float32Array,
    gradient: Float32Array,
    mean: Float32Array,
    square: Float32Array,
    scale: number,
    rate: number,
  ): void {
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const epsilon = this.#epsilon;
    for (let at = 0; at < weights.length; at++) {
      const slope = gradient[at]! * scale;
      const m = beta1 * mean[at]! + (1 - beta1) * slope;
      const s = beta2 * square[at]! + (1 - beta2) * slope * slope;
      mean[at] = m;
      square[at] = s;
      weights[at] = weights[at]! - rate * m / (Math.sqrt(s) + epsilon);
    }
  }

  #weights(): Float32Array[] {
    return this.#networks.flatMap((network) => [...network.weightsView]);
  }
}
