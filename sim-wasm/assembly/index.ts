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
} from "./state";
export { greedyByApp, greedyInOrder } from "./greedy";
export { localSearch } from "./local_search";
export { anneal, beginAnnealing, endAnnealing } from "./annealing";
