import {
  type FormulaModel,
  type PairwiseFormula,
  type Profile,
  Random,
  ShapeError,
} from "../domain/mod.ts";
import { checkTraining } from "./checks.ts";
import { gatherMeasurements, isLone, type Measurements } from "./measurements.ts";
import { fitPairTerms, LEAST_TIME, type PairTerms, pairTime } from "./pairwise_fit.ts";

/** How a pairwise model is fitted. */
export interface PairwiseOptions {
  /** Chooses the rows that say how far pairs may differ. */
  readonly seed: number;
  /** How strongly pairs are drawn to what they have in common. @default what held-out rows like best */
  readonly penalty?: number;
}

/** Penalties that held-out rows choose from: the strongest first, which stays where all are alike. */
const PENALTIES = [3, 0.3, 0.03] as const;
/** Parts of the cross-validation that chooses. */
const FOLDS = 4;
/** Fewer measured configurations with company choose nothing. */
const LEAST_ROWS = 12;

/**
 * A container slows another by what the pair of their apps says, whoever else is there: the time per request of an app is 1
 * alone, and each neighbour adds the term of its app, the first of an app another one than each further one. The
 * normalised RPS is one over the time, so it is never negative. So few numbers are learned from few rows, for many apps, and
 * the core evaluates and bounds them without a table.
 */
export class PairwiseModel implements FormulaModel {
  readonly kind = "pairwise";
  /** As {@link FormulaModel.formula}. */
  readonly formula: PairwiseFormula;

  /**
   * Takes the terms as the truth.
   * @throws {ShapeError} if there are not apps x apps of each.
   */
  constructor(readonly apps: readonly string[], terms: PairTerms) {
    for (const [name, values] of Object.entries(terms)) {
      const expected = apps.length ** 2;
      if (values.length !== expected) throw new ShapeError(name, expected, values.length);
    }
    const alone = new Float64Array(apps.length).fill(1);
    this.formula = { kind: "pairwise", least: LEAST_TIME, alone, ...terms };
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const rps = new Float64Array(counts.length);
    for (let first = 0; first < counts.length; first += width) {
      for (let app = 0; app < width; app++) {
        if (counts[first + app] === 0) continue;
        rps[first + app] = 1 / pairTime(this.formula, counts, first, app, width);
      }
    }
    return rps;
  }
}

/**
 * Fits a pairwise model; see fitPairTerms.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitPairwise(profile: Profile, options: PairwiseOptions): PairwiseModel {
  checkTraining(profile);
  const measurements = gatherMeasurements(profile);
  const penalty = options.penalty ?? choosePenalty(measurements, options.seed);
  return new PairwiseModel(measurements.apps, fitPairTerms(measurements, penalty));
}

/** The penalty whose fits on some rows predict the others best. */
function choosePenalty(measurements: Measurements, seed: number): number {
  const { apps, rows, counts } = measurements;
  const width = apps.length;
  const company = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => !isLone(counts, row * width, width));
  if (company.length < LEAST_ROWS) return PENALTIES[0];
  const shuffled = new Random(seed).shuffle(company);
  const errors = PENALTIES.map((penalty) => {
    let error = 0;
    for (let fold = 0; fold < FOLDS; fold++) {
      const [seen, held] = [false, true].map((out) =>
        select(measurements, shuffled.filter((_, at) => (at % FOLDS === fold) === out))
      );
      const predicted = new PairwiseModel(apps, fitPairTerms(seen!, penalty))
        .predict(held!.counts, held!.rows);
      predicted.forEach((value, at) => {
        if (held!.counts[at]! > 0) error += Math.abs(value - held!.rps[at]!);
      });
    }
    return error;
  });
  return PENALTIES[errors.indexOf(Math.min(...errors))]!;
}

function select(
  { apps, counts, rps, repeats }: Measurements,
  rows: readonly number[],
): Measurements {
  const width = apps.length;
  const part = {
    counts: new Uint8Array(rows.length * width),
    rps: new Float64Array(rows.length * width),
  };
  rows.forEach((row, at) => {
    part.counts.set(counts.subarray(row * width, (row + 1) * width), at * width);
    part.rps.set(rps.subarray(row * width, (row + 1) * width), at * width);
  });
  return {
    apps,
    rows: rows.length,
    ...part,
    repeats: Float64Array.from(rows, (row) => repeats[row]!),
  };
}
