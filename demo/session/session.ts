import {
  type Cluster,
  DEFAULT_PROFILE,
  type Demand,
  demandTotal,
  NO_RULES,
  nodeCapacities,
  nodeCount,
  type Objective,
  type Problem,
  type Rules,
  SurfaceTable,
  uniformCluster,
} from "../../mod.ts";
import type { OpenedProfile, PlaceWorkerMethods, ProfileSource } from "../worker/protocol.ts";
import type { WorkerClient } from "../worker/rpc.ts";
import { type Address, type Lack, lacksText, MOST_MOVES } from "./address.ts";
import { Changes } from "./changes.ts";
import { Fairness } from "./fairness.ts";
import { Glance } from "./glance.ts";
import { allowsMove, type Move, type MoveEffect } from "./moves.ts";
import { type NamedFile, packFile, unpackFile } from "./packing.ts";
import { Panel } from "./panel.ts";
import { placementOfFile } from "./plan_files.ts";
import { Playback } from "./playback.ts";
import { Replanning } from "./replanning.ts";

/** Sizes of clusters to choose from; those of the paper. */
export const NODE_CHOICES = [27, 81, 729] as const;

/** Schedulers that are shown first: Swarm's, and ours. */
const FIRST_SCHEDULERS = ["spread", "metis"] as const;
const FIRST_NODES = 81;
/** Slots of a node before a profile is open: what is drawn then has the height of what comes. */
const FIRST_SLOTS = 8;
/** Share of the slots that a demand of our own fills at first. */
const FIRST_FILL = 0.4;

/** Panel that a plan file is shown in. */
const PLAN_PANEL = 0;

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
  readonly panels = [new Panel(FIRST_SCHEDULERS[0]), new Panel(FIRST_SCHEDULERS[1])] as const;
  readonly playback = new Playback();
  profile: OpenedProfile | null = null;
  /** The fitted surface; null until the first profile is open. */
  surface: SurfaceTable | null = null;
  cluster: Cluster = uniformCluster(FIRST_NODES, FIRST_SLOTS);
  demand: Demand = [];
  rules: Rules = NO_RULES;
  seed = 1;
  bound: Bound = { kind: "none" };
  focus: Focus | null = null;
  /** App whose containers stand out; null if none does. */
  app: number | null = null;
  /** The newest is shown: what went wrong or is to be known, in one line. */
  notice: { readonly text: string; readonly isError: boolean } | null = null;
  /** What schedulers make large. */
  objective: Objective = "throughput";
  /** Normalised RPS that every container keeps. */
  floor = 0;
  /** From a placement that runs to a better one. */
  readonly replanning: Replanning;
  /** All schedulers on this problem. */
  readonly glance: Glance;
  /** What fairness costs on this problem. */
  readonly fairness: Fairness;
  readonly #worker: WorkerClient<PlaceWorkerMethods>;
  #work = new AbortController();
  /** The user's profile, and the same packed for a link; null where it is one that comes with Metis. */
  #own: { readonly file: NamedFile; readonly packed: string | null } | null = null;
  /** A link that waits for a profile that it does not hold. */
  #awaited: Address | null = null;
  /** Links that are being followed. */
  #following = 0;
  /** True if panels may place by a policy that was trained in the page. */
  #trained = false;

  constructor(worker: WorkerClient<PlaceWorkerMethods>) {
    this.#worker = worker;
    this.replanning = new Replanning(worker, () => this.changes.tell("replanning"));
    this.glance = new Glance(worker, () => this.changes.tell("glance"));
    this.fairness = new Fairness(worker, () => this.changes.tell("glance"));
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

  /** True if nothing is under way that changes what is shown: no scheduler runs, no link is being followed. */
  get settled(): boolean {
    return this.profile !== null && this.#following === 0 &&
      this.panels.every(({ status }) => status === "placed" || status === "failed");
  }

  /** True while a scheduler runs. */
  get busy(): boolean {
    return this.panels.some(({ status }) => status === "placing");
  }

  /** Containers that have no slot. */
  get excess(): number {
    const slots = this.capacities.reduce((sum, each) => sum + each, 0);
    return Math.max(0, demandTotal(this.demand) - slots);
  }

  /** Shows what an address says, from the profile on; what of it cannot be shown is told. @throws {Error} in one line. */
  async follow(address: Address): Promise<void> {
    this.#following++;
    try {
      await this.#follow(address);
    } finally {
      this.#following--;
      this.changes.tell("panels");
    }
  }

  async #follow(address: Address): Promise<void> {
    const { profile, needs } = address;
    const own = this.#own?.file.name;
    this.#awaited = null;
    if (profile !== undefined) {
      if (profile !== this.#own?.packed) {
        return await this.openFile(await unpackFile(profile), address);
      }
    } else if (needs === undefined) {
      if (this.profile === null || own !== undefined) return await this.openBundled(address);
    } else if (needs !== own) {
      if (this.profile === null || own !== undefined) await this.openBundled();
      this.#awaited = address;
      return this.say(
        `This link is about the profile ${needs}, which is too large for a link: load it, and the rest follows`,
        true,
      );
    }
    await this.#show(address);
  }

  /** Opens the profile that the page begins with. @throws {CallError} */
  async openBundled(address: Address = {}): Promise<void> {
    await this.#open({ kind: "bundled", name: DEFAULT_PROFILE }, null, address);
  }

  /** Opens a profile of the user; where that fails, all stays as it was. @throws {CallError} */
  async openFile(file: NamedFile, address?: Address): Promise<void> {
    const packed = await packFile(file);
    const awaited = this.#awaited?.needs === file.name ? this.#awaited : {};
    await this.#open({ kind: "file", ...file }, { file, packed }, address ?? awaited);
    // What there is to gain is the first question to a profile of one's own.
    this.runAll();
  }

  async #open(
    source: ProfileSource,
    own: { readonly file: NamedFile; readonly packed: string | null } | null,
    address: Address,
  ): Promise<void> {
    this.replanning.stop();
    const profile = await this.#worker.call("open", source);
    this.#own = own;
    this.#awaited = null;
    this.#trained = false;
    this.profile = profile;
    this.app = null;
    this.replanning.forget();
    const { apps, capacity } = profile.surface;
    this.surface = new SurfaceTable(profile.surface);
    this.cluster = uniformCluster(address.nodes ?? this.nodes, capacity);
    this.demand = profile.demands[0]?.demand ??
      apps.map(() => Math.round(FIRST_FILL * this.nodes * capacity / apps.length));
    if (profile.notices.length > 0) this.say(profile.notices.join("; "));
    this.changes.tell("profile");
    await this.#show(address);
  }

  /** Shows what an address says of the profile that is open; what it does not say stays. */
  async #show(address: Address): Promise<void> {
    const { surface: { apps, capacity }, schedulers } = this.profile!;
    const { nodes = this.nodes, demand, seed = this.seed, plan, runs, moves = [] } = address;
    this.cluster = uniformCluster(nodes, capacity);
    this.rules = NO_RULES;
    this.seed = seed;
    this.objective = address.objective ?? "throughput";
    this.floor = address.floor ?? 0;
    if (demand?.length === apps.length) this.demand = demand;
    this.bound = { kind: "none" };
    for (const [at, panel] of this.panels.entries()) {
      panel.clear();
      const asked = [address.schedulers?.[at], panel.scheduler];
      const known = asked.find((name) => schedulers.some((scheduler) => scheduler.name === name));
      panel.scheduler = known ?? schedulers[0]!.name;
    }
    this.glance.clear();
    this.fairness.clear();
    this.changes.tell("problem", "bound");
    this.replanning.follow(this.problem);
    try {
      if (plan !== undefined) this.#takePlan(await unpackFile(plan));
      if (runs !== undefined) this.#takeRunning(await unpackFile(runs));
    } catch (error) {
      this.say((error as Error).message, true);
    }
    const signal = await this.#placeThese(this.panels);
    if (signal !== null) this.#redo(moves);
    const missing = lacksText({ lacks: address.lacks });
    if (missing !== "") this.say(`The link does not hold all that was shown: ${missing}`);
    // A proof may take its time: the link is followed without it.
    if (signal !== null) this.#prove(signal);
  }

  /** What an address says that shows the same again; what it cannot hold is named in it. */
  async address(): Promise<Address> {
    if (this.#awaited !== null) return this.#awaited;
    const { nodes, demand, seed, panels } = this;
    const lacks: Lack[] = [];
    const pack = async (file: NamedFile | null, lack: Lack): Promise<string | undefined> => {
      const packed = file === null ? undefined : await packFile(file);
      if (packed === null) lacks.push(lack);
      return packed ?? undefined;
    };
    const plan = await pack(panels[PLAN_PANEL].planFile, "plan");
    const runs = await pack(this.replanning.file, "running");
    if (this.#trained && panels.some(({ name }) => name === "metis")) lacks.push("policy");
    if (panels.some(({ moves }) => moves.length > MOST_MOVES)) lacks.push("moves");
    return {
      ...{ nodes, demand, seed, plan, runs },
      objective: this.objective === "throughput" ? undefined : this.objective,
      floor: this.floor === 0 ? undefined : this.floor,
      schedulers: panels.map(({ scheduler }) => scheduler),
      moves: panels.map(({ moves }) => moves),
      profile: this.#own?.packed ?? undefined,
      needs: this.#own?.packed === null ? this.#own.file.name : undefined,
      lacks: [...new Set(lacks)],
    };
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

  /** Runs all schedulers on what is to be placed. */
  async runAll(): Promise<void> {
    const { profile, surface, problem, seed, objective, floor } = this;
    if (profile === null || surface === null || this.excess > 0) return;
    const { cluster, demand, rules } = problem;
    const request = { cluster, demand, rules, seed, objective, floor };
    const names = profile.schedulers.map(({ name }) => name);
    await this.glance.run(names, problem, surface, request);
  }

  /** Finds what fairness costs on what is to be placed. */
  async findFairness(): Promise<void> {
    if (this.surface === null || this.excess > 0) return;
    await this.fairness.search(this.problem, this.surface);
  }

  /** Another aim of the schedulers. */
  setAim(objective: Objective, floor: number): Promise<void> {
    Object.assign(this, { objective, floor });
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
    const signal = await this.#placeThese(panels);
    if (signal !== null) await this.#prove(signal);
  }

  /** @returns What stops the work on what is placed now; null if there is none left. */
  async #placeThese(panels: readonly Panel[]): Promise<AbortSignal | null> {
    this.#work.abort();
    const work = this.#work = new AbortController();
    const running = panels.filter(({ planFile }) => planFile === null);
    // Whoever was stopped by this has to be run again as well.
    for (const panel of this.panels) {
      if (panel.status === "placing" && !running.includes(panel)) running.push(panel);
    }
    const { excess } = this;
    if (excess > 0) {
      const words = excess === 1
        ? "1 container is"
        : `${excess.toLocaleString("en")} containers are`;
      for (const panel of this.panels) panel.fail(`${words} too many for the slots`);
      this.changes.tell("panels");
      return null;
    }
    for (const panel of running) panel.begin();
    this.changes.tell("panels");
    for (const panel of running) {
      await this.#place(panel, work.signal);
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
    const panel = this.panels[at]!;
    if (panel.placed === null) return;
    this.replanning.take(panel.title, panel.placed.problem, panel.placement(), this.surface!);
  }

  /** Shows a plan file in the first panel; the other one places the same demand. @throws {InputError} if it cannot be shown. */
  async showPlan(file: NamedFile): Promise<void> {
    this.#takePlan(file);
    await this.placeAll();
  }

  #takeRunning(file: NamedFile): void {
    const { apps, capacity } = this.profile!.surface;
    const { problem, placement } = placementOfFile(file, apps, capacity);
    this.replanning.take(file.name, problem, placement, this.surface!);
    this.replanning.follow(this.problem);
  }

  #takePlan(file: NamedFile): void {
    const { apps, capacity } = this.profile!.surface;
    const { problem, placement } = placementOfFile(file, apps, capacity);
    const { cluster, demand, rules } = problem;
    Object.assign(this, { cluster, demand, rules });
    this.bound = { kind: "none" };
    this.replanning.follow(this.problem);
    const panel = this.panels[PLAN_PANEL];
    panel.planFile = file;
    panel.show(this.surface!, { problem, seconds: null, details: {} }, placement, null);
    this.playback.reset(demandTotal(demand));
    this.changes.tell("problem", "bound", "panels", "playback");
    this.#ground(panel);
  }

  /** Places by networks that were trained in the page from now on. */
  async adopt(networks: PlaceWorkerMethods["adopt"]["argument"]): Promise<void> {
    await this.#worker.call("adopt", networks);
    this.#trained = true;
    await this.placeAll(this.panels.filter(({ scheduler }) => scheduler === "metis"));
  }

  /** Moves the pointer's or keyboard's attention. */
  look(focus: Focus | null): void {
    this.focus = focus;
    this.changes.tell("focus");
  }

  /** Lets the containers of an app stand out; null lets all be as they are. */
  standOut(app: number | null): void {
    if (app === this.app) return;
    this.app = app;
    this.changes.tell("app");
  }

  /** Says something in one line. */
  say(text: string, isError = false): void {
    this.notice = { text, isError };
    this.changes.tell("notices");
  }

  #changeProblem(): Promise<void> {
    this.#awaited = null;
    this.glance.clear();
    this.fairness.clear();
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
    const { problem, seed, objective, floor } = this;
    const { scheduler } = panel;
    panel.startedAt = performance.now();
    this.changes.tell("panels");
    try {
      const { cluster, demand, rules } = problem;
      const reply = await this.#worker.call(
        "place",
        { scheduler, cluster, demand, rules, seed, objective, floor },
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

  /** Proves what is best, then tells what it would cost to leave no container behind. */
  async #prove(signal: AbortSignal): Promise<void> {
    await this.#proveBound(signal);
    const { bound, floor, problem, surface } = this;
    if (bound.kind !== "proved" || floor > 0 || signal.aborted) return;
    await this.fairness.price(problem, surface!, bound.total, signal);
  }

  async #proveBound(signal: AbortSignal): Promise<void> {
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
