import { configurationKey, measurementsOf, type Profile, selectRows } from "../domain/mod.ts";

/**
 * A profile with one row per configuration, in order of the first: means of its measurements, how many there
 * were, and the standard deviation of a single one where there were at least two. Rows that are means
 * themselves weigh as much as they hold, so folding in parts gives what folding at once does.
 */
export function averageRepeats(profile: Profile): Profile {
  const width = profile.apps.length;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < profile.rows; row++) {
    const key = configurationKey(profile.counts, row * width, width);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const rowsOf = [...groups.values()];
  const averaged = selectRows(profile, rowsOf.map(([first]) => first!));
  const times = rowsOf.map((rows) =>
    rows.reduce((sum, row) => sum + measurementsOf(profile, row), 0)
  );
  if (times.every((count) => count === 1)) return averaged;
  const deviations = new Float64Array(averaged.rps.length).fill(NaN);
  rowsOf.forEach((rows, at) => {
    for (let app = 0; app < width; app++) {
      const target = at * width + app;
      if (profile.counts[rows[0]! * width + app] === 0) continue;
      deviations[target] = pooledDeviation(profile, rows, app);
      if (rows.length === 1) continue;
      for (const kind of ["rps", "p50", "p99"] as const) {
        const values = profile[kind];
        if (values !== undefined) {
          averaged[kind]![target] = weightedMean(profile, rows, app, values);
        }
      }
    }
  });
  return { ...averaged, measurements: Uint32Array.from(times), deviations };
}

/** The mean over the rows that have the value; NaN if none does. */
function weightedMean(
  profile: Profile,
  rows: readonly number[],
  app: number,
  values: Float64Array,
): number {
  let sum = 0;
  let weights = 0;
  for (const row of rows) {
    const value = values[row * profile.apps.length + app]!;
    if (Number.isNaN(value)) continue;
    const weight = measurementsOf(profile, row);
    sum += weight * value;
    weights += weight;
  }
  return weights === 0 ? NaN : sum / weights;
}

/** Deviation of one measurement, from what rows are apart and from what they scattered themselves. */
function pooledDeviation(profile: Profile, rows: readonly number[], app: number): number {
  const at = (row: number) => row * profile.apps.length + app;
  const mean = weightedMean(profile, rows, app, profile.rps);
  let squares = 0;
  let freedom = rows.length - 1;
  for (const row of rows) {
    const times = measurementsOf(profile, row);
    squares += times * (profile.rps[at(row)]! - mean) ** 2;
    const own = profile.deviations?.[at(row)] ?? NaN;
    if (times < 2 || Number.isNaN(own)) continue;
    squares += (times - 1) * own ** 2;
    freedom += times - 1;
  }
  return freedom === 0 ? NaN : Math.sqrt(squares / freedom);
}
