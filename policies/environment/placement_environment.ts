import {
  allowsConfiguration,
  type Demand,
  demandTotal,
  InfeasibleError,
  InputError,
  nodeCapacities,
  type Problem,
  Random,
  restrictsConfigurations,
  ShapeError,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type {
  AutoresetMode,
  EnvironmentStart,
  EnvironmentStep,
  VectorEnvironment,
} from "./contract.ts";
import { type GroupTree, groupTree } from "./group_tree.ts";
import {
  observationSize,
  type ObservationStyle,
  shownLeaves,
  writeObservation,
} from "./observation.ts";

/** How an environment of placements is made. */
export interface PlacementEnvironmentOptions {
  /** Values the placements. */
  readonly simulator: Simulator;
  /** Cluster and rules; the demand too, unless `demands` draws others. */
  readonly problem: Problem;
  /** Episodes in lockstep, at least 1. */
  readonly episodes: number;
  /** Choices at each level from the root; their product must reach the number of nodes. */
  readonly branching: readonly number[];
  /** What of the cluster an observation shows. */
  readonly observation: ObservationStyle;
  /**
   * `mask`: a group where the arriving container cannot go is masked. `redirect`: as in 2020, a node where it
   * cannot go is shown as a copy of one where it can, and choosing it chooses that one; nothing is masked but
   * children that do not exist.
   * @default "mask"
   */
  readonly unavailable?: "mask" | "redirect";
  /** What happens to an episode that ends. @default "disabled" */
  readonly autoreset?: AutoresetMode;
  /** Draws the demand of an episode. @default the problem's demand */
  readonly demands?: (draws: Random) => Demand;
  /** Subtracted from the mean throughput in the reward. @default 0 */
  readonly baseline?: (demand: Demand) => number;
}

/** What an environment of placements tells beside the observations. The arrays are the environment's own. */
export interface PlacementInfos {
  /** Level of the choice that comes next, 0 to levels - 1: the same for all episodes. */
  readonly level: number;
  /** Length = episodes: mean normalised throughput of the episode that ended in this step, NaN in others. */
  readonly throughput: Float64Array;
}

interface Episode {
  draws: Random;
  demand: number[];
  /** Containers still to come, the arriving one included. */
  remaining: number[];
  app: number;
  /** Index of the group that chooses now, among the groups of the level. */
  group: number;
  /** Row-major, leaves x apps. */
  counts: Uint8Array;
  done: boolean;
}

/**
 * Placing one demand as an episode: containers come sorted by app, and each is placed by one choice per level
 * of a tree of groups. The reward is 0 until the last container is placed, then the mean normalised throughput
 * (less a baseline). Plain and slow on purpose: ../../sim-wasm/paper/episodes.ts plays the same episodes in the
 * core and is tested against this.
 */
export class PlacementEnvironment implements VectorEnvironment<PlacementInfos> {
  readonly episodes: number;
  readonly observationSize: number;
  readonly actions: number;
  /** What happens to an episode that ends. */
  readonly autoreset: AutoresetMode;
  readonly observations: Float32Array;
  readonly masks: Uint8Array;
  /** How nodes are grouped for the choices. */
  readonly tree: GroupTree;
  readonly #options: PlacementEnvironmentOptions;
  readonly #capacities: Uint8Array;
  readonly #restricted: boolean;
  readonly #rewards: Float64Array;
  readonly #terminated: Uint8Array;
  readonly #truncated: Uint8Array;
  readonly #throughput: Float64Array;
  #running: Episode[] = [];
  #level = 0;
  #nextSeed = 1;

  /** Makes the environment; call {@link reset} before the first step. @throws {UsageError | InputError} for a tree that does not reach all nodes, or a broken cluster. */
  constructor(options: PlacementEnvironmentOptions) {
    const { problem, episodes, branching, observation } = options;
    if (!Number.isInteger(episodes) || episodes < 1) {
      throw new InputError(`An environment needs at least one episode: got ${episodes}`);
    }
    this.#options = options;
    this.#capacities = nodeCapacities(problem.cluster, problem.rules);
    this.#restricted = restrictsConfigurations(problem.rules);
    this.tree = groupTree(this.#capacities.length, branching);
    this.episodes = episodes;
    // Lockstep batches have one width: narrower levels are padded by masked actions.
    this.actions = Math.max(...branching);
    this.autoreset = options.autoreset ?? "disabled";
    this.observationSize = observationSize(observation, this.actions, problem.apps.length);
    this.observations = new Float32Array(episodes * this.observationSize);
    this.masks = new Uint8Array(episodes * this.actions);
    this.#rewards = new Float64Array(episodes);
    this.#terminated = new Uint8Array(episodes);
    this.#truncated = new Uint8Array(episodes);
    this.#throughput = new Float64Array(episodes);
  }

  /** Level of the choice that comes next. */
  get level(): number {
    return this.#level;
  }

  /** A copy of what an episode has placed: row-major, nodes x apps. */
  counts(episode: number): Uint8Array {
    const running = this.#running[episode];
    if (running === undefined) throw new InputError(`Episode ${episode} does not exist`);
    return running.counts.slice();
  }

  reset({ seed }: { readonly seed?: number } = {}): EnvironmentStart<PlacementInfos> {
    const base = seed ?? this.#nextSeed;
    this.#nextSeed = base + this.episodes;
    this.#running = Array.from(
      { length: this.episodes },
      (_, at) => this.#start(new Random((base + at) >>> 0)),
    );
    this.#level = 0;
    this.#throughput.fill(NaN);
    this.#running.forEach((episode, at) => this.#show(episode, at));
    return { observations: this.observations, infos: this.#infos() };
  }

  /** As {@link VectorEnvironment.step}: one choice of a group in each episode. */
  step(actions: ArrayLike<number>): EnvironmentStep<PlacementInfos> {
    if (actions.length !== this.episodes) {
      throw new ShapeError("actions", this.episodes, actions.length);
    }
    if (this.#running.length === 0) throw new InputError("Call reset before the first step");
    this.#running.forEach((episode, at) => this.#refuseMasked(episode, at, actions[at]!));
    this.#rewards.fill(0);
    this.#terminated.fill(0);
    this.#throughput.fill(NaN);
    const lastLevel = this.#level === this.tree.branching.length - 1;
    this.#running.forEach((episode, at) => {
      if (episode.done) return;
      const group = this.tree.groups[this.#level]![episode.group]!;
      episode.group = group.firstChild + actions[at]!;
      if (lastLevel) this.#placeAt(episode, at);
    });
    this.#level = lastLevel ? 0 : this.#level + 1;
    this.#running.forEach((episode, at) => this.#show(episode, at));
    return {
      observations: this.observations,
      rewards: this.#rewards,
      terminated: this.#terminated,
      truncated: this.#truncated,
      infos: this.#infos(),
    };
  }

  #infos(): PlacementInfos {
    return { level: this.#level, throughput: this.#throughput };
  }

  #start(draws: Random): Episode {
    const { problem, demands } = this.#options;
    const demand = [...(demands?.(draws) ?? problem.demand)];
    if (demand.length !== problem.apps.length || demandTotal(demand) < 1) {
      throw new InputError(
        "An episode needs a demand of at least one container, one count per app",
      );
    }
    const app = demand.findIndex((count) => count > 0);
    const counts = new Uint8Array(this.tree.leaves * problem.apps.length);
    return { draws, demand, remaining: [...demand], app, group: 0, counts, done: false };
  }

  #refuseMasked(episode: Episode, at: number, action: number): void {
    if (!episode.done && this.masks[at * this.actions + action] !== 1) {
      throw new InputError(`Action ${action} of episode ${at} is masked or does not exist`);
    }
    if (!(Number.isInteger(action) && action >= 0 && action < this.actions)) {
      throw new InputError(`Action ${action} of episode ${at} does not exist`);
    }
  }

  #placeAt(episode: Episode, at: number): void {
    const { apps } = this.#options.problem;
    const leaf = this.#shown(episode)[episode.group]!;
    episode.counts[leaf * apps.length + episode.app]!++;
    episode.remaining[episode.app]!--;
    episode.group = 0;
    while (episode.app < apps.length && episode.remaining[episode.app] === 0) episode.app++;
    if (episode.app < apps.length) return;
    const placement = { nodes: this.tree.leaves, apps: apps.length, counts: episode.counts };
    const throughput = this.#options.simulator.evaluate(placement) / demandTotal(episode.demand);
    this.#throughput[at] = throughput;
    this.#rewards[at] = throughput - (this.#options.baseline?.(episode.demand) ?? 0);
    this.#terminated[at] = 1;
    episode.done = true;
    if (this.autoreset === "same-step") this.#running[at] = this.#start(episode.draws);
  }

  /** The leaf that each leaf is shown as; empty if the arriving container can go nowhere. */
  #shown(episode: Episode): number[] {
    const leaves = Array.from({ length: this.tree.leaves }, (_, leaf) => leaf);
    const available = leaves.map((leaf) => this.#hasRoom(episode, leaf));
    if (this.#options.unavailable === "redirect") return shownLeaves(available);
    return available.includes(true) ? leaves : [];
  }

  #hasRoom(episode: Episode, node: number): boolean {
    const { apps, rules } = this.#options.problem;
    const held = episode.counts.slice(node * apps.length, (node + 1) * apps.length);
    if (held.reduce((sum, count) => sum + count, 0) >= this.#capacities[node]!) return false;
    held[episode.app]!++;
    return !this.#restricted || allowsConfiguration(rules, held);
  }

  #show(shown: Episode, at: number): void {
    const episode = this.#running[at] ?? shown;
    const observation = this.observations.subarray(
      at * this.observationSize,
      (at + 1) * this.observationSize,
    );
    const mask = this.masks.subarray(at * this.actions, (at + 1) * this.actions);
    observation.fill(0);
    mask.fill(0);
    if (episode.done) return;
    const { apps } = this.#options.problem;
    const shownAs = this.#shown(episode);
    const group = this.tree.groups[this.#level]![episode.group]!;
    const below = this.tree.groups[this.#level + 1]!;
    const redirect = this.#options.unavailable === "redirect";
    const childCounts = Array.from({ length: group.children }, (_, child) => {
      const { first, size } = below[group.firstChild + child]!;
      const sums = new Array<number>(apps.length).fill(0);
      for (let leaf = first; leaf < first + size; leaf++) {
        if (shownAs.length > 0 && (redirect || this.#hasRoom(episode, leaf))) mask[child] = 1;
        const row = shownAs[leaf]! * apps.length;
        for (let app = 0; app < apps.length; app++) sums[app]! += episode.counts[row + app]!;
      }
      return sums;
    });
    if (!mask.includes(1)) {
      throw new InfeasibleError(
        `No node of group ${episode.group} at level ${this.#level} may take another ${
          apps[episode.app]
        }: the choices before it were a dead end`,
      );
    }
    writeObservation(
      this.#options.observation,
      { counts: childCounts, app: episode.app, remaining: episode.remaining },
      this.actions,
      observation,
    );
  }
}
