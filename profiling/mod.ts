/**
 * Profiling that chooses what to measure: measurers, strategies, the loop, and what it is all for, regret.
 * Pure: effects are the measurer's. Runs in Deno, Node and browsers.
 * @module
 */
export {
  type ActiveOptions,
  type ActiveResult,
  type ActiveRound,
  type MeasurementNote,
  profileActively,
} from "./active.ts";
export type { Belief } from "./belief.ts";
export { type DrawDemand, multinomialDemands, similarDemands } from "../domain/mod.ts";
export { renderHeatMap } from "./heat_map.ts";
export {
  type Measurement,
  type Measurer,
  profileOf,
  ScatteringMeasurer,
  TableMeasurer,
} from "./measurer.ts";
export { type Regret, RegretMeter, type RegretOptions } from "./regret.ts";
export { averageRepeats } from "./repeats.ts";
export { describePairs, interferenceMatrix, renderReport } from "./report.ts";
export {
  type Choice,
  coverStrategy,
  DEFAULT_STRATEGY,
  mixtureStrategy,
  type Optimism,
  optimisticStrategy,
  randomStrategy,
  type Situation,
  strategies,
  type Strategy,
  strategyNamed,
  uncertaintyStrategy,
} from "./strategy.ts";
export { LEAST_BOUND } from "./regret_bound.ts";
