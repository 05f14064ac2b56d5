import {
  configurationKey,
  type InterferenceModel,
  measurementsOf,
  type Placement,
  type Profile,
} from "../domain/mod.ts";
import { isJoint, isLone, isUncertain, TableModel } from "../models/mod.ts";
import { groupConfigurations } from "./value.ts";

/** A configuration, and how many nodes of a placement hold it; not always whole. */
export interface HeldConfiguration {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** Nodes that hold it. */
  readonly nodes: number;
}

/** What the nodes of a placement hold; those that are empty are left out. */
export function heldConfigurations(placement: Placement): HeldConfiguration[] {
  return groupConfigurations(placement)
    .filter(({ counts }) => counts.some((count) => count > 0))
    .map(({ counts, nodes }) => ({ counts, nodes: nodes.length }));
}

/** Where the mean of a placement is expected when it is measured. */
export interface MeanForecast {
  /** What the model promises. */
  readonly mean: number;
  /** Standard deviation of the mean as measured, by the model's own deviations; 0 if every configuration was measured. */
  readonly deviation: number;
  /** The mean as measured is below this in one of twenty cases. */
  readonly low: number;
  /** The mean as measured is above this in one of twenty cases. */
  readonly high: number;
}

/** Deviations from the expected mean to the ends of a 90 % interval: found on truths that models saw a few rows of (`deno task study plans`). */
interface Calibration {
  /** What plans fall short of their promise, in deviations: they choose what the model is too hopeful about. */
  readonly shift: number;
  /** Half the width of the interval, in deviations. */
  readonly width: number;
  /** Deviation of the mean that stays where the model is sure of itself: of the part that was not measured. */
  readonly least: number;
}

/** Of a pooled process, which knows how its errors go together. */
const JOINT: Calibration = { shift: 0.5, width: 1.8, least: 0.005 };
/** Of models that only know the errors of single values, taken to go together as far as {@link TOGETHER} says. */
const SMOOTH: Calibration = { shift: 0.7, width: 2, least: 0.005 };
/** Of models that predict in steps: trees. */
const TREES: Calibration = { shift: 0, width: 2, least: 0.02 };
/**
 * Share of a joint model's error on held-out rows that all configurations of a plan have in common, whatever the model says: plans
 * choose what it is wrong about in the same way.
 */
const COMMON = 0.8;
/** Deviation of the mean that stays after one row; it falls with the root of the rows: few say little of how far off they are themselves. */
const FEW = 0.1;
/** Correlation of any two errors of a model that does not know it. */
const TOGETHER = 0.3;

/**
 * Where the mean normalised throughput of a placement is expected: a 90 % interval around what the model promises, moved by what
 * plans usually fall short of. Measured configurations are as sure as their repeats are alike; those that were not repeated as sure
 * as the model takes one measurement to be.
 * @param profile The measurements; null for a saved model, whose measured configurations its table knows.
 * @returns null for a model that does not know how sure it is.
 */
export function forecastMean(
  model: InterferenceModel,
  profile: Profile | null,
  held: readonly HeldConfiguration[],
): MeanForecast | null {
  const forecast = forecastSum(model, profile, held, containersIn(held));
  return forecast === null ? null : { ...forecast, low: Math.max(0, forecast.low) };
}

/**
 * By how much the mean of one placement is expected to be above that of another when both are measured: what the two have in
 * common is as sure as can be.
 * @returns As {@link forecastMean}; `low` may be below 0.
 */
export function forecastGain(
  model: InterferenceModel,
  profile: Profile | null,
  before: readonly HeldConfiguration[],
  after: readonly HeldConfiguration[],
): MeanForecast | null {
  const width = model.apps.length;
  const changed = new Map<string, HeldConfiguration>();
  for (const [held, sign] of [[after, 1], [before, -1]] as const) {
    const total = containersIn(held);
    for (const { counts, nodes } of held) {
      const key = configurationKey(counts, 0, width);
      const sum = (changed.get(key)?.nodes ?? 0) + (total === 0 ? 0 : sign * nodes / total);
      changed.set(key, { counts, nodes: sum });
    }
  }
  const differs = [...changed.values()].filter(({ nodes }) => Math.abs(nodes) > 1e-12);
  return forecastSum(model, profile, differs, 1);
}

/** Where a sum of RPS, divided by a total, is expected. @param held Nodes are factors, which may be below 0. */
function forecastSum(
  model: InterferenceModel,
  profile: Profile | null,
  held: readonly HeldConfiguration[],
  total: number,
): MeanForecast | null {
  const width = model.apps.length;
  const counts = Uint8Array.from(held.flatMap((one) => [...one.counts]));
  const rps = model.predict(counts, held.length);
  const weights = Float64Array.from(
    counts,
    (count, at) => total === 0 ? 0 : held[Math.floor(at / width)]!.nodes * count / total,
  );
  const mean = rps.reduce((sum, value, at) => sum + weights[at]! * value, 0);
  const learned = learnedPart(model);
  const known = measuredSpread(
    model,
    profile,
    learned !== null && isJoint(learned) ? learned.noise : 0,
  );
  let measured = 0;
  // Weights of what was measured are taken out: the rest is what the model answers for.
  const open = weights.slice();
  held.forEach((one, row) => {
    const first = row * width;
    const spread = known(one.counts);
    if (spread === null) return;
    for (let app = 0; app < width; app++) {
      measured += (weights[first + app]! * spread[app]!) ** 2;
      open[first + app] = 0;
    }
  });
  let deviation = Math.sqrt(measured);
  let calibration = JOINT;
  if (open.some((weight) => weight !== 0)) {
    if (learned === null) return null;
    let stays = calibration.least;
    if (isJoint(learned)) {
      deviation = learned.sumDeviation(counts, held.length, open);
      const few = FEW / Math.sqrt(Math.max(1, learned.learnedRows));
      stays = Math.hypot(stays, COMMON * learned.heldOutError(), few);
    } else if (isUncertain(learned)) {
      calibration = learned.inSteps ? TREES : SMOOTH;
      stays = calibration.least;
      const { deviations } = learned.predictUncertain(counts, held.length);
      const errors = deviations.map((value, at) => value * open[at]!);
      const sum = errors.reduce((a, b) => a + b, 0);
      const squares = errors.reduce((a, b) => a + b * b, 0);
      deviation = Math.sqrt(TOGETHER * sum ** 2 + (1 - TOGETHER) * squares);
    } else return null;
    // Of a difference the larger side: that they are wrong about both in the same way is not relied on.
    const gained = open.reduce((sum, weight) => sum + Math.max(0, weight), 0);
    const lost = open.reduce((sum, weight) => sum - Math.min(0, weight), 0);
    const share = Math.max(gained, lost);
    deviation = Math.hypot(deviation, stays * share, Math.sqrt(measured));
  }
  const middle = mean - calibration.shift * deviation;
  return {
    mean,
    deviation,
    low: middle - calibration.width * deviation,
    high: middle + calibration.width * deviation,
  };
}

/** What answers for configurations that were not measured; null if nothing does. */
function learnedPart(model: InterferenceModel): InterferenceModel | null {
  if (!(model instanceof TableModel)) return model;
  return model.fallback === null ? null : learnedPart(model.fallback);
}

/**
 * Standard deviations of what a configuration's measurements say, by app; null if it was not measured, or the model does not
 * answer with its measurements.
 * @param noise Deviation of one measurement where its repeats do not tell.
 */
function measuredSpread(
  model: InterferenceModel,
  profile: Profile | null,
  noise: number,
): (counts: Uint8Array) => Float64Array | null {
  const width = model.apps.length;
  const spreads = new Map<string, Float64Array>();
  if (model instanceof TableModel) {
    for (let row = 0; row < model.rows; row++) {
      const key = configurationKey(model.counts, row * width, width);
      spreads.set(key, new Float64Array(width).fill(noise));
    }
    for (let row = 0; row < (profile?.rows ?? 0); row++) {
      const spread = spreads.get(configurationKey(profile!.counts, row * width, width));
      if (spread === undefined) continue;
      const times = measurementsOf(profile!, row);
      for (let app = 0; app < width; app++) {
        const own = profile!.deviations?.[row * width + app] ?? NaN;
        // One measurement has no deviation of its own, whatever its column holds.
        const isKnown = own > 0 || (own === 0 && times > 1);
        spread[app] = (isKnown ? own : noise) / Math.sqrt(times);
      }
    }
  }
  return (counts) =>
    isLone(counts, 0, width)
      ? new Float64Array(width)
      : spreads.get(configurationKey(counts, 0, width)) ?? null;
}

function containersIn(held: readonly HeldConfiguration[]): number {
  return held.reduce((sum, one) => sum + one.nodes * containersOf(one.counts), 0);
}

function containersOf(counts: Uint8Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
