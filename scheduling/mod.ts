/**
 * What every scheduler has in common: its contract, how it is run and checked, what a placement is worth.
 * @module
 */
export * from "./contract.ts";
export * from "./deadline.ts";
export * from "./registry.ts";
export * from "./run.ts";
export * from "./value.ts";
export * from "./grounds.ts";
export * from "./interval.ts";
export * from "./coverage.ts";
export * from "./limits.ts";
export * from "./objective.ts";
export { forbid } from "./revalue.ts";
export * from "./surface.ts";
export * from "./surface_data.ts";
