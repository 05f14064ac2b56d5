import {
  type Demand,
  InputError,
  nodeCapacities,
  type Placement,
  type Problem,
  Random,
  ShapeError,
  UnsupportedError,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type {
  AutoresetMode,
  EndInfos,
  EnvironmentStart,
  EnvironmentStep,
  ResetOptions,
  VectorEnvironment,
} from "./contract.ts";
import { MaskedActionError, ResetNeededError } from "./errors.ts";
import { type GroupTree, groupTree } from "./group_tree.ts";
import {
  FULL_OBSERVATION,
  observationBounds,
  observationSize,
  type ObservationStyle,
} from "./observation.ts";
import { checkEpisodeDemand, PlacementEpisode } from "./placement_episode.ts";
import type { BoxSpace, DiscreteSpace } from "./spaces.ts";

/** Most numbers of the observations of all environments: half a gigabyte. */
const MAX_NUMBERS = 1 << 27;

/** How an environment of placements is made. */
export interface PlacementEnvironmentOptions {
  /** Values the placements. */
  readonly simulator: Simulator;
  /** Cluster and rules; the demand too, unless `demands` draws others. */
  readonly problem: Problem;
  /** How many environments, at least 1. @default 1 */
  readonly environments?: number | undefined;
  /**
   * Choices at each level from the root; their product must reach the number of nodes.
   * @default one level: a choice among all nodes
   */
  readonly branching?: readonly number[] | undefined;
  /** What of the cluster an observation shows. @default all there is */
  readonly observation?: ObservationStyle | undefined;
  /**
   * `mask`: a group where the arriving container cannot go is masked. `redirect`: as in 2020, a node where it
   * cannot go is shown as a copy of one where it can, and choosing it chooses that one; nothing is masked but
   * children that do not exist.
   * @default "mask"
   */
  readonly unavailable?: "mask" | "redirect" | undefined;
  /** What happens to an environment whose episode has ended. @default "next-step" */
  readonly autoreset?: AutoresetMode | undefined;
  /**
   * What is earned; the rewards of an episode sum up to its mean normalised throughput either way. `change`: when
   * a container is placed, the change of the total normalised throughput, divided by the containers of the demand.
   * `final`: all at the end, as in 2020.
   * @default "change"
   */
  readonly reward?: "change" | "final" | undefined;
  /** Draws the demand of an episode. @default the problem's demand */
  readonly demands?: ((draws: Random) => Demand) | undefined;
  /** Environment i draws from this seed + i until a reset gives another, 0 to 2^32 - 1. @default 1 */
  readonly seed?: number | undefined;
  /** Subtracted from the last reward of an episode. @default 0 */
  readonly baseline?: ((demand: Demand) => number) | undefined;
}

/** How episodes of placing are started. */
export interface PlacementResetOptions extends ResetOptions {
  /** The demand of the episodes that start now, instead of one that is drawn. */
  readonly demand?: Demand | undefined;
}

/** What an environment of placements tells beside the observations. The arrays are the environment's own. */
export interface PlacementInfos extends EndInfos {
  /** Length = environments: level of the choice that comes next, 0 to levels - 1. */
  readonly levels: Uint8Array;
  /**
   * Length = environments: mean normalised throughput of the episode that ended in this step, NaN in others.
   * Containers that were not placed count as 0.
   */
  readonly throughput: Float64Array;
  /** Length = environments: containers that no node could take when the episode ended in this step, 0 in others. */
  readonly unplaced: Uint32Array;
}

/** The end of an episode. */
export interface FinishedEpisode {
  /** What was to be placed. */
  readonly demand: Demand;
  /** Where it went. */
  readonly placement: Placement;
  /** Mean normalised throughput; containers that were not placed count as 0. */
  readonly throughput: number;
  /** Containers that no node could take. */
  readonly unplaced: number;
}

/**
 * Placing one demand as an episode, in many environments at once: containers come sorted by app, and each is
 * placed by one choice per level of a tree of groups. An episode ends when all are placed, or where choices under
 * rules lead to a dead end: no node can take the next one. Plain on purpose: ../../sim-wasm/paper/episodes.ts plays
 * the same episodes in the core and is tested against this. A step allocates nothing unless an episode ends.
 */
export class PlacementEnvironment implements VectorEnvironment<PlacementInfos> {
  readonly environments: number;
  readonly observationSpace: BoxSpace;
  readonly actionSpace: DiscreteSpace;
  /** What happens to an environment whose episode has ended. */
  readonly autoreset: AutoresetMode;
  readonly observations: Float32Array;
  readonly masks: Uint8Array;
  /** How nodes are grouped for the choices. */
  readonly tree: GroupTree;
  /** What the last reset or step returned; after a reset, nothing is earned and nothing has ended. */
  readonly last: EnvironmentStep<PlacementInfos>;
  readonly #options: PlacementEnvironmentOptions;
  readonly #draws: Random[];
  readonly #episodes: readonly PlacementEpisode[];
  readonly #finished: (FinishedEpisode | null)[];
  readonly #views: readonly { observation: Float32Array; mask: Uint8Array; last: Float32Array }[];
  #isStarted = false;

  /**
   * Makes the environments; call {@link reset} before the first step.
   * @throws {UsageError | InputError} for a tree that does not reach all nodes, or a broken cluster.
   * @throws {UnsupportedError} for a simulator with latency limits.
   */
  constructor(options: PlacementEnvironmentOptions) {
    const { simulator, problem, environments = 1, observation: style = FULL_OBSERVATION } = options;
    if (!Number.isInteger(environments) || environments < 1) {
      throw new InputError(`There must be at least one environment: got ${environments}`);
    }
    if (simulator.forbids) {
      throw new UnsupportedError("Environments of placements do not keep latency limits");
    }
    const capacities = nodeCapacities(problem.cluster, problem.rules);
    const { length: apps } = problem.apps;
    this.#options = options;
    this.tree = groupTree(capacities.length, options.branching ?? [capacities.length]);
    this.environments = environments;
    this.autoreset = options.autoreset ?? "next-step";
    // Batches have one width: narrower levels are padded by masked actions.
    const actions = Math.max(...this.tree.branching);
    const size = observationSize(style, actions, apps);
    if (environments * size > MAX_NUMBERS) {
      throw new InputError(
        `${environments} observations of ${size} numbers are too many: use fewer environments, or branching`,
      );
    }
    const slots = capacities.reduce((sum, capacity) => sum + capacity, 0);
    const groupSlots = mostSlots(this.tree, capacities);
    this.actionSpace = { type: "discrete", n: actions };
    this.observationSpace = {
      type: "box",
      shape: [size],
      dtype: "float32",
      low: new Array<number>(size).fill(0),
      high: observationBounds(style, actions, apps, slots, groupSlots),
    };
    this.observations = new Float32Array(environments * size);
    this.masks = new Uint8Array(environments * actions);
    const finalObservations = new Float32Array(environments * size);
    this.last = {
      observations: this.observations,
      masks: this.masks,
      rewards: new Float64Array(environments),
      terminated: new Uint8Array(environments),
      truncated: new Uint8Array(environments),
      infos: {
        levels: new Uint8Array(environments),
        throughput: new Float64Array(environments).fill(NaN),
        unplaced: new Uint32Array(environments),
        finalObservations,
      },
    };
    const redirect = options.unavailable === "redirect";
    const setting = { simulator, problem, tree: this.tree, style, actions, redirect };
    const each = Array.from({ length: environments }, (_, at) => at);
    const { seed = 1 } = options;
    this.#draws = each.map((at) => new Random((seed + at) >>> 0));
    this.#episodes = each.map(() => new PlacementEpisode(setting));
    this.#finished = each.map(() => null);
    this.#views = each.map((at) => ({
      observation: this.observations.subarray(at * size, (at + 1) * size),
      mask: this.masks.subarray(at * actions, (at + 1) * actions),
      last: finalObservations.subarray(at * size, (at + 1) * size),
    }));
  }

  /** A copy of what an environment has placed: row-major, nodes x apps. */
  counts(environment: number): Uint8Array {
    const episode = this.#episodes[environment];
    if (episode === undefined) throw noEnvironment(environment);
    return episode.counts.slice();
  }

  /** The last episode that an environment has finished, null before. */
  finished(environment: number): FinishedEpisode | null {
    const episode = this.#finished[environment];
    if (episode === undefined) throw noEnvironment(environment);
    return episode;
  }

  /**
   * As {@link VectorEnvironment.reset}.
   * @throws {InputError | InfeasibleError} for a demand that is empty, broken or too large.
   */
  reset(options: PlacementResetOptions = {}): EnvironmentStart<PlacementInfos> {
    const { seed, only, demand } = options;
    if (only !== undefined && only.length !== this.environments) {
      throw new ShapeError("only", this.environments, only.length);
    }
    if (only !== undefined && !this.#isStarted) {
      throw new ResetNeededError("The first reset must start all environments");
    }
    if (demand !== undefined) checkEpisodeDemand(this.#options.problem, demand);
    for (let at = 0; at < this.environments; at++) {
      if (only !== undefined && !only[at]) continue;
      if (seed !== undefined) this.#draws[at] = new Random((seed + at) >>> 0);
      this.#begin(at, demand);
      this.#show(at);
    }
    this.#isStarted = true;
    this.#forgetStep();
    return this.last;
  }

  /** As {@link VectorEnvironment.step}: one choice of a group, or of a node, in each environment. */
  step(actions: ArrayLike<number>): EnvironmentStep<PlacementInfos> {
    if (actions.length !== this.environments) {
      throw new ShapeError("actions", this.environments, actions.length);
    }
    if (!this.#isStarted) throw new ResetNeededError("Call reset before the first step");
    for (let at = 0; at < this.environments; at++) this.#refuse(at, actions[at]!);
    this.#forgetStep();
    for (let at = 0; at < this.environments; at++) {
      const episode = this.#episodes[at]!;
      // Only the mode next-step lets an ended episode come this far.
      if (episode.ended) this.#begin(at);
      else {
        const before = episode.total;
        episode.choose(actions[at]!);
        if (this.#options.reward !== "final") {
          this.last.rewards[at] = (episode.total - before) / episode.containers;
        }
        if (episode.ended) this.#end(at);
      }
      this.#show(at);
    }
    return this.last;
  }

  #forgetStep(): void {
    const { rewards, terminated, infos } = this.last;
    rewards.fill(0);
    infos.throughput.fill(NaN);
    infos.unplaced.fill(0);
    if (terminated.includes(1)) infos.finalObservations.fill(0);
    terminated.fill(0);
  }

  #refuse(at: number, action: number): void {
    if (this.#episodes[at]!.ended && this.autoreset === "disabled") {
      throw new ResetNeededError(
        `The episode of environment ${at} has ended: reset it before the next step`,
      );
    }
    // Not an index of the mask is undefined, so only actions that exist and are open pass.
    if (this.#views[at]!.mask[action] !== 1) throw new MaskedActionError(at, action);
  }

  #begin(at: number, given?: Demand): void {
    const { problem, demands } = this.#options;
    this.#episodes[at]!.begin(given ?? demands?.(this.#draws[at]!) ?? problem.demand);
  }

  #end(at: number): void {
    const { simulator, reward, baseline } = this.#options;
    const { rewards, terminated, infos } = this.last;
    const { demand, placement, containers, unplaced } = this.#episodes[at]!;
    const throughput = simulator.evaluate(placement) / containers;
    infos.throughput[at] = throughput;
    infos.unplaced[at] = unplaced;
    if (reward === "final") rewards[at] = throughput;
    rewards[at]! -= baseline?.(demand) ?? 0;
    terminated[at] = 1;
    const kept = { ...placement, counts: placement.counts.slice() };
    this.#finished[at] = { demand, placement: kept, throughput, unplaced };
    if (this.autoreset !== "same-step") return;
    const { last, mask } = this.#views[at]!;
    this.#episodes[at]!.observe(last, mask);
    this.#begin(at);
  }

  #show(at: number): void {
    const { observation, mask } = this.#views[at]!;
    this.#episodes[at]!.observe(observation, mask);
    this.last.infos.levels[at] = this.#episodes[at]!.level;
  }
}

function noEnvironment(environment: number): InputError {
  return new InputError(`Environment ${environment} does not exist`);
}

/** Slots of the largest group that can be chosen. */
function mostSlots(tree: GroupTree, capacities: Uint8Array): number {
  let most = 0;
  for (const { first, size } of tree.groups.slice(1).flat()) {
    const slots = capacities.subarray(first, first + size).reduce((sum, each) => sum + each, 0);
    most = Math.max(most, slots);
  }
  return most;
}
