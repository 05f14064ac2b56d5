/**
 * Metis learns to place long-running containers: from a measured profile of interference to a
 * placement with its gap to the proven optimum. This module is the public interface and nothing else.
 *
 * @example A placement from a profile
 * ```ts
 * import { datasetUrl, defaultRegistry, fitModel, NO_RULES, readProfile, runScheduler } from "./mod.ts";
 * import { Simulator, uniformCluster } from "./mod.ts";
 *
 * const data = new Uint8Array(await (await fetch(datasetUrl("lab-7x8"))).arrayBuffer());
 * const { profile } = await readProfile(data, "lab-7x8.csv");
 * const simulator = Simulator.create({ model: fitModel("extra-trees", profile, { seed: 1 }), capacity: 8 });
 * const problem = {
 *   apps: profile.apps,
 *   cluster: uniformCluster(81, 8),
 *   demand: [27, 32, 12, 37, 30, 34, 28],
 *   rules: NO_RULES,
 *   simulator,
 * };
 * const run = await runScheduler(defaultRegistry().get("metis"), problem);
 * console.log(run.mean);
 * ```
 * @module
 */
export * from "./domain/mod.ts";
export * from "./sim-wasm/mod.ts";
export * from "./profiles/mod.ts";
export * from "./models/mod.ts";
export * from "./scheduling/mod.ts";
export {
  type AimFields,
  aimFields,
  type NodeGroup,
  type Plan,
  PLAN_VERSION,
  planOfPlacement,
  type PlanRules,
  type PlanSurface,
  planText,
  type PlanValue,
  planValue,
  planVersion,
  type ReadPlan,
  readPlan,
} from "./scheduling/plans/mod.ts";
export * from "./datasets/mod.ts";
export * from "./policies/mod.ts";
export { interferenceMatrix } from "./profiling/mod.ts";
export * from "./replanning/mod.ts";
export { defaultRegistry } from "./registry.ts";
export {
  BOUND_SECONDS,
  type BoundOptions,
  proveBound,
  type ProvenBound,
  upperBound,
  type UpperBoundOptions,
} from "./baselines/optimal/mod.ts";
