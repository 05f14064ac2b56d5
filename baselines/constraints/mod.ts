/**
 * Affinity and anti-affinity constraints: derived from interference, read and written, and how much a placement
 * breaks them. Medea and Paragon work by them.
 * @module
 */
export * from "./csv.ts";
export * from "./derive.ts";
export { isPairwise, readPairwise } from "./pairwise.ts";
export * from "./resolve.ts";
export * from "./violations.ts";
export { defaultWeight } from "./weights.ts";
