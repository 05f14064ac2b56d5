import { type GaussianFormula, type Profile, Random, ShapeError } from "../domain/mod.ts";
import { isPlaceable } from "../sim-wasm/formula/gaussian.ts";
import type { GaussianSample, Hyperparameters, Positions } from "../sim-wasm/models/covariance.ts";
import { GaussianProcess } from "../sim-wasm/models/gaussian.ts";
import { fitHyperparameters, initialHyperparameters } from "../sim-wasm/models/likelihood.ts";
import { checkTraining } from "./checks.ts";
import { gatherMeasurements, isLone, type Measurements, rowsWith } from "./measurements.ts";
import type { UncertainModel, UncertainPrediction } from "./uncertain.ts";

/** How a Gaussian process model is fitted. */
export interface GaussianOptions {
  /** Chooses the rows that hyperparameters are found on where there are many. */
  readonly seed: number;
  /** Per app, from an earlier fit: where the search for better ones begins. */
  readonly hyperparameters?: readonly Hyperparameters[];
  /** Most evaluations of the likelihood per app; 0 keeps the given hyperparameters. @default 30 */
  readonly steps?: number;
  /** Most rows that hyperparameters are found on. @default 160 */
  readonly searchRows?: number;
}

/** What a second, third, ... container of an app changes, relative to its first one, before lengths are fitted. */
const FURTHER = 0.3;

/** Rows per app beyond which a sample of them is learned from: work grows with their third power. */
const MOST_ROWS = 2500;

/**
 * A Gaussian process per app, on the rows where it is present: smooth in each count (with a step from
 * none to the first) and in the total. It knows how sure it is.
 */
export class GaussianModel implements UncertainModel {
  readonly kind = "gaussian";
  readonly apps: readonly string[];
  readonly #processes: readonly GaussianProcess[];
  readonly #positions: readonly Positions[];
  #formula: GaussianFormula | null | undefined;

  /**
   * Conditions a process per app on the measurements: cubic in the rows of an app.
   * @param measurements What is learned from; every app in at least one row.
   * @param hyperparameters Per app.
   * @param capacity Larger counts and totals are taken for this one.
   */
  constructor(
    readonly measurements: Measurements,
    readonly hyperparameters: readonly Hyperparameters[],
    readonly capacity: number,
  ) {
    this.apps = measurements.apps;
    this.#positions = positionsOf(this.apps.length, capacity);
    this.#processes = hyperparameters.map((chosen, app) =>
      new GaussianProcess(
        this.#positions,
        sampleOf(measurements, rowsWith(measurements, app).slice(0, MOST_ROWS), app, capacity),
        chosen,
      )
    );
  }

  /** As {@link FormulaModel.formula}; undefined where lengths are so short that covariances are rounded to 0. */
  get formula(): GaussianFormula | undefined {
    if (this.#formula === undefined) {
      const formula: GaussianFormula = {
        kind: "gaussian",
        capacity: this.capacity,
        processes: this.#processes.map((process) => process.parts()),
      };
      this.#formula = isPlaceable(formula) ? formula : null;
    }
    return this.#formula ?? undefined;
  }

  /** Standard deviation of one measurement, per app. */
  get noise(): readonly number[] {
    return this.#processes.map(({ noise }) => noise);
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.#predict(counts, rows, false).rps;
  }

  /** As {@link UncertainModel.predictUncertain}. */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    return this.#predict(counts, rows, true);
  }

  #predict(counts: Uint8Array, rows: number, withDeviations: boolean): UncertainPrediction {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const rps = new Float64Array(rows * width);
    const deviations = new Float64Array(withDeviations ? rows * width : 0);
    const points = pointsOf(counts, rows, width, this.capacity);
    this.#processes.forEach((process, app) => {
      const present: number[] = [];
      for (let row = 0; row < rows; row++) if (counts[row * width + app] !== 0) present.push(row);
      const asked = new Uint8Array(present.length * (width + 1));
      present.forEach((row, at) =>
        asked.set(points.subarray(row * (width + 1), (row + 1) * (width + 1)), at * (width + 1))
      );
      const answer = process.predict(asked, present.length, withDeviations);
      present.forEach((row, at) => {
        if (isLone(counts, row * width, width)) {
          rps[row * width + app] = 1;
          return;
        }
        // Nothing runs at a negative speed, whatever a line through the measurements says.
        rps[row * width + app] = Math.max(0, answer.means[at]!);
        if (withDeviations) {
          deviations[row * width + app] = Math.hypot(answer.deviations[at]!, process.noise);
        }
      });
    });
    return { rps, deviations };
  }
}

/**
 * Fits a Gaussian process per app, hyperparameters by maximum likelihood.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitGaussian(profile: Profile, options: GaussianOptions): GaussianModel {
  checkTraining(profile);
  const measurements = gatherMeasurements(profile);
  const width = measurements.apps.length;
  const { steps = 30, searchRows = 160 } = options;
  let capacity = 1;
  for (let row = 0; row < measurements.rows; row++) {
    let total = 0;
    for (let app = 0; app < width; app++) total += measurements.counts[row * width + app]!;
    capacity = Math.max(capacity, total);
  }
  capacity = Math.min(255, capacity);
  const positions = positionsOf(width, capacity);
  const random = new Random(options.seed);
  const hyperparameters = measurements.apps.map((_, app) => {
    const start = options.hyperparameters?.[app] ?? initialHyperparameters(width + 1);
    const rows = random.fork().shuffle(rowsWith(measurements, app)).slice(0, searchRows);
    if (steps === 0) return start;
    return fitHyperparameters(positions, sampleOf(measurements, rows, app, capacity), start, steps);
  });
  return new GaussianModel(measurements, hyperparameters, capacity);
}

function positionsOf(apps: number, capacity: number): Positions[] {
  const values = Array.from({ length: capacity + 1 }, (_, value) => value);
  const counts = values.map((value) => value === 0 ? 0 : 1 + FURTHER * (value - 1));
  return [...new Array<Positions>(apps).fill(counts), values];
}

/** Features of configurations: the counts, then the total. Row-major, rows x (apps + 1). */
function pointsOf(counts: Uint8Array, rows: number, apps: number, capacity: number): Uint8Array {
  const points = new Uint8Array(rows * (apps + 1));
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let app = 0; app < apps; app++) {
      const count = counts[row * apps + app]!;
      total += count;
      points[row * (apps + 1) + app] = Math.min(capacity, count);
    }
    points[row * (apps + 1) + apps] = Math.min(capacity, total);
  }
  return points;
}

function sampleOf(
  { apps, counts, rps, repeats }: Measurements,
  rows: readonly number[],
  app: number,
  capacity: number,
): GaussianSample {
  const width = apps.length;
  const kept = new Uint8Array(rows.length * width);
  rows.forEach((row, at) => kept.set(counts.subarray(row * width, (row + 1) * width), at * width));
  return {
    points: pointsOf(kept, rows.length, width, capacity),
    targets: Float64Array.from(rows, (row) => rps[row * width + app]!),
    repeats: Float64Array.from(rows, (row) => repeats[row]!),
  };
}
