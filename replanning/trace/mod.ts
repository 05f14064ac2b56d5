/**
 * A cluster over hours: containers come and go, nodes fail and return; policies place, and are compared by what runs at
 * every moment.
 * @module
 */
export { readTrace, type TraceNames, writeTrace } from "./csv.ts";
export { drawTrace, type TraceRates } from "./draw.ts";
export { exchangePolicy, type MoveBudget } from "./moves.ts";
export {
  greedyPolicy,
  makeRoom,
  offlineOptimum,
  periodicPolicy,
  type ReplanPeriod,
  stopExcess,
  type TracePolicyOptions,
} from "./policies.ts";
export {
  type AppMean,
  replay,
  type ReplayOptions,
  type TraceAnswer,
  type TracePoint,
  type TracePolicy,
  type TraceProblem,
  type TraceTime,
} from "./replay.ts";
export { partsOfReplay, summariseReplay, type TracePart, type TraceSummary } from "./summary.ts";
export {
  type DemandEvent,
  type Moment,
  momentsOf,
  type NodeEvent,
  type Trace,
  type TraceEvent,
  type TraceSetting,
} from "./trace.ts";
