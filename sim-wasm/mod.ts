/**
 * The simulator core: throughput of configurations, cluster states and searches over them, in
 * WebAssembly behind classes that hide its memory. Runs in Deno, Node and browsers.
 * @module
 */
export { type AnnealingOptions, ClusterState } from "./space/cluster_state.ts";
export { type Layer } from "./core/layer.ts";
export { type Hyperparameters } from "./models/covariance.ts";
export { FORBIDDEN_VALUE } from "./space/pricing.ts";
export { DENSE_LIMIT, Simulator, type SimulatorOptions } from "./space/simulator.ts";
export { type ArrivalOptions, Arrivals } from "./metis/arrivals.ts";
export { GROUP_LEVELS, groupInputs, LevelPlanner } from "./metis/levels.ts";
export {
  MOST_CHOICES,
  Planner,
  plannerInputs,
  type PlannerOptions,
  type PlannerRecord,
  type PlanOptions,
} from "./metis/planner.ts";
export { type ScorerLayer } from "./metis/scorer.ts";
export { Chooser } from "./paper/chooser.ts";
export {
  type EpisodeMode,
  EpisodePlayer,
  type EpisodePlayerOptions,
  type TreeShape,
} from "./paper/episodes.ts";
export { EpisodeGradient } from "./paper/gradient.ts";
export { ShareChoosers } from "./paper/shares.ts";
export { type TreeArrays } from "./models/tree_arrays.ts";
export { type FeatureSet } from "./models/tree_features.ts";
export { type BoostingOptions, type TreeOptions, type TreeSample } from "./models/tree_fit.ts";
export { Trees } from "./models/trees.ts";
export { CoreNetwork, type LayerWeights, type NetworkWeights } from "./paper/network.ts";
