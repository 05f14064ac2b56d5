// What the host may call: numbers and byte offsets only. See sim-wasm/README.md.
export { alloc, free, freeOwner } from "./memory";
export { LINEAR, RELU, TANH } from "./dense";
export { randomBits, seedRandom } from "./random";
export { FORBIDDEN } from "./space/space";
export {
  createDense,
  createHashed,
  evaluateMany,
  formulaOf,
  modelOf,
  rankOf,
  setFormula,
  setModel,
  sumRanks,
  throughputOf,
  unrankMany,
  valuesOf,
} from "./space/space";
export {
  createPermit,
  maskTable,
  permitAmounts,
  permitLimits,
  permitNeeds,
  permitPairs,
} from "./space/permit";
export {
  createDomains,
  domainsDemand,
  domainsEligible,
  domainsOfNode,
  domainsRules,
} from "./space/domains";
export {
  createState,
  destroyState,
  exchange,
  exchangeGain,
  place,
  placeGain,
  refresh,
  remove,
  NO_APP,
  setDomains,
  stateAlike,
  stateCapacities,
  stateCounts,
  stateNodeValues,
  statePermits,
  stateSurfaces,
  stateTables,
  stateTotal,
} from "./space/state";
export { greedyByApp, greedyInOrder } from "./search/greedy";
export {
  beginLocalSearch,
  continueLocalSearch,
  endLocalSearch,
  localSearchEnded,
} from "./search/local_search";
export { anneal, beginAnnealing, endAnnealing } from "./search/annealing";
export { plannerInputs } from "./metis/features";
export { SHORTLIST } from "./metis/shortlist";
export { solvePrices } from "./metis/prices";
export {
  classesCount,
  classesMost,
  classesNodes,
  classesOfNode,
  classesSlots,
  createClasses,
} from "./metis/classes";
export {
  addScorerLayer,
  createScorer,
  destroyScorer,
  MAX_SCORER_LAYERS,
  MAX_SCORER_WIDTH,
} from "./metis/scorer";
export { planDemand, plannerTotal, writePlan } from "./metis/decide";
export {
  clearRecord,
  createPlanner,
  destroyPlanner,
  fillWeights,
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
  chooserFirst,
  chooserFirstBias,
  chooserSecond,
  chooserSecondBias,
  createChooser,
  destroyChooser,
  finishChooser,
} from "./paper/chooser";
export {
  createPlayer,
  destroyPlayer,
  levelChildOf,
  levelChildren,
  levelFirstChild,
  levelGroupOf,
  playerCapacities,
  playerEntropy,
  playerPlaced,
  playerTotal,
  setChooser,
  shapeLevel,
} from "./paper/player";
export { FORCED, GREEDY, playEpisode, SAMPLE, SPREAD } from "./paper/episodes";
export {
  addRecorded,
  beginGradient,
  createGradient,
  destroyGradient,
  gradientEntropy,
  gradientFirst,
  gradientFirstBias,
  gradientLoss,
  gradientSecond,
  gradientSecondBias,
  recordEpisode,
} from "./paper/gradient";
export { placeShare } from "./paper/shares";
export { priceBest, priceCollect, priceTop, pricingScratch } from "./space/pricing";
export {
  fittedNodeCount,
  fittedNodes,
  fittedRoots,
  fittedValueCount,
  fittedValues,
  freeFitted,
  LEAF,
} from "./models/tree_arrays";
export { createTreeRows, destroyTreeRows } from "./models/tree_rows";
export { fitForest } from "./models/forest";
export { fitBoosted } from "./models/boosting";
export { COUNTS, makeFeatures, PRESENCE } from "./models/tree_features";
export { predictTrees } from "./models/tree_predict";
export { addThroughput, sumSpace } from "./models/tree_space";
export {
  arrive,
  arriveAll,
  beginArrivals,
  createArrivals,
  depart,
  destroyArrivals,
  loadArrivals,
  writeArrivals,
} from "./metis/arrivals";
export {
  clearLevels,
  createLevels,
  destroyLevels,
  groupInputs,
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
export {
  contentionParameters,
  contentionServers,
  contentionThroughput,
  createContention,
  destroyContention,
} from "./implicit/contention";
export { formulaThroughput } from "./formula/evaluate";
export { createPairwise, pairwiseAlone, pairwiseTerms } from "./formula/pairwise";
export {
  beginPairSearch,
  continuePairSearch,
  createPairSearch,
  destroyPairSearch,
  pairClimbFrom,
  pairSearchBest,
  pairSearchBound,
  pairSearchBoxes,
  pairSearchCapacity,
  pairSearchLimits,
  pairSearchPermits,
  pairSearchPrices,
  pairSearchThroughput,
  pairSearchValue,
} from "./formula/pair_search";
export { addEnsemble, createTreesFormula } from "./formula/trees";
export { addProcess, createGaussianFormula } from "./formula/gaussian";
export { createContentionFormula } from "./formula/contention";
export {
  arrangedFactors,
  arrangedPlaces,
  blendFormulas,
  blendWeights,
  createArranged,
  createBlend,
  createMeasured,
  createWorth,
  indexMeasured,
  measuredCounts,
  measuredSpeeds,
  worthWeights,
} from "./formula/combined";
export {
  beginSearch,
  climbFrom,
  continueSearch,
  createSearch,
  destroySearch,
  searchBest,
  searchBound,
  searchBoxes,
  searchCapacity,
  searchLimits,
  searchPermits,
  searchPrices,
  searchThroughput,
  searchValue,
} from "./implicit/search";
