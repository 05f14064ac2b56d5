import type { Metric } from "./metrics.ts";

/** What one request did: part of the answer to `/`. */
export type WorkReport = Readonly<Record<string, number | string | boolean>>;

/** A long-running application that does the same amount of work on every request. */
export interface Workload {
  /**
   * Gets everything that requests need: models, data, child processes. Called again after it failed, until
   * it succeeds.
   */
  prepare(): Promise<void>;
  /**
   * The work of one request; several may be under way.
   * @throws where the work was not done, or came out wrong.
   */
  work(): Promise<WorkReport>;
  /** Looks whether what {@link prepare} made still runs, where that may end. @throws where it does not. */
  check?(): void;
  /** What it counts beyond requests and times. */
  metrics(): Metric[];
  /** Ends what it started. */
  close(): Promise<void>;
}

/** Where the work's data came from, counted. */
export class Sources {
  readonly #counts = new Map<string, number>();

  count(source: string): void {
    this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
  }

  metric(): Metric {
    return {
      name: "metis_work_source_total",
      help: "Requests by where their data came from",
      type: "counter",
      samples: [...this.#counts].map(([source, value]) => ({ labels: { source }, value })),
    };
  }
}
