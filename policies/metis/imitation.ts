/**
 * The gradient of imitation: rows of choices whose loss has been differentiated by the scores already (the
 * core does that where it samples), pushed through the network by TensorFlow.js.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import type { Gradients, TensorFlow, TrainableNetwork } from "../tensorflow.ts";
import { gradientsOf } from "../tensorflow.ts";

/** Choices of many decisions. */
export interface ChoiceRows {
  readonly rows: number;
  /** Row-major, rows x inputs of the network. */
  readonly inputs: Float32Array;
  /** Derivative of the loss by the score of each row. */
  readonly slopes: Float32Array;
}

/**
 * Gradient of a loss whose derivative by each row's score is known: that of sum over rows of slope x score.
 * @param loss The loss itself, for the record.
 */
export function choiceGradients(
  tensorflow: TensorFlow,
  network: TrainableNetwork,
  choices: ChoiceRows,
  loss: number,
): Gradients {
  const { tf } = tensorflow;
  const { rows, inputs, slopes } = choices;
  const width = rows === 0 ? 0 : inputs.length / rows;
  const { arrays } = gradientsOf(tensorflow, [network], () => {
    const scores = network.apply(tf.tensor2d(inputs.slice(), [rows, width]));
    const weights = tf.tensor2d(slopes.slice(), [rows, 1]);
    return tf.sum(tf.mul(scores, weights)) as tfjs.Scalar;
  });
  return { loss, arrays };
}
