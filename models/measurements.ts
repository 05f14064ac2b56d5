import {
  configurationKey,
  InputError,
  measurementsOf,
  type Profile,
  selectRows,
} from "../domain/mod.ts";

/** The distinct configurations of a profile, as models that know noise learn from them. */
export interface Measurements {
  /** Names of the apps, in the order of the counts. */
  readonly apps: readonly string[];
  /** Distinct configurations. */
  readonly rows: number;
  /** Row-major, rows x apps. */
  readonly counts: Uint8Array;
  /** Row-major, rows x apps: mean of the measurements; 0 if the app is absent. */
  readonly rps: Float64Array;
  /** Length rows: different measurements behind each mean, at least 1; its noise is that much smaller. */
  readonly repeats: Float64Array;
}

/** A lone container is the unit of measurement: as sure as this many measurements. */
const SURE = 100;

/**
 * Gathers the measurements of each configuration.
 * - Rows of a configuration that are equal in every value are copies of one measurement, and count once.
 * - A row in which nothing ran although containers were there is a failed measurement, and is left out.
 * - Lone containers have 1 by definition: they are added where they were not measured, as sure knowledge.
 * @throws {InputError} if every row is a failed one.
 */
export function gatherMeasurements(profile: Profile): Measurements {
  const { apps, rows, counts, rps } = profile;
  const width = apps.length;
  const found = new Map<
    string,
    { counts: Uint8Array; sums: Float64Array; times: number; values: Set<string> }
  >();
  for (let row = 0; row < rows; row++) {
    const held = counts.subarray(row * width, (row + 1) * width);
    const values = rps.slice(row * width, (row + 1) * width).map((value, app) =>
      held[app] === 0 ? 0 : value
    );
    if (values.every((value) => value === 0)) continue;
    const key = configurationKey(held, 0, width);
    let entry = found.get(key);
    if (entry === undefined) {
      entry = { counts: held, sums: new Float64Array(width), times: 0, values: new Set() };
      found.set(key, entry);
    }
    const text = values.join(",");
    if (entry.values.has(text)) continue;
    entry.values.add(text);
    const times = measurementsOf(profile, row);
    entry.times += times;
    values.forEach((value, app) => entry.sums[app]! += times * value);
  }
  if (found.size === 0) throw new InputError("No row of the profile has a container");
  const gathered = [...found.values()].map(({ counts, sums, times }) => ({
    counts,
    rps: sums.map((sum) => sum / times),
    repeats: isLone(counts, 0, width) ? SURE : times,
  }));
  for (let app = 0; app < width; app++) {
    const lone = Uint8Array.from(apps, (_, other) => other === app ? 1 : 0);
    if (found.has(configurationKey(lone, 0, width))) continue;
    gathered.push({ counts: lone, rps: Float64Array.from(lone), repeats: SURE });
  }
  const all = {
    counts: new Uint8Array(gathered.length * width),
    rps: new Float64Array(gathered.length * width),
  };
  gathered.forEach((entry, row) => {
    all.counts.set(entry.counts, row * width);
    all.rps.set(entry.rps, row * width);
  });
  const repeats = Float64Array.from(gathered, (entry) => entry.repeats);
  return { apps, rows: gathered.length, ...all, repeats };
}

/** Most copies of a row: what was measured more often than this is no longer the noisiest thing about it. */
const MOST_COPIES = 16;

/** The profile with each row as often as it was measured, for models that weigh by copies. */
export function copyRepeats(profile: Profile): Profile {
  if (profile.measurements === undefined) return profile;
  const rows: number[] = [];
  for (let row = 0; row < profile.rows; row++) {
    for (let at = Math.min(MOST_COPIES, measurementsOf(profile, row)); at > 0; at--) rows.push(row);
  }
  return selectRows(profile, rows);
}

/** Rows of measurements, each as often as it was measured; a lone container, known anyway, once. */
export function copiesOf({ repeats }: Measurements, rows: readonly number[]): number[] {
  return rows.flatMap((row) => {
    const times = repeats[row]! >= SURE ? 1 : Math.min(MOST_COPIES, repeats[row]!);
    return new Array<number>(times).fill(row);
  });
}

/** The rows where an app is present, in their order; without `lone`, only those where it has company. */
export function rowsWith(
  { apps, rows, counts }: Measurements,
  app: number,
  { lone } = { lone: true },
): number[] {
  const width = apps.length;
  const present: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (counts[row * width + app] === 0) continue;
    if (lone || !isLone(counts, row * width, width)) present.push(row);
  }
  return present;
}

/** True if the configuration that begins at `first` is one container alone. */
export function isLone(counts: Uint8Array, first: number, apps: number): boolean {
  let total = 0;
  for (let at = first; at < first + apps; at++) total += counts[at]!;
  return total === 1;
}
