import { build, type Histogram } from "hdr-histogram-js";

/** Percentiles of a result. Locust's, and Metis' of 2020, which had them up to 99 and the most. */
export const PERCENTILES = [50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100] as const;

/** Latencies of answered requests in microseconds, within a thousandth. */
export interface Latency {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
  /** By percentile, `p50` to `p100`: see {@link PERCENTILES}. */
  readonly percentiles: Readonly<Record<string, number>>;
}

/** What one measurement of one target gave. */
export interface Measured {
  /** Length of the measurement. */
  readonly seconds: number;
  /** Requests that were meant to be sent within it; each is in `answered` or in `errors`. */
  readonly requests: number;
  readonly answered: number;
  /** How many failed, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /**
   * Requests answered in a second: each counts by the share of its own time that lies within the
   * measurement, so that slow requests at both ends do not make it jump.
   */
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  /** Requests per second that the schedule asked for; null in a closed loop. */
  readonly offeredPerSecond: number | null;
  /** Of the answered requests, from when they were meant to be sent; null without any. */
  readonly latency: Latency | null;
  /** Mean length of their bodies; null without any. */
  readonly meanBytes: number | null;
  /** Why nothing of this may be used, or null. */
  readonly void: string | null;
}

/** One request that has ended. Times in milliseconds. */
export interface Ended {
  /** When it was meant to be sent. */
  readonly from: number;
  readonly to: number;
  readonly error: string | null;
  readonly bytes: number;
}

/** Largest latency that is told from others: an hour. */
const MOST_MICROSECONDS = 3_600_000_000;

/** Counts the requests of one target into the measurements that they belong to. */
export class Recorder {
  readonly #windows: Window[];

  /** @param starts Begin of each measurement, in milliseconds. @param length Of each, likewise. */
  constructor(starts: readonly number[], readonly length: number) {
    this.#windows = starts.map((start) => new Window(start, length));
  }

  /** Counts one request. */
  add(request: Ended): void {
    for (const window of this.#windows) window.add(request);
  }

  /**
   * The results.
   * @param offered Requests per second of the schedule. @param excuse Why a measurement is void, by its index.
   */
  results(offered: number | null, excuse: (window: number) => string | null): Measured[] {
    return this.#windows.map((window, at) => window.result(offered, excuse(at)));
  }

  /** Adds what another recorder of the same measurements counted. */
  merge(other: Recorder): void {
    this.#windows.forEach((window, at) => window.merge(other.#windows[at]!));
  }
}

class Window {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_MICROSECONDS,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  readonly #errors = new Map<string, number>();
  #requests = 0;
  #answered = 0;
  #bytes = 0;
  #microseconds = 0;
  #least = Infinity;
  #most = 0;
  #done = 0;
  #failed = 0;

  constructor(readonly start: number, readonly length: number) {}

  add({ from, to, error, bytes }: Ended): void {
    const end = this.start + this.length;
    if (to < this.start || from >= end) return;
    const within = Math.min(to, end) - Math.max(from, this.start);
    // A request without any length of its own lies within as a whole.
    const share = to > from ? within / (to - from) : 1;
    if (error === null) this.#done += share;
    else this.#failed += share;
    if (from < this.start) return;
    this.#requests++;
    if (error !== null) {
      this.#errors.set(error, (this.#errors.get(error) ?? 0) + 1);
      return;
    }
    const microseconds = Math.min(MOST_MICROSECONDS, Math.max(0, Math.round((to - from) * 1000)));
    this.#answered++;
    this.#bytes += bytes;
    this.#microseconds += microseconds;
    this.#least = Math.min(this.#least, microseconds);
    this.#most = Math.max(this.#most, microseconds);
    this.#histogram.recordValue(microseconds);
  }

  merge(other: Window): void {
    this.#histogram.add(other.#histogram);
    for (const [kind, count] of other.#errors) {
      this.#errors.set(kind, (this.#errors.get(kind) ?? 0) + count);
    }
    this.#requests += other.#requests;
    this.#answered += other.#answered;
    this.#bytes += other.#bytes;
    this.#microseconds += other.#microseconds;
    this.#least = Math.min(this.#least, other.#least);
    this.#most = Math.max(this.#most, other.#most);
    this.#done += other.#done;
    this.#failed += other.#failed;
  }

  result(offered: number | null, excuse: string | null): Measured {
    const seconds = this.length / 1000;
    const answered = this.#answered;
    const none = this.#requests === 0 ? "no request fell into it" : "no request was answered";
    return {
      seconds,
      requests: this.#requests,
      answered,
      errors: Object.fromEntries([...this.#errors].sort()),
      requestsPerSecond: this.#done / seconds,
      failuresPerSecond: this.#failed / seconds,
      offeredPerSecond: offered,
      latency: answered === 0 ? null : {
        least: this.#least,
        mean: this.#microseconds / answered,
        most: this.#most,
        // The histogram gives the upper end of a bucket, which may lie above everything in it.
        percentiles: Object.fromEntries(PERCENTILES.map((percentile) => [
          `p${percentile}`,
          Math.min(this.#most, this.#histogram.getValueAtPercentile(percentile)),
        ])),
      },
      meanBytes: answered === 0 ? null : this.#bytes / answered,
      void: excuse ?? (answered === 0 ? none : null),
    };
  }
}
