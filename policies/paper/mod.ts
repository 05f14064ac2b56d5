/**
 * The learners of the 2020 paper: sub-schedulers, high level, Vanilla RL and divide-and-conquer. Their episodes
 * run in the simulator core, their gradients in TensorFlow.js.
 * @module
 */
export {
  DC_DEFAULTS,
  type DemandConfig,
  HIGH_DEFAULTS,
  VANILLA_DEFAULTS,
} from "./demand_config.ts";
export {
  dcLearner,
  DemandLearner,
  type DemandLearnerKind,
  highLearner,
  vanillaLearner,
} from "./demand_learner.ts";
export { SUB_DEFAULTS, type SubConfig } from "./sub_config.ts";
export { SubLearner, subLearner } from "./sub_learner.ts";
export {
  checkSubSchedulers,
  nearestClass,
  networksFor,
  sizeClass,
  SUB_BRANCHING,
  SUB_NODES,
  subNetworkName,
  type SubSchedulers,
  subSchedulersFromNetworks,
} from "./sub_schedulers.ts";
