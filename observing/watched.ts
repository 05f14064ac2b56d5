/**
 * What a monitoring system tells of a stack that serves: series by app and node, as they were recorded.
 * @module
 */

/** One value over time of an app on a node; where it has several containers there, of all of them. */
export interface Series {
  readonly app: string;
  /** Any name of the node, as long as all series call it so. */
  readonly node: string;
  /** Seconds since 1970, ascending, and the value; NaN is no value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** By what the speed of a container is told. */
export const MEASURES = ["latency", "cpu", "rate"] as const;
/**
 * "latency": requests answered per second of their time; "cpu": requests per second of CPU time; "rate": requests per second,
 * for containers whose users wait for answers, or that always have work.
 */
export type Measure = typeof MEASURES[number];

/** What was recorded of a stack. */
export interface Watched {
  /** Containers, every {@link WatchedTimes.step} seconds. */
  readonly containers: readonly Series[];
  /** Requests per second over the interval before each point. */
  readonly requests: readonly Series[];
  /** Mean seconds of a request over the same intervals; needed for the measure "latency". */
  readonly latency: readonly Series[];
  /** CPU seconds per second over the same intervals; needed for the measure "cpu". */
  readonly cpu: readonly Series[];
}

/** How time is cut. */
export interface WatchedTimes {
  /** Length of an interval in seconds: one measurement. */
  readonly interval: number;
  /** Seconds between two looks at what runs: `interval` is a multiple of it. */
  readonly step: number;
  /** Seconds after a change on a node that do not count: caches fill, containers start. */
  readonly settle: number;
}
