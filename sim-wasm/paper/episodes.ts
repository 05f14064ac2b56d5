import { countOf, InputError, ShapeError } from "../../domain/mod.ts";
import { type Address, CORE_CONSTANTS } from "../build/core_exports.ts";
import { addressIn, addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import type { Simulator } from "../space/simulator.ts";
import type { Chooser } from "./chooser.ts";

/** How a choice among leaves is split into levels; see GroupTree in ../policies/environment. */
export interface TreeShape {
  /** Leaves of the tree: nodes of the cluster. */
  readonly leaves: number;
  /** Most children of a group at each level, from the root; at most 256. */
  readonly branching: readonly number[];
  /** groups[level]: the groups that choose there; groups[levels] are the leaves. */
  readonly groups: readonly (readonly {
    readonly first: number;
    readonly size: number;
    readonly firstChild: number;
    readonly children: number;
  }[])[];
}

/** How the choices of an episode are made. */
export type EpisodeMode = "greedy" | "sample" | "spread" | "forced";

const MODES: Record<EpisodeMode, number> = {
  greedy: CORE_CONSTANTS.GREEDY,
  sample: CORE_CONSTANTS.SAMPLE,
  spread: CORE_CONSTANTS.SPREAD,
  forced: CORE_CONSTANTS.FORCED,
};

/** How a player is made. */
export interface EpisodePlayerOptions {
  /** Values the placements; it must outlive the player. */
  readonly simulator: Simulator;
  /** How the choice of a node is split into levels. */
  readonly tree: TreeShape;
  /** Containers that each leaf can hold. Length = leaves. */
  readonly capacities: ArrayLike<number>;
  /** Width of the hidden layers, at least that of every chooser. @default 128 */
  readonly hidden?: number;
  /** True: the app is one number and the counts still to come follow; false: the app is one-hot. */
  readonly remaining: boolean;
}

/**
 * Plays whole episodes of the paper's schedulers in the core: the same observations, choices and redirections
 * as PlacementEnvironment in ../policies/environment with `unavailable: "redirect"`, thousands of times faster.
 * Dispose of it after use.
 */
export class EpisodePlayer extends CoreObject {
  /** How the choice of a node is split into levels. */
  readonly tree: TreeShape;
  /** Apps of the simulator. */
  readonly apps: number;
  /** Choices for each container. */
  readonly levels: number;
  readonly #hidden: number;
  readonly #remaining: boolean;
  readonly #demand: Address;
  readonly #choosers: Chooser[] = [];
  /** Room for the choices of an episode, made larger where one has more. */
  readonly #actions: { address: Address; length: number };

  /** Lays the tree out in the core. */
  constructor(options: EpisodePlayerOptions) {
    const { simulator, tree, capacities, hidden = 128, remaining } = options;
    const levels = tree.branching.length;
    const widest = Math.max(...tree.branching);
    if (widest > 256) throw new InputError(`At most 256 children of a group: got ${widest}`);
    const core = coreOf(simulator);
    const address = core.functions.createPlayer(tree.leaves, levels, hidden, widest, remaining);
    const demand = core.allocate("u32", simulator.apps.length);
    const actions = { address: 0, length: 0 };
    super("player", core, address, () => {
      core.functions.destroyPlayer(address);
      core.free(demand);
      core.free(actions.address);
    });
    this.tree = tree;
    this.apps = simulator.apps.length;
    this.levels = levels;
    this.#hidden = hidden;
    this.#remaining = remaining;
    this.#demand = demand;
    this.#actions = actions;
    core.write("u32", core.functions.playerCapacities(address), capacities, tree.leaves);
    tree.branching.forEach((branching, level) => this.#shape(level, branching));
  }

  /** Numbers of an observation at a level. */
  inputsAt(level: number): number {
    return this.tree.branching[level]! * this.apps + this.apps + (this.#remaining ? 1 : 0);
  }

  /** Lets a level choose by this chooser from now on. @throws {ShapeError} if it does not fit the level. */
  setChooser(level: number, chooser: Chooser): void {
    if (chooser.inputs !== this.inputsAt(level)) {
      throw new ShapeError("inputs of a chooser", this.inputsAt(level), chooser.inputs);
    }
    if (chooser.outputs !== this.tree.branching[level]) {
      throw new ShapeError("outputs of a chooser", this.tree.branching[level]!, chooser.outputs);
    }
    if (chooser.hidden > this.#hidden) {
      throw new ShapeError("hidden units of a chooser", this.#hidden, chooser.hidden);
    }
    const core = coreOf(this);
    core.functions.setChooser(addressOf(this), level, addressIn(core, chooser));
    this.#choosers[level] = chooser;
  }

  /** The chooser of a level, if it has one. */
  chooserAt(level: number): Chooser | undefined {
    return this.#choosers[level];
  }

  /**
   * Plays one episode; every level needs a chooser in the modes `greedy` and `sample`.
   * @param demand Containers of each app. Length = apps.
   * @param seed Decides the modes `sample` and `spread`.
   * @returns A copy of the choices: row-major, containers x levels.
   * @throws {InputError} if not all containers find room.
   */
  play(demand: ArrayLike<number>, mode: Exclude<EpisodeMode, "forced">, seed: number): Uint8Array {
    const length = this.#begin(demand) * this.levels;
    this.#run(mode, seed, 0);
    return coreOf(this).read("u8", this.#actions.address, length);
  }

  /** Plays one episode as {@link play} does, without a record of its choices. */
  playUnrecorded(demand: ArrayLike<number>, mode: Exclude<EpisodeMode, "forced">, seed = 0): void {
    this.#begin(demand);
    this.#run(mode, seed, 0);
  }

  /**
   * Plays these choices again and writes what was observed before each.
   * @param actions Row-major, containers x levels.
   * @param targets One array for each level; observations (row-major, containers x inputsAt(level)) are
   * written from element `firstRow` x inputsAt(level) on.
   */
  observe(
    demand: ArrayLike<number>,
    actions: Uint8Array,
    targets: readonly Float32Array[],
    firstRow: number,
  ): void {
    const containers = this.#begin(demand);
    if (actions.length !== containers * this.levels) {
      throw new ShapeError("actions", containers * this.levels, actions.length);
    }
    const core = coreOf(this);
    core.write("u8", this.#actions.address, actions, actions.length);
    const lengths = targets.map((_, level) => ["f32", containers * this.inputsAt(level)] as const);
    core.lend([["u32", this.levels], ...lengths], (list, ...blocks) => {
      core.write("u32", list, blocks, this.levels);
      this.#run("forced", 0, list);
      targets.forEach((target, level) => {
        const inputs = this.inputsAt(level);
        target.set(
          core.view("f32", blocks[level]!, containers * inputs),
          firstRow * inputs,
        );
      });
    });
  }

  /** Plays these choices again (row-major, containers x levels): `placed` and `total` are then theirs. */
  replay(demand: ArrayLike<number>, actions: Uint8Array): void {
    const containers = this.#begin(demand);
    if (actions.length !== containers * this.levels) {
      throw new ShapeError("actions", containers * this.levels, actions.length);
    }
    coreOf(this).write("u8", this.#actions.address, actions, actions.length);
    this.#run("forced", 0, 0);
  }

  /** Total throughput of what the last episode placed; leaves must be nodes. */
  get total(): number {
    return functionsOf(this).playerTotal(addressOf(this));
  }

  /** Sum of the entropies (nats) of all choices that the last episode sampled. */
  get entropy(): number {
    return functionsOf(this).playerEntropy(addressOf(this));
  }

  /** A copy of what the last episode placed: row-major, leaves x apps. */
  placed(): Uint32Array {
    const core = coreOf(this);
    const address = core.functions.playerPlaced(addressOf(this));
    return core.read("u32", address, this.tree.leaves * this.apps);
  }

  #shape(level: number, branching: number): void {
    const { groups, leaves } = this.tree;
    const own = groups[level]!;
    const below = groups[level + 1]!;
    const core = coreOf(this);
    const { functions } = core;
    const player = addressOf(this);
    functions.shapeLevel(player, level, own.length, branching);
    const groupOf = new Uint32Array(leaves);
    const childOf = new Uint32Array(leaves);
    own.forEach(({ firstChild, children }, group) => {
      for (let child = 0; child < children; child++) {
        const { first, size } = below[firstChild + child]!;
        groupOf.fill(group, first, first + size);
        childOf.fill(child, first, first + size);
      }
    });
    const write = (address: Address, values: ArrayLike<number>): void =>
      core.write("u32", address, values, values.length);
    write(functions.levelFirstChild(player, level), own.map((group) => group.firstChild));
    write(functions.levelChildren(player, level), own.map((group) => group.children));
    write(functions.levelGroupOf(player, level), groupOf);
    write(functions.levelChildOf(player, level), childOf);
  }

  #begin(demand: ArrayLike<number>): number {
    const core = coreOf(this);
    core.write("u32", this.#demand, demand, this.apps);
    let containers = 0;
    for (let app = 0; app < this.apps; app++) containers += demand[app]!;
    if (containers * this.levels > this.#actions.length) {
      core.free(this.#actions.address);
      this.#actions.length = containers * this.levels;
      this.#actions.address = core.allocate("u8", this.#actions.length);
    }
    return containers;
  }

  #run(mode: EpisodeMode, seed: number, observations: Address): void {
    const unplaced = functionsOf(this).playEpisode(
      addressOf(this),
      this.#demand,
      seed >>> 0,
      MODES[mode],
      this.#actions.address,
      observations,
    );
    if (unplaced > 0) {
      throw new InputError(
        `No room for ${countOf(unplaced, "container")}: the demand exceeds the slots`,
      );
    }
  }
}
