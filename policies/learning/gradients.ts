import type * as tfjs from "@tensorflow/tfjs";
import type { TensorFlow } from "./tensorflow.ts";
import type { TrainableNetwork } from "./trainable_network.ts";

/** A loss and its gradient: one array for each array of weights, network after network. */
export interface Gradients {
  readonly loss: number;
  readonly arrays: readonly Float32Array[];
}

/**
 * Differentiates a loss by all weights of the networks. Tensors made inside are freed.
 * @param loss Builds the scalar loss from `apply` of the networks.
 */
export function gradientsOf(
  { tf }: TensorFlow,
  networks: readonly TrainableNetwork[],
  loss: () => tfjs.Scalar,
): Gradients {
  const variables = networks.flatMap((network) => [...network.variables]);
  const arrays: Float32Array[] = [];
  const value = tf.tidy(() => {
    const result = tf.variableGrads(loss, variables);
    for (const variable of variables) {
      arrays.push((result.grads[variable.name]!.dataSync() as Float32Array).slice());
    }
    return result.value.dataSync()[0]!;
  });
  return { loss: value, arrays };
}
