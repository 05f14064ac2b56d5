import {
  type Demand,
  demandTotal,
  InputError,
  NO_RULES,
  nodeCapacities,
  Owner,
} from "../../domain/mod.ts";
import { Chooser, type EpisodeMode, EpisodePlayer, type Simulator } from "../../sim-wasm/mod.ts";
import { groupTree } from "../environment/group_tree.ts";
import type { Network } from "../learning/network.ts";
import type { TrainingSetting } from "../learning/trainer.ts";

/** An episode of one demand. */
export interface PlayedEpisode {
  /** Row-major, containers x levels. */
  readonly actions: Uint8Array;
  /** Mean normalised throughput. */
  readonly mean: number;
}

/** Plays episodes of one demand: over nodes, or over sub-clusters that sub-schedulers then fill. */
export interface DemandPlayer extends Disposable {
  readonly demand: Demand;
  readonly containers: number;
  /** Plays and observes single episodes. */
  readonly episodes: EpisodePlayer;
  /** Plays an episode by the networks taken over last. */
  play(mode: Exclude<EpisodeMode, "forced">, seed: number): PlayedEpisode;
  /** Counts that these choices lead to: row-major, nodes x apps. */
  placement(actions: Uint8Array): Uint8Array;
  /** Takes over the networks, one for each level. */
  assign(networks: readonly Network[]): void;
  /** Gives core memory back. */
  dispose(): void;
}

/** What all players of one demand share: the episodes, and the networks that choose. */
export abstract class AnyDemandPlayer extends Owner implements DemandPlayer {
  readonly demand: Demand;
  readonly containers: number;
  readonly episodes: EpisodePlayer;
  /** Values the placements. */
  protected readonly simulator: Simulator;
  #choosers: Chooser[] = [];

  constructor(
    setting: TrainingSetting,
    capacities: ArrayLike<number>,
    branching: readonly number[],
    hidden: number,
  ) {
    super("player");
    this.simulator = setting.simulator;
    this.demand = neededDemand(setting);
    this.containers = demandTotal(this.demand);
    this.episodes = new EpisodePlayer({
      simulator: setting.simulator,
      tree: groupTree(capacities.length, branching),
      capacities,
      hidden,
      remaining: false,
    });
  }

  play(mode: Exclude<EpisodeMode, "forced">, seed: number): PlayedEpisode {
    const actions = this.episodes.play(this.demand, mode, seed);
    return { actions, mean: this.total() / this.containers };
  }

  abstract placement(actions: Uint8Array): Uint8Array;

  /** Total throughput of what was placed last. */
  protected abstract total(): number;

  assign(networks: readonly Network[]): void {
    networks.forEach((network, level) => {
      const chooser = this.#choosers[level];
      if (chooser !== undefined) return chooser.assign(network);
      this.#choosers[level] = new Chooser(this.simulator, network);
      this.episodes.setChooser(level, this.#choosers[level]!);
    });
  }

  protected override release(): void {
    this.episodes.dispose();
    for (const chooser of this.#choosers) chooser.dispose();
  }
}

/** Episodes whose leaves are nodes: Vanilla RL and divide-and-conquer. */
export class NodePlayer extends AnyDemandPlayer {
  constructor(setting: TrainingSetting, branching: readonly number[], hidden: number) {
    super(setting, settingCapacities(setting), branching, hidden);
  }

  override placement(actions: Uint8Array): Uint8Array {
    this.episodes.replay(this.demand, actions);
    return Uint8Array.from(this.episodes.placed());
  }

  protected override total(): number {
    return this.episodes.total;
  }
}

/** Slots of each node of a setting. @throws {InputError} for a setting with rules on configurations. */
export function settingCapacities(setting: TrainingSetting): Uint8Array {
  const rules = setting.rules ?? NO_RULES;
  if (rules.apart.length > 0 || rules.maxPerNode.some((limit) => limit !== null)) {
    throw new InputError("The paper's learners support no rules except fenced nodes");
  }
  return nodeCapacities(setting.cluster, rules);
}

function neededDemand(setting: TrainingSetting): Demand {
  const { demand, simulator } = setting;
  if (demand === undefined || demandTotal(demand) < 1) {
    throw new InputError("This learner needs a demand of at least one container");
  }
  if (demand.length !== simulator.apps.length) {
    throw new InputError(
      `Demand has ${demand.length} numbers, but there are ${simulator.apps.length} apps`,
    );
  }
  const slots = settingCapacities(setting).reduce((sum, capacity) => sum + capacity, 0);
  if (demandTotal(demand) > slots) {
    throw new InputError(`Demand of ${demandTotal(demand)} containers does not fit ${slots} slots`);
  }
  return demand;
}
