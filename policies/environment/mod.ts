/**
 * Placing containers as episodes of many environments at once, with the meaning of Gymnasium's vector environments.
 * @module
 */
export {
  AUTORESET_MODES,
  type AutoresetMode,
  type EndInfos,
  type EnvironmentStart,
  type EnvironmentStep,
  type ResetOptions,
  type VectorEnvironment,
} from "./contract.ts";
export {
  checkEnvironment,
  type EnvironmentCheck,
  type EnvironmentCheckOptions,
} from "./check_environment.ts";
export { MaskedActionError, ResetNeededError } from "./errors.ts";
export { type Group, type GroupTree, groupTree, threefold } from "./group_tree.ts";
export {
  FULL_OBSERVATION,
  HIGH_OBSERVATION,
  observationSize,
  type ObservationStyle,
  SUB_OBSERVATION,
} from "./observation.ts";
export {
  type FinishedEpisode,
  PlacementEnvironment,
  type PlacementEnvironmentOptions,
  type PlacementInfos,
  type PlacementResetOptions,
} from "./placement_environment.ts";
export { type BoxSpace, contains, type DiscreteSpace, sizeOf, type Space } from "./spaces.ts";
