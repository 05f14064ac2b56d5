import type * as tfjs from "@tensorflow/tfjs";
import { Random } from "../../../domain/random.ts";
import type { TensorFlow } from "./tensorflow.ts";

/** Weights from a seed, scaled so that activations neither die nor explode (He et al., 2015). */
export class Weights {
  readonly #tf: TensorFlow;
  readonly #random: Random;
  #count = 0;

  constructor(tf: TensorFlow, seed: number) {
    this.#tf = tf;
    this.#random = new Random(seed);
  }

  /** How many weights were made. */
  get count(): number {
    return this.#count;
  }

  /** A filter of shape [height, width, inputs, outputs] with normal values of variance gain / fan in. */
  filter(
    shape: readonly [number, number, number, number],
    gain: number = 2,
  ): tfjs.Tensor4D {
    const [height, width, inputs] = shape;
    return this.#tf.tensor4d(this.#normal(shape, gain / (height * width * inputs)), [...shape]);
  }

  /** A filter for each channel, of shape [side, side, channels, 1]. */
  depthwise(side: number, channels: number): tfjs.Tensor4D {
    const shape = [side, side, channels, 1] as const;
    return this.#tf.tensor4d(this.#normal(shape, 2 / side ** 2), [...shape]);
  }

  /** A matrix of shape [inputs, outputs]. */
  matrix(inputs: number, outputs: number): tfjs.Tensor2D {
    return this.#tf.tensor2d(this.#normal([inputs, outputs], 1 / inputs), [inputs, outputs]);
  }

  /** A bias of small normal values. */
  bias(length: number): tfjs.Tensor1D {
    return this.#tf.tensor1d(this.#normal([length], 0.01));
  }

  #normal(shape: readonly number[], variance: number): Float32Array {
    const deviation = Math.sqrt(variance);
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let at = 0; at < values.length; at++) values[at] = deviation * this.#random.normal();
    this.#count += values.length;
    return values;
  }
}
