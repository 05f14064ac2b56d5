import { drawEvenDemand, Owner, Random, UnsupportedError } from "../../domain/mod.ts";
import { Chooser, EpisodePlayer } from "../../sim-wasm/mod.ts";
import { groupTree } from "../environment/group_tree.ts";
import { LearnedNetworks } from "../learning/learned_networks.ts";
import { createPaperNetwork, type Network } from "../learning/network.ts";
import { entropyWeightAfter, inverseRate } from "../learning/schedules.ts";
import { checkSeed, needNumber, slashed } from "../learning/state.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type {
  StateArray,
  StateValue,
  Trainer,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../learning/trainer.ts";
import { CoreGradients } from "./core_gradients.ts";
import { type EpisodeGradients, LevelGradients } from "./level_gradients.ts";
import { settingCapacities } from "./demand_player.ts";
import { normalised } from "./policy_gradient.ts";
import type { SubConfig } from "./sub_config.ts";
import {
  CLASS_WIDTH,
  networksFor,
  SUB_BRANCHING,
  SUB_NODES,
  subNetworkName,
  subSchedulersFromNetworks,
} from "./sub_schedulers.ts";

/** Mixed into the seed of an episode's demand, so that its choices draw from another stream. */
const CHOICE_STREAM = 0x3c6ef372;

/** One size class in training. */
interface ClassInTraining {
  readonly sizeClass: number;
  readonly learned: LearnedNetworks;
  readonly choosers: readonly Chooser[];
  episodes: number;
}

interface SubEpisode {
  readonly demand: readonly number[];
  readonly containers: number;
  readonly actions: Uint8Array;
  readonly mean: number;
  readonly reward: number;
}

/**
 * Learns the paper's sub-schedulers by REINFORCE: one update trains one size class, each in turn. A class begins with random
 * weights, or with those of the nearest class of the setting's parts.
 */
export class SubTrainer extends Owner implements Trainer {
  readonly #setting: TrainingSetting;
  readonly #config: SubConfig;
  readonly #seed: number;
  readonly #player: EpisodePlayer;
  readonly #capacities: Uint8Array;
  readonly #classes: readonly ClassInTraining[];
  readonly #gradients: EpisodeGradients;
  #updates = 0;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: SubConfig,
    seed: number,
  ) {
    super("trainer");
    this.#setting = setting;
    this.#config = config;
    this.#seed = seed >>> 0;
    this.#capacities = subCapacities(setting);
    const { simulator } = setting;
    this.#player = new EpisodePlayer({
      simulator,
      tree: groupTree(this.#capacities.length, SUB_BRANCHING),
      capacities: this.#capacities,
      hidden: config.hidden,
      remaining: true,
    });
    this.#gradients = config.reference
      ? new LevelGradients(tensorflow, this.#player)
      : new CoreGradients(this.#player, config.episodesPerUpdate);
    const draws = new Random(this.#seed);
    const { parts = [] } = setting;
    const before = parts.length === 0 ? null : subSchedulersFromNetworks(parts, simulator.apps);
    const count = config.lastClass - config.firstClass + 1;
    this.#classes = Array.from({ length: count }, (_, at) => {
      const own = config.firstClass + at;
      const networks = SUB_BRANCHING.map((actions, level) => {
        const inputs = this.#player.inputsAt(level);
        const name = subNetworkName(own, level + 1);
        if (before === null) return createPaperNetwork(name, inputs, actions, draws, config.hidden);
        return { ...networksFor(before, own * CLASS_WIDTH + 1)[level]!, name };
      });
      const learned = new LearnedNetworks(tensorflow, networks, {
        learningRate: config.learningRate,
        ...(config.clipNorm > 0 ? { clipNorm: config.clipNorm } : {}),
      });
      const choosers = networks.map((network) => new Chooser(simulator, network));
      return { sizeClass: own, learned, choosers, episodes: 0 };
    });
  }

  get done(): boolean {
    return this.#classes.every(({ episodes }) => episodes >= this.#config.episodes);
  }

  update(): UpdateStats {
    const trained = this.#classes[this.#updates % this.#classes.length]!;
    trained.choosers.forEach((chooser, level) => this.#player.setChooser(level, chooser));
    let entropies = 0;
    const batch = Array.from({ length: this.#config.episodesPerUpdate }, (_, at) => {
      const episode = this.#play(trained, trained.episodes + at, at);
      entropies += this.#player.entropy;
      return episode;
    });
    const weight = entropyWeightAfter(this.#config, trained.episodes);
    const scaled = normalised(this.#compared(batch));
    const rewarded = batch.map(({ demand, actions }, at) => ({
      demand,
      actions,
      reward: scaled[at]!,
      tape: at,
    }));
    const gradient = this.#gradients.of(trained.learned.trainable, rewarded, weight);
    const { learningRate, learningRateHalved } = this.#config;
    trained.learned.learningRate = inverseRate(learningRate, trained.episodes, learningRateHalved);
    const gradientNorm = trained.learned.step(gradient, this.#updates + 1);
    this.#toCore(trained);
    trained.episodes += batch.length;
    this.#updates++;
    const steps = batch.reduce((sum, episode) => sum + episode.containers, 0);
    return {
      update: this.#updates,
      episodes: this.#classes.reduce((sum, { episodes }) => sum + episodes, 0),
      batchEpisodes: batch.length,
      steps,
      meanReward: batch.reduce((sum, { reward }) => sum + reward, 0) / batch.length,
      meanThroughput: batch.reduce((sum, { mean }) => sum + mean, 0) / batch.length,
      bestThroughput: batch.reduce((most, { mean }) => Math.max(most, mean), -Infinity),
      entropy: entropies / (steps * SUB_BRANCHING.length),
      gradientNorm,
      loss: gradient.loss,
      extra: { sizeClass: trained.sizeClass, entropyWeight: weight },
    };
  }

  state(): TrainerState {
    const values: Record<string, StateValue> = { seed: this.#seed, updates: this.#updates };
    const arrays: Record<string, StateArray> = {};
    for (const { sizeClass, learned, episodes } of this.#classes) {
      const prefix = `class${sizeClass}/`;
      const saved = learned.save(slashed(prefix), { [`${prefix}episodes`]: episodes });
      Object.assign(values, saved.values);
      Object.assign(arrays, saved.arrays);
    }
    return { values, arrays };
  }

  restore(state: TrainerState): void {
    checkSeed(state, this.#seed);
    for (const trained of this.#classes) {
      const prefix = `class${trained.sizeClass}/`;
      trained.learned.restore(state, slashed(prefix));
      trained.episodes = needNumber(state, `${prefix}episodes`);
      this.#toCore(trained);
    }
    this.#updates = needNumber(state, "updates");
  }

  networks(): Network[] {
    return this.#classes.flatMap(({ learned }) => learned.read());
  }

  protected override release(): void {
    this.#gradients.dispose();
    this.#player.dispose();
    for (const { learned, choosers } of this.#classes) {
      learned.dispose();
      for (const chooser of choosers) chooser.dispose();
    }
  }

  #play(trained: ClassInTraining, number: number, tape: number): SubEpisode {
    const { simulator } = this.#setting;
    const first = this.#seed + Math.imul(trained.sizeClass + 1, 0x9e3779b9);
    const seed = (first + number) >>> 0;
    const draws = new Random(first + number - number % this.#config.episodesPerDemand);
    const slots = this.#capacities.reduce((sum, capacity) => sum + capacity, 0);
    const wanted = trained.sizeClass * CLASS_WIDTH + 1 + draws.below(CLASS_WIDTH);
    const containers = Math.min(wanted, slots);
    const demand = drawEvenDemand(simulator.apps.length, containers, draws);
    const actions = this.#gradients.play(tape, demand, (seed ^ CHOICE_STREAM) >>> 0);
    const mean = this.#player.total / containers;
    return { demand, containers, actions, mean, reward: mean - this.#roundRobin(demand) };
  }

  /** Mean throughput of container i on node i modulo the number of nodes, full nodes skipped. */
  #roundRobin(demand: readonly number[]): number {
    const nodes = this.#capacities.length;
    const counts = new Uint8Array(nodes * demand.length);
    const room = this.#capacities.slice();
    let node = 0;
    let containers = 0;
    demand.forEach((count, app) => {
      for (let at = 0; at < count; at++) {
        while (room[node] === 0) node = (node + 1) % nodes;
        room[node]!--;
        counts[node * demand.length + app]!++;
        node = (node + 1) % nodes;
        containers++;
      }
    });
    const placement = { nodes, apps: demand.length, counts };
    return this.#setting.simulator.evaluate(placement) / containers;
  }

  /** Rewards, less the mean of those of the same demand where several share one. */
  #compared(batch: readonly SubEpisode[]): number[] {
    const each = this.#config.episodesPerDemand;
    if (each === 1) return batch.map(({ reward }) => reward);
    const compared: number[] = [];
    for (let first = 0; first < batch.length; first += each) {
      const group = batch.slice(first, first + each);
      const mean = group.reduce((sum, { reward }) => sum + reward, 0) / group.length;
      for (const { reward } of group) compared.push(reward - mean);
    }
    return compared;
  }

  #toCore({ learned, choosers }: ClassInTraining): void {
    learned.read().forEach((network, level) => choosers[level]!.assign(network));
  }
}

/** Slots of the nodes of one sub-cluster: 27 nodes, or all where the cluster has fewer. */
function subCapacities(setting: TrainingSetting): Uint8Array {
  const capacities = settingCapacities(setting);
  if (capacities.some((capacity) => capacity !== capacities[0])) {
    throw new UnsupportedError("Sub-schedulers are trained on nodes of equal capacity");
  }
  return capacities.slice(0, SUB_NODES);
}
