/**
 * What a watch tells Prometheus, and whether it is well.
 * @module
 */
import { type Metric, METRICS_TYPE, metricsText } from "../workloads/metrics.ts";
import type { Proposal, Sight } from "./decide.ts";

/** The figures of a watch. */
export class Gauges {
  #looks = 0;
  #failures = 0;
  #replans = 0;
  #moves = 0;
  readonly #acts = { done: 0, failed: 0 };
  #leads = false;
  #sight: Sight | null = null;
  #budget = 0;
  #lookedAt = -Infinity;
  /** It changes the Swarm at this moment, which may take long; it does not look meanwhile. */
  #isActing = false;
  /** When it last ended acting: a look is due from then on. */
  #actedAt = -Infinity;
  #trouble = "it has not looked yet";
  #proposal: Proposal | null = null;

  /** @param stack Its name. @param stale Seconds without a look after which the watch is not well. @param now Seconds since 1970. */
  constructor(
    readonly stack: string,
    readonly stale: number,
    readonly now: () => number,
  ) {}

  looked(sight: Sight, at: number, budget: number): void {
    this.#looks++;
    this.#sight = sight;
    this.#lookedAt = at;
    this.#budget = budget;
    this.#trouble = "";
  }

  lookFailed(why: string): void {
    this.#failures++;
    this.#trouble = why;
  }

  replanned(proposal: Proposal | null): void {
    this.#replans++;
    this.#proposal = proposal;
  }

  acts(): void {
    this.#isActing = true;
  }

  acted(moves: number, isDone: boolean): void {
    this.#isActing = false;
    this.#actedAt = this.now();
    this.#acts[isDone ? "done" : "failed"]++;
    if (isDone) this.#moves += moves;
  }

  leads(isLeader: boolean): void {
    this.#leads = isLeader;
  }

  /** Why the watch is not well; null if it is. */
  trouble(): string | null {
    if (this.#isActing) return null;
    if (this.now() - Math.max(this.#lookedAt, this.#actedAt) <= this.stale) return null;
    return this.#trouble === "" ? `it has not looked for ${this.stale} s` : this.#trouble;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const labels = { stack: this.stack };
    const one = (
      name: string,
      type: "counter" | "gauge",
      help: string,
      value: number | null | undefined,
    ): Metric[] =>
      value === null || value === undefined
        ? []
        : [{ name: `metis_watch_${name}`, type, help, samples: [{ labels, value }] }];
    const { change, gain } = this.#proposal ?? {};
    return metricsText([
      ...one("looks_total", "counter", "Looks at the Swarm that it answered.", this.#looks),
      ...one("look_failures_total", "counter", "Looks that failed.", this.#failures),
      ...one(
        "last_look_timestamp_seconds",
        "gauge",
        "When the Swarm last answered.",
        Number.isFinite(this.#lookedAt) ? this.#lookedAt : null,
      ),
      ...one(
        "healthy",
        "gauge",
        "1 if it looks as often as it should.",
        this.trouble() === null ? 1 : 0,
      ),
      ...one("leads", "gauge", "1 if it may change the Swarm.", this.#leads ? 1 : 0),
      ...one("nodes", "gauge", "Nodes that take containers.", this.#sight?.nodes),
      ...one("nodes_away", "gauge", "Nodes that are down or drained.", this.#sight?.away),
      ...one("containers", "gauge", "Containers that the stack asks for.", this.#sight?.containers),
      ...one("moves_left", "gauge", "Moves left of this hour.", this.#budget),
      ...one("replans_total", "counter", "Placements that were looked for.", this.#replans),
      ...one("moves_total", "counter", "Moves that were made.", this.#moves),
      {
        name: "metis_watch_acts_total",
        type: "counter",
        help: "Changes of the Swarm, by how they ended.",
        samples: Object.entries(this.#acts).map(([outcome, value]) => ({
          labels: { ...labels, outcome },
          value,
        })),
      },
      ...one(
        "proposed_moves",
        "gauge",
        "Moves of the last placement that was found.",
        change?.moves,
      ),
      ...one("proposed_gain", "gauge", "What it is expected to bring in the mean.", gain?.mean),
      ...one("proposed_gain_low", "gauge", "Low end of what it is expected to bring.", gain?.low),
    ]);
  }
}

/** Answers `/metrics` and `/healthz`. */
export function watchHandler(gauges: Gauges): (request: Request) => Response {
  return ({ url, method }) => {
    const { pathname } = new URL(url);
    if (method !== "GET" && method !== "HEAD") return new Response("GET only\n", { status: 405 });
    if (pathname === "/metrics") {
      return new Response(gauges.text(), { headers: { "content-type": METRICS_TYPE } });
    }
    if (pathname !== "/healthz") return new Response("/metrics, /healthz\n", { status: 404 });
    const trouble = gauges.trouble();
    return trouble === null ? new Response("ok\n") : new Response(`${trouble}\n`, { status: 503 });
  };
}
