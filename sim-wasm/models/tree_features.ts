import { CORE_CONSTANTS } from "../build/core_exports.ts";

/**
 * What the trees see of a configuration: "counts" = the counts; "presence" = the counts, per app
 * whether it is present, and the total.
 */
export type FeatureSet = "counts" | "presence";

/** The sets as the core numbers them. */
export const FEATURE_SETS = {
  counts: CORE_CONSTANTS.COUNTS,
  presence: CORE_CONSTANTS.PRESENCE,
} as const;

/** Number of features of a set for so many apps. */
export function featureCount(features: FeatureSet, apps: number): number {
  return features === "counts" ? apps : 2 * apps + 1;
}

/** Features of a row in the core: a multiple of 16, so that they are read 16 at a time. */
export function paddedFeatures(features: FeatureSet, apps: number): number {
  return Math.ceil(featureCount(features, apps) / 16) * 16;
}
