import { InputError, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";
import { type LinkedTrees, MAX_DEPTH } from "./tree_arrays.ts";
import { FEATURE_SETS, featureCount, type FeatureSet, paddedFeatures } from "./tree_features.ts";

/** How an ensemble is grown. */
export interface TreeOptions {
  /** Trees per app, at least 1. */
  readonly trees: number;
  /** Most splits above a leaf, 1 to {@link MAX_DEPTH}. */
  readonly maxDepth: number;
  /** Least number of distinct configurations in a leaf, at least 1. */
  readonly minLeaf: number;
  /** Features tried at a node, of those that vary there; Infinity = all. */
  readonly maxFeatures: number;
  /** Whether each tree sees a sample of the measurements, drawn with replacement. */
  readonly bootstrap: boolean;
  /**
   * "best": the best of all thresholds, midway between present values. "random": one random
   * threshold per feature (extremely randomised trees: Geurts, Ernst and Wehenkel 2006).
   */
  readonly splits: "best" | "random";
  /** 0 to 2^32 - 1: the same seed and data give the same trees. */
  readonly seed: number;
  /** Gradient boosting instead of independent trees; needs splits "best" and no bootstrap. */
  readonly boosting?: BoostingOptions;
}

/** How trees build on each other (Friedman 2001). */
export interface BoostingOptions {
  /** Share of each tree that is added, above 0, at most 1. */
  readonly rate: number;
  /** Share of the rows that each tree learns from, above 0, at most 1. */
  readonly subsample: number;
}

/** Measurements of one app. Several may have the same configuration. */
export interface TreeSample {
  /** Row-major, rows x apps. */
  readonly counts: Uint8Array;
  /** Length rows: what the trees learn. */
  readonly targets: Float64Array;
  /** Length rows: weight of each measurement, above 0. @default 1 each */
  readonly weights?: Float64Array;
}

/** @throws {InputError} for an option out of range. */
export function checkOptions(options: TreeOptions): void {
  const whole = { trees: 1e6, maxDepth: MAX_DEPTH, minLeaf: 1e9, maxFeatures: Infinity } as const;
  for (const [name, most] of Object.entries(whole) as [keyof typeof whole, number][]) {
    const value = options[name];
    const allowed = Number.isInteger(value) || (name === "maxFeatures" && value === Infinity);
    if (!allowed || value < 1 || value > most) {
      throw new InputError(
        `Option ${name} must be a whole number from 1 to ${most}: got ${value}`,
      );
    }
  }
  if (options.boosting !== undefined) {
    for (const [name, value] of Object.entries(options.boosting)) {
      if (!(value > 0 && value <= 1)) {
        throw new InputError(`Option ${name} must be above 0 and at most 1: got ${value}`);
      }
    }
    if (options.bootstrap || options.splits !== "best") {
      throw new InputError('Boosting needs splits "best" and no bootstrap');
    }
  }
  if (!Number.isInteger(options.seed) || options.seed < 0 || options.seed >= 2 ** 32) {
    throw new InputError(`Seed must be a whole number from 0 to 2^32 - 1: got ${options.seed}`);
  }
}

/** @throws {InputError | ShapeError} for measurements that cannot be learned from. */
export function checkSample(sample: TreeSample, apps: number, app: number): void {
  const rows = sample.targets.length;
  if (rows === 0) throw new InputError(`App ${app} has no measurement to learn from`);
  if (sample.counts.length !== rows * apps) {
    throw new ShapeError(`counts of app ${app}`, rows * apps, sample.counts.length);
  }
  if (sample.weights !== undefined && sample.weights.length !== rows) {
    throw new ShapeError(`weights of app ${app}`, rows, sample.weights.length);
  }
  if (!sample.targets.every(Number.isFinite)) {
    throw new InputError(`Targets of app ${app} must be finite numbers`);
  }
  if (sample.weights?.some((weight) => !(weight > 0 && weight < Infinity))) {
    throw new InputError(`Weights of app ${app} must be finite numbers above 0`);
  }
}

/** The distinct rows of counts, and for every row which of them it is. */
export interface DistinctRows {
  readonly distinct: Uint8Array;
  readonly of: Uint32Array;
}

/** Sorts out which rows of counts (row-major, rows x apps) are the same. */
export function distinctRows(counts: Uint8Array, apps: number): DistinctRows {
  const rows = counts.length / apps;
  const of = new Uint32Array(rows);
  const seen = new Map<string, number>();
  const distinct = new Uint8Array(counts.length);
  for (let row = 0; row < rows; row++) {
    const configuration = counts.subarray(row * apps, (row + 1) * apps);
    const key = String.fromCharCode(...configuration);
    let index = seen.get(key);
    if (index === undefined) {
      index = seen.size;
      seen.set(key, index);
      distinct.set(configuration, index * apps);
    }
    of[row] = index;
  }
  return { distinct: distinct.subarray(0, seen.size * apps), of };
}

/** Grows the trees of one app. */
export function fitEnsemble(
  core: Core,
  features: FeatureSet,
  apps: number,
  sample: TreeSample,
  distinct: DistinctRows,
  options: TreeOptions,
): LinkedTrees {
  const { destroyTreeRows, fitBoosted, fitForest } = core.functions;
  const rowsAddress = placeRows(core, features, apps, sample, distinct);
  const shared = {
    rowsAddress,
    trees: options.trees,
    maxDepth: options.maxDepth,
    minLeaf: options.minLeaf,
    maxFeatures: Math.min(options.maxFeatures, featureCount(features, apps)),
    seed: options.seed | 0,
  };
  if (options.boosting !== undefined) fitBoosted({ ...shared, ...options.boosting });
  else {
    const { bootstrap, splits } = options;
    fitForest({ ...shared, bootstrap, randomSplits: splits === "random" });
  }
  destroyTreeRows(rowsAddress);
  return takeFitted(core, options.trees);
}

/** Puts what trees learn from into the core; returns where it is, to be destroyed. */
function placeRows(
  core: Core,
  features: FeatureSet,
  apps: number,
  sample: TreeSample,
  { distinct, of }: DistinctRows,
): Address {
  const count = distinct.length / apps;
  const observations = of.length;
  const stride = paddedFeatures(features, apps);
  return core.lend(
    [["u8", count * apps], ["u8", count * stride], ["u32", observations], ["f64", observations], [
      "f64",
      observations,
    ]],
    (counts, featuresAt, observationRows, targets, weights) => {
      core.write("u8", counts, distinct, distinct.length);
      core.write("u32", observationRows, of, observations);
      core.write("f64", targets, sample.targets, observations);
      if (sample.weights) core.write("f64", weights, sample.weights, observations);
      else core.view("f64", weights, observations).fill(1);
      core.functions.makeFeatures(counts, count, apps, FEATURE_SETS[features], stride, featuresAt);
      return core.functions.createTreeRows({
        features: featuresAt,
        count,
        featureTotal: featureCount(features, apps),
        stride,
        observationRows,
        targets,
        weights,
        observations,
      });
    },
  );
}

/** Copies the result of a fit out of the core. */
function takeFitted(core: Core, trees: number): LinkedTrees {
  const { functions } = core;
  const arrays = {
    roots: core.read("u32", functions.fittedRoots(), trees),
    nodes: core.read("u32", functions.fittedNodes(), 2 * functions.fittedNodeCount()),
    values: core.read("f64", functions.fittedValues(), functions.fittedValueCount()),
  };
  functions.freeFitted();
  return arrays;
}
