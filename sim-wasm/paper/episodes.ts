import { InputError, ShapeError } from "../../domain/mod.ts";
import type { Core, CoreFunction } from "../core/core.ts";
import { type NetworkWeights, writePadded } from "./network.ts";

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

const MODES: Record<EpisodeMode, number> = { greedy: 0, sample: 1, spread: 2, forced: 3 };

/**
 * A network `observation -> hidden tanh -> logits` laid out for episodes in the core. Weights are copies.
 * Dispose of it after use.
 */
export class Chooser {
  /** Numbers of an observation. */
  readonly inputs: number;
  /** Width of the hidden layer. */
  readonly hidden: number;
  /** Logits: most children of a group. */
  readonly outputs: number;
  /** Offset in the core. */
  readonly address: number;
  readonly #core: Core;
  #disposed = false;

  /** Copies the network into the core. @throws {InputError} for a network that is not of this form. */
  constructor(core: Core, network: NetworkWeights) {
    const [first, second] = checkForm(network);
    this.inputs = first.inputs;
    this.hidden = first.outputs;
    this.outputs = second.outputs;
    this.#core = core;
    this.address = core.function("createChooser")(this.inputs, this.hidden, this.outputs);
    this.assign(network);
  }

  /** Takes over weights of the same shape. @throws {ShapeError} where it is another. */
  assign(network: NetworkWeights): void {
    if (this.#disposed) throw new InputError("This chooser was disposed: create a new one");
    const [first, second] = checkForm(network);
    if (first.inputs !== this.inputs) throw new ShapeError("inputs", this.inputs, first.inputs);
    if (first.outputs !== this.hidden) throw new ShapeError("hidden", this.hidden, first.outputs);
    if (second.outputs !== this.outputs) {
      throw new ShapeError("outputs", this.outputs, second.outputs);
    }
    const array = this.#core.function("chooserArray");
    writePadded(this.#core, array(this.address, 0), first.kernel, this.inputs, this.hidden);
    this.#core.write("f32", array(this.address, 1), first.bias, this.hidden);
    const lanes = (this.hidden + 3) & ~3;
    const target = this.#core.view("f32", array(this.address, 2), this.outputs * lanes);
    for (let unit = 0; unit < this.hidden; unit++) {
      for (let output = 0; output < this.outputs; output++) {
        target[output * lanes + unit] = second.kernel[unit * this.outputs + output]!;
      }
    }
    this.#core.write("f32", array(this.address, 3), second.bias, this.outputs);
    this.#core.function("finishChooser")(this.address);
  }

  /** Gives the memory back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#core.function("destroyChooser")(this.address);
    this.#disposed = true;
  }
}

function checkForm(network: NetworkWeights) {
  const [first, second, third] = network.layers;
  if (
    first?.activation !== "tanh" || second?.activation !== "linear" || third !== undefined
  ) {
    throw new InputError(
      `Network ${network.name} must be one tanh layer and one linear layer to play episodes`,
    );
  }
  return [first, second] as const;
}

/** How a player is made. */
export interface EpisodePlayerOptions {
  /** Core of the simulator that values the placements. */
  readonly core: Core;
  /** Apps of the core's space. */
  readonly apps: number;
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
export class EpisodePlayer {
  /** How the choice of a node is split into levels. */
  readonly tree: TreeShape;
  /** Apps of the core's space. */
  readonly apps: number;
  /** Choices for each container. */
  readonly levels: number;
  /** Offset in the core. */
  readonly address: number;
  readonly #core: Core;
  readonly #remaining: boolean;
  readonly #demand: number;
  readonly #functions = new Map<string, CoreFunction>();
  #actions = 0;
  #actionRoom = 0;
  #disposed = false;

  /** Lays the tree out in the core. */
  constructor(options: EpisodePlayerOptions) {
    const { core, apps, tree, capacities, hidden = 128, remaining } = options;
    this.tree = tree;
    this.apps = apps;
    this.levels = tree.branching.length;
    this.#core = core;
    this.#remaining = remaining;
    const widest = Math.max(...tree.branching);
    if (widest > 256) throw new InputError(`At most 256 children of a group: got ${widest}`);
    this.address = this.#call(
      "createPlayer",
      tree.leaves,
      this.levels,
      hidden,
      widest,
      remaining ? 1 : 0,
    );
    this.#demand = core.allocate("u32", apps);
    core.write("u32", this.#call("playerCapacities", this.address), capacities, tree.leaves);
    tree.branching.forEach((branching, level) => this.#shape(level, branching));
  }

  /** Numbers of an observation at a level. */
  inputsAt(level: number): number {
    return this.tree.branching[level]! * this.apps + this.apps + (this.#remaining ? 1 : 0);
  }

  /** Lets a level choose by this chooser from now on. @throws {ShapeError} where it does not fit the level. */
  setChooser(level: number, chooser: Chooser): void {
    if (chooser.inputs !== this.inputsAt(level)) {
      throw new ShapeError("inputs of a chooser", this.inputsAt(level), chooser.inputs);
    }
    if (chooser.outputs !== this.tree.branching[level]) {
      throw new ShapeError("outputs of a chooser", this.tree.branching[level]!, chooser.outputs);
    }
    this.#call("setChooser", this.#live(), level, chooser.address);
  }

  /**
   * Plays one episode; every level needs a chooser in the modes `greedy` and `sample`.
   * @param demand Containers of each app. Length = apps.
   * @param seed Decides the modes `sample` and `spread`.
   * @returns A copy of the choices: row-major, containers x levels.
   * @throws {InputError} where not all containers find room.
   */
  play(demand: ArrayLike<number>, mode: Exclude<EpisodeMode, "forced">, seed: number): Uint8Array {
    const length = this.#begin(demand) * this.levels;
    this.#run(mode, seed, 0);
    return this.#core.read("u8", this.#actions, length);
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
    this.#core.write("u8", this.#actions, actions, actions.length);
    const lengths = targets.map((_, level) => ["f32", containers * this.inputsAt(level)] as const);
    this.#core.lend([["u32", this.levels], ...lengths], (list, ...offsets) => {
      this.#core.write("u32", list!, offsets, this.levels);
      this.#run("forced", 0, list!);
      targets.forEach((target, level) => {
        const inputs = this.inputsAt(level);
        target.set(
          this.#core.view("f32", offsets[level]!, containers * inputs),
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
    this.#core.write("u8", this.#actions, actions, actions.length);
    this.#run("forced", 0, 0);
  }

  /** Total throughput of what the last episode placed; leaves must be nodes. */
  get total(): number {
    return this.#call("playerTotal", this.#live());
  }

  /** Sum of the entropies (nats) of all choices that the last episode sampled. */
  get entropy(): number {
    return this.#call("playerEntropy", this.#live());
  }

  /** A copy of what the last episode placed: row-major, leaves x apps. */
  placed(): Uint32Array {
    const offset = this.#call("playerPlaced", this.#live());
    return this.#core.read("u32", offset, this.tree.leaves * this.apps);
  }

  /** Gives the memory back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#call("destroyPlayer", this.address);
    this.#core.free(this.#demand);
    this.#core.free(this.#actions);
    this.#disposed = true;
  }

  #shape(level: number, branching: number): void {
    const { groups, leaves } = this.tree;
    const own = groups[level]!;
    const below = groups[level + 1]!;
    this.#call("shapeLevel", this.address, level, own.length, branching);
    const groupOf = new Uint32Array(leaves);
    const childOf = new Uint32Array(leaves);
    own.forEach(({ firstChild, children }, group) => {
      for (let child = 0; child < children; child++) {
        const { first, size } = below[firstChild + child]!;
        groupOf.fill(group, first, first + size);
        childOf.fill(child, first, first + size);
      }
    });
    const write = (which: number, values: ArrayLike<number>): void => {
      const offset = this.#call("levelArray", this.address, level, which);
      this.#core.write("u32", offset, values, values.length);
    };
    write(0, own.map((group) => group.firstChild));
    write(1, own.map((group) => group.children));
    write(2, groupOf);
    write(3, childOf);
  }

  #begin(demand: ArrayLike<number>): number {
    this.#core.write("u32", this.#demand, demand, this.apps);
    let containers = 0;
    for (let app = 0; app < this.apps; app++) containers += demand[app]!;
    if (containers * this.levels > this.#actionRoom) {
      this.#core.free(this.#actions);
      this.#actionRoom = containers * this.levels;
      this.#actions = this.#core.allocate("u8", this.#actionRoom);
    }
    return containers;
  }

  #run(mode: EpisodeMode, seed: number, observations: number): void {
    const unplaced = this.#call(
      "playEpisode",
      this.#live(),
      this.#demand,
      seed >>> 0,
      MODES[mode],
      this.#actions,
      observations,
    );
    if (unplaced > 0) {
      throw new InputError(`${unplaced} containers found no room: the demand exceeds the slots`);
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
    if (this.#disposed) throw new InputError("This player was disposed: create a new one");
    return this.address;
  }
}
