/**
 * The gradient of choices: rows whose loss has been differentiated by the scores already (the core does that
 * where it samples), pushed through the networks by TensorFlow.js.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import { type Gradients, gradientsOf } from "./gradients.ts";
import type { TensorFlow } from "./tensorflow.ts";
import type { TrainableNetwork } from "./trainable_network.ts";

/** Choices of many decisions, scored by one network. */
export interface ChoiceRows {
  readonly rows: number;
  /** Row-major, rows x inputs of the network; read only. */
  readonly inputs: Float32Array;
  /** Derivative of the loss by the score of each row. */
  readonly slopes: Float32Array;
}

/** Rows that are differentiated at a time: bounds the memory of tensors. */
const CHUNK = 16_384;

/**
 * Gradient of a loss whose derivative by each row's score is known: that of sum over rows of slope x score, by the
 * weights of the networks, network after network.
 * @param parts One for each network: the choices that it scored. @param loss The loss itself, for the record.
 */
export function choiceGradients(
  tensorflow: TensorFlow,
  networks: readonly TrainableNetwork[],
  parts: readonly ChoiceRows[],
  loss: number,
): Gradients {
  const arrays = networks.flatMap((network, at) => partGradient(tensorflow, network, parts[at]!));
  return { loss, arrays };
}

function partGradient(
  tensorflow: TensorFlow,
  network: TrainableNetwork,
  { rows, inputs, slopes }: ChoiceRows,
): Float32Array[] {
  const { tf } = tensorflow;
  const sums = network.weightsView.map((array) => new Float32Array(array.length));
  for (let first = 0; first < rows; first += CHUNK) {
    const count = Math.min(CHUNK, rows - first);
    const width = inputs.length / rows;
    const { arrays } = gradientsOf(tensorflow, [network], () => {
      const chunk = inputs.slice(first * width, (first + count) * width);
      const scores = network.apply(tf.tensor2d(chunk, [count, width]));
      const weights = tf.tensor2d(slopes.slice(first, first + count), [count, 1]);
      return tf.sum(tf.mul(scores, weights)) as tfjs.Scalar;
    });
    sums.forEach((sum, at) => arrays[at]!.forEach((value, index) => sum[index]! += value));
  }
  return sums;
}
