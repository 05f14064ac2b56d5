import { type GaussianFormula, InputError, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { CoreObject, coreOf } from "../core/core_object.ts";
import {
  addNoise,
  checkSample,
  correlation,
  type GaussianSample,
  type Hyperparameters,
  type Positions,
  standardise,
  tableSize,
  writeTables,
} from "./covariance.ts";

/** Rows whose predictions are asked at a time. */
const CHUNK = 4096;

/**
 * A Gaussian process over whole-numbered features, in the simulator core. The covariance is a product over
 * features of Matern functions of order 3/2 of the distance between positions: values may be smooth in some
 * features and have steps (uneven positions) in others. Mean and scale are those of the targets.
 */
export class GaussianProcess extends CoreObject {
  readonly features: number;
  readonly rows: number;
  /** Standard deviation of one measurement, in units of the targets. */
  readonly noise: number;
  readonly #size: number;
  readonly #mean: number;
  readonly #scale: number;
  readonly #tables: Address;
  readonly #points: Address;
  readonly #weights: Address;
  readonly #factor: Address;

  /**
   * @throws {InputError} if there are no rows, or the covariance is not positive.
   */
  constructor(
    readonly positions: readonly Positions[],
    sample: GaussianSample,
    readonly hyperparameters: Hyperparameters,
  ) {
    const features = positions.length;
    const rows = checkSample(sample, positions);
    const { mean, targets } = standardise(sample.targets);
    const core = new Core("Gaussian process");
    super("Gaussian process", core, 0, () => core.dispose());
    this.features = features;
    this.rows = rows;
    this.#mean = mean;
    this.#size = tableSize(positions);
    this.#tables = core.allocate("f64", features * this.#size ** 2);
    this.#points = core.place("u8", sample.points);
    this.#weights = core.allocate("f64", rows);
    this.#factor = core.allocate("f64", rows * rows);
    writeTables(core, this.#tables, positions, this.#size, hyperparameters.logLengths, correlation);
    core.functions.gaussianMatrix(
      this.#tables,
      features,
      this.#size,
      this.#points,
      rows,
      this.#factor,
    );
    const noise = Math.exp(2 * hyperparameters.logNoise);
    addNoise(core, this.#factor, rows, noise, sample.repeats);
    const determinant = core.functions.gaussianFactor(this.#factor, rows);
    if (Number.isNaN(determinant)) {
      throw new InputError("The covariance of the measurements is not positive: raise the noise");
    }
    core.write("f64", this.#weights, targets, rows);
    core.functions.gaussianSolve(this.#factor, rows, this.#weights);
    const fit = core.view("f64", this.#weights, rows)
      .reduce((sum, weight, row) => sum + weight * targets[row]!, 0);
    // The scale that makes the targets most likely, kept from 0 if all targets are equal.
    this.#scale = Math.sqrt(Math.max(fit / rows, 1e-12));
    this.noise = this.#scale * Math.sqrt(noise);
  }

  /** What its means are computed from. */
  parts(): GaussianFormula["processes"][number] {
    const { features, rows } = this;
    const core = coreOf(this);
    return {
      tables: core.read("f64", this.#tables, features * this.#size ** 2),
      points: core.read("u8", this.#points, rows * features),
      weights: core.read("f64", this.#weights, rows),
      mean: this.#mean,
    };
  }

  /**
   * Means and, where asked for, standard deviations of the process (without the noise of a measurement).
   * @param points Row-major, rows x features.
   * @throws {ShapeError} if `points` has another length.
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
    const core = coreOf(this);
    const chunk = Math.max(1, Math.min(CHUNK, rows));
    core.lend(
      [["u8", chunk * features], ["f64", this.rows], ["f64", chunk], ["f64", chunk]],
      (asked, scratch, meansAt, variancesAt) => {
        for (let first = 0; first < rows; first += chunk) {
          const part = Math.min(chunk, rows - first);
          core.view("u8", asked, part * features)
            .set(points.subarray(first * features, (first + part) * features));
          core.functions.gaussianPredict({
            tables: this.#tables,
            features,
            size: this.#size,
            points: this.#points,
            rows: this.rows,
            weights: this.#weights,
            factor: withDeviations ? this.#factor : 0,
            asked,
            askedRows: part,
            scratch,
            means: meansAt,
            variances: variancesAt,
          });
          means.set(core.view("f64", meansAt, part), first);
          if (withDeviations) deviations.set(core.view("f64", variancesAt, part), first);
        }
      },
    );
    for (let row = 0; row < rows; row++) means[row] = this.#mean + means[row]!;
    for (let row = 0; row < deviations.length; row++) {
      deviations[row] = this.#scale * Math.sqrt(deviations[row]!);
    }
    return { means, deviations };
  }
}
