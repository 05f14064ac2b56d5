import { InputError } from "../../domain/mod.ts";
import type * as tfjs from "@tensorflow/tfjs";
import { type Gradients, gradientsOf } from "../learning/gradients.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { TrainableNetwork } from "../learning/trainable_network.ts";
import { twoLayerLogits } from "./two_layers.ts";

/** Choices of one level, with what was observed before each. */
export interface ChoiceBatch {
  readonly rows: number;
  /** Row-major, at least rows x inputs of the network. */
  readonly observations: Float32Array;
  /** Length = rows: what was chosen. */
  readonly actions: Uint8Array;
  /** Length = rows: the reward of the episode that the choice belongs to. */
  readonly rewards: Float32Array;
  /** Row-major, rows x outputs of the network: 1 if it could be chosen. @default all could */
  readonly masks?: Uint8Array;
}

/** A gradient, and the mean entropy (nats) of the choices. */
export interface PolicyGradient extends Gradients {
  readonly entropy: number;
}

/** Rows differentiated at a time: bounds the memory, and keeps the hidden units near the processor. */
const CHUNK = 8192;

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
  let whole: { loss: number; entropy: number; arrays: Float32Array[] } | null = null;
  for (let first = 0; first < batch.rows; first += CHUNK) {
    const chunk = chunkOf(batch, network, first, Math.min(batch.rows, first + CHUNK));
    const part = chunkGradient(tensorflow, network, chunk, entropyWeight);
    const share = chunk.rows / batch.rows;
    whole ??= { loss: 0, entropy: 0, arrays: part.arrays.map((a) => new Float32Array(a.length)) };
    whole.loss += share * part.loss;
    whole.entropy += share * part.entropy;
    whole.arrays.forEach((sum, which) => {
      const own = part.arrays[which]!;
      for (let at = 0; at < sum.length; at++) sum[at] = sum[at]! + share * own[at]!;
    });
  }
  if (whole === null) throw new InputError("A batch needs at least one choice");
  return whole;
}

/** Rows `first` to `end` of a batch, as views. */
function chunkOf(
  batch: ChoiceBatch,
  network: TrainableNetwork,
  first: number,
  end: number,
): ChoiceBatch {
  const { inputs, outputs } = sizes(network);
  return {
    rows: end - first,
    observations: batch.observations.subarray(first * inputs, end * inputs),
    actions: batch.actions.subarray(first, end),
    rewards: batch.rewards.subarray(first, end),
    ...(batch.masks === undefined
      ? {}
      : { masks: batch.masks.subarray(first * outputs, end * outputs) }),
  };
}

function sizes(network: TrainableNetwork): { inputs: number; outputs: number } {
  const [kernel, bias] = network.weightsView;
  const last = network.weightsView[network.weightsView.length - 1]!;
  return { inputs: kernel!.length / bias!.length, outputs: last.length };
}

function chunkGradient(
  tensorflow: TensorFlow,
  network: TrainableNetwork,
  batch: ChoiceBatch,
  entropyWeight: number,
): PolicyGradient {
  const { tf } = tensorflow;
  const { rows, observations } = batch;
  const { inputs, outputs } = sizes(network);
  const rewardHot = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    rewardHot[row * outputs + batch.actions[row]!] = batch.rewards[row]!;
  }
  let entropy = 0;
  const result = gradientsOf(tensorflow, [network], () => {
    const seen = tf.tensor2d(observations.subarray(0, rows * inputs), [rows, inputs]);
    const logits = twoLayerLogits(tensorflow, network, seen);
    const rewardsHot = tf.tensor2d(rewardHot, [rows, outputs]);
    const rewards = tf.tensor2d(batch.rewards, [rows, 1]);
    const absent = absentLogits(batch);
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

function absentLogits({ masks }: ChoiceBatch): Float32Array | null {
  return masks === undefined ? null : Float32Array.from(masks, (open) => open === 1 ? 0 : ABSENT);
}

/** Rewards shifted to mean 0 and scaled to standard deviation 1; all 0 if they are equal. */
export function normalised(rewards: readonly number[]): number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length;
  const deviation = Math.sqrt(variance);
  // Episodes that are equal up to rounding teach nothing: do not blow up their rounding errors.
  return rewards.map((reward) => deviation > 1e-12 ? (reward - mean) / deviation : 0);
}
