/**
 * Interference models: how fast every app runs in every configuration, from measurements. Fitted and
 * evaluated in the simulator core; runs in Deno, Node and browsers.
 * @module
 */
export { fitAppMeans } from "./app_means.ts";
export { type Arrangement, arrangeModel } from "./arranged.ts";
export { type AutoChoice, type AutoOptions, fitAuto } from "./auto.ts";
export { BOOSTING_OPTIONS, fitBoosting } from "./boosting.ts";
export { CautiousModel } from "./cautious.ts";
export { describeKind, EnsembleModel, type Member } from "./ensemble.ts";
export { extraTreesOptions, fitExtraTrees } from "./extra_trees.ts";
export { DEFAULT_FIT, fitFrom, fitModel, fitNames, type FitOptions, usualFit } from "./fit.ts";
export { fitForest, FOREST_OPTIONS } from "./forest.ts";
export { fitGaussian, GaussianModel, type GaussianOptions } from "./gaussian.ts";
export { gatherMeasurements, isLone, type Measurements } from "./measurements.ts";
export { fitPairwise, PairwiseModel, type PairwiseOptions } from "./pairwise.ts";
export { fitPooled, PooledModel, type PooledOptions } from "./pooled.ts";
export { type PooledHyperparameters } from "./pooled_covariance.ts";
export { fitLatency, LatencyModel } from "./latency.ts";
export { loadModel, saveModel } from "./saved.ts";
export {
  type AppScores,
  crossValidate,
  type CrossValidation,
  hasCopies,
  HELD_OUT_SHARE,
  holdOut,
  holdOutConfigurations,
  REFERENCE_SPLIT_SEED,
  scoreModel,
  scorePredictions,
  type Scores,
  scoreUnseen,
  type Split,
} from "./score.ts";
export { describeConfiguration, TableModel } from "./table.ts";
export { TrafficModel, type TrafficModelOptions } from "./traffic.ts";
export { fitTransfer, type TransferHyperparameters, TransferModel } from "./transfer.ts";
export { TreeModel } from "./tree_model.ts";
export {
  isJoint,
  isUncertain,
  type JointModel,
  type UncertainModel,
  type UncertainPrediction,
} from "./uncertain.ts";
