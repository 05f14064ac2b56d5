/**
 * The simulator core: throughput of configurations, cluster states and searches over them, in
 * WebAssembly behind classes that hide its memory. Runs in Deno, Node and browsers.
 * @module
 */
export { type AnnealingOptions, ClusterState } from "./cluster_state.ts";
export {
  Core,
  type CoreFunction,
  type ElementArray,
  type ElementArrays,
  type ElementType,
} from "./core.ts";
export { type Hyperparameters } from "./gaussian.ts";
export { FORBIDDEN_VALUE } from "./pricing.ts";
export { DENSE_LIMIT, Simulator, type SimulatorOptions } from "./simulator.ts";
export { type ArrivalOptions, Arrivals } from "./metis_arrivals.ts";
export { GROUP_LEVELS, groupInputs, LevelPlanner } from "./metis_levels.ts";
export {
  Planner,
  plannerInputs,
  type PlannerOptions,
  type PlannerRecord,
  type PlanOptions,
} from "./metis_planner.ts";
export { type ScorerLayer } from "./metis_scorer.ts";
export {
  Chooser,
  type EpisodeMode,
  EpisodePlayer,
  type EpisodePlayerOptions,
  type TreeShape,
} from "./episodes.ts";
export {
  type BoostingOptions,
  type FeatureSet,
  type TreeArrays,
  type TreeOptions,
  Trees,
  type TreeSample,
} from "./trees.ts";
export { CoreNetwork, type LayerWeights, type NetworkWeights } from "./network.ts";
