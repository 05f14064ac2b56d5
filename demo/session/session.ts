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
import { type Address, lacksText } from "./address.ts";
import { Changes } from "./changes.ts";
import { Fairness } from "./fairness.ts";
import { Glance } from "./glance.ts";
import { addressOf, type OwnProfile } from "./links.ts";
import { allowsMove, type Move, type MoveEffect } from "./moves.ts";
import { type NamedFile, packFile, unpackFile } from "./packing.ts";
import type { Panel } from "./panel.ts";
import { type Bound, Placing } from "./placing.ts";
import { placementOfFile } from "./plan_files.ts";
import { Replanning } from "./replanning.ts";

/** Sizes of clusters to choose from; those of the paper. */
export const NODE_CHOICES = [27, 81, 729] as const;

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

/** All that the page shows, and what can be done to it. Views follow `changes`. */
export class Session {
  readonly changes = new Changes();
  profile: OpenedProfile | null = null;
  /** The fitted surface; null until the first profile is open. */
  surface: SurfaceTable | null = null;
  cluster: Cluster = uniformCluster(FIRST_NODES, FIRST_SLOTS);
  demand: Demand = [];
  rules: Rules = NO_RULES;
  seed = 1;
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
  readonly #placing: Placing;
  /** The user's profile; null where it is one that comes with Metis. */
  #own: OwnProfile | null = null;
  /** A link that waits for a profile that it does not hold. */
  #awaited: Address | null = null;
  /** Links that are being followed. */
  #following = 0;
  /** True if panels may place by a policy that was trained in the page. */
  #trained = false;

  constructor(worker: WorkerClient<PlaceWorkerMethods>) {
    this.#worker = worker;
    this.#placing = new Placing(worker, this.changes, () => this, (text) => this.say(text, true));
    this.replanning = new Replanning(worker, () => this.changes.tell("replanning"));
    this.glance = new Glance(worker, () => this.changes.tell("glance"));
    this.fairness = new Fairness(worker, () => this.changes.tell("glance"));
  }

  /** Both sides of the comparison. */
  get panels(): Placing["panels"] {
    return this.#placing.panels;
  }

  /** Where the replay of both stands. */
  get playback(): Placing["playback"] {
    return this.#placing.playback;
  }

  /** What is known about the best possible placement. */
  get bound(): Bound {
    return this.#placing.bound;
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
    own: OwnProfile | null,
    address: Address,
  ): Promise<void> {
    this.replanning.stop();
    this.fairness.stop();
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
    this.#placing.bound = { kind: "none" };
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
    const signal = await this.#placing.place(this.panels);
    if (signal !== null) this.#redo(moves);
    const missing = lacksText({ lacks: address.lacks });
    if (missing !== "") this.say(`The link does not hold all that was shown: ${missing}`);
    // A proof may take its time: the link is followed without it.
    if (signal !== null) this.#prove(signal);
  }

  /** What an address says that shows the same again; what it cannot hold is named in it. */
  async address(): Promise<Address> {
    if (this.#awaited !== null) return this.#awaited;
    const { nodes, demand, seed, objective, floor, panels } = this;
    return await addressOf({
      ...{ nodes, demand, seed, objective, floor, panels },
      planFile: panels[PLAN_PANEL].planFile,
      running: this.replanning.file,
      own: this.#own,
      trained: this.#trained,
    });
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

  /** Runs the schedulers of some panels, and proves the bound where it is not known. Panels with a plan from a file keep it. */
  async placeAll(panels: readonly Panel[] = this.panels): Promise<void> {
    const signal = await this.#placing.place(panels);
    if (signal !== null) await this.#prove(signal);
  }

  /** Stops what runs. */
  stop(): void {
    this.#placing.stop();
  }

  /** Moves a container by hand. */
  move(at: number, move: Move): void {
    this.panels[at]!.move(move);
    this.changes.tell("panels");
    this.#placing.ground(this.panels[at]!);
  }

  /** Takes a panel's last move back. */
  undo(at: number): void {
    this.panels[at]!.undo();
    this.changes.tell("panels");
    this.#placing.ground(this.panels[at]!);
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
    this.#placing.bound = { kind: "none" };
    this.replanning.follow(this.problem);
    const panel = this.panels[PLAN_PANEL];
    panel.planFile = file;
    panel.show(this.surface!, { problem, seconds: null, details: {} }, placement, null);
    this.playback.reset(demandTotal(demand));
    this.changes.tell("problem", "bound", "panels", "playback");
    this.#placing.ground(panel);
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
    this.#placing.bound = { kind: "none" };
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
      if (panel.moves.length > 0) this.#placing.ground(panel);
    }
  }

  /** Proves what is best, then tells what it would cost to leave no container behind. */
  async #prove(signal: AbortSignal): Promise<void> {
    await this.#placing.prove(signal);
    const { bound, floor, problem, surface } = this;
    if (bound.kind !== "proved" || floor > 0 || signal.aborted) return;
    await this.fairness.price(problem, surface!, bound.total, signal);
  }
}
