import {
  configurationKey,
  InputError,
  type InterferenceModel,
  type Profile,
  Random,
  selectRows,
} from "../domain/mod.ts";
import { referenceOrder } from "./reference_split.ts";

/** How well a model predicts measurements of one app. */
export interface AppScores {
  /** Name of the app. */
  readonly app: string;
  /** Rows in which the app is present. */
  readonly rows: number;
  /** R^2 over those rows; null if they are fewer than two. At most 1, below 0 if their mean is a better guess. */
  readonly r2: number | null;
  /** Mean absolute error over those rows; null if there are none. */
  readonly maePresent: number | null;
}

/** How well a model predicts measurements. */
export interface Scores {
  /** Measurements scored. */
  readonly rows: number;
  /**
   * R^2 over the apps that are present: the share of what their measurements differ from the mean of their app that the
   * model explains. At most 1; 0 is as good as those means, less is worse.
   */
  readonly r2: number;
  /**
   * The R^2 of the paper: absent apps count as measurements of 0 that every model gets right, so that pure noise scores
   * well above 0. For figures beside the paper's alone.
   */
  readonly r2Paper: number;
  /** Mean absolute error of the normalised RPS over all rows and apps, absent ones as 0, as the paper has it. */
  readonly mae: number;
  /** Mean absolute error over the apps that are present: the error that placements suffer. */
  readonly maePresent: number;
  /** The same app by app, in their order. */
  readonly perApp: readonly AppScores[];
}

/** Scores of a cross-validation. */
export interface CrossValidation extends Scores {
  /** The scores of each fold alone: how far they are apart says what one split is worth. */
  readonly perFold: readonly { readonly r2: number; readonly maePresent: number }[];
}

/** Scores a model on measurements. @throws {InputError} if there are none, or apps differ. */
export function scoreModel(model: InterferenceModel, test: Profile): Scores {
  if (model.apps.join("\n") !== test.apps.join("\n")) {
    throw new InputError(
      `The apps of the model differ from those of the test profile: ${model.apps.join(", ")}`,
    );
  }
  return scorePredictions(test, model.predict(test.counts, test.rows));
}

/**
 * Scores predictions of a profile's rows.
 * @param predicted Row-major, rows x apps.
 * @throws {InputError} if there are no rows.
 */
export function scorePredictions(test: Profile, predicted: Float64Array): Scores {
  const { apps, rows, counts, rps } = test;
  if (rows === 0) throw new InputError("There are no rows to score a model on");
  const everywhere = apps.map(() => new Misses());
  const present = apps.map(() => new Misses());
  counts.forEach((count, at) => {
    const app = at % apps.length;
    everywhere[app]!.add(count === 0 ? 0 : rps[at]!, predicted[at]!);
    if (count !== 0) present[app]!.add(rps[at]!, predicted[at]!);
  });
  const sum = (misses: readonly Misses[], of: (one: Misses) => number) =>
    misses.reduce((total, one) => total + of(one), 0);
  const containers = sum(present, ({ count }) => count);
  return {
    rows,
    r2: explained(sum(present, ({ squares }) => squares), sum(present, ({ spread }) => spread)),
    r2Paper: sum(everywhere, ({ squares, spread }) => explained(squares, spread)) / apps.length,
    mae: sum(everywhere, ({ errors }) => errors) / (rows * apps.length),
    maePresent: containers > 0 ? sum(present, ({ errors }) => errors) / containers : 0,
    perApp: apps.map((app, at) => {
      const { count, errors, squares, spread } = present[at]!;
      return {
        app,
        rows: count,
        r2: count < 2 ? null : explained(squares, spread),
        maePresent: count < 1 ? null : errors / count,
      };
    }),
  };
}

/** Where nothing varies, R^2 is 1 for a perfect prediction and 0 otherwise, as in scikit-learn. */
function explained(squares: number, spread: number): number {
  return spread > 0 ? 1 - squares / spread : squares > 0 ? 0 : 1;
}

/** What predictions of an app are off by, and how far its measurements are from their mean. */
class Misses {
  count = 0;
  /** Sum of the absolute errors. */
  errors = 0;
  /** Sum of their squares. */
  squares = 0;
  readonly #actual: number[] = [];

  add(actual: number, predicted: number): void {
    const miss = Math.abs(actual - predicted);
    this.count++;
    this.errors += miss;
    this.squares += miss ** 2;
    this.#actual.push(actual);
  }

  /** Sum of the squared distances of the measurements from their mean. */
  get spread(): number {
    const mean = this.#actual.reduce((sum, value) => sum + value, 0) / this.count;
    return this.#actual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  }
}

/** A profile in two parts. */
export interface Split {
  /** Rows to fit on. */
  readonly train: Profile;
  /** Rows to score on. */
  readonly test: Profile;
}

/** Share of the rows that the paper holds out. */
export const HELD_OUT_SHARE = 0.1;

/** Seed of the split that the paper's code scores on (`random_state` of scikit-learn). */
export const REFERENCE_SPLIT_SEED = 42;

/**
 * Holds out configurations: all rows of a configuration, copies too, are on one side. Where no configuration is in two
 * rows, the parts are those of {@link holdOut}. A configuration stays in the training part where it would otherwise lack an app.
 * @param fraction Share of the rows that are held out, at least; above 0, below 1.
 * @throws {InputError} if a side would be empty.
 */
export function holdOutConfigurations(
  profile: Profile,
  fraction: number = HELD_OUT_SHARE,
  seed: number = REFERENCE_SPLIT_SEED,
): Split {
  const { held, order } = referenceRows(profile, fraction, seed);
  const groups = [...groupRows(profile, order).values()];
  const test: number[][] = [];
  for (let rows = 0; rows < held && groups.length > 1; rows += test.at(-1)!.length) {
    test.push(groups.shift()!);
  }
  const kept = keepApps(profile, groups, test).flat();
  if (kept.length === 0) {
    throw new InputError(
      `Cannot hold out ${fraction} of ${profile.rows} rows: the model needs every one`,
    );
  }
  return { test: selectRows(profile, kept), train: selectRows(profile, groups.flat()) };
}

/** True if some configuration is in more than one row. */
export function hasCopies(profile: Profile): boolean {
  return groupRows(profile).size < profile.rows;
}

/**
 * Splits a profile row by row into the parts that scikit-learn's `train_test_split` makes with
 * `random_state=seed`, so that scores compare with published ones. Scores differ much between
 * splits (the forest's R^2 by 0.01 on 2008 rows), and repeated measurements of a configuration may
 * fall on both sides: {@link holdOutConfigurations} and {@link crossValidate} say more about a model.
 * @param fraction Share of the rows that are held out, rounded up; above 0, below 1.
 * @throws {InputError} if a side would be empty.
 */
export function holdOut(
  profile: Profile,
  fraction: number = HELD_OUT_SHARE,
  seed: number = REFERENCE_SPLIT_SEED,
): Split {
  const { held, order } = referenceRows(profile, fraction, seed);
  return {
    test: selectRows(profile, order.slice(0, held)),
    train: selectRows(profile, order.slice(held)),
  };
}

function referenceRows(
  profile: Profile,
  fraction: number,
  seed: number,
): { readonly held: number; readonly order: number[] } {
  const held = Math.ceil(profile.rows * fraction);
  if (!(fraction > 0) || held >= profile.rows) {
    throw new InputError(`Cannot hold out ${fraction} of ${profile.rows} rows`);
  }
  return { held, order: [...referenceOrder(profile.rows, seed)] };
}

/**
 * Cross-validation on configurations that the model has not seen: all measurements of a
 * configuration are in one fold. Scores all held-out predictions together. A configuration stays in
 * the training part where it would otherwise lack an app.
 * @param fit Fits a model on a part of the profile.
 * @param folds Number of parts, at least 2, at most the number of distinct configurations.
 * @param onFold Told the rows that a fold left out, and what was predicted for them.
 * @throws {InputError} for an impossible number of folds.
 */
export function crossValidate(
  profile: Profile,
  fit: (train: Profile) => InterferenceModel,
  folds: number,
  seed: number,
  onFold: (held: Profile, predicted: Float64Array) => void = () => {},
): CrossValidation {
  const groups = [...groupRows(profile).values()];
  if (!Number.isInteger(folds) || folds < 2 || folds > groups.length) {
    throw new InputError(
      `Cannot make ${folds} folds of ${groups.length} distinct configurations`,
    );
  }
  new Random(seed).shuffle(groups);
  const scored: number[] = [];
  const predictions: Float64Array[] = [];
  const perFold: { r2: number; maePresent: number }[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const train: number[][] = [];
    const aside: number[][] = [];
    groups.forEach((rows, at) => (at % folds === fold ? aside : train).push(rows));
    const test = keepApps(profile, train, aside).flat();
    if (test.length === 0) continue;
    const model = fit(selectRows(profile, train.flat()));
    const held = selectRows(profile, test);
    const part = model.predict(held.counts, held.rows);
    const { r2, maePresent } = scorePredictions(held, part);
    perFold.push({ r2, maePresent });
    onFold(held, part);
    predictions.push(part);
    scored.push(...test);
  }
  const predicted = new Float64Array(scored.length * profile.apps.length);
  let at = 0;
  for (const part of predictions) {
    predicted.set(part, at);
    at += part.length;
  }
  return { ...scorePredictions(selectRows(profile, scored), predicted), perFold };
}

/**
 * Scores a model on those rows of another profile whose configurations it was not fitted on.
 * @param train The profile that the model was fitted on.
 * @throws {InputError} if no configuration of `test` is unseen, or apps differ.
 */
export function scoreUnseen(model: InterferenceModel, train: Profile, test: Profile): Scores {
  const seen = groupRows(train);
  const unseen = [...groupRows(test)].flatMap(([key, rows]) => (seen.has(key) ? [] : rows));
  if (unseen.length === 0) {
    throw new InputError("Every configuration of the test profile is in the training profile");
  }
  return scoreModel(model, selectRows(test, unseen.sort((a, b) => a - b)));
}

/** Rows of every distinct configuration, in order of first appearance. @param order The rows to look at. */
function groupRows(
  { apps, rows, counts }: Profile,
  order: Iterable<number> = Array.from({ length: rows }, (_, row) => row),
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const row of order) {
    const key = configurationKey(counts, row * apps.length, apps.length);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** Moves groups from `held` to `train` until every app that `held` has is in `train`; returns `held`. */
function keepApps(profile: Profile, train: number[][], held: number[][]): number[][] {
  const width = profile.apps.length;
  const holds = (rows: readonly number[], app: number): boolean =>
    profile.counts[rows[0]! * width + app] !== 0;
  for (let app = 0; app < width; app++) {
    if (train.some((rows) => holds(rows, app))) continue;
    const first = held.findIndex((rows) => holds(rows, app));
    if (first >= 0) train.push(...held.splice(first, 1));
  }
  return held;
}
