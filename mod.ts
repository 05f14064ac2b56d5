/**
 * Metis learns to place long-running containers: from a measured profile of interference to a
 * placement with its gap to the proven optimum. This module is the public interface and nothing else.
 *
 * @example A placement from a profile
 * ```ts
 * import { defaultRegistry, fitModel, NO_RULES, readProfile, runScheduler, Simulator, uniformCluster } from "./mod.ts";
 *
 * const bytes = await Deno.readFile("datasets/synthetic-7x8.csv");
 * const { profile } = await readProfile(bytes, "synthetic-7x8.csv");
 * const simulator = Simulator.create({ model: fitModel("extra-trees", profile, { seed: 1 }), capacity: 8 });
 * const problem = {
 *   apps: profile.apps,
 *   cluster: uniformCluster(81, 8),
 *   demand: [27, 32, 12, 37, 30, 34, 28],
 *   rules: NO_RULES,
 *   simulator,
 * };
 * const run = await runScheduler(defaultRegistry().get("greedy"), problem);
 * console.log(run.mean);
 * ```
 * @module
 */
export * from "./domain/mod.ts";
export * from "./sim-wasm/mod.ts";
export * from "./profiles/mod.ts";
export * from "./models/mod.ts";
export * from "./scheduling/mod.ts";
export * from "./plans/mod.ts";
export * from "./datasets/mod.ts";
export { interferenceMatrix } from "./profiling/mod.ts";
export { defaultRegistry } from "./registry/mod.ts";
export { type BoundOptions, proveBound, type ProvenBound } from "./baselines/optimal/mod.ts";
export { sha256 } from "./policies/checkpoint/mod.ts";
export { type MetisConfig } from "./policies/metis/config.ts";
export { metisTrainer } from "./policies/metis/trainer.ts";
export type { Activation, DenseLayer, Network } from "./policies/network.ts";
export { shippedNetworks } from "./policies/shipped.ts";
export { NO_POLICIES, type PolicySource } from "./policies/source.ts";
export { loadTensorFlow, type TensorFlow, type TensorFlowOptions } from "./policies/tensorflow.ts";
export type {
  StateArray,
  StateValue,
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "./policies/trainer.ts";
export { metisPolicyScheduler } from "./policies/training/metis_policy.ts";
export { type SurfaceData, surfaceData, SurfaceTable } from "./policies/training/surface_table.ts";
