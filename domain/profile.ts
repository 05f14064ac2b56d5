/**
 * Measured data: one row per configuration that was run on a node.
 *
 * Absent values (an app with count 0) are NaN. Rows keep the order of their source.
 */
export interface Profile {
  /** Names of the apps, unique, in the order of every row. */
  readonly apps: readonly string[];
  /** Number of measured configurations. */
  readonly rows: number;
  /** Row-major, length rows x apps: containers of each app on the node. */
  readonly counts: Uint8Array;
  /** Row-major, length rows x apps: normalised RPS of one container of the app; NaN if count is 0. */
  readonly rps: Float64Array;
  /** Median latency in milliseconds, laid out as `rps`, where the source has it. */
  readonly p50?: Float64Array;
  /** 99th percentile latency in milliseconds, laid out as `rps`, where the source has it. */
  readonly p99?: Float64Array;
  /** Length rows: measurements that each row is the mean of, 1 or more; without it, each row is one. */
  readonly measurements?: Uint32Array;
  /** Standard deviation of a single measurement's RPS, laid out as `rps`; NaN if unknown (fewer than two). */
  readonly deviations?: Float64Array;
}

/** Measurements that a row of a profile is the mean of. */
export function measurementsOf({ measurements }: Profile, row: number): number {
  return measurements?.[row] ?? 1;
}

/** All measurements of a profile: its rows, those that are means of many counted as many. */
export function measurementTotal(profile: Profile): number {
  return profile.measurements?.reduce((sum, times) => sum + times, 0) ?? profile.rows;
}

/** The rows of a profile with these indices, in this order, as a new profile. */
export function selectRows(profile: Profile, rows: readonly number[]): Profile {
  const apps = profile.apps.length;
  const take = (source: Float64Array): Float64Array => {
    const target = new Float64Array(rows.length * apps);
    rows.forEach((row, at) => target.set(source.subarray(row * apps, (row + 1) * apps), at * apps));
    return target;
  };
  const counts = new Uint8Array(rows.length * apps);
  rows.forEach((row, at) =>
    counts.set(profile.counts.subarray(row * apps, (row + 1) * apps), at * apps)
  );
  return {
    apps: profile.apps,
    rows: rows.length,
    counts,
    rps: take(profile.rps),
    ...(profile.p50 ? { p50: take(profile.p50) } : {}),
    ...(profile.p99 ? { p99: take(profile.p99) } : {}),
    ...(profile.deviations ? { deviations: take(profile.deviations) } : {}),
    ...(profile.measurements
      ? { measurements: Uint32Array.from(rows, (row) => profile.measurements![row]!) }
      : {}),
  };
}

/** The counts of one row as text that identifies the configuration, such as "2,0,1". */
export function configurationKey(counts: ArrayLike<number>, offset: number, apps: number): string {
  let key = "";
  for (let app = 0; app < apps; app++) key += (app ? "," : "") + counts[offset + app];
  return key;
}

/** Most containers that any row of the profile holds: the capacity that was profiled. */
export function profiledCapacity(profile: Profile): number {
  const apps = profile.apps.length;
  let most = 0;
  for (let row = 0; row < profile.rows; row++) {
    let total = 0;
    for (let app = 0; app < apps; app++) total += profile.counts[row * apps + app]!;
    most = Math.max(most, total);
  }
  return most;
}
