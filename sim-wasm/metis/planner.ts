import {
  type Demand,
  demandTotal,
  InputError,
  largeNumber,
  type Placement,
  placingOrder,
  type Problem,
  ShapeError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { type Address, CORE_CONSTANTS } from "../build/core_exports.ts";
import { statelessCore } from "../core/core.ts";
import { addressIn, addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import type { ClusterState } from "../space/cluster_state.ts";
import { writeDomains } from "../space/permits.ts";
import { Scorer, type ScorerLayer } from "./scorer.ts";
import type { Simulator } from "../space/simulator.ts";

/** What a planner sees and keeps. */
export interface PlannerOptions {
  /** Temperatures of the prices, in units of throughput, from cold to warm. */
  readonly temperatures: readonly number[];
  /** True if apps are placed one after another, false if containers come in any order. */
  readonly ordered: boolean;
  /** True if the containers still to come are known. */
  readonly informed: boolean;
  /** Choices that can be recorded, over all decisions. @default 0 */
  readonly recordLimit?: number;
  /**
   * Where the simulator has no table of transitions: configurations that stand for all that nodes may end with, row-major, columns x
   * apps. Prices and chances go by them alone.
   */
  readonly columns?: Uint8Array;
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

/** Fewest containers of an app per node, and largest share of all slots and of what rules leave an app, that prices are made for. */
const LEAST_WANT = 0.002;
const MOST_FILL = 0.995;

/** Most bytes of a planner's tables: the core has 4 GB in all. */
const MOST_BYTES = 2 ** 31;

/** Where the search for prices starts: price of every app, temperature, and its fall from stage to stage. */
const FIRST_PRICE = 0.7;
const WARMEST = 0.1;
const COOLING = 2.5;

/** Steps of Newton's method at a temperature: columns hold a demand in few ways, and their steps are quick. */
const MOST_STEPS = 40;
const MOST_STEPS_BY_COLUMNS = 400;

/** Numbers that describe one choice to the scorer, whatever the apps and slots. */
export function plannerInputs(tables: number): number {
  return statelessCore().plannerInputs(tables);
}

/** Choices of a decision at most: the most promising ones. */
export const MOST_CHOICES: number = CORE_CONSTANTS.SHORTLIST;

/** The policy's view of a cluster in the core, and its way to place demands by a scorer. */
export class Planner extends CoreObject {
  readonly #state: ClusterState;
  readonly #options: PlannerOptions;
  readonly #apps: number;
  /** The classes of nodes in the core. */
  readonly #classes: Address;
  readonly #nodes: number;
  readonly #slots: number;
  /** Per app: most containers for each node, were there no other. */
  readonly #most: Float64Array;
  readonly #order: readonly number[];
  readonly #inputs: number;
  #scorer: Scorer | null = null;
  #prices: number[][] = [];

  /**
   * Lays the problem out in the core. Nodes are seen through their kind: what they may not hold is no choice.
   * @param state A state of the problem, which the planner writes its plans to; it must outlive the planner.
   * @throws {UnsupportedError} if the simulator has no table of transitions, and there are no columns.
   */
  constructor(
    simulator: Simulator,
    problem: Problem,
    state: ClusterState,
    options: PlannerOptions,
  ) {
    const { columns } = options;
    if (!simulator.hasTransitions && columns === undefined) {
      throw new UnsupportedError(
        `Policies need a table of transitions, or columns, but ${
          largeNumber(simulator.configurations)
        } configurations are too many for a table`,
      );
    }
    const core = coreOf(simulator);
    const { functions } = core;
    const domains = writeDomains(core, problem);
    const bytes = columns?.length ?? 0;
    const classes = core.lend([["u8", bytes]], (block) => {
      core.write("u8", block, columns ?? new Uint8Array(), bytes);
      const count = bytes / problem.apps.length;
      return functions.createClasses(addressIn(core, state), domains ?? 0, block, count);
    });
    const giveBack = (): void => {
      if (domains !== null) functions.freeOwner(domains);
    };
    const tables = options.temperatures.length;
    const apps = problem.apps.length;
    try {
      checkSize(functions.classesCount(classes), simulator, options);
    } catch (error) {
      functions.freeOwner(classes);
      giveBack();
      throw error;
    }
    const order = options.ordered ? placingOrder(problem) : problem.apps.map((_, app) => app);
    const address = core.lend([["u32", apps]], (sequence) => {
      core.write("u32", sequence, order, apps);
      const { ordered, informed, recordLimit = 0 } = options;
      return functions.createPlanner(classes, tables, ordered, sequence, informed, recordLimit);
    });
    super("planner", core, address, () => {
      functions.destroyPlanner(address);
      giveBack();
    });
    this.#classes = classes;
    this.#nodes = functions.classesNodes(classes);
    this.#slots = functions.classesSlots(classes);
    this.#most = core.read("f64", functions.classesMost(classes), apps);
    this.#order = order;
    this.#state = state;
    this.#options = options;
    this.#apps = apps;
    this.#inputs = plannerInputs(tables);
  }

  /** Numbers that describe one choice. */
  get inputs(): number {
    return this.#inputs;
  }

  /** True if apps are placed one after another. */
  get ordered(): boolean {
    return this.#options.ordered;
  }

  /** Apps in the order in which they are placed, where there is one; else in that of the problem. */
  get order(): readonly number[] {
    return this.#order;
  }

  /** Nodes of the same number are one choice where they hold the same: slots, values and failure domain are equal. */
  nodeClasses(): Uint32Array {
    const core = coreOf(this);
    return core.read("u32", core.functions.classesOfNode(this.#classes), this.#state.nodes);
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
    if (this.#scorer === null) this.#scorer = new Scorer(coreOf(this), layers);
    else this.#scorer.load(layers);
    functionsOf(this).setScorer(addressOf(this), addressOf(this.#scorer));
  }

  /**
   * Finds the prices of a demand at every temperature and makes the tables that go by them.
   * @returns Steps of Newton's method.
   */
  price(demand: Demand): number {
    const scale = Math.min(1, MOST_FILL * this.#slots / Math.max(1, demandTotal(demand)));
    const want = demand.map((count) => Math.max(LEAST_WANT, count * scale / this.#nodes));
    const mixtures = this.#options.temperatures.map(() => ({ want, containers: demand }));
    return this.priceMixtures(mixtures);
  }

  /**
   * As {@link price}, each temperature for a mixture of its own: `want` containers of each app per node (cut where nodes
   * may not hold so many), and how many that are in all.
   * @throws {ShapeError} if there is not one for each temperature.
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
    const core = coreOf(this);
    const apps = this.#apps;
    const mostSteps = this.#options.columns === undefined ? MOST_STEPS : MOST_STEPS_BY_COLUMNS;
    let steps = 0;
    this.#prices = temperatures.map(() => []);
    core.lend(
      [["f64", apps], ["f64", apps], ["f64", apps * apps], ["f64", apps]],
      (wanted, prices, inverse, wants) => {
        core.write("f64", prices, new Array(apps).fill(FIRST_PRICE), apps);
        let now = Math.max(WARMEST, temperatures[temperatures.length - 1]!);
        for (let table = temperatures.length - 1; table >= 0; table--) {
          const { want, containers } = mixtures[table]!;
          const within = want.map((count, app) => Math.min(count, MOST_FILL * this.#most[app]!));
          core.write("f64", wanted, within, apps);
          core.write("f64", wants, containers, apps);
          const goal = temperatures[table]!;
          while (true) {
            const last = now <= goal;
            steps += core.functions.solvePrices({
              address: this.#classes,
              want: wanted,
              t: last ? goal : now,
              prices,
              maxSteps: last ? mostSteps : 6,
              tolerance: last ? 5e-4 : 0.1,
              inverse: last ? inverse : 0,
            });
            if (last) break;
            now = Math.max(goal, now / COOLING);
          }
          core.functions.fillWeights(addressOf(this), table, goal, prices, inverse, wants);
          this.#prices[table] = [...core.read("f64", prices, apps)];
        }
      },
    );
    return steps;
  }

  /** Starts the random numbers of the episodes that follow. */
  seed(seed: number): void {
    functionsOf(this).seedRandom(seed >>> 0);
  }

  /**
   * Places a demand on empty nodes; {@link price} comes first.
   * @returns Its total throughput, or null if rules led into a dead end.
   */
  plan(demand: Demand, options: PlanOptions): number | null {
    if (demand.length !== this.#apps) throw new ShapeError("demand", this.#apps, demand.length);
    if (this.#scorer === null) throw new InputError("The planner has no network: call setNetwork");
    const { temperature, target, recording = false } = options;
    const core = coreOf(this);
    const unplaced = core.lend([["u32", this.#apps]], (wanted) => {
      core.write("u32", wanted, demand, this.#apps);
      return core.functions.planDemand(
        addressOf(this),
        wanted,
        temperature,
        target === undefined ? 0 : addressIn(core, target),
        recording,
      );
    });
    return unplaced > 0 ? null : core.functions.plannerTotal(addressOf(this));
  }

  /** Writes the last plan to the planner's state. */
  write(): void {
    functionsOf(this).writePlan(addressOf(this), addressOf(this.#state));
  }

  /** The last plan as a placement. */
  placement(): Placement {
    this.write();
    return this.#state.placement();
  }

  /** What was recorded since the last {@link clearRecord}. */
  record(): PlannerRecord {
    const core = coreOf(this);
    const { functions } = core;
    const planner = addressOf(this);
    const rows = functions.plannerRecorded(planner);
    return {
      decisions: functions.plannerDecisions(planner),
      rows,
      inputs: core.view("f32", functions.plannerRecord(planner), rows * this.inputs),
      slopes: core.view("f32", functions.plannerRecordSlopes(planner), rows),
      times: core.view("u32", functions.plannerRecordTimes(planner), rows),
      loss: functions.plannerLoss(planner),
      entropy: functions.plannerEntropy(planner),
    };
  }

  /** Forgets what was recorded. */
  clearRecord(): void {
    functionsOf(this).clearRecord(addressOf(this));
  }

  /** Gives the memory back, that of the network too. */
  protected override release(): void {
    super.release();
    this.#scorer?.dispose();
  }
}

/**
 * @param classes Of nodes.
 * @throws {InputError} without any. @throws {UnsupportedError} where the tables would not fit the core.
 */
function checkSize(
  classes: number,
  { apps, configurations, hasTransitions }: Simulator,
  { temperatures, ordered }: PlannerOptions,
): void {
  if (classes === 0) throw new InputError("All nodes are fenced");
  if (!hasTransitions) return;
  const stages = ordered ? apps.length : 1;
  const bytes = 8 * temperatures.length * stages * (apps.length + 1) * classes * configurations;
  if (bytes <= MOST_BYTES) return;
  throw new UnsupportedError(
    `Policies would need ${
      largeNumber(bytes)
    } bytes of tables for ${apps.length} apps and ${classes} kinds of nodes: use local-search or annealing`,
  );
}
