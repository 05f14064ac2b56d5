/**
 * Interference learned from what serves: intervals of a monitoring system become the measurements of a profile. Pure: who asks
 * the monitoring system is `swarm/prometheus/`. Runs in Deno, Node and browsers.
 * @module
 */
export type { LoadEffect } from "./adjust.ts";
export { configurationText, observe, type Observed, type ObserveOptions } from "./observe.ts";
export { type SuggestedMove, suggestMoves } from "./suggest.ts";
export { type Measure, MEASURES, type Series, type Watched, type WatchedTimes } from "./watched.ts";
