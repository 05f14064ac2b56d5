import {
  type Cluster,
  type Demand,
  demandTotal,
  NO_RULES,
  nodeCapacities,
  nodeCount,
  type Problem,
  type Rules,
  SurfaceTable,
  uniformCluster,
} from "../../mod.ts";
import type { OpenedProfile, PlaceWorkerMethods, ProfileSource } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import { type Address, readAddress } from "./address.ts";
import { Changes } from "./changes.ts";
import { allowsMove, type Move, type MoveEffect } from "./moves.ts";
import { Panel } from "./panel.ts";
import { Playback } from "./playback.ts";
import { Replanning } from "./replanning.ts";

/** Sizes of clusters to choose from; those of the paper. */
export const NODE_CHOICES = [27, 81, 729] as const;

/** Schedulers that are shown first: Swarm's, and ours. */
const FIRST_SCHEDULERS = ["spread", "metis"] as const;
const FIRST_NODES = 81;
/** Share of the slots that a demand of our own fills at first. */
const FIRST_FILL = 0.4;

/** What the pointer or the keyboard is on. */
export interface Focus {
  readonly panel: number;
  readonly node: number;
  /** A container that is being moved, with what that would do; null if it may not go there. */
  readonly move:
    | { readonly app: number; readonly from: number; readonly effect: MoveEffect | null }
    | null;
}

/** What is known about the best possible placement. */
export type Bound =
  | { readonly kind: "none" | "proving" | "unknown" }
  | { readonly kind: "proved"; readonly total: number };

/** A failure of a scheduler in one line. */
function failureText({ name, message }: Error): string {
  return name === "InterruptedError" ? "Stopped" : message;
}

/** All that the page shows, and what can be done to it. Views follow `changes`. */
export class Session {
  readonly changes = new Changes();
  readonly panels: readonly [Panel, Panel];
  readonly playback = new Playback();
  profile: OpenedProfile | null = null;
  /** The fitted surface; null until the first profile is open. */
  surface: SurfaceTable | null = null;
  cluster: Cluster;
  demand: Demand = [];
  rules: Rules = NO_RULES;
  seed: number;
  bound: Bound = { kind: "none" };
  focus: Focus | null = null;
  /** The newest is shown: what went wrong or is to be known, in one line. */
  notice: { readonly text: string; readonly isError: boolean } | null = null;
  /** From a placement that runs to a better one. */
  readonly replanning: Replanning;
  readonly #worker: WorkerClient<PlaceWorkerMethods>;
  #work = new AbortController();

  constructor(worker: WorkerClient<PlaceWorkerMethods>, hash: string) {
    this.#worker = worker;
    this.replanning = new Replanning(worker, () => this.changes.tell("replanning"));
    const { nodes, schedulers, seed } = readAddress(hash);
    this.cluster = uniformCluster(nodes ?? FIRST_NODES, 1);
    this.seed = seed ?? 1;
    const [a, b] = schedulers ?? FIRST_SCHEDULERS;
    this.panels = [new Panel(a!), new Panel(b!)];
  }

  /** Nodes of the cluster. */
  get nodes(): number {
    return nodeCount(this.cluster);
  }

  /** Slots of each node. */
  get capacities(): Uint8Array {
    return nodeCapacities(this.cluster, this.rules);
  }

  /** The problem, in the order of the profile's apps. */
  get problem(): Problem {
    const { cluster, demand, rules } = this;
    return { apps: this.profile?.surface.apps ?? [], cluster, demand, rules };
  }

  /** True while a scheduler runs. */
  get busy(): boolean {
    return this.panels.some(({ status }) => status === "placing");
  }

  /** Opens a profile; where that fails, all stays as it was. @throws {CallError} */
  async open(source: ProfileSource, address: Address = {}): Promise<void> {
    this.replanning.stop();
    const profile = await this.#worker.call("open", source);
    this.profile = profile;
    this.replanning.forget();
    const { apps, capacity } = profile.surface;
    this.surface = new SurfaceTable(profile.surface);
    this.cluster = uniformCluster(this.nodes, capacity);
    this.rules = NO_RULES;
    this.bound = { kind: "none" };
    for (const panel of this.panels) {
      panel.clear();
      if (!profile.schedulers.some(({ name }) => name === panel.scheduler)) {
        panel.scheduler = profile.schedulers[0]!.name;
      }
    }
    const asked = address.demand?.length === apps.length ? address.demand : undefined;
    const bundled = profile.demands[0]?.demand;
    this.demand = asked ?? bundled ??
      apps.map(() => Math.round(FIRST_FILL * this.nodes * capacity / apps.length));
    if (profile.notices.length > 0) this.say(profile.notices.join("; "));
    this.changes.tell("profile", "problem", "bound");
    await this.placeAll();
    this.#redo(address.moves ?? []);
  }

  /** Another number of equal nodes; the demand keeps its share of the slots. */
  setNodes(nodes: number): Promise<void> {
    const slots = this.capacities.reduce((sum, each) => sum + each, 0);
    const { capacity } = this.profile!.surface;
    const scale = nodes * capacity / slots;
    this.cluster = uniformCluster(nodes, capacity);
    this.rules = NO_RULES;
    this.demand = this.demand.map((count) => Math.round(count * scale));
    return this.#changeProblem();
  }

  /** Another demand. */
  setDemand(demand: Demand): Promise<void> {
    this.demand = demand;
    return this.#changeProblem();
  }

  /** Another seed for all that is random. */
  setSeed(seed: number): Promise<void> {
    this.seed = seed;
    return this.#changeProblem();
  }

  /** Another scheduler in a panel. */
  async setScheduler(at: number, name: string): Promise<void> {
    const panel = this.panels[at]!;
    panel.scheduler = name;
    panel.planFile = null;
    await this.placeAll([panel]);
  }

  /**
   * Runs the schedulers of some panels one after the other, so that their seconds can be compared, and proves the bound
   * where it is not known. Panels with a plan from a file keep it.
   */
  async placeAll(panels: readonly Panel[] = this.panels): Promise<void> {
    this.#work.abort();
    const work = this.#work = new AbortController();
    const running = panels.filter(({ planFile }) => planFile === null);
    // Whoever was stopped by this has to be run again as well.
    for (const panel of this.panels) {
      if (panel.status === "placing" && !running.includes(panel)) running.push(panel);
    }
    for (const panel of running) panel.begin();
    this.changes.tell("panels");
    for (const panel of running) {
      await this.#place(panel, work.signal);
      if (work.signal.aborted) return;
    }
    await this.#prove(work.signal);
  }

  /** Stops what runs. */
  stop(): void {
    this.#work.abort();
    for (const panel of this.panels) {
      if (panel.status === "placing") panel.fail("Stopped");
    }
    if (this.bound.kind === "proving") this.bound = { kind: "unknown" };
    this.changes.tell("panels", "bound");
  }

  /** Moves a container by hand. */
  move(at: number, move: Move): void {
    this.panels[at]!.move(move);
    this.changes.tell("panels");
    this.#ground(this.panels[at]!);
  }

  /** Takes a panel's last move back. */
  undo(at: number): void {
    this.panels[at]!.undo();
    this.changes.tell("panels");
    this.#ground(this.panels[at]!);
  }

  /** Takes what a panel shows as what runs: from it, few moves lead to something better. */
  takeAsRunning(at: number): void {
    const { placed, planFile, scheduler } = this.panels[at]!;
    if (placed === null) return;
    const placement = this.panels[at]!.placement();
    this.replanning.take(planFile ?? scheduler, placed.problem, placement, this.surface!);
  }

  /** Shows a placement from a plan file in a panel; the other one places the same demand. */
  async showPlan(at: number, file: string, problem: Problem, counts: Uint8Array): Promise<void> {
    const { cluster, demand, rules } = problem;
    Object.assign(this, { cluster, demand, rules });
    this.bound = { kind: "none" };
    this.replanning.follow(this.problem);
    const panel = this.panels[at]!;
    panel.planFile = file;
    const placement = { nodes: this.nodes, apps: problem.apps.length, counts };
    panel.show(this.surface!, { problem, seconds: null, details: {} }, placement, null);
    this.playback.reset(demandTotal(demand));
    this.changes.tell("problem", "bound", "panels", "playback");
    this.#ground(panel);
    await this.placeAll();
  }

  /** Places by networks that were trained in the page from now on. */
  async adopt(networks: PlaceWorkerMethods["adopt"]["argument"]): Promise<void> {
    await this.#worker.call("adopt", networks);
    await this.placeAll(this.panels.filter(({ scheduler }) => scheduler === "metis"));
  }

  /** Moves the pointer's or keyboard's attention. */
  look(focus: Focus | null): void {
    this.focus = focus;
    this.changes.tell("focus");
  }

  /** Says something in one line. */
  say(text: string, isError = false): void {
    this.notice = { text, isError };
    this.changes.tell("notices");
  }

  #changeProblem(): Promise<void> {
    for (const panel of this.panels) panel.planFile = null;
    this.bound = { kind: "none" };
    this.replanning.follow(this.problem);
    this.changes.tell("problem", "bound");
    return this.placeAll();
  }

  /** Makes the moves that a link tells; those that do not fit end it, with a word. */
  #redo(moves: readonly (readonly Move[])[]): void {
    const { capacities, rules } = this;
    moves.forEach((own, at) => {
      const panel = this.panels[at]!;
      for (const [done, move] of own.entries()) {
        if (panel.replay === null || !allowsMove(panel.replay, move, capacities, rules)) {
          const left = own.length - done;
          return this.say(
            own.length === 1
              ? "The move in the link does not fit this placement"
              : `${left} of the ${own.length} moves in the link ${
                left === 1 ? "does" : "do"
              } not fit this placement`,
          );
        }
        panel.move(move);
      }
    });
    if (moves.length === 0) return;
    this.changes.tell("panels");
    for (const panel of this.panels) {
      if (panel.moves.length > 0) this.#ground(panel);
    }
  }

  /** Asks what a placement rests on that the worker did not make. */
  async #ground(panel: Panel): Promise<void> {
    const { replay } = panel;
    if (replay === null) return;
    try {
      const grounds = await this.#worker.call("grounds", panel.placement());
      // Of a placement that was changed meanwhile, another call tells.
      if (panel.replay !== replay) return;
      panel.grounds = grounds;
      this.changes.tell("panels");
    } catch (error) {
      this.say((error as Error).message, true);
    }
  }

  async #place(panel: Panel, signal: AbortSignal): Promise<void> {
    const { problem, seed } = this;
    const { scheduler } = panel;
    panel.startedAt = performance.now();
    this.changes.tell("panels");
    try {
      const { cluster, demand, rules } = problem;
      const reply = await this.#worker.call(
        "place",
        { scheduler, cluster, demand, rules, seed },
        { signal },
      );
      if (signal.aborted) return;
      const { counts, seconds, details, steps, boundTotal, grounds } = reply;
      const placement = { nodes: this.nodes, apps: problem.apps.length, counts };
      panel.show(this.surface!, { problem, seconds, details }, placement, steps);
      panel.grounds = grounds;
      if (boundTotal !== null) this.bound = { kind: "proved", total: boundTotal };
    } catch (error) {
      if (signal.aborted) return;
      panel.fail(failureText(error as Error));
    }
    if (this.playback.last !== demandTotal(this.demand)) {
      this.playback.reset(demandTotal(this.demand));
    }
    panel.replay?.seek(this.playback.step);
    this.changes.tell("panels", "bound", "playback");
  }

  async #prove(signal: AbortSignal): Promise<void> {
    if (this.bound.kind === "proved" || this.panels.every(({ status }) => status !== "placed")) {
      return;
    }
    this.bound = { kind: "proving" };
    this.changes.tell("bound");
    try {
      const { cluster, demand, rules } = this;
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
      this.say(`No bound: ${(error as Error).message}`, true);
    }
    this.changes.tell("bound");
  }
}
