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
} from "./space/space";
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
} from "./space/state";
export { greedyByApp, greedyInOrder } from "./search/greedy";
export {
  beginLocalSearch,
  continueLocalSearch,
  endLocalSearch,
  localSearchEnded,
} from "./search/local_search";
export { anneal, beginAnnealing, endAnnealing } from "./search/annealing";
export { solvePrices } from "./metis/prices";
export { addScorerLayer, createScorer, destroyScorer } from "./metis/scorer";
export { fillWeights } from "./metis/chances";
export { planDemand, plannerTotal, writePlan } from "./metis/decide";
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
} from "./metis/planner";
export {
  createNetwork,
  destroyNetwork,
  networkBias,
  networkKernel,
  runNetwork,
  setNetworkLayer,
} from "./paper/network";
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
} from "./paper/episodes";
export { priceBest, priceCollect, maskValues } from "./space/pricing";
export * from "./models/forest";
export { addThroughput, makeFeatures, predictTrees, sumSpace } from "./models/forest_predict";
export {
  arrive,
  arriveAll,
  beginArrivals,
  createArrivals,
  depart,
  destroyArrivals,
  writeArrivals,
} from "./metis/arrivals";
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
} from "./metis/levels";
export {
  gaussianFactor,
  gaussianGradient,
  gaussianInverse,
  gaussianMatrix,
  gaussianPredict,
  gaussianSolve,
} from "./models/gaussian";
