import {
  demandTotal,
  type InterferenceModel,
  type Placement,
  type PlanValue,
  planValue,
  type Problem,
  valuePlacement,
} from "../../mod.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";

/** Floors of a frontier, as `metis compare --frontier` has them. */
const POINTS = 8;
/** The floor whose cost is told unasked, as `metis start` does. */
export const TOLD_FLOOR = 0.5;
/** Speeds that differ by less are the same. */
const SAME = 1e-9;

/** The best mean that leaves every container a speed. */
export interface FairPoint extends Pick<PlanValue, "mean" | "worst" | "perApp"> {
  /** Normalised RPS that every container keeps; 0 for the best mean of all. */
  readonly floor: number;
  readonly placement: Placement;
}

type Worker = Pick<WorkerClient<PlaceWorkerMethods>, "call">;

/** What fairness costs: the best mean above each of some floors under every container. */
export class Fairness {
  /** Ascending in the floor. */
  points: readonly FairPoint[] = [];
  /** The point that is shown. */
  at = 0;
  searching = false;
  /** What went wrong, in one line. */
  error: string | null = null;
  /** Most of the best mean that {@link TOLD_FLOOR} costs, as a share; null if no placement keeps it, undefined while it is not known. */
  cost: number | null | undefined = undefined;
  #work = new AbortController();
  readonly #worker: Worker;
  readonly #tell: () => void;

  /** @param tell Called whenever there is something new to show. */
  constructor(worker: Worker, tell: () => void) {
    this.#worker = worker;
    this.#tell = tell;
  }

  /** The point that is shown; null before there is one. */
  get point(): FairPoint | null {
    return this.points[this.at] ?? null;
  }

  /** Finds the frontier: its two ends first, then what lies between them. */
  async search(problem: Problem, model: InterferenceModel): Promise<void> {
    const { cost } = this;
    this.clear();
    this.cost = cost;
    const { signal } = this.#work;
    this.searching = true;
    this.#tell();
    try {
      const [lowest, highest] = [
        await this.#best(problem, model, { floor: 0 }, signal),
        await this.#best(problem, model, { objective: "worst" }, signal),
      ];
      this.#add(lowest);
      const [from, to] = [lowest.worst ?? 0, highest.worst ?? 0];
      if (to > from + SAME) {
        this.#add({ ...highest, floor: to });
        for (let rung = 1; rung < POINTS - 1; rung++) {
          const floor = from + (to - from) * rung / (POINTS - 1);
          this.#add(await this.#best(problem, model, { floor }, signal));
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      this.error = (error as Error).message;
    }
    this.searching = false;
    this.#tell();
  }

  /** Shows another point. */
  choose(at: number): void {
    this.at = Math.max(0, Math.min(this.points.length - 1, at));
    this.#tell();
  }

  /** Finds out what {@link TOLD_FLOOR} costs, where that is not known. @param best Total throughput that is proven best. */
  async price(
    problem: Problem,
    model: InterferenceModel,
    best: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.cost !== undefined) return;
    const stopped = AbortSignal.any([signal, this.#work.signal]);
    try {
      const { mean } = await this.#best(problem, model, { floor: TOLD_FLOOR }, stopped);
      if (stopped.aborted) return;
      this.cost = Math.max(0, 1 - mean * demandTotal(problem.demand) / best);
    } catch (error) {
      if (stopped.aborted || (error as Error).name !== "InfeasibleError") return;
      this.cost = null;
    }
    this.#tell();
  }

  /** Ends the search; what is found stays. */
  stop(): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.searching = false;
    this.#tell();
  }

  /** Forgets all: the problem is another one. */
  clear(): void {
    Object.assign(this, { points: [], at: 0, error: null, cost: undefined });
    this.stop();
  }

  #add(point: FairPoint): void {
    const { point: shown } = this;
    this.points = [...this.points, point].sort((a, b) => a.floor - b.floor);
    this.at = shown === null ? 0 : this.points.indexOf(shown);
    this.#tell();
  }

  async #best(
    problem: Problem,
    model: InterferenceModel,
    aim: { readonly floor?: number; readonly objective?: "worst" },
    signal: AbortSignal,
  ): Promise<FairPoint> {
    const { cluster, demand, rules, apps } = problem;
    const request = { cluster, demand, rules, scheduler: "optimal", seed: 1, ...aim };
    const { counts } = await this.#worker.call("place", request, { signal });
    const placement = { nodes: counts.length / apps.length, apps: apps.length, counts };
    const value = planValue(problem, valuePlacement({ model }, placement), null);
    return { ...value, floor: aim.floor ?? 0, placement };
  }
}
