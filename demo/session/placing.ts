import {
  demandTotal,
  nodeCount,
  type Objective,
  type Problem,
  type SurfaceTable,
} from "../../mod.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import type { Changes } from "./changes.ts";
import { Panel } from "./panel.ts";
import { Playback } from "./playback.ts";

/** Schedulers that are shown first: Swarm's, and ours. */
const FIRST_SCHEDULERS = ["spread", "metis"] as const;

/** What schedulers are asked for. */
export interface Asked {
  readonly problem: Problem;
  /** The fitted surface; null until the first profile is open. */
  readonly surface: SurfaceTable | null;
  readonly seed: number;
  readonly objective: Objective;
  /** Normalised RPS that every container keeps. */
  readonly floor: number;
  /** Containers that have no slot. */
  readonly excess: number;
}

/** What is known about the best possible placement. */
export type Bound =
  | { readonly kind: "none" | "proving" | "unknown" }
  | { readonly kind: "proved"; readonly total: number };

/** Both placements: runs their schedulers, replays them, and proves what is best. */
export class Placing {
  readonly panels = [new Panel(FIRST_SCHEDULERS[0]), new Panel(FIRST_SCHEDULERS[1])] as const;
  readonly playback = new Playback();
  bound: Bound = { kind: "none" };
  readonly #worker: WorkerClient<PlaceWorkerMethods>;
  readonly #changes: Changes;
  readonly #asked: () => Asked;
  readonly #say: (text: string) => void;
  #work = new AbortController();

  /** @param asked What is asked for now. @param say Says what went wrong, in one line. */
  constructor(
    worker: WorkerClient<PlaceWorkerMethods>,
    changes: Changes,
    asked: () => Asked,
    say: (text: string) => void,
  ) {
    this.#worker = worker;
    this.#changes = changes;
    this.#asked = asked;
    this.#say = say;
  }

  /**
   * Runs the schedulers of some panels one after the other, so that their seconds can be compared. Panels with a plan from a
   * file keep it.
   * @returns What stops the work on what is placed now; null if there is none left.
   */
  async place(panels: readonly Panel[]): Promise<AbortSignal | null> {
    this.#work.abort();
    const work = this.#work = new AbortController();
    const running = panels.filter(({ planFile }) => planFile === null);
    // Whoever was stopped by this has to be run again as well.
    for (const panel of this.panels) {
      if (panel.status === "placing" && !running.includes(panel)) running.push(panel);
    }
    const { excess } = this.#asked();
    if (excess > 0) {
      const words = excess === 1
        ? "1 container is"
        : `${excess.toLocaleString("en")} containers are`;
      for (const panel of this.panels) panel.fail(`${words} too many for the slots`);
      this.#changes.tell("panels");
      return null;
    }
    for (const panel of running) panel.begin();
    this.#changes.tell("panels");
    for (const panel of running) {
      await this.#placeOne(panel, work.signal);
      if (work.signal.aborted) return null;
    }
    return work.signal;
  }

  /** Stops what runs. */
  stop(): void {
    this.#work.abort();
    for (const panel of this.panels) {
      if (panel.status === "placing") panel.fail("Stopped");
    }
    if (this.bound.kind === "proving") this.bound = { kind: "unknown" };
    this.#changes.tell("panels", "bound");
  }

  /** Proves the bound where it is not known. */
  async prove(signal: AbortSignal): Promise<void> {
    if (this.bound.kind === "proved" || this.panels.every(({ status }) => status !== "placed")) {
      return;
    }
    this.bound = { kind: "proving" };
    this.#changes.tell("bound");
    try {
      const { cluster, demand, rules } = this.#asked().problem;
      const { boundTotal } = await this.#worker.call("bound", { cluster, demand, rules }, {
        signal,
      });
      if (signal.aborted) return;
      this.bound = boundTotal === null
        ? { kind: "unknown" }
        : { kind: "proved", total: boundTotal };
    } catch (error) {
      if (signal.aborted) return;
      this.bound = { kind: "unknown" };
      this.#say(`No bound: ${(error as Error).message}`);
    }
    this.#changes.tell("bound");
  }

  /** Asks what a placement rests on that the worker did not make. */
  async ground(panel: Panel): Promise<void> {
    const { replay } = panel;
    if (replay === null) return;
    try {
      const grounds = await this.#worker.call("grounds", panel.placement());
      // Of a placement that was changed meanwhile, another call tells.
      if (panel.replay !== replay) return;
      panel.grounds = grounds;
      this.#changes.tell("panels");
    } catch (error) {
      this.#say((error as Error).message);
    }
  }

  async #placeOne(panel: Panel, signal: AbortSignal): Promise<void> {
    const { problem, surface, seed, objective, floor } = this.#asked();
    const { cluster, demand, rules, apps } = problem;
    const { scheduler } = panel;
    panel.startedAt = performance.now();
    this.#changes.tell("panels");
    try {
      const reply = await this.#worker.call(
        "place",
        { scheduler, cluster, demand, rules, seed, objective, floor },
        { signal },
      );
      if (signal.aborted) return;
      const { counts, seconds, details, steps, boundTotal, grounds } = reply;
      const placement = { nodes: nodeCount(cluster), apps: apps.length, counts };
      panel.show(surface!, { problem, seconds, details }, placement, steps);
      panel.grounds = grounds;
      if (boundTotal !== null) this.bound = { kind: "proved", total: boundTotal };
    } catch (error) {
      if (signal.aborted) return;
      panel.fail(failureText(error as Error));
    }
    const total = demandTotal(demand);
    if (this.playback.last !== total) this.playback.reset(total);
    panel.replay?.seek(this.playback.step);
    this.#changes.tell("panels", "bound", "playback");
  }
}

/** A failure of a scheduler in one line. */
function failureText({ name, message }: Error): string {
  return name === "InterruptedError" ? "Stopped" : message;
}
