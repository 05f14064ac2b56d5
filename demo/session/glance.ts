import {
  type AimFields,
  type Grounds,
  type InterferenceModel,
  type PlanValue,
  planValue,
  type Problem,
  valuePlacement,
} from "../../mod.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import { changeText } from "./words.ts";

/** How one scheduler placed. */
export interface Standing extends Pick<PlanValue, "mean" | "worst"> {
  readonly scheduler: string;
  /** What the mean is expected to be between when it is measured, by 90 %; null if that is not known. */
  readonly low: number | null;
  readonly high: number | null;
  /** The app that is slowest on average. */
  readonly worstApp: { readonly app: string; readonly mean: number } | null;
  /** Highest 99th percentile latency of any app in milliseconds; null where it was not measured. */
  readonly p99: number | null;
  /** Share of the containers in measured configurations; null if that is not known. */
  readonly measuredShare: Grounds["measuredShare"];
  readonly seconds: number;
}

/** What is asked of every scheduler. */
export type GlanceRequest = Omit<PlaceWorkerMethods["place"]["argument"], "scheduler">;

/** All schedulers on the same problem, one after the other. */
export class Glance {
  /** Those that have placed, the highest mean first. */
  standings: readonly Standing[] = [];
  /** Why others have not, by scheduler. */
  refusals: readonly { readonly scheduler: string; readonly why: string }[] = [];
  /** Who runs now; null if nobody does. */
  running: string | null = null;
  #work = new AbortController();
  readonly #worker: Pick<WorkerClient<PlaceWorkerMethods>, "call">;
  readonly #tell: () => void;

  /** @param tell Called whenever there is something new to show. */
  constructor(worker: Pick<WorkerClient<PlaceWorkerMethods>, "call">, tell: () => void) {
    this.#worker = worker;
    this.#tell = tell;
  }

  /** Runs schedulers on a problem. */
  async run(
    schedulers: readonly string[],
    problem: Problem,
    model: InterferenceModel,
    request: GlanceRequest,
  ): Promise<void> {
    this.clear();
    const { signal } = this.#work;
    for (const scheduler of schedulers) {
      this.running = scheduler;
      this.#tell();
      try {
        const call = { ...request, scheduler, latencies: true };
        const reply = await this.#worker.call("place", call, { signal });
        if (signal.aborted) return;
        const { counts, seconds, grounds, p99 } = reply;
        const placement = {
          nodes: counts.length / problem.apps.length,
          apps: problem.apps.length,
          counts,
        };
        const value = planValue(problem, valuePlacement({ model }, placement), null);
        const { measuredShare, meanLow: low, meanHigh: high } = grounds;
        const { mean, worst } = value;
        const one = {
          scheduler,
          ...{ mean, low, high, worst },
          worstApp: worstAppOf(value),
          p99: mostOf(p99),
          measuredShare,
          seconds,
        };
        this.standings = [...this.standings, one].sort((a, b) => b.mean - a.mean);
      } catch (error) {
        if (signal.aborted) return;
        this.refusals = [...this.refusals, { scheduler, why: (error as Error).message }];
      }
    }
    this.running = null;
    this.#tell();
  }

  /** Ends the work; what is known stays. */
  stop(): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.running = null;
    this.#tell();
  }

  /** Forgets all: the problem is another one. */
  clear(): void {
    this.standings = [];
    this.refusals = [];
    this.stop();
  }
}

/** What there is to gain over Docker Swarm's own spreading, in plain words; empty while that is not known. */
export function gainText(standings: readonly Standing[]): string {
  const spread = standings.find(({ scheduler }) => scheduler === "spread");
  const [best] = standings;
  if (spread === undefined || best === undefined) return "";
  const gain = best.mean / spread.mean - 1;
  if (gain < 0.01) {
    return `Little to gain here: ${changeText(gain).slice(1)} over spread, as Docker Swarm places.`;
  }
  return `${best.scheduler} runs them ${
    changeText(gain).slice(1)
  } faster on average than spread, as Docker Swarm places.`;
}

/** The app that is slowest on average. */
export function worstAppOf({ perApp }: Pick<PlanValue, "perApp">): Standing["worstApp"] {
  const means = Object.entries(perApp).flatMap(([app, mean]) =>
    mean === null ? [] : [{ app, mean }]
  );
  return means.length === 0
    ? null
    : means.reduce((least, one) => one.mean < least.mean ? one : least);
}

function mostOf(p99: AimFields["p99"]): number | null {
  const known = Object.values(p99 ?? {}).filter((each) => each !== null);
  return known.length === 0 ? null : Math.max(...known);
}
