import type * as tfjs from "@tensorflow/tfjs";
import type { TensorFlow } from "./tensorflow.ts";
import { Weights } from "./weights.ts";

/** Classes of ImageNet. */
export const CLASSES = 1000;

/** Outputs and stride of the 13 blocks of MobileNet (Howard et al., 2017, table 1). */
export const BLOCKS: readonly (readonly [outputs: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...Array.from({ length: 5 }, () => [512, 1] as const),
  [1024, 2],
  [1024, 1],
];

/** An image classifier. */
export interface Classifier {
  /** Side of the square pictures that it takes, in pixels. */
  readonly side: number;
  /** How many weights it has. */
  readonly weights: number;
  /** Probability of each class. @param pixels Red, green, blue bytes, length 3 x side x side. */
  classify(pixels: Uint8Array): Float32Array;
}

/** MobileNet, version 1, with weights from a seed: the work of the real one, not its answers. */
export class MobileNet implements Classifier {
  readonly side: number;
  readonly weights: number;
  readonly #tf: TensorFlow;
  readonly #stem: Convolution;
  readonly #blocks: readonly { stride: number; depthwise: Convolution; pointwise: Convolution }[];
  readonly #dense: tfjs.Tensor2D;
  readonly #denseBias: tfjs.Tensor1D;

  /** @param width Multiplier of the channels, 0.25 to 1 in the paper. @param side At least 32. */
  constructor(
    tf: TensorFlow,
    { side, width, seed }: { side: number; width: number; seed: number },
  ) {
    this.#tf = tf;
    this.side = side;
    const made = new Weights(tf, seed);
    const scaled = (channels: number) => Math.max(8, Math.round(channels * width));
    let channels = scaled(32);
    this.#stem = { filter: made.filter([3, 3, 3, channels]), bias: made.bias(channels) };
    this.#blocks = BLOCKS.map(([outputs, stride]) => {
      const depthwise = { filter: made.depthwise(3, channels), bias: made.bias(channels) };
      const inputs = channels;
      channels = scaled(outputs);
      const filter = made.filter([1, 1, inputs, channels]);
      return { stride, depthwise, pointwise: { filter, bias: made.bias(channels) } };
    });
    this.#dense = made.matrix(channels, CLASSES);
    this.#denseBias = made.bias(CLASSES);
    this.weights = made.count;
  }

  classify(pixels: Uint8Array): Float32Array {
    const tf = this.#tf;
    return tf.tidy(() => {
      const shape: [number, number, number, number] = [1, this.side, this.side, 3];
      const image = tf.tensor4d(Float32Array.from(pixels, (byte) => byte / 127.5 - 1), shape);
      const common = { pad: "same", activation: "relu6" } as const;
      let x = tf.fused.conv2d({ x: image, ...this.#stem, strides: 2, ...common }) as tfjs.Tensor4D;
      for (const { stride, depthwise, pointwise } of this.#blocks) {
        x = tf.fused.depthwiseConv2d({ x, ...depthwise, strides: stride, ...common });
        x = tf.fused.conv2d({ x, ...pointwise, strides: 1, ...common });
      }
      const pooled = tf.mean(x, [1, 2]) as tfjs.Tensor2D;
      return tf.softmax(tf.add(tf.matMul(pooled, this.#dense), this.#denseBias))
        .dataSync() as Float32Array;
    });
  }
}

interface Convolution {
  readonly filter: tfjs.Tensor4D;
  readonly bias: tfjs.Tensor1D;
}
