import { InputError, type InterferenceModel, type Profile, selectRows } from "../domain/mod.ts";
import { isLone } from "./measurements.ts";

/** Share of the latency alone below which no prediction goes; its inverse is the most that one can be. */
const LEAST_PACE = 1e-3;

/**
 * Tail latencies of configurations. What is learned is the *pace*, latency alone / latency: like normalised
 * RPS it is 1 for a lone container and near 0 under load, so any interference model can learn it.
 */
export class LatencyModel {
  /** Names of the apps, in the order of every count. */
  readonly apps: readonly string[];

  /**
   * A model of what the paces of a profile's rows say.
   * @param pace Predicts latency alone / latency. @param alone Milliseconds of a lone container of each app.
   */
  constructor(readonly pace: InterferenceModel, readonly alone: readonly number[]) {
    this.apps = pace.apps;
  }

  /** Milliseconds, row-major, rows x apps; 0 if the app is absent. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const width = this.apps.length;
    return this.pace.predict(counts, rows).map((pace, at) =>
      counts[at] === 0 ? 0 : this.alone[at % width]! / Math.max(LEAST_PACE, pace)
    );
  }
}

/**
 * Learns the 99th percentile latencies of a profile.
 * @param fit Fits the model of the pace on a profile whose `rps` is the pace.
 * @throws {InputError} if the profile has no such latencies, or none of an app.
 */
export function fitLatency(
  profile: Profile,
  fit: (paces: Profile) => InterferenceModel,
): LatencyModel {
  const { apps, counts, rps, p99 } = profile;
  if (p99 === undefined) {
    throw new InputError("The profile has no 99th percentile latencies: it needs columns p99:APP");
  }
  const width = apps.length;
  // A row counts where every present app has a latency; failed runs have none, or 0.
  const rows = Array.from({ length: profile.rows }, (_, row) => row).filter((row) =>
    apps.every((_, app) => counts[row * width + app] === 0 || p99[row * width + app]! > 0)
  );
  const alone = apps.map((name, app) => {
    const estimates: number[] = [];
    for (const row of rows) {
      const at = row * width + app;
      if (counts[at] === 0) continue;
      if (isLone(counts, row * width, width)) return p99[at]!;
      // Users who wait for their answers make RPS fall as latency grows: their product is that of a lone one.
      if (rps[at]! > 0) estimates.push(p99[at]! * rps[at]!);
    }
    if (estimates.length === 0) {
      throw new InputError(`No row of the profile has a 99th percentile latency of ${name}`);
    }
    estimates.sort((a, b) => a - b);
    return estimates[Math.floor(estimates.length / 2)]!;
  });
  const kept = selectRows(profile, rows);
  const paces = kept.p99!.map((latency, at) => alone[at % width]! / latency);
  const { deviations: _, ...rest } = kept;
  return new LatencyModel(fit({ ...rest, rps: paces }), alone);
}
