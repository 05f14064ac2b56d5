import type * as tfjs from "@tensorflow/tfjs";
import type { TensorFlow } from "./tensorflow.ts";
import { Weights } from "./weights.ts";

/** Size of a residual dense network, in the letters of its paper. */
export interface RdnOptions {
  /** C: convolutions of a block. */
  readonly convolutions: number;
  /** D: blocks. */
  readonly blocks: number;
  /** G: channels that a convolution adds, and of the features between blocks. */
  readonly growth: number;
  /** Side of the result by that of the picture. */
  readonly scale: number;
  readonly seed: number;
}

/**
 * The residual dense network for image super-resolution (Zhang et al., CVPR 2018) with weights from a seed: the
 * work of the real one, not its answers.
 */
export class ResidualDenseNetwork {
  /** How many weights it has. */
  readonly weights: number;
  readonly #tf: TensorFlow;
  readonly #options: RdnOptions;
  readonly #shallow: readonly [Convolution, Convolution];
  readonly #blocks: readonly { dense: readonly Convolution[]; fuse: Convolution }[];
  readonly #global: readonly [Convolution, Convolution];
  readonly #upscale: readonly [Convolution, Convolution, Convolution];
  readonly #last: Convolution;

  constructor(tf: TensorFlow, options: RdnOptions) {
    const { convolutions, blocks, growth, scale, seed } = options;
    this.#tf = tf;
    this.#options = options;
    const made = new Weights(tf, seed);
    const layer = (side: number, inputs: number, outputs: number, gain = 1): Convolution => ({
      filter: made.filter([side, side, inputs, outputs], gain),
      bias: made.bias(outputs),
    });
    this.#shallow = [layer(5, 3, growth), layer(5, growth, growth)];
    this.#blocks = Array.from({ length: blocks }, () => ({
      dense: Array.from(
        { length: convolutions },
        (_, at) => layer(3, growth * (at + 1), growth, 2),
      ),
      fuse: layer(1, growth * (convolutions + 1), growth, 0.1),
    }));
    this.#global = [layer(1, growth * blocks, growth), layer(3, growth, growth)];
    const half = Math.max(1, growth >> 1);
    this.#upscale = [
      layer(5, growth, growth),
      layer(3, growth, half),
      layer(3, half, 3 * scale ** 2),
    ];
    this.#last = layer(3, 3, 3);
    this.weights = made.count;
  }

  /**
   * A picture of `scale` times the side.
   * @param image Shape [1, height, width, 3], values 0 to 1.
   * @returns Shape [1, scale x height, scale x width, 3]; owned by the caller.
   */
  enlarge(image: tfjs.Tensor4D): tfjs.Tensor4D {
    const tf = this.#tf;
    return tf.tidy(() => {
      const first = this.#apply(image, this.#shallow[0]);
      let features = this.#apply(first, this.#shallow[1]);
      const all = this.#blocks.map(({ dense, fuse }) => {
        let seen = features;
        for (const layer of dense) {
          seen = tf.concat([seen, this.#apply(seen, layer, "relu")], 3);
        }
        features = tf.add(features, this.#apply(seen, fuse)) as tfjs.Tensor4D;
        return features;
      });
      const fused = this.#apply(this.#apply(tf.concat(all, 3), this.#global[0]), this.#global[1]);
      let x = tf.add(first, fused) as tfjs.Tensor4D;
      for (const layer of this.#upscale) x = this.#apply(x, layer);
      return this.#apply(tf.depthToSpace(x, this.#options.scale), this.#last);
    });
  }

  #apply(
    x: tfjs.Tensor4D,
    layer: Convolution,
    activation: "linear" | "relu" = "linear",
  ): tfjs.Tensor4D {
    return this.#tf.fused.conv2d({ x, ...layer, strides: 1, pad: "same", activation });
  }
}

interface Convolution {
  readonly filter: tfjs.Tensor4D;
  readonly bias: tfjs.Tensor1D;
}
