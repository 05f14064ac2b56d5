import {
  configurationKey,
  InputError,
  MissingConfigurationError,
  type Profile,
  Random,
} from "../domain/mod.ts";
import { describeConfiguration } from "../models/mod.ts";

/** What was measured of one configuration. */
export interface Measurement {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** Normalised RPS of one container of each app; NaN if the app is absent. */
  readonly rps: Float64Array;
  /** Median latency of each app in milliseconds, laid out as `rps`, where the measurer knows it. */
  readonly p50?: Float64Array;
  /** 99th percentile latency of each app in milliseconds, laid out as `rps`, where the measurer knows it. */
  readonly p99?: Float64Array;
}

/**
 * A profile of measurements, a row each, behind the rows of an earlier profile. Latencies are kept where any
 * row has them, NaN in the others.
 */
export function profileOf(
  apps: readonly string[],
  measurements: readonly Measurement[],
  start: Profile = { apps, rows: 0, counts: new Uint8Array(), rps: new Float64Array() },
): Profile {
  const width = apps.length;
  const rows = start.rows + measurements.length;
  const counts = new Uint8Array(rows * width);
  counts.set(start.counts);
  measurements.forEach((one, at) => counts.set(one.counts, (start.rows + at) * width));
  const join = (
    earlier: Float64Array | undefined,
    of: (one: Measurement) => Float64Array | undefined,
  ): Float64Array => {
    const values = new Float64Array(rows * width).fill(NaN);
    if (earlier !== undefined) values.set(earlier);
    measurements.forEach((one, at) => {
      const found = of(one);
      if (found !== undefined) values.set(found, (start.rows + at) * width);
    });
    return values;
  };
  const latencies = (["p50", "p99"] as const).filter((kind) =>
    start[kind] !== undefined || measurements.some((one) => one[kind] !== undefined)
  );
  const repeats = start.measurements === undefined ? {} : {
    measurements: Uint32Array.from({ length: rows }, (_, row) => start.measurements![row] ?? 1),
    deviations: join(start.deviations, () => undefined),
  };
  return {
    apps,
    rows,
    counts,
    rps: join(start.rps, ({ rps }) => rps),
    ...Object.fromEntries(latencies.map((kind) => [kind, join(start[kind], (one) => one[kind])])),
    ...repeats,
  };
}

/**
 * Measures configurations: a table for research, or a cluster that runs them under load. Nothing here
 * knows which; a cluster measures one configuration per free node at a time.
 */
export interface Measurer {
  /** Names of the apps, in the order of every count. */
  readonly apps: readonly string[];
  /** Slots of the nodes that are measured. */
  readonly capacity: number;
  /** Configurations that are measured at the same time, at least 1. */
  readonly parallel: number;
  /** False if measuring again gives the same values again, so that it is never worth it. */
  readonly scatters: boolean;
  /** Keys of the configurations that can be measured (see configurationKey); null = all. */
  readonly available: ReadonlySet<string> | null;
  /**
   * Measures configurations; a caller gives at most `parallel` of them to keep all nodes busy.
   * @param configurations Containers of each app, each of 1 to `capacity` containers.
   * @returns One measurement each, in their order; null for one that could not be measured.
   * @throws {MissingConfigurationError} for one that is not available.
   */
  measure(
    configurations: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (Measurement | null)[]>;
}

/** Looks measurements up in a table, such as an earlier profile or a synthetic truth. */
export class TableMeasurer implements Measurer {
  readonly apps: readonly string[];
  readonly scatters = false;
  readonly available: ReadonlySet<string>;
  readonly #rows = new Map<string, number>();

  /**
   * Makes a measurer of what is known already.
   * @param table The first row of a configuration counts.
   * @param capacity Slots; rows above it are not available.
   * @throws {InputError} if no row is left.
   */
  constructor(readonly table: Profile, readonly capacity: number, readonly parallel: number = 1) {
    this.apps = table.apps;
    const width = table.apps.length;
    for (let row = 0; row < table.rows; row++) {
      let total = 0;
      for (let app = 0; app < width; app++) total += table.counts[row * width + app]!;
      const key = configurationKey(table.counts, row * width, width);
      if (total > 0 && total <= capacity && !this.#rows.has(key)) this.#rows.set(key, row);
    }
    if (this.#rows.size === 0) {
      throw new InputError(`The oracle has no configuration of 1 to ${capacity} containers`);
    }
    this.available = new Set(this.#rows.keys());
  }

  /** As {@link Measurer.measure}. */
  measure(configurations: readonly Uint8Array[]): Promise<readonly Measurement[]> {
    const width = this.apps.length;
    const measured: Measurement[] = [];
    for (const counts of configurations) {
      const row = this.#rows.get(configurationKey(counts, 0, width));
      if (row === undefined) {
        const name = describeConfiguration(this.apps, counts);
        return Promise.reject(
          new MissingConfigurationError(`The oracle has no row for ${name}`),
        );
      }
      const take = (values: Float64Array) => values.slice(row * width, (row + 1) * width);
      const { rps, p50, p99 } = this.table;
      measured.push({
        counts,
        rps: take(rps),
        ...(p50 ? { p50: take(p50) } : {}),
        ...(p99 ? { p99: take(p99) } : {}),
      });
    }
    return Promise.resolve(measured);
  }
}

/** Adds noise to what another measurer gives, as repeated runs on a cluster scatter; for research. */
export class ScatteringMeasurer implements Measurer {
  readonly apps: readonly string[];
  readonly capacity: number;
  readonly parallel: number;
  readonly scatters = true;
  readonly available: ReadonlySet<string> | null;
  readonly #random: Random;

  /**
   * Adds noise to the answers of a quiet measurer.
   * @param noise Standard deviation of one measurement, relative to its value, such as 0.03; at least 0, below 1.
   * @throws {InputError} for noise out of range.
   */
  constructor(readonly quiet: Measurer, readonly noise: number, seed: number) {
    if (!(noise >= 0 && noise < 1)) {
      throw new InputError(`Noise must be at least 0 and below 1: got ${noise}`);
    }
    this.apps = quiet.apps;
    this.capacity = quiet.capacity;
    this.parallel = quiet.parallel;
    this.available = quiet.available;
    this.#random = new Random(seed);
  }

  /** As {@link Measurer.measure}. */
  async measure(
    configurations: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<readonly (Measurement | null)[]> {
    const measured = await this.quiet.measure(configurations, signal);
    return measured.map((measurement) =>
      measurement && {
        ...measurement,
        rps: measurement.rps.map((value) =>
          Math.max(0, value * (1 + this.noise * this.#random.normal()))
        ),
      }
    );
  }
}
