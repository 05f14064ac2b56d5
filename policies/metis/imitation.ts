/**
 * The gradient of choices: rows whose loss has been differentiated by the scores already (the core does that
 * where it samples), pushed through the networks by TensorFlow.js.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import { type Gradients, gradientsOf, type TensorFlow, TrainableNetwork } from "../tensorflow.ts";

/** Choices of many decisions, scored by one network. */
export interface ChoiceRows {
  readonly network: TrainableNetwork;
  readonly rows: number;
  /** Row-major, rows x inputs of the network; read only. */
  readonly inputs: Float32Array;
  /** Derivative of the loss by the score of each row. */
  readonly slopes: Float32Array;
}

/**
 * Gradient of a loss whose derivative by each row's score is known: that of sum over rows of slope x score, by the
 * weights of each part's network, in the order of the parts.
 * @param loss The loss itself, for the record.
 */
export function choiceGradients(
  tensorflow: TensorFlow,
  parts: readonly ChoiceRows[],
  loss: number,
): Gradients {
  const { tf } = tensorflow;
  const { arrays } = gradientsOf(
    tensorflow,
    parts.map(({ network }) => network),
    () =>
      tf.addN(parts.map(({ network, rows, inputs, slopes }) => {
        // A network without rows still takes part, so that its gradient is zero and not missing.
        const width = rows === 0 ? network.read().layers[0]!.inputs : inputs.length / rows;
        const used = rows === 0 ? new Float32Array(width) : inputs.slice();
        const weights = rows === 0 ? new Float32Array(1) : slopes.slice();
        const scores = network.apply(tf.tensor2d(used, [Math.max(1, rows), width]));
        return tf.sum(tf.mul(scores, tf.tensor2d(weights, [Math.max(1, rows), 1])));
      })) as tfjs.Scalar,
  );
  return { loss, arrays };
}
