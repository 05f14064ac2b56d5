/**
 * Learned schedulers: their networks, the files they are kept in, and where they are found. Runs in Deno, Node and
 * browsers; training is apart, see `./training/` and docs/training.md of the repository.
 * @module
 */
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
export type { Activation, DenseLayer, Network } from "./network.ts";
export { type OpenedPolicy, type PolicySearch, shippedPolicies } from "./shipped.ts";
export { loaderOf, NO_POLICIES, type PolicySource } from "./source.ts";
export { SHIPPED, type ShippedPolicy } from "./trained/mod.ts";
export type { StateArray, StateValue, TrainerState } from "./trainer.ts";
