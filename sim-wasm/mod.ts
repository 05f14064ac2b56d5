/**
 * The simulator core: throughput of configurations, cluster states and searches over them, in
 * WebAssembly behind classes that hide its memory. Runs in Deno, Node and browsers.
 * @module
 */
export { type AnnealingOptions, ClusterState } from "./space/cluster_state.ts";
export {
  Core,
  type CoreFunction,
  type ElementArray,
  type ElementArrays,
  type ElementType,
} from "./core/core.ts";
export { type Hyperparameters } from "./models/gaussian.ts";
export { FORBIDDEN_VALUE } from "./space/pricing.ts";
export { DENSE_LIMIT, Simulator, type SimulatorOptions } from "./space/simulator.ts";
export { type ArrivalOptions, Arrivals } from "./metis/arrivals.ts";
export { GROUP_LEVELS, groupInputs, LevelPlanner } from "./metis/levels.ts";
export {
  Planner,
  plannerInputs,
  type PlannerOptions,
  type PlannerRecord,
  type PlanOptions,
} from "./metis/planner.ts";
export { type ScorerLayer } from "./metis/scorer.ts";
export {
  Chooser,
  type EpisodeMode,
  EpisodePlayer,
  type EpisodePlayerOptions,
  type TreeShape,
} from "./paper/episodes.ts";
export {
  type BoostingOptions,
  type FeatureSet,
  type TreeArrays,
  type TreeOptions,
  Trees,
  type TreeSample,
} from "./models/trees.ts";
export { CoreNetwork, type LayerWeights, type NetworkWeights } from "./paper/network.ts";
