// What the host may call: numbers and byte offsets only. See sim-wasm/README.md.
export { alloc, free } from "./memory";
export { randomBits, seedRandom } from "./random";
export {
  createDense,
  createHashed,
  evaluateMany,
  rankOf,
  sumRanks,
  throughputOf,
  unrankMany,
} from "./space";
export {
  createState,
  destroyState,
  exchange,
  exchangeGain,
  place,
  placeGain,
  refresh,
  remove,
  restrict,
  stateApart,
  stateCapacities,
  stateCounts,
  stateLimits,
  stateNodeValues,
  stateTotal,
  stateValues,
} from "./state";
export { greedyByApp, greedyInOrder } from "./greedy";
export {
  beginLocalSearch,
  continueLocalSearch,
  endLocalSearch,
  localSearchEnded,
} from "./local_search";
export { anneal, beginAnnealing, endAnnealing } from "./annealing";
export { solvePrices } from "./metis_prices";
export { addScorerLayer, createScorer, destroyScorer } from "./metis_network";
export { fillWeights } from "./metis_chances";
export { planDemand, plannerTotal, writePlan } from "./metis_decide";
export {
  clearRecord,
  createPlanner,
  destroyPlanner,
  plannerDecisions,
  plannerEntropy,
  plannerLoss,
  plannerRecord,
  plannerRecorded,
  plannerRecordSlopes,
  plannerRecordTimes,
  setScorer,
} from "./metis_planner";
export {
  createNetwork,
  destroyNetwork,
  networkBias,
  networkKernel,
  runNetwork,
  setNetworkLayer,
} from "./network";
export {
  chooserArray,
  copyPlaced,
  createChooser,
  createPlayer,
  destroyChooser,
  destroyPlayer,
  finishChooser,
  levelArray,
  placeShare,
  playEpisode,
  playerCapacities,
  playerEntropy,
  playerPlaced,
  playerTotal,
  setChooser,
  shapeLevel,
} from "./episodes";
export { priceBest, priceCollect, maskValues } from "./pricing";
export * from "./forest";
export { addThroughput, makeFeatures, predictTrees, sumSpace } from "./forest_predict";
export {
  arrive,
  arriveAll,
  beginArrivals,
  createArrivals,
  depart,
  destroyArrivals,
  writeArrivals,
} from "./metis_arrivals";
export {
  clearLevels,
  createLevels,
  destroyLevels,
  levelDecisions,
  levelEntropy,
  levelLoss,
  levelRecord,
  levelRecorded,
  levelSlopes,
  planByLevels,
  writeLevels,
} from "./metis_levels";
export {
  gaussianFactor,
  gaussianGradient,
  gaussianInverse,
  gaussianMatrix,
  gaussianPredict,
  gaussianSolve,
} from "./gaussian";
