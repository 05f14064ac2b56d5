import { InputError, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/** One feature as the process sees it: where on a line each of its whole-numbered values lies. */
export type Positions = readonly number[];

/** Measurements that a Gaussian process learns from. */
export interface GaussianSample {
  /** Row-major, rows x features; each below the length of its feature's positions. */
  readonly points: Uint8Array;
  /** Length rows. */
  readonly targets: Float64Array;
  /** Length rows: how many measurements each is the mean of, so its noise is that much smaller. */
  readonly repeats?: Float64Array;
}

/** What shapes the process: found by maximum likelihood, see fitHyperparameters. */
export interface Hyperparameters {
  /** Length features: distance over which values of the feature stay alike; natural logarithms. */
  readonly logLengths: readonly number[];
  /** Noise of one measurement relative to the spread of the process; natural logarithm. */
  readonly logNoise: number;
}

/** Matern function of order 3/2 of a distance in lengths. */
export function correlation(distance: number): number {
  const stretched = Math.sqrt(3) * distance;
  return (1 + stretched) * Math.exp(-stretched);
}

/** Derivative of the logarithm of {@link correlation} by the logarithm of the length. */
export function correlationSlope(distance: number): number {
  const stretched = Math.sqrt(3) * distance;
  return stretched ** 2 / (1 + stretched);
}

/** Writes f64[features][size][size]: an entry for every two values of every feature. */
export function writeTables(
  core: Core,
  address: Address,
  positions: readonly Positions[],
  size: number,
  logLengths: readonly number[],
  entry: (distance: number) => number,
): void {
  const tables = core.view("f64", address, positions.length * size * size);
  positions.forEach((places, feature) => {
    const length = Math.exp(logLengths[feature]!);
    for (let a = 0; a < places.length; a++) {
      for (let b = 0; b < places.length; b++) {
        tables[(feature * size + a) * size + b] = entry(Math.abs(places[a]! - places[b]!) / length);
      }
    }
  });
}

/** Adds the noise of each row, less where it is the mean of several, to the diagonal of f64[rows][rows]. */
export function addNoise(
  core: Core,
  matrix: Address,
  rows: number,
  noise: number,
  repeats: Float64Array | undefined,
): void {
  const entries = core.view("f64", matrix, rows * rows);
  for (let row = 0; row < rows; row++) entries[row * rows + row]! += noise / (repeats?.[row] ?? 1);
}

/** The targets less their mean. */
export function standardise(targets: Float64Array): { mean: number; targets: Float64Array } {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return { mean, targets: targets.map((target) => target - mean) };
}

/** Values of the feature that has the most. */
export function tableSize(positions: readonly Positions[]): number {
  return Math.max(...positions.map((places) => places.length));
}

/** Rows of a sample. @throws {InputError | ShapeError} for one that cannot be learned from. */
export function checkSample(sample: GaussianSample, positions: readonly Positions[]): number {
  const rows = sample.targets.length;
  const features = positions.length;
  if (rows === 0) throw new InputError("A Gaussian process needs at least one measurement");
  if (sample.points.length !== rows * features) {
    throw new ShapeError("points", rows * features, sample.points.length);
  }
  if (sample.repeats !== undefined && sample.repeats.length !== rows) {
    throw new ShapeError("repeats", rows, sample.repeats.length);
  }
  sample.points.forEach((value, at) => {
    if (value >= positions[at % features]!.length) {
      throw new InputError(`Feature ${at % features} has no position for the value ${value}`);
    }
  });
  if (!sample.targets.every(Number.isFinite)) {
    throw new InputError("Targets of a Gaussian process must be finite numbers");
  }
  return rows;
}
