/**
 * Profiling that chooses what to measure: measurers, strategies, the loop, and what it is all for, regret.
 * Pure: effects are the measurer's. Runs in Deno, Node and browsers.
 * @module
 */
export { type Regret, RegretMeter, type RegretOptions } from "./regret.ts";
