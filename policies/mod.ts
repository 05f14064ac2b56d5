/**
 * Learned schedulers: their networks, the files they are kept in, where they are found, and the training of the
 * zero-shot policy. Runs in Deno, Node and browsers; importing it does not load TensorFlow.js.
 * @module
 */
export { sha256 } from "./checkpoint/bytes.ts";
export {
  type Checkpoint,
  checkPolicyFits,
  decodeCheckpoint,
  encodeCheckpoint,
  MANIFEST_FILE,
  type PolicyUse,
  type ReadPart,
} from "./checkpoint/checkpoint.ts";
export { surfaceFingerprint } from "./checkpoint/fingerprint.ts";
export type { PolicyInfo } from "./checkpoint/manifest.ts";
export type { MetisConfig } from "./metis/config.ts";
export { metisLearner } from "./metis/trainer.ts";
export { metisPolicyScheduler } from "./metis/policy_scheduler.ts";
export type { Activation, DenseLayer, Network } from "./learning/network.ts";
export { universalPolicy } from "./universal/shipped.ts";
export type { LoadNetworks, PolicySource } from "./checkpoint/source.ts";
export type { DemandsAtHand, Learner, LearnerPiece } from "./learning/learner.ts";
export type { LearnerOptions } from "./learning/options.ts";
export { loadTensorFlow, type TensorFlow, type TensorFlowOptions } from "./learning/tensorflow.ts";
export type {
  StateArray,
  StateValue,
  Trainer,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "./learning/trainer.ts";
