import {
  drawEvenDemand,
  InputError,
  Random,
  UnsupportedError,
  UsageError,
} from "../../domain/mod.ts";
import { Chooser, EpisodePlayer } from "../../sim-wasm/mod.ts";
import { groupTree } from "../environment/group_tree.ts";
import { createPaperNetwork, type Network } from "../learning/network.ts";
import { Adam, type TensorFlow, TrainableNetwork } from "../learning/tensorflow.ts";
import type {
  StateArray,
  StateValue,
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../learning/trainer.ts";
import { decodeWeights, encodeWeights, needNumber } from "./demand_state.ts";
import { settingCapacities } from "./player.ts";
import { entropyWeightAfter } from "./entropy_schedule.ts";
import { choiceMasks } from "./choice_masks.ts";
import { optionProblems } from "./options.ts";
import { normalised, policyGradient } from "./policy_gradient.ts";
import { SUB_DEFAULTS, SUB_DESCRIPTIONS, SUB_RANGES, type SubConfig } from "./sub_config.ts";
import { CLASS_WIDTH, SUB_BRANCHING, SUB_NODES, subNetworkName } from "./sub_schedulers.ts";

/** Mixed into the seed of an episode's demand, so that its choices draw from another stream. */
const CHOICE_STREAM = 0x3c6ef372;

/** One size class in training. */
interface ClassInTraining {
  readonly sizeClass: number;
  readonly networks: readonly TrainableNetwork[];
  readonly choosers: readonly Chooser[];
  readonly adam: Adam;
  episodes: number;
}

interface SubEpisode {
  readonly demand: readonly number[];
  readonly containers: number;
  readonly actions: Uint8Array;
  readonly mean: number;
  readonly reward: number;
}

/** Learns the paper's sub-schedulers by REINFORCE: one update trains one size class, each in turn. */
export class SubLearner implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #setting: TrainingSetting;
  readonly #config: SubConfig;
  readonly #seed: number;
  readonly #player: EpisodePlayer;
  readonly #capacities: Uint8Array;
  readonly #classes: readonly ClassInTraining[];
  #observations: Float32Array[];
  #updates = 0;
  #disposed = false;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: SubConfig,
    seed: number,
  ) {
    this.#tensorflow = tensorflow;
    this.#setting = setting;
    this.#config = config;
    this.#seed = seed >>> 0;
    this.#capacities = subCapacities(setting);
    const { core, apps } = setting.simulator;
    this.#player = new EpisodePlayer({
      core,
      apps: apps.length,
      tree: groupTree(this.#capacities.length, SUB_BRANCHING),
      capacities: this.#capacities,
      hidden: config.hidden,
      remaining: true,
    });
    this.#observations = SUB_BRANCHING.map(() => new Float32Array());
    const draws = new Random(this.#seed);
    const count = config.lastClass - config.firstClass + 1;
    this.#classes = Array.from({ length: count }, (_, at) => {
      const own = config.firstClass + at;
      const networks = SUB_BRANCHING.map((actions, level) => {
        const inputs = this.#player.inputsAt(level);
        const name = subNetworkName(own, level + 1);
        const network = createPaperNetwork(name, inputs, actions, draws, config.hidden);
        return new TrainableNetwork(tensorflow, network);
      });
      const choosers = networks.map((network) => new Chooser(core, network.read()));
      const clip = config.clipNorm > 0 ? { clipNorm: config.clipNorm } : {};
      const adam = new Adam(networks, { learningRate: config.learningRate, ...clip });
      return { sizeClass: own, networks, choosers, adam, episodes: 0 };
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
      const episode = this.#play(trained, trained.episodes + at);
      entropies += this.#player.entropy;
      return episode;
    });
    const weight = entropyWeightAfter(this.#config, trained.episodes);
    const { loss, norm } = this.#learn(trained, batch, weight);
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
      gradientNorm: norm,
      loss,
      extra: { sizeClass: trained.sizeClass, entropyWeight: weight },
    };
  }

  state(): TrainerState {
    const values: Record<string, StateValue> = { seed: this.#seed, updates: this.#updates };
    let arrays: Record<string, StateArray> = {};
    for (const { sizeClass, networks, adam, episodes } of this.#classes) {
      const prefix = `class${sizeClass}/`;
      const optimiser = adam.state();
      values[`${prefix}episodes`] = episodes;
      values[`${prefix}adamSteps`] = optimiser.steps;
      const weights = networks.flatMap((network) => [...network.weightsView]);
      arrays = { ...arrays, ...encodeWeights(weights, optimiser, prefix) };
    }
    return { values, arrays };
  }

  restore(state: TrainerState): void {
    if (needNumber(state, "seed") !== this.#seed) {
      throw new InputError(
        `The state is of seed ${state.values["seed"]}, this learner of ${this.#seed}`,
      );
    }
    for (const trained of this.#classes) {
      const prefix = `class${trained.sizeClass}/`;
      const { weights, adam } = decodeWeights(state, prefix);
      const each = 4;
      if (weights.length !== each * trained.networks.length) {
        throw new InputError(`The saved state lacks weights of size class ${trained.sizeClass}`);
      }
      trained.networks.forEach((network, level) =>
        network.assign(weights.slice(level * each, (level + 1) * each))
      );
      trained.adam.restore(adam);
      trained.episodes = needNumber(state, `${prefix}episodes`);
      this.#toCore(trained);
    }
    this.#updates = needNumber(state, "updates");
  }

  networks(): Network[] {
    return this.#classes.flatMap(({ networks }) => networks.map((network) => network.read()));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#player.dispose();
    for (const { networks, choosers } of this.#classes) {
      for (const network of networks) network.dispose();
      for (const chooser of choosers) chooser.dispose();
    }
  }

  #play(trained: ClassInTraining, number: number): SubEpisode {
    const { simulator } = this.#setting;
    const first = this.#seed + Math.imul(trained.sizeClass + 1, 0x9e3779b9);
    const seed = (first + number) >>> 0;
    const draws = new Random(first + number - number % this.#config.episodesPerDemand);
    const slots = this.#capacities.reduce((sum, capacity) => sum + capacity, 0);
    const wanted = trained.sizeClass * CLASS_WIDTH + 1 + draws.below(CLASS_WIDTH);
    const containers = Math.min(wanted, slots);
    const demand = drawEvenDemand(simulator.apps.length, containers, draws);
    const actions = this.#player.play(demand, "sample", (seed ^ CHOICE_STREAM) >>> 0);
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

  #learn(
    trained: ClassInTraining,
    batch: readonly SubEpisode[],
    entropyWeight: number,
  ): { loss: number; norm: number } {
    const levels = SUB_BRANCHING.length;
    const rows = batch.reduce((sum, episode) => sum + episode.containers, 0);
    const room = rows * this.#player.inputsAt(0);
    if (this.#observations[0]!.length < room) {
      this.#observations = SUB_BRANCHING.map(() => new Float32Array(room));
    }
    const rewards = new Float32Array(rows);
    const actions = SUB_BRANCHING.map(() => new Uint8Array(rows));
    const scaled = normalised(this.#compared(batch));
    let row = 0;
    batch.forEach((episode, at) => {
      this.#player.observe(episode.demand, episode.actions, this.#observations, row);
      for (let container = 0; container < episode.containers; container++, row++) {
        rewards[row] = scaled[at]!;
        for (let level = 0; level < levels; level++) {
          actions[level]![row] = episode.actions[container * levels + level]!;
        }
      }
    });
    const gradients = trained.networks.map((network, level) => {
      const observations = this.#observations[level]!;
      const own = { rows, observations, actions: actions[level]!, rewards };
      const masks = choiceMasks(this.#player.tree, level, batch.map((episode) => episode.actions));
      const full = masks === null ? own : { ...own, masks };
      return policyGradient(this.#tensorflow, network, full, entropyWeight);
    });
    const loss = gradients.reduce((sum, gradient) => sum + gradient.loss, 0);
    const arrays = gradients.flatMap((gradient) => gradient.arrays);
    const norm = trained.adam.step({ loss, arrays }, this.#updates + 1);
    this.#toCore(trained);
    return { loss, norm };
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

  #toCore({ networks, choosers }: ClassInTraining): void {
    networks.forEach((network, level) => choosers[level]!.assign(network.read()));
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

/** The paper's sub-schedulers: one model for each size class, for any demand on up to 27 nodes. */
export const subLearner: TrainerKind<SubConfig> = {
  name: "sub",
  summary: "the paper's sub-schedulers: any demand on 27 nodes, one model per ten containers",
  perDemand: false,
  defaults: SUB_DEFAULTS,
  describe: SUB_DESCRIPTIONS,
  validate: (config) => {
    const problems = optionProblems(SUB_RANGES, config);
    if (Number(config["firstClass"]) > Number(config["lastClass"])) {
      problems.push("Option firstClass must not be above lastClass");
    }
    if (Number(config["episodesPerUpdate"]) % Number(config["episodesPerDemand"]) !== 0) {
      problems.push("Option episodesPerUpdate must be a multiple of episodesPerDemand");
    }
    return problems;
  },
  create: (tensorflow, setting, config, seed) => {
    const problems = subLearner.validate({ ...config });
    if (problems.length > 0) throw new UsageError(problems.join("; "));
    return new SubLearner(tensorflow, setting, config, seed);
  },
};
