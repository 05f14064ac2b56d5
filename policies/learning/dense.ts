import type * as tfjs from "@tensorflow/tfjs";
import type { DenseLayer } from "./network.ts";
import type { TensorFlow } from "./tensorflow.ts";

/**
 * activation(inputs x kernel + bias) with its gradient. Faster on the WebAssembly backend than the built-in
 * operations: that backend multiplies transposed matrices and computes tanh without SIMD, so this transposes
 * first and takes tanh(x) as 2 sigmoid(2x) - 1.
 * @param inputs Shape [rows, inputs]. @param kernel Shape [inputs, outputs]. @param bias Shape [outputs].
 * @returns Shape [rows, outputs]; owned by the caller.
 */
export function dense(
  { tf }: TensorFlow,
  inputs: tfjs.Tensor2D,
  kernel: tfjs.Tensor2D,
  bias: tfjs.Tensor1D,
  activation: DenseLayer["activation"],
  needsInputGradient: boolean = true,
): tfjs.Tensor2D {
  const run = tf.customGrad((x, k, b, save) => {
    const a = x as tfjs.Tensor2D;
    const w = k as tfjs.Tensor2D;
    const added = b as tfjs.Tensor1D;
    let value: tfjs.Tensor2D;
    if (activation === "tanh") {
      const sums = tf.add(tf.matMul(a, tf.mul(w, 2)), tf.mul(added, 2));
      value = tf.sub(tf.mul(tf.sigmoid(sums), 2), 1);
    } else {
      const sums = tf.add(tf.matMul(a, w), added) as tfjs.Tensor2D;
      value = activation === "relu" ? tf.relu(sums) : sums;
    }
    const keep = save as tfjs.GradSaveFunc;
    keep([a, w, value]);
    const gradFunc = (dy: tfjs.Tensor, saved: tfjs.Tensor[]): tfjs.Tensor[] => {
      const [savedInputs, savedKernel, output] = saved as tfjs.Tensor2D[];
      let slope = dy as tfjs.Tensor2D;
      if (activation === "tanh") slope = tf.mul(dy, tf.sub(1, tf.square(output!)));
      if (activation === "relu") slope = tf.mul(dy, tf.step(output!));
      return [
        needsInputGradient
          ? tf.matMul(slope, tf.transpose(savedKernel!) as tfjs.Tensor2D)
          : tf.zerosLike(savedInputs!),
        transposedProduct(tf, savedInputs!, slope),
        tf.sum(slope, 0),
      ];
    };
    return { value, gradFunc };
  });
  return run(inputs, kernel, bias) as tfjs.Tensor2D;
}

/**
 * The product of a transposed matrix with another: [rows, m] and [rows, n] give [m, n]. The WebAssembly backend
 * repacks the second factor of a product, slowly where it has many rows: so the narrower one comes second.
 */
export function transposedProduct(
  tf: TensorFlow["tf"],
  a: tfjs.Tensor2D,
  b: tfjs.Tensor2D,
): tfjs.Tensor2D {
  if (a.shape[1] >= b.shape[1]) return tf.matMul(tf.transpose(a) as tfjs.Tensor2D, b);
  return tf.transpose(tf.matMul(tf.transpose(b) as tfjs.Tensor2D, a)) as tfjs.Tensor2D;
}
