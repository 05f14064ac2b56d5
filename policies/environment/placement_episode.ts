import {
  allowsConfiguration,
  checkProblem,
  type Demand,
  demandTotal,
  InputError,
  nodeCapacities,
  type Placement,
  type Problem,
  restrictsConfigurations,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { Group, GroupTree } from "./group_tree.ts";
import { completeObservation, type ObservationStyle } from "./observation.ts";

/** What the episodes of an environment have in common. */
export interface EpisodeSetting {
  /** Values the placements. */
  readonly simulator: Simulator;
  /** Cluster and rules. */
  readonly problem: Problem;
  /** How nodes are grouped for the choices. */
  readonly tree: GroupTree;
  /** What of the cluster an observation shows. */
  readonly style: ObservationStyle;
  /** Actions that an observation and a mask have room for. */
  readonly actions: number;
  /** Whether a full node is shown as another one instead of being masked: see PlacementEnvironmentOptions. */
  readonly redirect: boolean;
}

/** Checks that an episode can place a demand. @throws {InputError | InfeasibleError} saying why not. */
export function checkEpisodeDemand(problem: Problem, demand: Demand): void {
  checkProblem({ ...problem, demand });
  if (demandTotal(demand) < 1) throw new InputError("An episode needs at least one container");
}

/**
 * One episode after the other of one environment: containers come sorted by app, and each is placed by one choice
 * per level of a tree of groups. Its arrays are made once.
 */
export class PlacementEpisode {
  /** Row-major, nodes x apps: what is placed. */
  readonly counts: Uint8Array;
  /** The demand of the episode. */
  demand: Demand = [];
  /** Containers of the demand. */
  containers = 0;
  /** Containers that are not placed yet. */
  unplaced = 0;
  /** Level of the choice that comes next. */
  level = 0;
  /** True if every container is placed, or no node can take the next one. */
  ended = false;
  /** Sum of the throughput of all nodes. */
  total = 0;

  readonly #setting: EpisodeSetting;
  readonly #capacities: Uint8Array;
  readonly #restricted: boolean;
  readonly #held: Uint8Array;
  readonly #values: Float64Array;
  /** Containers still to come, the arriving one included. */
  readonly #remaining: Uint32Array;
  /** 1 for each node that can take the arriving container. */
  readonly #open: Uint8Array;
  /** The node that each node is shown as and chosen as. */
  readonly #shown: Int32Array;
  #openNodes = 0;
  #app = 0;
  /** Index of the group that chooses now, among the groups of the level. */
  #group = 0;

  /** Makes room for episodes; call {@link begin} before anything else. */
  constructor(setting: EpisodeSetting) {
    const { problem, tree } = setting;
    this.#setting = setting;
    this.#capacities = nodeCapacities(problem.cluster, problem.rules);
    this.#restricted = restrictsConfigurations(problem.rules);
    this.counts = new Uint8Array(tree.leaves * problem.apps.length);
    this.#held = new Uint8Array(tree.leaves);
    this.#values = new Float64Array(tree.leaves);
    this.#remaining = new Uint32Array(problem.apps.length);
    this.#open = new Uint8Array(tree.leaves);
    this.#shown = Int32Array.from({ length: tree.leaves }, (_, leaf) => leaf);
  }

  /** What is placed. The counts are the episode's own. */
  get placement(): Placement {
    const { tree, problem } = this.#setting;
    return { nodes: tree.leaves, apps: problem.apps.length, counts: this.counts };
  }

  /**
   * Starts an episode on the empty cluster.
   * @throws {InputError | InfeasibleError} for a demand that is empty, broken or too large.
   */
  begin(demand: Demand): void {
    checkEpisodeDemand(this.#setting.problem, demand);
    this.demand = demand;
    this.containers = demandTotal(demand);
    this.unplaced = this.containers;
    this.level = 0;
    this.ended = false;
    this.total = 0;
    this.counts.fill(0);
    this.#held.fill(0);
    this.#values.fill(0);
    this.#remaining.set(demand);
    this.#group = 0;
    this.#app = 0;
    this.#arrive();
  }

  /** Chooses a child of the group that chooses now; on the last level, the container is placed. */
  choose(action: number): void {
    const { tree } = this.#setting;
    this.#group = tree.groups[this.level]![this.#group]!.firstChild + action;
    this.level++;
    if (this.level < tree.branching.length) return;
    this.#place(this.#shown[this.#group]!);
    this.level = 0;
    this.#group = 0;
  }

  /** Writes what is to be seen, and which actions may be chosen. */
  observe(observation: Float32Array, mask: Uint8Array): void {
    const { tree, style, actions, redirect } = this.#setting;
    const group = tree.groups[this.level]![this.#group]!;
    observation.fill(0);
    mask.fill(0);
    if (group.size === group.children && !redirect) this.#showNodes(group, observation, mask);
    else this.#showGroups(group, observation, mask);
    if (this.ended) {
      mask.fill(1);
      return;
    }
    const { children } = group;
    completeObservation(
      style,
      { groups: actions, children, app: this.#app, remaining: this.#remaining },
      observation,
    );
  }

  /** Nodes one by one, each as it is: a fifth of the time that groups would take. */
  #showNodes({ first, size }: Group, observation: Float32Array, mask: Uint8Array): void {
    const apps = this.#remaining.length;
    const { counts } = this;
    for (let at = 0; at < size * apps; at++) observation[at] = counts[first * apps + at]!;
    for (let child = 0; child < size; child++) mask[child] = this.#open[first + child]!;
  }

  #showGroups(group: Group, observation: Float32Array, mask: Uint8Array): void {
    const { tree, redirect } = this.#setting;
    const apps = this.#remaining.length;
    const below = tree.groups[this.level + 1]!;
    for (let child = 0; child < group.children; child++) {
      const { first, size } = below[group.firstChild + child]!;
      let isOpen = redirect;
      for (let leaf = first; leaf < first + size; leaf++) {
        const row = (this.ended ? leaf : this.#shown[leaf]!) * apps;
        for (let app = 0; app < apps; app++) {
          observation[child * apps + app]! += this.counts[row + app]!;
        }
        isOpen ||= this.#open[leaf] === 1;
      }
      if (isOpen) mask[child] = 1;
    }
  }

  #place(node: number): void {
    const { simulator, problem } = this.#setting;
    const row = node * problem.apps.length;
    this.counts[row + this.#app]!++;
    this.#held[node]!++;
    this.#remaining[this.#app]!--;
    this.unplaced--;
    const value = simulator.throughput(this.counts, row);
    this.total += value - this.#values[node]!;
    this.#values[node] = value;
    if (this.unplaced === 0) this.ended = true;
    else if (this.#remaining[this.#app] === 0) this.#arrive();
    else {
      const isOpen = this.#hasRoom(node) ? 1 : 0;
      this.#openNodes += isOpen - this.#open[node]!;
      this.#open[node] = isOpen;
      this.#afterOpening();
    }
  }

  /** A container of the next app that is left arrives: which nodes can take it has to be found out again. */
  #arrive(): void {
    while (this.#remaining[this.#app] === 0) this.#app++;
    this.#openNodes = 0;
    for (let node = 0; node < this.#open.length; node++) {
      const isOpen = this.#hasRoom(node) ? 1 : 0;
      this.#open[node] = isOpen;
      this.#openNodes += isOpen;
    }
    this.#afterOpening();
  }

  #afterOpening(): void {
    if (this.#openNodes === 0) this.ended = true;
    else if (this.#setting.redirect) this.#redirect();
  }

  #hasRoom(node: number): boolean {
    if (this.#held[node]! >= this.#capacities[node]!) return false;
    if (!this.#restricted) return true;
    const { apps, rules } = this.#setting.problem;
    const row = node * apps.length;
    this.counts[row + this.#app]!++;
    const isAllowed = allowsConfiguration(rules, this.counts, row);
    this.counts[row + this.#app]!--;
    return isAllowed;
  }

  /** As in 2020: the k-th node without room is shown and chosen as the k-th one with room, cycling. */
  #redirect(): void {
    let next = 0;
    for (let node = 0; node < this.#open.length; node++) {
      if (this.#open[node] === 1) this.#shown[node] = node;
      else {
        while (this.#open[next] === 0) next = (next + 1) % this.#open.length;
        this.#shown[node] = next;
        next = (next + 1) % this.#open.length;
      }
    }
  }
}
