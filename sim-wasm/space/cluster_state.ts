import {
  allowsConfiguration,
  InfeasibleError,
  InputError,
  InvalidPlacementError,
  nodeCapacities,
  type Placement,
  type Problem,
  restrictsConfigurations,
  ShapeError,
} from "../../domain/mod.ts";
import type { Core, CoreFunction } from "../core/core.ts";
import type { Simulator } from "./simulator.ts";

/** Changes of throughput below this mean "not allowed" (see FORBIDDEN in assembly/space.ts). */
const FORBIDDEN = -5e29;

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

/**
 * What every node of a problem's cluster holds, kept in the core. Steps return the change of total
 * throughput; a step that slots or rules forbid changes nothing and returns null.
 */
export class ClusterState {
  /** Number of nodes. */
  readonly nodes: number;
  /** Number of apps. */
  readonly apps: number;
  readonly #core: Core;
  readonly #address: number;
  readonly #problem: Problem;
  readonly #dense: boolean;
  readonly #functions = new Map<string, CoreFunction>();
  #disposed = false;

  /** Use {@link Simulator.clusterState}. */
  constructor(simulator: Simulator, problem: Problem) {
    const capacities = nodeCapacities(problem.cluster, problem.rules);
    const most = capacities.reduce((a, b) => Math.max(a, b), 0);
    if (most > simulator.capacity) {
      throw new InputError(
        `A node has ${most} slots, but the simulator knows ${simulator.capacity}`,
      );
    }
    if (problem.apps.join("\n") !== simulator.apps.join("\n")) {
      throw new InputError(
        `The problem's apps (${problem.apps.join(", ")}) are not the model's (${
          simulator.apps.join(", ")
        })`,
      );
    }
    this.nodes = capacities.length;
    this.apps = problem.apps.length;
    this.#problem = problem;
    this.#dense = simulator.dense;
    this.#core = simulator.core;
    this.#address = this.#call("createState", this.nodes);
    const offset = this.#call("stateCapacities", this.#address);
    this.#core.write("u8", offset, capacities, this.nodes);
    if (restrictsConfigurations(problem.rules)) this.#writeRules();
  }

  /** Total throughput of what is placed. */
  get total(): number {
    return this.#call("stateTotal", this.#live());
  }

  /** Offset of the state in the core, for modules of the simulator layer. */
  get offset(): number {
    return this.#live();
  }

  /** Offset of the values that the state goes by (rules forbid some), for modules of the simulator layer. */
  get valuesOffset(): number {
    return this.#call("stateValues", this.#live());
  }

  /** A copy of the slots of each node. Length = nodes. */
  capacities(): Uint8Array {
    return this.#core.read("u8", this.#call("stateCapacities", this.#live()), this.nodes);
  }

  /** Gives the memory back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#call("destroyState", this.#live());
    this.#disposed = true;
  }

  /** Lets `using` declarations dispose of the state. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Holds this placement from now on. @throws {InvalidPlacementError} where it breaks a capacity or a rule. */
  load(placement: Placement): void {
    const length = this.nodes * this.apps;
    if (placement.counts.length !== length) {
      throw new ShapeError("placement", length, placement.counts.length);
    }
    const counts = this.#call("stateCounts", this.#live());
    const before = this.#core.read("u8", counts, length);
    this.#core.write("u8", counts, placement.counts, length);
    const wrong = this.#call("refresh", this.#address) | 0;
    if (wrong >= 0) {
      this.#core.write("u8", counts, before, length);
      this.#call("refresh", this.#address);
      throw new InvalidPlacementError(`Node ${wrong} holds too many containers or breaks a rule`);
    }
  }

  /** A copy of what is placed. */
  placement(): Placement {
    const offset = this.#call("stateCounts", this.#live());
    const counts = this.#core.read("u8", offset, this.nodes * this.apps);
    return { nodes: this.nodes, apps: this.apps, counts };
  }

  /** Change of total throughput by one more container of `app` on `node`, null where it may not be. */
  placeGain(node: number, app: number): number | null {
    return this.#allowed(this.#call("placeGain", this.#live(), this.#node(node), this.#app(app)));
  }

  /** Places a container. Returns the change, or null (and changes nothing) where it may not be. */
  place(node: number, app: number): number | null {
    return this.#allowed(this.#call("place", this.#live(), this.#node(node), this.#app(app)));
  }

  /** Takes a container away. Returns the change, or null where the node has none of this app. */
  remove(node: number, app: number): number | null {
    return this.#allowed(this.#call("remove", this.#live(), this.#node(node), this.#app(app)));
  }

  /** Moves a container of `app`. Returns the change, or null (and changes nothing) where it may not be. */
  move(from: number, to: number, app: number): number | null {
    return this.#exchange("exchange", from, to, this.#app(app), -1);
  }

  /** Change that {@link move} would make, null where it may not be. */
  moveGain(from: number, to: number, app: number): number | null {
    return this.#exchange("exchangeGain", from, to, this.#app(app), -1);
  }

  /** Exchanges a container of `app` on `node` with one of `otherApp` on `other`; as {@link move} returns. */
  swap(node: number, app: number, other: number, otherApp: number): number | null {
    return this.#exchange("exchange", node, other, this.#app(app), this.#app(otherApp));
  }

  /** Change that {@link swap} would make, null where it may not be. */
  swapGain(node: number, app: number, other: number, otherApp: number): number | null {
    return this.#exchange("exchangeGain", node, other, this.#app(app), this.#app(otherApp));
  }

  /**
   * Adds a demand app after app, each container where throughput changes for the best.
   * @param order Apps in the order of placing; default 0, 1, 2, ...
   * @throws {InfeasibleError} where this order leaves containers without a node.
   */
  greedy(demand: ArrayLike<number>, order?: ArrayLike<number>): void {
    const apps = order ?? Array.from({ length: this.apps }, (_, app) => app);
    const unplaced = this.#core.lend(
      [["u32", this.apps], ["u32", this.apps]],
      (wanted, sequence) => {
        this.#core.write("u32", wanted, demand, this.apps);
        this.#core.write("u32", sequence, apps, this.apps);
        return this.#call("greedyByApp", this.#live(), wanted, sequence);
      },
    );
    this.#needAll(unplaced);
  }

  /**
   * Adds containers in the order given, each where throughput changes for the best.
   * @param containers The app of each container.
   * @throws {InfeasibleError} where this order leaves containers without a node.
   */
  greedyInOrder(containers: Uint8Array): void {
    const unplaced = this.#core.lend([["u8", containers.length]], (offset) => {
      this.#core.write("u8", offset, containers, containers.length);
      return this.#call("greedyInOrder", this.#live(), offset, containers.length);
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
    this.#call("beginLocalSearch", this.#live());
    try {
      while (true) {
        steps += this.#call("continueLocalSearch", this.#address, this.#dense ? 100_000 : 100);
        if (this.#call("localSearchEnded") !== 0 || shouldStop()) return steps;
      }
    } finally {
      this.#call("endLocalSearch");
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
    const rounds = Math.max(1, Math.ceil(moves / (this.#dense ? 1_000_000 : 2_000)));
    const cooling = (cold / hot) ** (1 / rounds);
    const annealing = this.#call("beginAnnealing", this.#live(), seed >>> 0);
    try {
      for (let round = 0; round < rounds; round++) {
        const batch = Math.floor(moves * (round + 1) / rounds) - Math.floor(moves * round / rounds);
        const share = elapsed();
        if (share >= 1) return;
        // Only where time runs ahead of the moves: in all other cases the clock must not change the result.
        const late = share > (round + 1) / rounds;
        const from = late ? hot * (cold / hot) ** share : hot * cooling ** round;
        this.#call("anneal", this.#live(), annealing, batch, from, from * cooling);
        yield (round + 1) / rounds;
      }
    } finally {
      this.#call("endAnnealing", annealing);
    }
  }

  #call(name: string, ...numbers: number[]): number {
    let found = this.#functions.get(name);
    if (found === undefined) {
      found = this.#core.function(name);
      this.#functions.set(name, found);
    }
    return found(...numbers);
  }

  #live(): number {
    if (this.#disposed) throw new InputError("This cluster state was disposed: create a new one");
    return this.#address;
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
    return change < FORBIDDEN ? null : change;
  }

  #exchange(name: string, from: number, to: number, given: number, taken: number): number | null {
    return this.#allowed(
      this.#call(name, this.#live(), this.#node(from), this.#node(to), given, taken),
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

  #writeRules(): void {
    const { apps, rules } = this.#problem;
    const limits = apps.map((_, app) => Math.min(255, rules.maxPerNode[app] ?? 255));
    const apart = new Uint8Array(apps.length * apps.length);
    for (const [a, b] of rules.apart) apart[a * apps.length + b] = apart[b * apps.length + a] = 1;
    this.#core.write("u8", this.#call("stateLimits", this.#address), limits, apps.length);
    this.#core.write("u8", this.#call("stateApart", this.#address), apart, apart.length);
    this.#call("restrict", this.#address);
    if (!allowsConfiguration(rules, new Uint8Array(apps.length))) {
      throw new InputError("The rules do not even allow an empty node");
    }
  }
}
