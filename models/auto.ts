import {
  configurationKey,
  InputError,
  type InterferenceModel,
  type Profile,
  Random,
  selectRows,
} from "../domain/mod.ts";
import { fitBoosting } from "./boosting.ts";
import { EnsembleModel, type Member } from "./ensemble.ts";
import { fitExtraTrees } from "./extra_trees.ts";
import { fitGaussian } from "./gaussian.ts";
import type { Hyperparameters } from "../sim-wasm/models/covariance.ts";

/** Parts of the cross-validation that weighs the members. */
const FOLDS = 4;
/** Weights are multiples of 1 / STEPS. */
const STEPS = 10;
/** A mixture is taken where it beats the best member by more than so many standard errors of what it gains. */
const SURE = 2;
/** Fewer distinct configurations than this say nothing about weights. */
const LEAST_ROWS = 40;
/** Weights of the members where there are too few rows to find them. */
const FEW_ROWS_WEIGHTS = [0.8, 0.2, 0] as const;

/** How an ensemble is chosen. */
export interface AutoOptions {
  /** Seed of everything random. */
  readonly seed: number;
  /** From an earlier fit on fewer rows: kept, so that a refit takes milliseconds. */
  readonly known?: AutoChoice;
}

/** What an earlier fit has found. */
export interface AutoChoice {
  /** Of the Gaussian process, per app. */
  readonly hyperparameters: readonly Hyperparameters[];
  /** Of the Gaussian process, the extra-trees and the boosted trees, together 1. */
  readonly weights: readonly number[];
}

/**
 * The model that cross-validation on the profile itself likes best: a Gaussian process, extra-trees or boosted trees, or
 * the mixture of them whose held-out error is least, where it is surely less.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitAuto(profile: Profile, options: AutoOptions): {
  readonly model: EnsembleModel;
  readonly choice: AutoChoice;
} {
  const { seed, known } = options;
  const gaussian = fitGaussian(profile, {
    seed,
    ...(known ? { hyperparameters: known.hyperparameters, steps: 0 } : {}),
  });
  const { hyperparameters } = gaussian;
  const weights = known?.weights ?? chooseWeights(profile, seed, [
    (rows) => fitGaussian(rows, { seed, hyperparameters, steps: 0 }),
    (rows) => fitExtraTrees(rows, { seed }),
    (rows) => fitBoosting(rows, { seed }),
  ]);
  const fits = [
    () => gaussian,
    () => fitExtraTrees(profile, { seed }),
    () => fitBoosting(profile, { seed }),
  ];
  const members: Member[] = fits.flatMap((fit, at) => {
    const weight = weights[at] ?? 0;
    return weight > 0 ? [{ model: fit(), weight }] : [];
  });
  return { model: new EnsembleModel(members, "auto"), choice: { hyperparameters, weights } };
}

/**
 * The weights that make the mean absolute error of held-out configurations least, or the best member alone where what
 * the mixture gains may be luck: what is mixed in errs in its own places, and plans find them.
 */
function chooseWeights(
  profile: Profile,
  seed: number,
  fits: readonly ((rows: Profile) => InterferenceModel)[],
): readonly number[] {
  const held = heldOutPredictions(profile, seed, fits);
  if (held === null) return FEW_ROWS_WEIGHTS;
  const candidates = [...mixtures(fits.length)].map((weights) => ({
    weights,
    errors: errorsOf(held, weights),
  }));
  const leastOf = (some: typeof candidates) =>
    some.reduce((best, one) => sum(one.errors) < sum(best.errors) ? one : best);
  const mixed = leastOf(candidates);
  const single = leastOf(candidates.filter(({ weights }) => weights.includes(1)));
  const gains = single.errors.map((error, at) => error - mixed.errors[at]!);
  const mean = sum(gains) / gains.length;
  const variance = sum(gains.map((gain) => (gain - mean) ** 2)) / (gains.length - 1);
  return mean > SURE * Math.sqrt(variance / gains.length) ? mixed.weights : single.weights;
}

/** Absolute error of each held-out value under a mixture. */
function errorsOf(held: HeldOut, weights: readonly number[]): Float64Array {
  return Float64Array.from(held.actual, (actual, at) => {
    let mixed = 0;
    weights.forEach((weight, member) => mixed += weight * held.predicted[member]![at]!);
    return Math.abs(mixed - actual);
  });
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Values that were held out, and what each member predicts for them. */
interface HeldOut {
  readonly actual: readonly number[];
  readonly predicted: readonly (readonly number[])[];
}

function heldOutPredictions(
  profile: Profile,
  seed: number,
  fits: readonly ((rows: Profile) => InterferenceModel)[],
): HeldOut | null {
  const width = profile.apps.length;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < profile.rows; row++) {
    const key = configurationKey(profile.counts, row * width, width);
    groups.set(key, [...groups.get(key) ?? [], row]);
  }
  if (groups.size < LEAST_ROWS) return null;
  const shuffled = new Random(seed).shuffle([...groups.values()]);
  const actual: number[] = [];
  const predicted: number[][] = fits.map(() => []);
  for (let fold = 0; fold < FOLDS; fold++) {
    const train = shuffled.filter((_, at) => at % FOLDS !== fold).flat();
    const test = selectRows(profile, shuffled.filter((_, at) => at % FOLDS === fold).flat());
    let answers: Float64Array[];
    try {
      const rows = selectRows(profile, train);
      answers = fits.map((fit) => fit(rows).predict(test.counts, test.rows));
    } catch (error) {
      // A fold may lack an app that is in few rows.
      if (error instanceof InputError) continue;
      throw error;
    }
    test.counts.forEach((count, at) => {
      if (count === 0) return;
      actual.push(test.rps[at]!);
      answers.forEach((answer, member) => predicted[member]!.push(answer[at]!));
    });
  }
  return actual.length === 0 ? null : { actual, predicted };
}

/** All ways to share 1 out among so many members in steps. */
function* mixtures(members: number, left: number = STEPS): Generator<number[]> {
  if (members === 1) {
    yield [left / STEPS];
    return;
  }
  for (let share = left; share >= 0; share--) {
    for (const rest of mixtures(members - 1, left - share)) yield [share / STEPS, ...rest];
  }
}
