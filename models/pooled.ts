import { configurationKey, InputError, type Profile, Random, ShapeError } from "../domain/mod.ts";
import { Cholesky } from "../sim-wasm/models/cholesky.ts";
import { checkTraining } from "./checks.ts";
import { gatherMeasurements, isLone, type Measurements } from "./measurements.ts";
import { patternSearch } from "./pattern_search.ts";
import {
  PooledCovariance,
  type PooledHyperparameters,
  priors,
  unpack,
} from "./pooled_covariance.ts";
import { pointOf, speedCells, type Speeds, speedsOf } from "./speeds.ts";
import type { JointModel, UncertainPrediction } from "./uncertain.ts";

/** Evaluations of the likelihood from each start. */
const STEPS = 150;
/** Measured speeds that hyperparameters are found on. */
const SEARCH_SPEEDS = 200;
/** Most measured speeds that are learned from: work grows with their third power. */
export const MOST_SPEEDS = 1500;
/** Most rows that are held out, one after another. */
const HELD_OUT_ROWS = 64;
/** Of a container that nothing is known about, before anything is measured. */
const EXPECTED_SPEED = 1;
/** Weight, in measurements, of the variance that speeds have before anything is measured. */
const SCALE_WEIGHT = 2;
/** That variance: keeps equal speeds from being certain. */
const SCALE_VARIANCE = 0.05;

/** Counts and totals up to this are told apart, measured or not: what is beyond the measurements differs from them. */
const LEAST_CAPACITY = 32;

/** How a pooled process is fitted. */
export interface PooledOptions {
  /** Chooses the speeds that hyperparameters are found on where there are many. */
  readonly seed: number;
  /** From an earlier fit: kept. */
  readonly hyperparameters?: PooledHyperparameters;
}

/**
 * One Gaussian process for all apps (intrinsic coregionalisation: Bonilla, Chai and Williams 2008), so that few rows go
 * a long way: which neighbours matter, and how a full node slows its containers, is learned from every app at once. The
 * covariance of two speeds is the sum of
 * - what all apps have in common: alike counts, totals and own counts give alike speeds,
 * - what is particular to an app, in the same way,
 * - a trend over the total.
 *
 * Where rows are few, physical sense is kept: more containers of an app never make that app faster than fewer beside the
 * same neighbours, unless some pair of its rows says so; and what neighbours speed up is shared by more containers than were
 * ever measured so.
 */
export class PooledModel implements JointModel {
  readonly kind = "pooled";
  readonly apps: readonly string[];
  readonly #speeds: Speeds;
  readonly #covariance: PooledCovariance;
  readonly #factor: Cholesky;
  readonly #weights: Float64Array;
  readonly #scale: number;
  /** Per app: whether more of its own containers made it faster in some pair of rows. */
  readonly #gains: readonly boolean[];
  /** Per app: the most of its own containers that were faster than alone in some row, at least 1. */
  readonly #lifted: readonly number[];

  /**
   * Conditions the process on the measurements: cubic in their speeds.
   * @param measurements What is learned from; every app in at least one row.
   * @param hyperparameters Lengths for every app.
   * @param capacity Larger counts and totals are taken for this one.
   * @throws {InputError} if the covariance is not positive.
   */
  constructor(
    readonly measurements: Measurements,
    readonly hyperparameters: PooledHyperparameters,
    readonly capacity: number,
  ) {
    this.apps = measurements.apps;
    this.#speeds = speedsOf(measurements, capacity, learnedCells(measurements));
    this.#covariance = new PooledCovariance(hyperparameters, this.apps.length, capacity);
    this.#factor = new Cholesky(this.#speeds.rows);
    const explained = explain(this.#factor, this.#covariance, this.#speeds);
    if (explained === null) {
      throw new InputError("The covariance of the measurements is not positive: raise the noise");
    }
    this.#weights = explained.weights;
    this.#scale = Math.sqrt(explained.variance);
    this.#gains = gainsOf(measurements, 2 * this.noise);
    this.#lifted = liftedOf(measurements, 2 * this.noise);
  }

  /** As {@link JointModel.learnedRows}. */
  get learnedRows(): number {
    const { counts, rows, apps } = this.measurements;
    const width = apps.length;
    return Array.from({ length: rows }, (_, row) => isLone(counts, row * width, width))
      .filter((lone) => !lone).length;
  }

  /** As {@link JointModel.noise}. */
  get noise(): number {
    return this.#scale * Math.sqrt(this.#covariance.scatter);
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.#predict(counts, rows, false).rps;
  }

  /** As {@link UncertainModel.predictUncertain}. */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    return this.#predict(counts, rows, true);
  }

  /** As {@link JointModel.sumDeviation}. */
  sumDeviation(counts: Uint8Array, rows: number, weights: Float64Array): number {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    if (weights.length !== counts.length) {
      throw new ShapeError("weights", counts.length, weights.length);
    }
    const cells = Array.from(weights.keys()).filter((at) =>
      weights[at] !== 0 && counts[at] !== 0 && !isLone(counts, at - at % width, width)
    );
    const asked: Speeds = speedsOf(
      { apps: this.apps, rows, counts, rps: weights, repeats: new Float64Array(rows).fill(1) },
      this.capacity,
      cells,
    );
    const near = new Float64Array(this.#speeds.rows);
    let variance = 0;
    for (let one = 0; one < asked.rows; one++) {
      const point = asked.points.subarray(one * (width + 3), (one + 1) * (width + 3));
      const weight = asked.values[one]!;
      this.#covariance.withAll(point, this.#speeds).forEach((value, at) =>
        near[at]! += weight * value
      );
      this.#covariance.withAll(point, asked).forEach((value, other) =>
        variance += weight * asked.values[other]! * value
      );
      variance += weight ** 2 * this.#covariance.scatter;
    }
    const solved = this.#factor.solve(near);
    near.forEach((value, at) => variance -= value * solved[at]!);
    return this.#scale * Math.sqrt(Math.max(0, variance));
  }

  /** As {@link JointModel.heldOutError}. */
  heldOutError(): number {
    const { counts, apps } = this.measurements;
    const width = apps.length;
    const blocks = new Map<number, number[]>();
    learnedCells(this.measurements).forEach((cell, at) => {
      if (isLone(counts, cell - cell % width, width)) return;
      const row = Math.floor(cell / width);
      blocks.set(row, [...blocks.get(row) ?? [], at]);
    });
    const some = new Random(0).shuffle([...blocks.values()]).slice(0, HELD_OUT_ROWS);
    if (some.length === 0) return 0;
    const squares = some.map((block) => {
      const held = block.map((at) => this.#speeds.points[at * (width + 3) + width + 1]!);
      const containers = held.reduce((sum, count) => sum + count, 0);
      const errors = heldOutErrors(this.#factor, this.#weights, block);
      return errors.reduce((sum, error, at) => sum + error * held[at]! / containers, 0) ** 2;
    });
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  }

  #predict(counts: Uint8Array, rows: number, withDeviations: boolean): UncertainPrediction {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const rps = new Float64Array(rows * width);
    const deviations = new Float64Array(withDeviations ? rows * width : 0);
    const known = new Map<string, number>();
    counts.forEach((count, at) => {
      if (count === 0) return;
      const app = at % width;
      if (isLone(counts, at - app, width)) {
        rps[at] = 1;
        return;
      }
      const held = counts.slice(at - app, at - app + width);
      rps[at] = this.#speed(held, app, known);
      if (withDeviations) deviations[at] = this.#deviation(held, app);
    });
    return { rps, deviations };
  }

  /**
   * The expected speed, never above what the same configuration with fewer of the app's own containers gives. Neighbours that
   * make one container twice as fast, such as those that leave data in a cache, rarely do so for each of four.
   */
  #speed(held: Uint8Array, app: number, known: Map<string, number>): number {
    const width = this.apps.length;
    if (isLone(held, 0, width)) return 1;
    const key = String.fromCharCode(app, ...held);
    const found = known.get(key);
    if (found !== undefined) return found;
    const point = pointOf(held, 0, app, width, this.capacity);
    const near = this.#covariance.withAll(point, this.#speeds);
    let mean = EXPECTED_SPEED;
    for (let at = 0; at < near.length; at++) mean += near[at]! * this.#weights[at]!;
    // Nothing runs at a negative speed, whatever a line through the measurements says.
    mean = Math.max(0, mean);
    if (held[app]! > 1 && !this.#gains[app]) {
      mean = Math.min(mean, this.#speed(held.with(app, held[app]! - 1), app, known));
    }
    const most = this.#lifted[app]!;
    if (held[app]! > most && mean > 1) {
      const lift = Math.max(0, this.#speed(held.with(app, most), app, known) - 1);
      mean = Math.min(mean, 1 + lift * most / held[app]!);
    }
    known.set(key, mean);
    return mean;
  }

  /** Of a new measurement. */
  #deviation(held: Uint8Array, app: number): number {
    const point = pointOf(held, 0, app, this.apps.length, this.capacity);
    const near = this.#covariance.withAll(point, this.#speeds);
    const solved = this.#factor.solve(near);
    let variance = this.#covariance.variance(point) + this.#covariance.scatter;
    near.forEach((value, at) => variance -= value * solved[at]!);
    return this.#scale * Math.sqrt(Math.max(0, variance));
  }
}

/**
 * What predictions of some speeds by a process that did not see them are off by, without another fit (Rasmussen and Williams 2006,
 * section 5.4.2, for several at once).
 * @param weights The inverse of the covariance times the speeds.
 * @param block Which speeds are held out.
 */
function heldOutErrors(
  factor: Cholesky,
  weights: Float64Array,
  block: readonly number[],
): Float64Array {
  const inverse = block.flatMap((one) => {
    const column = factor.solve(new Float64Array(factor.rows).fill(1, one, one + 1));
    return block.map((other) => column[other]!);
  });
  using small = new Cholesky(block.length);
  small.factor(Float64Array.from(inverse));
  return small.solve(Float64Array.from(block, (at) => weights[at]!));
}

/**
 * Fits a pooled process, hyperparameters by maximum likelihood under their prior.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitPooled(profile: Profile, options: PooledOptions): PooledModel {
  checkTraining(profile);
  const measurements = gatherMeasurements(profile);
  const { apps, rows, counts } = measurements;
  const width = apps.length;
  let capacity = 1;
  for (let row = 0; row < rows; row++) {
    const held = counts.subarray(row * width, (row + 1) * width);
    capacity = Math.max(capacity, held.reduce((sum, count) => sum + count, 0));
  }
  capacity = Math.min(255, Math.max(LEAST_CAPACITY, capacity));
  const hyperparameters = options.hyperparameters ??
    findHyperparameters(measurements, capacity, options.seed);
  return new PooledModel(measurements, hyperparameters, capacity);
}

function findHyperparameters(
  measurements: Measurements,
  capacity: number,
  seed: number,
): PooledHyperparameters {
  const apps = measurements.apps.length;
  const cells = new Random(seed).shuffle(speedCells(measurements)).slice(0, SEARCH_SPEEDS);
  const speeds = speedsOf(measurements, capacity, cells);
  // Tables of what does not occur would take most of the time: many are filled, one for each guess.
  const largest = speeds.points.reduce(
    (most, value, at) => at % (apps + 3) < apps + 2 ? Math.max(most, value) : most,
    0,
  );
  const prior = priors(apps);
  using factor = new Cholesky(speeds.rows);
  const surprise = (at: readonly number[]): number => {
    const covariance = new PooledCovariance(unpack(at, apps), apps, largest);
    const explained = explain(factor, covariance, speeds);
    if (explained === null) return Infinity;
    const unlikely = at.map((value, index) => ((value - prior[index]![0]) / prior[index]![1]) ** 2);
    return 0.5 * (speeds.rows + SCALE_WEIGHT) * Math.log(explained.variance) +
      explained.halfDeterminant + 0.5 * unlikely.reduce((sum, square) => sum + square, 0);
  };
  const scales = prior.map(([, deviation]) => deviation);
  const starts = [prior.map(([mean]) => mean), [...prior.slice(0, -1).map(([mean]) => mean), 0]];
  // One start takes what it sees for the truth, the other for noise: the search finds its way from one to the other too rarely.
  const found = starts.map((start) => patternSearch(surprise, start, scales, STEPS));
  const [best] = found.sort((a, b) => surprise(a) - surprise(b));
  return unpack(best!, apps);
}

/** Where the speeds that are learned from are in the counts: all, or where they are too many a sample, always the same. */
function learnedCells(measurements: Measurements): number[] {
  const all = speedCells(measurements);
  if (all.length <= MOST_SPEEDS) return all;
  return new Random(0).shuffle(all).slice(0, MOST_SPEEDS).sort((a, b) => a - b);
}

/**
 * Factors the covariance of the speeds, and solves for their weights; null if it is not positive. `variance` is the most
 * likely scale of the process.
 */
function explain(
  factor: Cholesky,
  covariance: PooledCovariance,
  speeds: Speeds,
): { weights: Float64Array; variance: number; halfDeterminant: number } | null {
  const halfDeterminant = factor.factor(covariance.matrix(speeds));
  if (Number.isNaN(halfDeterminant)) return null;
  const away = speeds.values.map((value) => value - EXPECTED_SPEED);
  const weights = factor.solve(away);
  const fit = weights.reduce((sum, weight, row) => sum + weight * away[row]!, 0);
  const variance = (fit + SCALE_WEIGHT * SCALE_VARIANCE) / (speeds.rows + SCALE_WEIGHT);
  return { weights, halfDeterminant, variance };
}

/** Per app: the most of its own containers that were faster than alone in some row. @param least Differences up to this are noise. */
function liftedOf({ apps, rows, counts, rps }: Measurements, least: number): number[] {
  const most = apps.map(() => 1);
  for (let at = 0; at < rows * apps.length; at++) {
    const app = at % apps.length;
    if (counts[at] !== 0 && rps[at]! > 1 + least) most[app] = Math.max(most[app]!, counts[at]!);
  }
  return most;
}

/**
 * Per app, whether some measured configuration is faster for it than the same one with fewer of its own containers.
 * @param least Differences up to this are noise.
 */
function gainsOf({ apps, rows, counts, rps }: Measurements, least: number): boolean[] {
  const width = apps.length;
  return apps.map((_, app) => {
    const chains = new Map<string, { own: number; speed: number }[]>();
    for (let row = 0; row < rows; row++) {
      const others = counts.slice(row * width, (row + 1) * width);
      const own = others[app]!;
      if (own === 0) continue;
      others[app] = 0;
      const key = configurationKey(others, 0, width);
      chains.set(key, [...chains.get(key) ?? [], { own, speed: rps[row * width + app]! }]);
    }
    return [...chains.values()].some((chain) =>
      chain.some((more) =>
        chain.some((fewer) => fewer.own < more.own && more.speed > fewer.speed + least)
      )
    );
  });
}
