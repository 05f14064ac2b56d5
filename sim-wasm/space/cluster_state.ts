import {
  failureDomains,
  InfeasibleError,
  InputError,
  InvalidPlacementError,
  type NodeKinds,
  nodeKinds,
  type Placement,
  placingOrder,
  type Problem,
  ShapeError,
  spreadsOverDomains,
} from "../../domain/mod.ts";
import { type Address, CORE_CONSTANTS } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";
import { addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import { maskedTable, permitRules, permitsAll, writeDomains, writePermit } from "./permits.ts";

const { FORBIDDEN, NO_APP } = CORE_CONSTANTS;

/** How simulated annealing runs. */
export interface AnnealingOptions {
  /** Proposed exchanges. */
  readonly moves: number;
  /** Temperature at the start, in units of throughput. */
  readonly hot: number;
  /** Temperature at the end, in units of throughput. */
  readonly cold: number;
  /** Whole number from 0 to 2^32 - 1: the same seed makes the same moves. */
  readonly seed: number;
  /**
   * Share of the time limit that has passed, where there is one: the temperature falls at least as fast,
   * and the search ends at 1.
   */
  readonly elapsed?: () => number;
}

/** What a state needs to know of its simulator. */
interface StateSpace extends CoreObject {
  readonly apps: readonly string[];
  readonly capacity: number;
  readonly dense: boolean;
  readonly byFormula: boolean;
  readonly configurations: number;
  readonly models: readonly unknown[];
}

/**
 * What every node of a problem's cluster holds, kept in the core. Steps return the change of total
 * throughput; a step that slots or rules forbid changes nothing and returns null.
 */
export class ClusterState extends CoreObject {
  /** Number of nodes. */
  readonly nodes: number;
  /** Number of apps. */
  readonly apps: number;
  readonly #problem: Problem;
  readonly #dense: boolean;
  readonly #byFormula: boolean;

  /** Use Simulator.clusterState. */
  constructor(simulator: StateSpace, problem: Problem) {
    const kinds = nodeKinds(problem);
    for (const { capacity, surface } of kinds.kinds) {
      if (capacity > simulator.capacity) {
        throw new InputError(
          `A node has ${capacity} slots, but the simulator knows ${simulator.capacity}`,
        );
      }
      if (surface >= simulator.models.length) {
        throw new InputError(
          `A node class has surface ${surface}, but the simulator has ${simulator.models.length}`,
        );
      }
    }
    if (problem.apps.join("\n") !== simulator.apps.join("\n")) {
      throw new InputError(
        `The problem's apps (${problem.apps.join(", ")}) are not the model's (${
          simulator.apps.join(", ")
        })`,
      );
    }
    const core = coreOf(simulator);
    const { functions } = core;
    const nodes = kinds.ofNode.length;
    const address = functions.createState(nodes);
    const owned = writeNodes(core, address, simulator, problem, kinds);
    super("cluster state", core, address, () => {
      functions.destroyState(address);
      for (const table of owned.tables) core.free(table);
      for (const block of owned.owners) functions.freeOwner(block);
    });
    this.nodes = nodes;
    this.apps = problem.apps.length;
    this.#problem = problem;
    this.#dense = simulator.dense;
    this.#byFormula = simulator.byFormula;
  }

  /** Total throughput of what is placed. */
  get total(): number {
    return functionsOf(this).stateTotal(addressOf(this));
  }

  /** A copy of the slots of each node. Length = nodes. */
  capacities(): Uint8Array {
    const core = coreOf(this);
    return core.read("u8", core.functions.stateCapacities(addressOf(this)), this.nodes);
  }

  /** Holds this placement from now on. @throws {InvalidPlacementError} if it breaks a capacity or a rule. */
  load(placement: Placement): void {
    const length = this.nodes * this.apps;
    if (placement.counts.length !== length) {
      throw new ShapeError("placement", length, placement.counts.length);
    }
    const core = coreOf(this);
    const state = addressOf(this);
    const counts = core.functions.stateCounts(state);
    const before = core.read("u8", counts, length);
    core.write("u8", counts, placement.counts, length);
    const wrong = core.functions.refresh(state);
    if (wrong >= 0) {
      core.write("u8", counts, before, length);
      core.functions.refresh(state);
      throw new InvalidPlacementError(`Node ${wrong} holds too many containers or breaks a rule`);
    }
  }

  /** A copy of what is placed. */
  placement(): Placement {
    const core = coreOf(this);
    const address = core.functions.stateCounts(addressOf(this));
    const counts = core.read("u8", address, this.nodes * this.apps);
    return { nodes: this.nodes, apps: this.apps, counts };
  }

  /** Change of total throughput by one more container of `app` on `node`, null if it may not be. */
  placeGain(node: number, app: number): number | null {
    return this.#allowed(
      functionsOf(this).placeGain(addressOf(this), this.#node(node), this.#app(app)),
    );
  }

  /** Places a container. Returns the change, or null (and changes nothing) where it may not be. */
  place(node: number, app: number): number | null {
    return this.#allowed(
      functionsOf(this).place(addressOf(this), this.#node(node), this.#app(app)),
    );
  }

  /** Takes a container away. Returns the change, or null if the node has none of this app. */
  remove(node: number, app: number): number | null {
    return this.#allowed(
      functionsOf(this).remove(addressOf(this), this.#node(node), this.#app(app)),
    );
  }

  /** Moves a container of `app`. Returns the change, or null (and changes nothing) where it may not be. */
  move(from: number, to: number, app: number): number | null {
    return this.#exchange(from, to, this.#app(app), NO_APP);
  }

  /** Change that {@link move} would make, null if it may not be. */
  moveGain(from: number, to: number, app: number): number | null {
    return this.#exchangeGain(from, to, this.#app(app), NO_APP);
  }

  /** Exchanges a container of `app` on `node` with one of `otherApp` on `other`; as {@link move} returns. */
  swap(node: number, app: number, other: number, otherApp: number): number | null {
    return this.#exchange(node, other, this.#app(app), this.#app(otherApp));
  }

  /** Change that {@link swap} would make, null if it may not be. */
  swapGain(node: number, app: number, other: number, otherApp: number): number | null {
    return this.#exchangeGain(node, other, this.#app(app), this.#app(otherApp));
  }

  /**
   * Adds a demand app after app, each container where throughput changes most favourably.
   * @param order Apps in the order of placing; see placingOrder for the default.
   * @throws {InfeasibleError} if this order leaves containers without a node.
   */
  greedy(demand: ArrayLike<number>, order?: ArrayLike<number>): void {
    const apps = order ?? placingOrder(this.#problem);
    const core = coreOf(this);
    const unplaced = core.lend(
      [["u32", this.apps], ["u32", this.apps]],
      (wanted, sequence) => {
        core.write("u32", wanted, demand, this.apps);
        core.write("u32", sequence, apps, this.apps);
        return core.functions.greedyByApp(addressOf(this), wanted, sequence);
      },
    );
    this.#needAll(unplaced);
  }

  /**
   * Adds containers in the order given, each where throughput changes most favourably.
   * @param containers The app of each container, by index.
   * @throws {InfeasibleError} if this order leaves containers without a node.
   */
  greedyInOrder(containers: Uint32Array): void {
    const core = coreOf(this);
    const unplaced = core.lend([["u32", containers.length]], (apps) => {
      core.write("u32", apps, containers, containers.length);
      return core.functions.greedyInOrder(addressOf(this), apps, containers.length);
    });
    this.#needAll(unplaced);
  }

  /**
   * Moves and swaps containers until no single move or swap improves the total.
   * @param shouldStop Asked several times a second; true ends the search early.
   * @returns Steps made.
   */
  localSearch(shouldStop: () => boolean = () => false): number {
    let steps = 0;
    const functions = functionsOf(this);
    functions.beginLocalSearch(addressOf(this));
    try {
      while (true) {
        steps += functions.continueLocalSearch(
          addressOf(this),
          this.#rounds(100_000, 400_000, 4_000),
        );
        if (functions.localSearchEnded() || shouldStop()) return steps;
      }
    } finally {
      functions.endLocalSearch();
    }
  }

  /** Simulated annealing in one go; the state ends as the search does, at the cold end. */
  anneal(options: AnnealingOptions): void {
    for (const _ of this.annealInRounds(options)) continue;
  }

  /**
   * Simulated annealing in rounds of a fraction of a second each: yields the share that is done after each, so
   * that the caller can let other work through, or end the run by leaving the loop.
   * @throws {InputError} for temperatures that do not fall.
   */
  *annealInRounds(options: AnnealingOptions): Generator<number, void> {
    const { moves, hot, cold, seed, elapsed = () => 0 } = options;
    if (!(hot >= cold && cold > 0)) {
      throw new InputError(`Annealing needs hot >= cold > 0: got ${hot} and ${cold}`);
    }
    // Where a model is asked for values, a move can cost a thousand times a table read.
    const rounds = Math.max(1, Math.ceil(moves / (this.#rounds(1_000_000, 100_000, 2_000))));
    const cooling = (cold / hot) ** (1 / rounds);
    const functions = functionsOf(this);
    const annealing = functions.beginAnnealing(addressOf(this), seed >>> 0);
    try {
      for (let round = 0; round < rounds; round++) {
        const batch = Math.floor(moves * (round + 1) / rounds) - Math.floor(moves * round / rounds);
        const share = elapsed();
        if (share >= 1) return;
        // Only where time runs ahead of the moves: in all other cases the clock must not change the result.
        const late = share > (round + 1) / rounds;
        const from = late ? hot * (cold / hot) ** share : hot * cooling ** round;
        functions.anneal(addressOf(this), annealing, batch, from, from * cooling);
        yield (round + 1) / rounds;
      }
    } finally {
      functions.endAnnealing(annealing);
    }
  }

  /** Steps between two returns from the core: by a table read each, by a formula, or by asking the model. */
  #rounds(byTable: number, byFormula: number, byModel: number): number {
    return this.#dense ? byTable : this.#byFormula ? byFormula : byModel;
  }

  #node(node: number): number {
    if (!Number.isInteger(node) || node < 0 || node >= this.nodes) {
      throw new InputError(`Node ${node} does not exist: nodes are 0 to ${this.nodes - 1}`);
    }
    return node;
  }

  #app(app: number): number {
    if (!Number.isInteger(app) || app < 0 || app >= this.apps) {
      throw new InputError(`App ${app} does not exist: apps are 0 to ${this.apps - 1}`);
    }
    return app;
  }

  #allowed(change: number): number | null {
    return change < FORBIDDEN / 2 ? null : change;
  }

  #exchange(from: number, to: number, given: number, taken: number): number | null {
    const { exchange } = functionsOf(this);
    return this.#allowed(
      exchange(addressOf(this), this.#node(from), this.#node(to), given, taken),
    );
  }

  #exchangeGain(from: number, to: number, given: number, taken: number): number | null {
    const { exchangeGain } = functionsOf(this);
    return this.#allowed(
      exchangeGain(addressOf(this), this.#node(from), this.#node(to), given, taken),
    );
  }

  #needAll(unplaced: number): void {
    if (unplaced > 0) {
      throw new InfeasibleError(
        `Greedy placing found no allowed node for ${unplaced} ${
          unplaced === 1 ? "container" : "containers"
        }: try the scheduler optimal`,
      );
    }
  }
}

/** Writes what is special about the nodes of a state. Returns what must be given back with it. */
function writeNodes(
  core: Core,
  state: Address,
  { capacity, dense, configurations }: StateSpace,
  problem: Problem,
  { kinds, needs, ofNode }: NodeKinds,
): { readonly tables: Address[]; readonly owners: Address[] } {
  const { functions } = core;
  const permits = new Map<string, Address>();
  const tables = new Map<string, Address>();
  const perKind = kinds.map((kind) => {
    const rules = permitRules(problem, { needs }, kind);
    if (permitsAll(rules, capacity)) {
      return { permit: 0, table: dense ? functions.valuesOf(kind.surface) : 0 };
    }
    const key = [...kind.limits, ...kind.amounts].join(" ");
    const permit = permits.get(key) ?? writePermit(core, rules);
    permits.set(key, permit);
    if (!dense) return { permit, table: 0 };
    const tableKey = `${kind.surface} ${key}`;
    const table = tables.get(tableKey) ??
      maskedTable(core, kind.surface, configurations, permit);
    tables.set(tableKey, table);
    return { permit, table };
  });
  const each = (of: (kind: number) => number): Uint32Array => ofNode.map(of);
  const nodes = ofNode.length;
  core.write(
    "u8",
    functions.stateCapacities(state),
    each((kind) => kinds[kind]!.capacity),
    nodes,
  );
  if (dense) {
    core.write(
      "u32",
      functions.stateTables(state),
      each((at) => perKind[at]!.table),
      nodes,
    );
  }
  core.write("u32", functions.statePermits(state), each((at) => perKind[at]!.permit), nodes);
  core.write("u32", functions.stateSurfaces(state), each((at) => kinds[at]!.surface), nodes);
  core.write("u32", functions.stateAlike(state), alikeNodes(problem, ofNode), nodes);
  const domains = writeDomains(core, problem);
  if (domains !== null) functions.setDomains(state, domains);
  return {
    tables: [...tables.values()],
    owners: [...permits.values(), ...(domains === null ? [] : [domains])],
  };
}

/** Nodes of one kind, and of one failure domain where rules speak of those, have the same number. */
function alikeNodes(problem: Problem, ofNode: Uint32Array): Uint32Array {
  if (!spreadsOverDomains(problem.rules)) return ofNode;
  const { names, ofNode: domains } = failureDomains(problem);
  return ofNode.map((kind, node) => kind * names.length + domains[node]!);
}
