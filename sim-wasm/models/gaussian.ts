import { InputError, ShapeError } from "../../domain/mod.ts";
import { Core } from "../core/core.ts";

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

/** What shapes the process: found by maximum likelihood, see {@link fitHyperparameters}. */
export interface Hyperparameters {
  /** Length features: distance over which values of the feature stay alike; natural logarithms. */
  readonly logLengths: readonly number[];
  /** Noise of one measurement relative to the spread of the process; natural logarithm. */
  readonly logNoise: number;
}

/** Prior of the logarithms: normal with these means and deviations; keeps few measurements from deciding alone. */
const LENGTH_PRIOR = { mean: 1, deviation: 1.5 } as const;
const NOISE_PRIOR = { mean: Math.log(0.1), deviation: 1 } as const;

const LENGTH_RANGE = [-2, 5] as const;
const NOISE_RANGE = [Math.log(0.005), Math.log(0.7)] as const;

/** Rows whose predictions are asked at a time. */
const CHUNK = 4096;

/** Where the likelihood search begins without anything better. */
export function initialHyperparameters(features: number): Hyperparameters {
  return {
    logLengths: new Array<number>(features).fill(LENGTH_PRIOR.mean),
    logNoise: NOISE_PRIOR.mean,
  };
}

/**
 * A Gaussian process over whole-numbered features, in the simulator core. The covariance is a product over
 * features of Matern functions of order 3/2 of the distance between positions: values may be smooth in some
 * features and have steps (uneven positions) in others. Mean and scale are those of the targets.
 */
export class GaussianProcess {
  readonly features: number;
  readonly rows: number;
  /** Standard deviation of one measurement, in units of the targets. */
  readonly noise: number;
  readonly #core: Core;
  readonly #size: number;
  readonly #mean: number;
  readonly #scale: number;
  readonly #tables: number;
  readonly #points: number;
  readonly #weights: number;
  readonly #factor: number;

  /**
   * @param core Where the process lives; it may hold others too.
   * @throws {InputError} where there are no rows, or the covariance is not positive.
   */
  constructor(
    core: Core,
    readonly positions: readonly Positions[],
    sample: GaussianSample,
    readonly hyperparameters: Hyperparameters,
  ) {
    const features = positions.length;
    const rows = checkSample(sample, positions);
    const { mean, targets } = standardise(sample.targets);
    this.#core = core;
    this.features = features;
    this.rows = rows;
    this.#mean = mean;
    this.#size = tableSize(positions);
    this.#tables = core.allocate("f64", features * this.#size ** 2);
    this.#points = core.allocate("u8", rows * features);
    this.#weights = core.allocate("f64", rows);
    this.#factor = core.allocate("f64", rows * rows);
    writeTables(core, this.#tables, positions, this.#size, hyperparameters.logLengths, correlation);
    core.write("u8", this.#points, sample.points, rows * features);
    core.function("gaussianMatrix")(
      this.#tables,
      features,
      this.#size,
      this.#points,
      rows,
      this.#factor,
    );
    const noise = Math.exp(2 * hyperparameters.logNoise);
    addNoise(core, this.#factor, rows, noise, sample.repeats);
    const determinant = core.function("gaussianFactor")(this.#factor, rows);
    if (Number.isNaN(determinant)) {
      throw new InputError("The covariance of the measurements is not positive: raise the noise");
    }
    core.write("f64", this.#weights, targets, rows);
    core.function("gaussianSolve")(this.#factor, rows, this.#weights);
    const fit = core.view("f64", this.#weights, rows)
      .reduce((sum, weight, row) => sum + weight * targets[row]!, 0);
    // The scale that makes the targets most likely, kept from 0 where all targets are equal.
    this.#scale = Math.sqrt(Math.max(fit / rows, 1e-12));
    this.noise = this.#scale * Math.sqrt(noise);
  }

  /**
   * Means and, where asked for, standard deviations of the process (without the noise of a measurement).
   * @param points Row-major, rows x features.
   * @throws {ShapeError} where `points` has another length.
   */
  predict(
    points: Uint8Array,
    rows: number,
    withDeviations: boolean,
  ): { readonly means: Float64Array; readonly deviations: Float64Array } {
    const { features } = this;
    if (points.length !== rows * features) {
      throw new ShapeError("points", rows * features, points.length);
    }
    const means = new Float64Array(rows);
    const deviations = new Float64Array(withDeviations ? rows : 0);
    const core = this.#core;
    const chunk = Math.max(1, Math.min(CHUNK, rows));
    core.lend(
      [["u8", chunk * features], ["f64", this.rows], ["f64", chunk], ["f64", chunk]],
      (asked, scratch, meansAt, variancesAt) => {
        for (let first = 0; first < rows; first += chunk) {
          const part = Math.min(chunk, rows - first);
          core.view("u8", asked!, part * features)
            .set(points.subarray(first * features, (first + part) * features));
          core.function("gaussianPredict")(
            this.#tables,
            features,
            this.#size,
            this.#points,
            this.rows,
            this.#weights,
            withDeviations ? this.#factor : 0,
            asked!,
            part,
            scratch!,
            meansAt!,
            variancesAt!,
          );
          means.set(core.view("f64", meansAt!, part), first);
          if (withDeviations) deviations.set(core.view("f64", variancesAt!, part), first);
        }
      },
    );
    for (let row = 0; row < rows; row++) means[row] = this.#mean + means[row]!;
    for (let row = 0; row < deviations.length; row++) {
      deviations[row] = this.#scale * Math.sqrt(deviations[row]!);
    }
    return { means, deviations };
  }

  /** Gives the memory back. */
  dispose(): void {
    for (const offset of [this.#tables, this.#points, this.#weights, this.#factor]) {
      this.#core.free(offset);
    }
  }
}

/**
 * The hyperparameters that make the measurements most likely (times the prior), by a quasi-Newton search.
 * Its work grows with the third power of the rows: give it a sample of a few hundred.
 * @param start Where to begin. @param steps Most evaluations of the likelihood.
 * @returns Deterministic for equal arguments.
 */
export function fitHyperparameters(
  positions: readonly Positions[],
  sample: GaussianSample,
  start: Hyperparameters,
  steps: number,
): Hyperparameters {
  const likelihood = new Likelihood(positions, sample);
  const best = minimise(
    (at) => likelihood.evaluate(at),
    [...start.logLengths, start.logNoise],
    [...positions.map(() => LENGTH_RANGE), NOISE_RANGE],
    steps,
  );
  return { logLengths: best.slice(0, -1), logNoise: best.at(-1)! };
}

/** The negative logarithm of likelihood x prior, with its gradient. */
class Likelihood {
  readonly #core = new Core();
  readonly #targets: Float64Array;
  readonly #rows: number;
  readonly #size: number;
  readonly #offsets: Readonly<
    Record<
      | "tables"
      | "slopes"
      | "points"
      | "weights"
      | "covariance"
      | "factor"
      | "work"
      | "inverse"
      | "gradient",
      number
    >
  >;

  constructor(readonly positions: readonly Positions[], readonly sample: GaussianSample) {
    const rows = checkSample(sample, positions);
    const features = positions.length;
    this.#rows = rows;
    this.#size = tableSize(positions);
    this.#targets = standardise(sample.targets).targets;
    const core = this.#core;
    const square = () => core.allocate("f64", rows * rows);
    const table = () => core.allocate("f64", features * this.#size ** 2);
    this.#offsets = {
      tables: table(),
      slopes: table(),
      points: core.allocate("u8", rows * features),
      weights: core.allocate("f64", rows),
      covariance: square(),
      factor: square(),
      work: square(),
      inverse: square(),
      gradient: core.allocate("f64", features),
    };
    core.write("u8", this.#offsets.points, sample.points, rows * features);
  }

  evaluate(at: readonly number[]): { value: number; gradient: number[] } {
    const core = this.#core;
    const rows = this.#rows;
    const features = this.positions.length;
    const { tables, slopes, points, weights, covariance, factor, work, inverse, gradient } =
      this.#offsets;
    const lengths = at.slice(0, -1);
    const noise = Math.exp(2 * at.at(-1)!);
    writeTables(core, tables, this.positions, this.#size, lengths, correlation);
    writeTables(core, slopes, this.positions, this.#size, lengths, correlationSlope);
    core.function("gaussianMatrix")(tables, features, this.#size, points, rows, covariance);
    core.view("f64", factor, rows * rows).set(core.view("f64", covariance, rows * rows));
    addNoise(core, factor, rows, noise, this.sample.repeats);
    const half = core.function("gaussianFactor")(factor, rows);
    if (Number.isNaN(half)) return { value: Infinity, gradient: at.map(() => 0) };
    core.write("f64", weights, this.#targets, rows);
    core.function("gaussianSolve")(factor, rows, weights);
    core.view("f64", work, rows * rows).fill(0);
    core.view("f64", inverse, rows * rows).fill(0);
    core.function("gaussianInverse")(factor, rows, work, inverse);
    const solved = core.read("f64", weights, rows);
    const fit = solved.reduce((sum, weight, row) => sum + weight * this.#targets[row]!, 0);
    const scale = Math.max(fit / rows, 1e-12);
    core.view("f64", gradient, features).fill(0);
    core.function("gaussianGradient")(
      inverse,
      covariance,
      weights,
      scale,
      slopes,
      features,
      this.#size,
      points,
      rows,
      gradient,
    );
    const slope = [...core.read("f64", gradient, features)];
    const diagonal = core.view("f64", inverse, rows * rows);
    let noiseSlope = 0;
    for (let row = 0; row < rows; row++) {
      const pull = diagonal[row * rows + row]! - solved[row]! ** 2 / scale;
      noiseSlope += pull * noise / (this.sample.repeats?.[row] ?? 1);
    }
    slope.push(noiseSlope);
    let value = 0.5 * rows * Math.log(scale) + half;
    at.forEach((parameter, index) => {
      const prior = index < features ? LENGTH_PRIOR : NOISE_PRIOR;
      const away = (parameter - prior.mean) / prior.deviation;
      value += 0.5 * away ** 2;
      slope[index]! += away / prior.deviation;
    });
    return { value, gradient: slope };
  }
}

/**
 * Minimises within a box by the BFGS method with a projected, backtracking line search (Nocedal and Wright
 * 2006, algorithm 6.1). Returns the best point seen.
 */
function minimise(
  evaluate: (at: readonly number[]) => { value: number; gradient: number[] },
  start: readonly number[],
  ranges: readonly (readonly [number, number])[],
  steps: number,
): number[] {
  const size = start.length;
  const clamp = (value: number, index: number) =>
    Math.min(ranges[index]![1], Math.max(ranges[index]![0], value));
  let at = start.map(clamp);
  let here = evaluate(at);
  let inverse = identity(size, 0);
  let fresh = true;
  let left = steps - 1;
  while (left > 0) {
    // What pushes against a bound stays where it is.
    const free = at.map((value, index) => {
      const [low, high] = ranges[index]!;
      const pull = here.gradient[index]!;
      return !((value <= low && pull > 0) || (value >= high && pull < 0));
    });
    const steepest = Math.max(
      ...here.gradient.map((pull, index) => free[index] ? Math.abs(pull) : 0),
    );
    if (steepest < 1e-3) break;
    if (fresh) inverse = identity(size, Math.min(0.5, 0.5 / steepest));
    const direction = at.map((_, row) => {
      if (!free[row]) return 0;
      let sum = 0;
      for (let column = 0; column < size; column++) {
        if (free[column]) sum -= inverse[row * size + column]! * here.gradient[column]!;
      }
      return sum;
    });
    let step = Math.min(1, 1.5 / Math.max(...direction.map(Math.abs), 1e-9));
    let next: number[] | undefined;
    let there = here;
    while (left > 0 && step > 1e-3) {
      const tried = at.map((value, index) => clamp(value + step * direction[index]!, index));
      there = evaluate(tried);
      left--;
      if (there.value < here.value) {
        next = tried;
        break;
      }
      step /= 3;
    }
    if (next === undefined) {
      if (fresh) break;
      fresh = true;
      continue;
    }
    const moved = next.map((value, index) => value - at[index]!);
    const turned = there.gradient.map((pull, index) => pull - here.gradient[index]!);
    const improved = here.value - there.value;
    at = next;
    here = there;
    fresh = !updateInverse(inverse, moved, turned);
    if (improved < 1e-3) break;
  }
  return at;
}

/** The BFGS update of an inverse Hessian in place; false where the curvature is not positive. */
function updateInverse(inverse: Float64Array, moved: number[], turned: number[]): boolean {
  const size = moved.length;
  const curvature = moved.reduce((sum, value, index) => sum + value * turned[index]!, 0);
  if (!(curvature > 1e-12)) return false;
  const product = moved.map((_, row) => {
    let sum = 0;
    for (let column = 0; column < size; column++) {
      sum += inverse[row * size + column]! * turned[column]!;
    }
    return sum;
  });
  const quadratic = turned.reduce((sum, value, index) => sum + value * product[index]!, 0);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      inverse[row * size + column]! +=
        (1 + quadratic / curvature) * moved[row]! * moved[column]! / curvature -
        (product[row]! * moved[column]! + moved[row]! * product[column]!) / curvature;
    }
  }
  return true;
}

function identity(size: number, value: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let index = 0; index < size; index++) matrix[index * size + index] = value;
  return matrix;
}

/** Matern function of order 3/2 of a distance in lengths. */
function correlation(distance: number): number {
  const stretched = Math.sqrt(3) * distance;
  return (1 + stretched) * Math.exp(-stretched);
}

/** Derivative of the logarithm of {@link correlation} by the logarithm of the length. */
function correlationSlope(distance: number): number {
  const stretched = Math.sqrt(3) * distance;
  return stretched ** 2 / (1 + stretched);
}

function writeTables(
  core: Core,
  offset: number,
  positions: readonly Positions[],
  size: number,
  logLengths: readonly number[],
  entry: (distance: number) => number,
): void {
  const tables = core.view("f64", offset, positions.length * size * size);
  positions.forEach((places, feature) => {
    const length = Math.exp(logLengths[feature]!);
    for (let a = 0; a < places.length; a++) {
      for (let b = 0; b < places.length; b++) {
        tables[(feature * size + a) * size + b] = entry(Math.abs(places[a]! - places[b]!) / length);
      }
    }
  });
}

function addNoise(
  core: Core,
  matrix: number,
  rows: number,
  noise: number,
  repeats: Float64Array | undefined,
): void {
  const entries = core.view("f64", matrix, rows * rows);
  for (let row = 0; row < rows; row++) entries[row * rows + row]! += noise / (repeats?.[row] ?? 1);
}

function standardise(targets: Float64Array): { mean: number; targets: Float64Array } {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  return { mean, targets: targets.map((target) => target - mean) };
}

function tableSize(positions: readonly Positions[]): number {
  return Math.max(...positions.map((places) => places.length));
}

function checkSample(sample: GaussianSample, positions: readonly Positions[]): number {
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
