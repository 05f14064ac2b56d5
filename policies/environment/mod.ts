/**
 * Placing containers as episodes, many in lockstep, with the meaning of Gymnasium's vector environments.
 * @module
 */
export {
  type AutoresetMode,
  type EnvironmentStart,
  type EnvironmentStep,
  type VectorEnvironment,
} from "./contract.ts";
export { type Group, type GroupTree, groupTree, threefold } from "./group_tree.ts";
export {
  HIGH_OBSERVATION,
  observationSize,
  type ObservationStyle,
  SUB_OBSERVATION,
} from "./observation.ts";
export {
  PlacementEnvironment,
  type PlacementEnvironmentOptions,
  type PlacementInfos,
} from "./placement_environment.ts";
