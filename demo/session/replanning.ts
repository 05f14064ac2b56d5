import {
  type Current,
  currentOf,
  demandTotal,
  type InterferenceModel,
  kneeOf,
  type MoveGain,
  type MovePoint,
  type Placement,
  type PlanValue,
  planValue,
  type Problem,
  type Running,
  sharesOf,
  type Steps,
  valuePlacement,
} from "../../mod.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import type { NamedFile } from "./packing.ts";
import { fileOfRunning } from "./plan_files.ts";
import { Playback } from "./playback.ts";

/** Share of the steps that a second replays, as a power of two: all take 16 seconds, or a second each. */
const SPEED = -4;

/** What runs now, by the name that people know it by. */
interface Taken extends Running {
  readonly name: string;
  readonly model: InterferenceModel;
}

/** What nodes hold, and what that is worth. */
export interface Shown extends Placement {
  /** Throughput of each node. */
  readonly throughputs: Float64Array;
  /** Mean normalised RPS of the containers that run. */
  readonly mean: number;
}

/**
 * From what runs to what is better: a placement is taken as what runs, the best one for every number of moves is found, and
 * the steps to the one that is chosen are replayed.
 */
export class Replanning {
  /** True while the best placements are being found. */
  searching = false;
  /** One line on what went wrong. */
  error: string | null = null;
  /** The best placement for every number of moves that is known so far, moves ascending. */
  points: readonly MovePoint[] = [];
  /** True if no number of moves brings more than the last point. */
  complete = false;
  /** Index of the point that is shown. */
  at = 0;
  /** The steps to the point that is shown; null until they are known. */
  steps: Steps | null = null;
  /** How many of the steps are shown as taken. */
  readonly playback = new Playback();
  /** What runs, seen from the problem; null where nothing is taken, or none of its nodes is left. */
  current: Current | null = null;
  #taken: Taken | null = null;
  #problem: Problem | null = null;
  /** True once a person chose a point: then the newest one does not take its place. */
  #chosen = false;
  #work = new AbortController();
  #ordering = false;
  readonly #worker: Pick<WorkerClient<PlaceWorkerMethods>, "call">;
  readonly #tell: () => void;

  /** @param tell Called whenever there is something new to show. */
  constructor(worker: Pick<WorkerClient<PlaceWorkerMethods>, "call">, tell: () => void) {
    this.#worker = worker;
    this.#tell = tell;
    this.playback.speed = SPEED;
  }

  /** Name of what runs; null where nothing is taken. */
  get name(): string | null {
    return this.#taken?.name ?? null;
  }

  /** What runs as a file; null where nothing is taken. */
  get file(): NamedFile | null {
    return this.#taken === null ? null : fileOfRunning(this.#taken.name, this.#taken);
  }

  /** The problem that is replanned; null where nothing is taken. */
  get problem(): Problem | null {
    return this.#taken === null ? null : this.#problem;
  }

  /** The point that is shown; null before there is one. */
  get point(): MovePoint | null {
    return this.points[this.at] ?? null;
  }

  /** What the moves of each point bring. */
  get gains(): readonly MoveGain[] {
    const { points, problem } = this;
    if (points.length === 0 || problem === null) return [];
    const containers = demandTotal(problem.demand);
    const shares = sharesOf(points);
    return points.map(({ moves, total }, at) => ({
      moves,
      mean: total / containers,
      share: shares[at]!,
    }));
  }

  /** Takes a placement of the problem as what runs. */
  take(name: string, problem: Problem, placement: Placement, model: InterferenceModel): void {
    const { apps, cluster } = problem;
    this.#taken = { name, apps, cluster, placement, model };
    this.follow(problem);
  }

  /** Another problem for what runs: demand, nodes or rules changed. */
  follow(problem: Problem): void {
    this.#problem = problem;
    this.#restart();
    this.current = null;
    if (this.#taken !== null) {
      try {
        this.current = currentOf(this.#taken, problem);
      } catch (error) {
        this.error = (error as Error).message;
      }
    }
    this.#tell();
  }

  /** Forgets what runs: it is of other apps. */
  forget(): void {
    this.#taken = null;
    this.current = null;
    this.#restart();
    this.#tell();
  }

  /** Finds the best placement for every number of moves, the fewest first. */
  async search(): Promise<void> {
    if (this.current === null) return;
    this.#restart();
    const work = this.#work;
    this.searching = true;
    this.#tell();
    try {
      const { complete } = await this.#worker.call("frontier", this.#request(), {
        signal: work.signal,
        onProgress: (point) => work === this.#work && this.#add(point),
      });
      if (work !== this.#work) return;
      this.complete = complete;
    } catch (error) {
      if (work !== this.#work) return;
      const { name, message } = error as Error;
      if (name !== "InterruptedError") this.error = message;
    }
    this.searching = false;
    if (!this.#chosen && this.complete) {
      const { gains } = this;
      this.at = gains.indexOf(kneeOf(gains));
    }
    this.#tell();
    await this.#order();
  }

  /** Ends the search; what is found stays. */
  stop(): void {
    this.#work.abort();
  }

  /** Shows another point: all of its moves made. */
  async choose(at: number): Promise<void> {
    this.#chosen = true;
    this.at = Math.max(0, Math.min(this.points.length - 1, at));
    this.steps = null;
    this.playback.reset(0);
    this.#tell();
    await this.#order();
  }

  /** What the nodes hold after the steps that are shown as taken. */
  shown(): Shown | null {
    if (this.current === null) return null;
    const { point, steps, playback } = this;
    if (point === null) return this.#worth(this.current.placement);
    if (steps === null || playback.step === playback.last) return this.#worth(point.placement);
    const { nodes, apps } = point.placement;
    const counts = this.current.placement.counts.slice();
    for (const { app, from, to } of steps.steps.slice(0, playback.step)) {
      if (from !== null) counts[from * apps + app]!--;
      if (to !== null) counts[to * apps + app]!++;
    }
    return this.#worth({ nodes, apps, counts });
  }

  /** What the point that is shown is worth, beside what no placement with as many moves exceeds. */
  value(): PlanValue | null {
    const { point, problem } = this;
    if (point === null || problem === null) return null;
    const value = valuePlacement({ model: this.#taken!.model }, point.placement);
    return planValue(problem, value, point.boundTotal);
  }

  #request() {
    const { cluster, demand, rules } = this.#problem!;
    return { cluster, demand, rules, current: this.current!.placement };
  }

  #restart(): void {
    this.#work.abort();
    this.#work = new AbortController();
    Object.assign(this, { searching: false, error: null, points: [], complete: false, at: 0 });
    this.steps = null;
    this.#chosen = false;
    this.playback.reset(0);
  }

  #add(point: MovePoint): void {
    this.points = [...this.points, point];
    if (!this.#chosen) this.at = this.points.length - 1;
    this.#tell();
  }

  /** Asks for the steps to the point that is shown; of several that are chosen meanwhile only for the last. */
  async #order(): Promise<void> {
    if (this.#ordering) return;
    this.#ordering = true;
    try {
      while (this.point !== null && this.steps === null) {
        const { point } = this;
        const { lost } = this.current!;
        const request = { ...this.#request(), next: point.placement, lost };
        const steps = await this.#worker.call("steps", request);
        if (point !== this.point) continue;
        this.steps = steps;
        this.playback.reset(steps.steps.length);
      }
    } catch (error) {
      this.error = (error as Error).message;
    } finally {
      this.#ordering = false;
    }
    this.#tell();
  }

  #worth(placement: Placement): Shown {
    const { nodes, apps, counts } = placement;
    const speeds = this.#taken!.model.predict(counts, nodes);
    const throughputs = new Float64Array(nodes);
    let containers = 0;
    counts.forEach((count, at) => {
      if (count === 0) return;
      throughputs[Math.floor(at / apps)]! += count * speeds[at]!;
      containers += count;
    });
    const total = throughputs.reduce((sum, each) => sum + each, 0);
    return { ...placement, throughputs, mean: containers === 0 ? 0 : total / containers };
  }
}
