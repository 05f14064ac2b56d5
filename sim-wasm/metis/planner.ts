import {
  type Demand,
  demandTotal,
  InputError,
  type Placement,
  type Problem,
  ShapeError,
  UnsupportedError,
} from "../../domain/mod.ts";
import type { ClusterState } from "../space/cluster_state.ts";
import type { Core, CoreFunction } from "../core/core.ts";
import { Scorer, type ScorerLayer } from "./scorer.ts";
import type { Simulator } from "../space/simulator.ts";

/** What a planner sees and keeps. */
export interface PlannerOptions {
  /** Temperatures of the prices, in units of throughput, from cold to warm. */
  readonly temperatures: readonly number[];
  /** True where apps are placed one after another, false where containers come in any order. */
  readonly ordered: boolean;
  /** True where the containers still to come are known. */
  readonly informed: boolean;
  /** Choices that can be recorded, over all decisions. @default 0 */
  readonly recordLimit?: number;
}

/** How one episode goes. */
export interface PlanOptions {
  /** 0 takes the best choice, 1 samples from the policy. */
  readonly temperature: number;
  /** A state whose placement is followed: choices that lead to it are marked, and only they are taken. */
  readonly target?: ClusterState;
  /** Adds the decisions to the record. @default false */
  readonly recording?: boolean;
}

/** Recorded decisions; arrays are views into the core, valid until the next call into it. */
export interface PlannerRecord {
  /** Decisions made while recording. */
  readonly decisions: number;
  /** Choices of the decisions that have something to learn from. */
  readonly rows: number;
  /** Row-major, rows x inputs. */
  readonly inputs: Float32Array;
  /** Derivative of the summed losses by the score of each row. */
  readonly slopes: Float32Array;
  /** Slots taken when the decision of each row was made. */
  readonly times: Uint32Array;
  /** Sum over the decisions of minus the logarithm of the probability of good choices. */
  readonly loss: number;
  /** Sum over the decisions of the entropy in nats. */
  readonly entropy: number;
}

/** Least share of a node's slots per app, and most of all slots, that prices are made for. */
const LEAST_WANT = 0.002;
const MOST_FILL = 0.995;

/** Where the search for prices starts: price of every app, temperature, and its fall from stage to stage. */
const FIRST_PRICE = 0.7;
const WARMEST = 0.1;
const COOLING = 2.5;

/** Numbers that describe one choice to the scorer. */
export function plannerInputs(apps: number, tables: number): number {
  return 2 * tables + 9 + apps + (3 * tables + 4) + (6 + tables + 3 * apps);
}

/** The policy's view of a cluster in the core, and its way to place demands by a scorer. */
export class Planner {
  readonly #core: Core;
  readonly #state: ClusterState;
  readonly #offset: number;
  readonly #options: PlannerOptions;
  readonly #apps: number;
  readonly #capacities: readonly number[];
  readonly #sizes: readonly number[];
  readonly #plan: CoreFunction;
  readonly #valuesOffset: number;
  readonly #inputs: number;
  #scorer: Scorer | null = null;
  #prices: number[][] = [];

  /**
   * Lays the problem out in the core.
   * @param state A state of the problem, which the planner writes its plans to; it must outlive the planner.
   * @throws {UnsupportedError} where the simulator has no table of transitions.
   */
  constructor(
    simulator: Simulator,
    problem: Problem,
    state: ClusterState,
    options: PlannerOptions,
  ) {
    const counted = countCapacities(state.capacities());
    this.#capacities = [...counted.keys()];
    this.#sizes = [...counted.values()];
    this.#core = simulator.core;
    this.#state = state;
    this.#options = options;
    this.#apps = problem.apps.length;
    if (!simulator.hasTransitions) {
      throw new UnsupportedError(
        `Policies need a table of transitions, but ${simulator.configurations} configurations are too many`,
      );
    }
    if (counted.size === 0) throw new InputError("All nodes are fenced");
    const tables = options.temperatures.length;
    this.#inputs = plannerInputs(this.#apps, tables);
    const classes = counted.size;
    this.#offset = this.#core.lend([["u32", classes], ["u32", classes]], (capacities, sizes) => {
      this.#core.write("u32", capacities, this.#capacities, classes);
      this.#core.write("u32", sizes, this.#sizes, classes);
      return this.#core.function("createPlanner")(
        state.offset,
        classes,
        capacities,
        sizes,
        tables,
        options.ordered ? 1 : 0,
        options.informed ? 1 : 0,
        options.recordLimit ?? 0,
      ) >>> 0;
    });
    this.#valuesOffset = state.valuesOffset;
    this.#plan = this.#core.function("planDemand");
  }

  /** Offset of the planner in the core, for modules of the simulator layer. */
  get offset(): number {
    return this.#offset;
  }

  /** Numbers that describe one choice. */
  get inputs(): number {
    return this.#inputs;
  }

  /** True where apps are placed one after another. */
  get ordered(): boolean {
    return this.#options.ordered;
  }

  /** True once there is a network. */
  get ready(): boolean {
    return this.#scorer !== null;
  }

  /** Prices of the last {@link price}: per temperature, one per app. */
  get prices(): readonly (readonly number[])[] {
    return this.#prices;
  }

  /** Takes over a network: inputs as {@link plannerInputs} says, one output. @throws {InputError} for others. */
  setNetwork(layers: readonly ScorerLayer[]): void {
    if (layers[0]?.inputs !== this.inputs) {
      throw new InputError(
        `The network takes ${layers[0]?.inputs} inputs, the planner gives ${this.inputs}`,
      );
    }
    if (this.#scorer === null) this.#scorer = new Scorer(this.#core, layers);
    else this.#scorer.load(layers);
    this.#core.function("setScorer")(this.#offset, this.#scorer.offset);
  }

  /**
   * Finds the prices of a demand at every temperature and makes the tables that go by them.
   * @returns Steps of Newton's method.
   */
  price(demand: Demand): number {
    const nodes = this.#sizes.reduce((a, b) => a + b, 0);
    const slots = this.#sizes.reduce((sum, size, k) => sum + size * this.#capacities[k]!, 0);
    const scale = Math.min(1, MOST_FILL * slots / Math.max(1, demandTotal(demand)));
    const want = demand.map((count) => Math.max(LEAST_WANT, count * scale / nodes));
    const mixtures = this.#options.temperatures.map(() => ({ want, containers: demand }));
    return this.priceMixtures(mixtures);
  }

  /**
   * As {@link price}, each temperature for a mixture of its own: `want` containers of each app per node, and how
   * many that are in all.
   * @throws {ShapeError} where there is not one for each temperature.
   */
  priceMixtures(
    mixtures: readonly {
      readonly want: readonly number[];
      readonly containers: readonly number[];
    }[],
  ): number {
    const { temperatures } = this.#options;
    if (mixtures.length !== temperatures.length) {
      throw new ShapeError("mixtures", temperatures.length, mixtures.length);
    }
    const core = this.#core;
    const classes = this.#sizes.length;
    const nodes = this.#sizes.reduce((a, b) => a + b, 0);
    const apps = this.#apps;
    let steps = 0;
    this.#prices = temperatures.map(() => []);
    core.lend(
      [["u32", classes], ["f64", classes], ["f64", apps], ["f64", apps], ["f64", apps * apps], [
        "f64",
        apps,
      ]],
      (limits, shares, wanted, prices, inverse, wants) => {
        core.write("u32", limits, this.#capacities.map((slots) => ranksUpTo(apps, slots)), classes);
        core.write("f64", shares, this.#sizes.map((size) => size / nodes), classes);
        core.write("f64", prices, new Array(apps).fill(FIRST_PRICE), apps);
        let now = Math.max(WARMEST, temperatures[temperatures.length - 1]!);
        for (let table = temperatures.length - 1; table >= 0; table--) {
          const { want, containers } = mixtures[table]!;
          core.write("f64", wanted, want, apps);
          core.write("f64", wants, containers, apps);
          const goal = temperatures[table]!;
          while (true) {
            const last = now <= goal;
            steps += core.function("solvePrices")(
              this.#valuesOffset,
              classes,
              limits,
              shares,
              wanted,
              last ? goal : now,
              prices,
              last ? 40 : 6,
              last ? 5e-4 : 0.1,
              last ? inverse : 0,
            );
            if (last) break;
            now = Math.max(goal, now / COOLING);
          }
          core.function("fillWeights")(this.#offset, table, goal, prices, inverse, wants);
          this.#prices[table] = [...core.read("f64", prices, apps)];
        }
      },
    );
    return steps;
  }

  /** Starts the random numbers of the episodes that follow. */
  seed(seed: number): void {
    this.#core.function("seedRandom")(seed >>> 0);
  }

  /**
   * Places a demand on empty nodes; {@link price} comes first.
   * @returns Its total throughput, or null where rules led into a dead end.
   */
  plan(demand: Demand, options: PlanOptions): number | null {
    if (demand.length !== this.#apps) throw new ShapeError("demand", this.#apps, demand.length);
    if (this.#scorer === null) throw new InputError("The planner has no network: call setNetwork");
    const unplaced = this.#core.lend([["u32", this.#apps]], (wanted) => {
      this.#core.write("u32", wanted, demand, this.#apps);
      return this.#plan(
        this.#offset,
        wanted,
        options.temperature,
        options.target?.offset ?? 0,
        options.recording ? 1 : 0,
      );
    });
    return unplaced > 0 ? null : this.#core.function("plannerTotal")(this.#offset);
  }

  /** Writes the last plan to the planner's state. */
  write(): void {
    this.#core.function("writePlan")(this.#offset, this.#state.offset);
  }

  /** The last plan as a placement. */
  placement(): Placement {
    this.write();
    return this.#state.placement();
  }

  /** What was recorded since the last {@link clearRecord}. */
  record(): PlannerRecord {
    const call = (name: string): number => this.#core.function(name)(this.#offset);
    const rows = call("plannerRecorded");
    return {
      decisions: call("plannerDecisions"),
      rows,
      inputs: this.#core.view("f32", call("plannerRecord"), rows * this.inputs),
      slopes: this.#core.view("f32", call("plannerRecordSlopes"), rows),
      times: this.#core.view("u32", call("plannerRecordTimes"), rows),
      loss: call("plannerLoss"),
      entropy: call("plannerEntropy"),
    };
  }

  /** Forgets what was recorded. */
  clearRecord(): void {
    this.#core.function("clearRecord")(this.#offset);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#core.function("destroyPlanner")(this.#offset);
    this.#scorer?.dispose();
    this.#scorer = null;
  }
}

/** How many nodes have each capacity; fenced nodes are left out. */
function countCapacities(capacities: Uint8Array): Map<number, number> {
  const counted = new Map<number, number>();
  for (const capacity of capacities) {
    if (capacity > 0) counted.set(capacity, (counted.get(capacity) ?? 0) + 1);
  }
  return counted;
}

/** Number of configurations of at most `slots` containers. */
function ranksUpTo(apps: number, slots: number): number {
  let count = 1;
  for (let k = 1; k <= apps; k++) count = Math.round(count * (slots + k) / k);
  return count;
}
