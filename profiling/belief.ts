import { configurationKey, measurementsOf, type Profile } from "../domain/mod.ts";
import { type AutoChoice, EnsembleModel, fitAuto, fitGaussian, isLone } from "../models/mod.ts";
import type { UncertainModel } from "../models/mod.ts";

/** Share by which the measurements grow before hyperparameters and weights are looked for again. */
const GROWTH = 1.25;
/** Evaluations of the likelihood per app when they are, and at first. */
const LATER_STEPS = 8;
const FIRST_STEPS = 25;
/** Rows that hyperparameters are found on. */
const SEARCH_ROWS = 120;

/** What is believed about every configuration after some measurements. */
export interface Belief {
  /** Expected throughput by rank; measured configurations have what was measured, unless that scatters. */
  readonly throughput: Float64Array;
  /** Standard deviation by rank; 0 if measuring again would tell nothing. */
  readonly deviations: Float64Array;
  /** Measurements of each configuration so far, by rank. */
  readonly measured: Uint16Array;
}

/** How a learner learns. */
export interface LearnerOptions {
  readonly seed: number;
  /** Weight of extra-trees beside the Gaussian process; 0 = none. */
  readonly treesWeight: number;
  /** Whether measurements scatter, so that measured configurations are not certain. */
  readonly scatters: boolean;
}

/** Learns a belief about all configurations from a growing profile; refits take milliseconds. */
export class Learner {
  readonly #counts: Uint8Array;
  readonly #rankOf = new Map<string, number>();
  readonly #options: LearnerOptions;
  #choice: AutoChoice | undefined;
  #searchedAt = 0;

  /** @param counts All configurations by rank, row-major. */
  constructor(readonly apps: readonly string[], counts: Uint8Array, options: LearnerOptions) {
    this.#counts = counts;
    this.#options = options;
    const width = apps.length;
    for (let rank = 0; rank < counts.length / width; rank++) {
      this.#rankOf.set(configurationKey(counts, rank * width, width), rank);
    }
  }

  /** Rank of a configuration. */
  rank(counts: ArrayLike<number>, offset: number = 0): number {
    return this.#rankOf.get(configurationKey(counts, offset, this.apps.length))!;
  }

  /** A model of the profile, with the hyperparameters found so far or, now and then, better ones. */
  fit(profile: Profile): UncertainModel {
    const { seed, treesWeight } = this.#options;
    const weights = [1 - treesWeight, treesWeight];
    if (profile.rows >= this.#searchedAt * GROWTH) {
      const known = this.#choice?.hyperparameters;
      const { hyperparameters } = fitGaussian(profile, {
        seed,
        steps: known === undefined ? FIRST_STEPS : LATER_STEPS,
        searchRows: SEARCH_ROWS,
        ...(known ? { hyperparameters: known } : {}),
      });
      this.#choice = { hyperparameters, weights };
      this.#searchedAt = profile.rows;
    }
    return fitAuto(profile, { seed, known: this.#choice! }).model;
  }

  /** What is believed about all configurations after these measurements. */
  believe(profile: Profile): Belief {
    const model = this.fit(withLone(profile));
    const width = this.apps.length;
    const ranks = this.#counts.length / width;
    const { rps, deviations: spread } = model.predictUncertain(this.#counts, ranks);
    const throughput = new Float64Array(ranks);
    const deviations = new Float64Array(ranks);
    for (let rank = 0; rank < ranks; rank++) {
      let total = 0;
      let variance = 0;
      for (let at = rank * width; at < (rank + 1) * width; at++) {
        total += this.#counts[at]! * rps[at]!;
        variance += (this.#counts[at]! * spread[at]!) ** 2;
      }
      throughput[rank] = total;
      deviations[rank] = Math.sqrt(variance);
    }
    return {
      throughput,
      deviations,
      measured: this.#trust(profile, throughput, deviations, model),
    };
  }

  /** Puts what was measured in the place of what is believed. */
  #trust(
    profile: Profile,
    throughput: Float64Array,
    deviations: Float64Array,
    model: UncertainModel,
  ): Uint16Array {
    const width = this.apps.length;
    const measured = new Uint16Array(throughput.length);
    const sums = new Map<number, number>();
    for (let row = 0; row < profile.rows; row++) {
      const rank = this.rank(profile.counts, row * width);
      let total = 0;
      for (let at = row * width; at < (row + 1) * width; at++) {
        if (profile.counts[at] !== 0) total += profile.counts[at]! * profile.rps[at]!;
      }
      const times = measurementsOf(profile, row);
      measured[rank]! += times;
      sums.set(rank, (sums.get(rank) ?? 0) + times * total);
    }
    for (const [rank, sum] of sums) {
      if (!this.#options.scatters) {
        throughput[rank] = sum / measured[rank]!;
        deviations[rank] = 0;
        continue;
      }
      // Plans choose the luckiest of noisy values: the model, which knows the neighbours, is the better judge.
      deviations[rank] = Math.min(
        deviations[rank]!,
        this.#noise(model, rank) / Math.sqrt(measured[rank]!),
      );
    }
    return measured;
  }

  /** Standard deviation of one measurement's throughput. */
  #noise(model: UncertainModel, rank: number): number {
    const width = this.apps.length;
    const counts = this.#counts.subarray(rank * width, (rank + 1) * width);
    if (isLone(counts, 0, width)) return 0;
    const gaussian = model instanceof EnsembleModel ? model.members[0]!.model : model;
    const noise = (gaussian as { noise?: readonly number[] }).noise;
    if (noise === undefined) return 0;
    return Math.sqrt(counts.reduce((sum, count, app) => sum + (count * noise[app]!) ** 2, 0));
  }
}

/** The profile with a lone container of every app in front, where it is 1 by definition. */
function withLone({ apps, rows, counts, rps, measurements }: Profile): Profile {
  const width = apps.length;
  const all = {
    counts: new Uint8Array((width + rows) * width),
    rps: new Float64Array((width + rows) * width).fill(NaN),
  };
  for (let app = 0; app < width; app++) {
    all.counts[app * width + app] = 1;
    all.rps[app * width + app] = 1;
  }
  all.counts.set(counts, width * width);
  all.rps.set(rps, width * width);
  return {
    apps,
    rows: width + rows,
    ...all,
    ...(measurements
      ? { measurements: Uint32Array.of(...new Array<number>(width).fill(1), ...measurements) }
      : {}),
  };
}
