import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { CoreObject, coreOf } from "../core/core_object.ts";
import {
  addNoise,
  checkSample,
  correlation,
  correlationSlope,
  type GaussianSample,
  type Hyperparameters,
  type Positions,
  standardise,
  tableSize,
  writeTables,
} from "./covariance.ts";
import { minimise } from "./minimise.ts";

/** Prior of the logarithms: normal with these means and deviations; keeps few measurements from deciding alone. */
const LENGTH_PRIOR = { mean: 1, deviation: 1.5 } as const;
const NOISE_PRIOR = { mean: Math.log(0.1), deviation: 1 } as const;

const LENGTH_RANGE = [-2, 5] as const;
const NOISE_RANGE = [Math.log(0.005), Math.log(0.7)] as const;

/** Where the likelihood search begins without anything better. */
export function initialHyperparameters(features: number): Hyperparameters {
  return {
    logLengths: new Array<number>(features).fill(LENGTH_PRIOR.mean),
    logNoise: NOISE_PRIOR.mean,
  };
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
  using likelihood = new Likelihood(positions, sample);
  const best = minimise(
    (at) => likelihood.evaluate(at),
    [...start.logLengths, start.logNoise],
    [...positions.map(() => LENGTH_RANGE), NOISE_RANGE],
    steps,
  );
  return { logLengths: best.slice(0, -1), logNoise: best.at(-1)! };
}

/** The negative logarithm of likelihood x prior, with its gradient. */
class Likelihood extends CoreObject {
  readonly #targets: Float64Array;
  readonly #rows: number;
  readonly #size: number;
  readonly #blocks: Readonly<
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
      Address
    >
  >;

  constructor(readonly positions: readonly Positions[], readonly sample: GaussianSample) {
    const rows = checkSample(sample, positions);
    const features = positions.length;
    const core = new Core("likelihood");
    super("likelihood", core, 0, () => core.dispose());
    this.#rows = rows;
    this.#size = tableSize(positions);
    this.#targets = standardise(sample.targets).targets;
    const square = () => core.allocate("f64", rows * rows);
    const table = () => core.allocate("f64", features * this.#size ** 2);
    this.#blocks = {
      tables: table(),
      slopes: table(),
      points: core.place("u8", sample.points),
      weights: core.allocate("f64", rows),
      covariance: square(),
      factor: square(),
      work: square(),
      inverse: square(),
      gradient: core.allocate("f64", features),
    };
  }

  evaluate(at: readonly number[]): { value: number; gradient: number[] } {
    const core = coreOf(this);
    const { functions } = core;
    const rows = this.#rows;
    const features = this.positions.length;
    const { tables, slopes, points, weights, covariance, factor, work, inverse, gradient } =
      this.#blocks;
    const lengths = at.slice(0, -1);
    const noise = Math.exp(2 * at.at(-1)!);
    writeTables(core, tables, this.positions, this.#size, lengths, correlation);
    writeTables(core, slopes, this.positions, this.#size, lengths, correlationSlope);
    functions.gaussianMatrix(tables, features, this.#size, points, rows, covariance);
    core.view("f64", factor, rows * rows).set(core.view("f64", covariance, rows * rows));
    addNoise(core, factor, rows, noise, this.sample.repeats);
    const half = functions.gaussianFactor(factor, rows);
    if (Number.isNaN(half)) return { value: Infinity, gradient: at.map(() => 0) };
    core.write("f64", weights, this.#targets, rows);
    functions.gaussianSolve(factor, rows, weights);
    core.view("f64", work, rows * rows).fill(0);
    core.view("f64", inverse, rows * rows).fill(0);
    functions.gaussianInverse(factor, rows, work, inverse);
    const solved = core.read("f64", weights, rows);
    const fit = solved.reduce((sum, weight, row) => sum + weight * this.#targets[row]!, 0);
    const scale = Math.max(fit / rows, 1e-12);
    core.view("f64", gradient, features).fill(0);
    functions.gaussianGradient({
      inverse,
      covariance,
      weights,
      scale,
      slopes,
      features,
      size: this.#size,
      points,
      rows,
      out: gradient,
    });
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
