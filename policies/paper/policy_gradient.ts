import type * as tfjs from "@tensorflow/tfjs";
import { twoLayerLogits } from "./two_layers.ts";
import {
  type Gradients,
  gradientsOf,
  type TensorFlow,
  type TrainableNetwork,
} from "../tensorflow.ts";

/** Choices of one level, with what was observed before each. */
export interface ChoiceBatch {
  readonly rows: number;
  /** Row-major, at least rows x inputs of the network. */
  readonly observations: Float32Array;
  /** Length = rows: what was chosen. */
  readonly actions: ArrayLike<number>;
  /** Length = rows: the reward of the episode that the choice belongs to. */
  readonly rewards: ArrayLike<number>;
  /** Length = rows: choices that there were, where some had fewer than the network has outputs. */
  readonly choices?: ArrayLike<number>;
}

/** A gradient, and the mean entropy (nats) of the choices. */
export interface PolicyGradient extends Gradients {
  readonly entropy: number;
}

/** Logit of a choice that there was not: its probability is 0 in single precision. */
const ABSENT = -1e9;

/**
 * Gradient of mean(-log pi(a) x reward) - entropyWeight x mean entropy (Williams, 1992: REINFORCE, with an
 * entropy bonus). The derivative by the logits z with p = softmax(z) and entropy H is
 * reward x (p - onehot(a)) + entropyWeight x p x (log p + H), over the number of rows.
 */
export function policyGradient(
  tensorflow: TensorFlow,
  network: TrainableNetwork,
  batch: ChoiceBatch,
  entropyWeight: number,
): PolicyGradient {
  const { tf } = tensorflow;
  const { rows, observations } = batch;
  const kernel = network.weightsView[0]!;
  const inputs = kernel.length / network.weightsView[1]!.length;
  const outputs = network.weightsView[network.weightsView.length - 1]!.length;
  const rewardHot = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    rewardHot[row * outputs + batch.actions[row]!] = batch.rewards[row]!;
  }
  let entropy = 0;
  const result = gradientsOf(tensorflow, [network], () => {
    const seen = tf.tensor2d(observations.subarray(0, rows * inputs), [rows, inputs]);
    const logits = twoLayerLogits(tensorflow, network, seen);
    const rewardsHot = tf.tensor2d(rewardHot, [rows, outputs]);
    const rewards = tf.tensor2d(Float32Array.from(batch.rewards), [rows, 1]);
    const absent = absentLogits(batch, outputs);
    const loss = tf.customGrad((given, save) => {
      const z = given as tfjs.Tensor2D;
      const shown = absent === null ? z : tf.add(z, tf.tensor2d(absent, [rows, outputs]));
      const logs = tf.logSoftmax(shown);
      const probabilities = tf.exp(logs);
      const products = tf.mul(probabilities, logs);
      const entropies = tf.neg(tf.sum(products, 1, true));
      const meanEntropy = tf.mean(entropies);
      entropy = meanEntropy.dataSync()[0]!;
      const value = tf.sub(
        tf.div(tf.neg(tf.sum(tf.mul(logs, rewardsHot))), rows),
        tf.mul(meanEntropy, entropyWeight),
      );
      (save as tfjs.GradSaveFunc)([
        probabilities,
        products,
        entropies,
        rewards,
        rewardsHot,
      ]);
      const gradFunc = (dy: tfjs.Tensor, saved: tfjs.Tensor[]): tfjs.Tensor => {
        const [p, pLogP, h, reward, rewardHot] = saved;
        const fromReward = tf.sub(tf.mul(p!, reward!), rewardHot!);
        const fromEntropy = tf.mul(tf.add(pLogP!, tf.mul(p!, h!)), entropyWeight);
        return tf.mul(tf.div(tf.add(fromReward, fromEntropy), rows), dy);
      };
      return { value, gradFunc };
    });
    return loss(logits) as tfjs.Scalar;
  });
  return { ...result, entropy };
}

function absentLogits({ rows, choices }: ChoiceBatch, outputs: number): Float32Array | null {
  if (choices === undefined) return null;
  const logits = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    logits.fill(ABSENT, row * outputs + choices[row]!, (row + 1) * outputs);
  }
  return logits;
}

/** Rewards shifted to mean 0 and scaled to standard deviation 1; all 0 where they are alike. */
export function normalised(rewards: readonly number[]): number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length;
  const deviation = Math.sqrt(variance);
  // Episodes that are alike up to rounding teach nothing: do not blow their rounding errors up.
  return rewards.map((reward) => deviation > 1e-12 ? (reward - mean) / deviation : 0);
}
