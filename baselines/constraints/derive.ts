import {
  configurationKey,
  type InterferenceConstraint,
  type InterferenceModel,
  MissingConfigurationError,
  type Profile,
} from "../../domain/mod.ts";
import { defaultWeight } from "./weights.ts";

/** Interference between two apps counts only where the fastest is this many times the slowest. */
const LEAST_SPREAD = 1.1;
/** Relative changes of RPS from here on make a constraint. */
const UPPER = 1.1;
const LOWER = 0.9;

/** How one container of an app runs beside more and more containers of another. */
export interface InterferenceSeries {
  /** Index of the app that is looked at. */
  readonly subject: number;
  /** Index of the app beside it; the same index means more of its own kind. */
  readonly other: number;
  /** Element k: normalised RPS of the subject on a node with one of it and k more of the other. Length = capacity. */
  readonly rps: readonly number[];
  /** How many elements were predicted, since the profile lacks them. */
  readonly predicted: number;
}

/** A constraint with the series that it comes from. */
export interface DerivedConstraint {
  /** What it asks for. */
  readonly constraint: InterferenceConstraint;
  /** The measurements and predictions that it was derived from. */
  readonly series: InterferenceSeries;
}

/** Where the values of series come from: measured rows win over predictions. */
export interface InterferenceSource {
  /** Names of the apps; constraints count by position in it. */
  readonly apps: readonly string[];
  /** Measured rows, wherever there are any. */
  readonly profile?: Profile | undefined;
  /** Predicts what the profile lacks. */
  readonly model?: InterferenceModel | undefined;
}

/**
 * The series of every ordered pair of apps, row by row of the apps (Medea's input, design section 5.1).
 * @param capacity Slots of a node: series end where it is full.
 * @throws {MissingConfigurationError} if a value is neither measured nor predictable.
 */
export function interferenceSeries(
  source: InterferenceSource,
  capacity: number,
): InterferenceSeries[] {
  const apps = source.apps.length;
  const counts = new Uint8Array(apps * apps * capacity * apps);
  for (let subject = 0; subject < apps; subject++) {
    for (let other = 0; other < apps; other++) {
      for (let more = 0; more < capacity; more++) {
        const row = ((subject * apps + other) * capacity + more) * apps;
        counts[row + subject]!++;
        counts[row + other]! += more;
      }
    }
  }
  const rows = apps * apps * capacity;
  const measured = measuredRps(source, counts, rows);
  const wanted = measured.flatMap((rps, row) => rps === undefined ? [row] : []);
  const predicted = predictRows(source, counts, wanted);
  return Array.from({ length: apps * apps }, (_, pair) => {
    const first = pair * capacity;
    const at = Array.from({ length: capacity }, (_, more) => first + more);
    return {
      subject: Math.floor(pair / apps),
      other: pair % apps,
      rps: at.map((row) => measured[row] ?? predicted.get(row)!),
      predicted: at.filter((row) => measured[row] === undefined).length,
    };
  });
}

/**
 * Affinity and anti-affinity from series: only where max / min > 1.1, by the first k >= 1 whose value leaves
 * 0.9 to 1.1 times that of k = 0. Above: at least k of the other; below: at most k - 1 (k of its own kind).
 */
export function constraintsFromSeries(
  apps: readonly string[],
  series: readonly InterferenceSeries[],
): DerivedConstraint[] {
  return series.flatMap((one) => {
    const { subject, other, rps } = one;
    const alone = rps[0]!;
    if (!(Math.max(...rps) > LEAST_SPREAD * Math.min(...rps))) return [];
    const k = rps.findIndex((value) => value > UPPER * alone || value < LOWER * alone);
    // Element 0 never leaves its own interval, so k is -1 or at least 1.
    if (k < 1) return [];
    const helps = rps[k]! > UPPER * alone;
    const constraint: InterferenceConstraint = {
      subject,
      other,
      kind: helps ? "at-least" : "at-most",
      threshold: helps || other === subject ? k : k - 1,
      weight: defaultWeight(apps[subject]!, apps[other]!),
    };
    return [{ constraint, series: one }];
  });
}

/** The constraints of a profile or model, without their series. */
export function deriveConstraints(
  source: InterferenceSource,
  capacity: number,
): InterferenceConstraint[] {
  return constraintsFromSeries(source.apps, interferenceSeries(source, capacity))
    .map(({ constraint }) => constraint);
}

/** Per row the measured RPS of its subject, undefined if the profile lacks the configuration. */
function measuredRps(
  { apps, profile }: InterferenceSource,
  counts: Uint8Array,
  rows: number,
): (number | undefined)[] {
  const known = new Map<string, number>();
  if (profile !== undefined) {
    for (let row = 0; row < profile.rows; row++) {
      known.set(configurationKey(profile.counts, row * apps.length, apps.length), row);
    }
  }
  return Array.from({ length: rows }, (_, row) => {
    const found = known.get(configurationKey(counts, row * apps.length, apps.length));
    if (found === undefined) return undefined;
    const value = profile!.rps[found * apps.length + subjectOf(row, rows, apps.length)]!;
    return Number.isNaN(value) ? undefined : value;
  });
}

function predictRows(
  { apps, model }: InterferenceSource,
  counts: Uint8Array,
  rows: readonly number[],
): Map<number, number> {
  const predicted = new Map<number, number>();
  if (rows.length === 0) return predicted;
  const width = apps.length;
  if (model === undefined) {
    const held = [...counts.subarray(rows[0]! * width, (rows[0]! + 1) * width)]
      .flatMap((count, app) => count > 0 ? [`${count} ${apps[app]}`] : []);
    throw new MissingConfigurationError(
      `The profile lacks ${rows.length} configurations that the constraints need, such as ${
        held.join(", ")
      }: add a model to predict them`,
    );
  }
  const asked = new Uint8Array(rows.length * width);
  rows.forEach((row, at) => asked.set(counts.subarray(row * width, (row + 1) * width), at * width));
  const rps = model.predict(asked, rows.length);
  const total = counts.length / width;
  rows.forEach((row, at) => predicted.set(row, rps[at * width + subjectOf(row, total, width)]!));
  return predicted;
}

/** Subject of a row, where `rows` rows are laid out as subject x other x more. */
function subjectOf(row: number, rows: number, apps: number): number {
  return Math.floor(row / (rows / apps));
}
