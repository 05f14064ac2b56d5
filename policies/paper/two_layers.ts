import type * as tfjs from "@tensorflow/tfjs";
import { transposedProduct } from "../learning/dense.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { TrainableNetwork } from "../learning/trainable_network.ts";

/**
 * Logits of a network `inputs -> tanh -> linear` with its gradient, in as few passes over the hidden units as
 * TensorFlow.js allows: training speed is the number of those passes. With s = sigmoid(2x),
 * tanh(x) = 2s - 1, so the second layer is s x 2K + (b - column sums of K), and tanh' = 4 (s - s^2). Biases of
 * the first layer are the row of weights of an input that is always 1.
 * @param inputs Shape [rows, inputs of the network]; gets no gradient.
 * @returns Shape [rows, outputs of the network].
 */
export function twoLayerLogits(
  { tf }: TensorFlow,
  network: TrainableNetwork,
  inputs: tfjs.Tensor2D,
): tfjs.Tensor2D {
  const run = tf.customGrad((k1, b1, k2, b2, save) => {
    const firstBias = b1 as tfjs.Tensor1D;
    const second = k2 as tfjs.Tensor2D;
    const units = firstBias.shape[0];
    const rows = inputs.shape[0];
    const ones = tf.ones([rows, 1]) as tfjs.Tensor2D;
    const seen = tf.concat([inputs, ones], 1) as tfjs.Tensor2D;
    const first = tf.concat([k1 as tfjs.Tensor2D, tf.reshape(firstBias, [1, units])], 0);
    const s = tf.sigmoid(tf.matMul(seen, tf.mul(first, 2) as tfjs.Tensor2D)) as tfjs.Tensor2D;
    const offset = tf.sub(b2 as tfjs.Tensor1D, tf.sum(second, 0));
    const value = tf.add(tf.matMul(s, tf.mul(second, 2) as tfjs.Tensor2D), offset);
    (save as tfjs.GradSaveFunc)([seen, s, second]);
    const gradFunc = (dy: tfjs.Tensor, saved: tfjs.Tensor[]): tfjs.Tensor[] => {
      const [x, hidden, kernel] = saved as tfjs.Tensor2D[];
      const slopes = dy as tfjs.Tensor2D;
      const summed = tf.sum(slopes, 0);
      const toSecond = tf.sub(tf.mul(transposedProduct(tf, hidden!, slopes), 2), summed);
      const back = tf.matMul(slopes, tf.mul(tf.transpose(kernel!), 4) as tfjs.Tensor2D);
      const inner = tf.mul(back, tf.sub(hidden!, tf.square(hidden!))) as tfjs.Tensor2D;
      const toFirst = transposedProduct(tf, x!, inner);
      const weights = x!.shape[1] - 1;
      return [
        tf.slice(toFirst, [0, 0], [weights, units]),
        tf.reshape(tf.slice(toFirst, [weights, 0], [1, units]), [units]),
        toSecond,
        summed,
      ];
    };
    return { value, gradFunc };
  });
  const [k1, b1, k2, b2] = network.variables;
  return run(k1!, b1!, k2!, b2!) as tfjs.Tensor2D;
}
