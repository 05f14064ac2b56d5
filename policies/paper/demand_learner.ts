import { InputError, Random, UsageError } from "../../domain/mod.ts";
import { createPaperNetwork, type Network } from "../learning/network.ts";
import { Adam, type TensorFlow, TrainableNetwork } from "../learning/tensorflow.ts";
import type {
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../learning/trainer.ts";
import {
  DC_DEFAULTS,
  DEMAND_DESCRIPTIONS,
  DEMAND_RANGES,
  type DemandConfig,
  HIGH_DEFAULTS,
  VANILLA_DEFAULTS,
} from "./demand_config.ts";
import {
  type EpisodeEngine,
  NodeEngine,
  type PlayedEpisode,
  settingCapacities,
  SubClusterEngine,
} from "./player.ts";
import { entropyWeightAfter } from "./entropy_schedule.ts";
import { choiceMasks } from "./choice_masks.ts";
import { checkOptions, optionProblems } from "./options.ts";
import { normalised, policyGradient } from "./policy_gradient.ts";
import { ReplayPool } from "./replay.ts";
import { DemandStateCodec } from "./demand_state.ts";
import { threefold } from "../environment/group_tree.ts";
import type { SubSchedulers } from "./sub_schedulers.ts";

/** Mixed into the seed of each update's draws, so that they differ from the seeds of episodes. */
const REPLAY_STREAM = 0x7f4a7c15;

/**
 * Learns to place one demand by REINFORCE: the paper's high level, Vanilla RL and divide-and-conquer, which
 * differ in their tree of choices and their config.
 */
export class DemandLearner implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #engine: EpisodeEngine;
  readonly #config: DemandConfig;
  readonly #seed: number;
  readonly #networks: readonly TrainableNetwork[];
  readonly #adam: Adam;
  readonly #replay: ReplayPool;
  #demonstrations: PlayedEpisode[] = [];
  #best: PlayedEpisode = { actions: new Uint8Array(), mean: -Infinity };
  #updates = 0;
  #episodes = 0;
  #disposed = false;
  /** One for each level; grown to the largest batch, then used again and again. */
  #observations: Float32Array[] = [];

  /** Takes the engine over: it is disposed of with this learner. */
  constructor(tensorflow: TensorFlow, engine: EpisodeEngine, config: DemandConfig, seed: number) {
    this.#tensorflow = tensorflow;
    this.#engine = engine;
    this.#config = config;
    this.#seed = seed >>> 0;
    const draws = new Random(this.#seed);
    const { branching } = engine.player.tree;
    this.#networks = branching.map((actions, level) => {
      const inputs = engine.player.inputsAt(level);
      const name = `level${level + 1}`;
      const network = createPaperNetwork(name, inputs, actions, draws, config.hidden);
      return new TrainableNetwork(tensorflow, network);
    });
    this.#adam = new Adam(this.#networks, {
      learningRate: config.learningRate,
      ...(config.clipNorm > 0 ? { clipNorm: config.clipNorm } : {}),
    });
    this.#replay = new ReplayPool(config);
    engine.assign(this.networks());
  }

  get done(): boolean {
    return this.#episodes >= this.#config.episodes;
  }

  /** Best mean normalised throughput of any episode so far; -Infinity before the first. */
  get bestMean(): number {
    return this.#best.mean;
  }

  /** Counts of the best episode so far: row-major, nodes x apps. @throws {InputError} before the first. */
  bestPlacement(): Uint8Array {
    if (this.#best.actions.length === 0) throw new InputError("No episode was played yet");
    return this.#engine.placement(this.#best.actions);
  }

  update(): UpdateStats {
    const config = this.#config;
    const { fresh, entropy } = this.#sample();
    for (const episode of fresh) if (episode.mean > this.#best.mean) this.#best = episode;
    const draws = new Random((this.#seed ^ REPLAY_STREAM) + this.#updates);
    const replayed = this.#replay.draw(config.replayed, draws);
    const batch = [...fresh, ...replayed, ...this.#shownDemonstrations(draws)];
    this.#replay.add(fresh, this.#best.mean);
    const rewards = batch.map((episode) => episode.mean - this.#best.mean);
    const weight = entropyWeightAfter(config, this.#episodes);
    const step = this.#learn(batch, config.normalise ? normalised(rewards) : rewards, weight);
    this.#episodes += fresh.length;
    this.#updates++;
    const meanThroughput = mean(fresh.map((episode) => episode.mean));
    return {
      update: this.#updates,
      episodes: this.#episodes,
      batchEpisodes: batch.length,
      steps: fresh.length * this.#engine.containers,
      meanReward: mean(rewards.slice(0, fresh.length)),
      meanThroughput,
      bestThroughput: this.#best.mean,
      entropy: entropy ?? step.entropy,
      gradientNorm: step.norm,
      loss: step.loss,
      extra: {
        replayKept: this.#replay.kept.length,
        replayRange: this.#replay.range,
        entropyWeight: weight,
      },
    };
  }

  state(): TrainerState {
    return DemandStateCodec.encode({
      seed: this.#seed,
      updates: this.#updates,
      episodes: this.#episodes,
      range: this.#replay.range,
      kept: this.#replay.kept,
      demonstrations: this.#demonstrations,
      best: this.#best,
      weights: this.#networks.flatMap((network) => [...network.weightsView]),
      adam: this.#adam.state(),
    });
  }

  restore(state: TrainerState): void {
    const length = this.#engine.containers * this.#networks.length;
    const saved = DemandStateCodec.decode(state, length);
    if (saved.seed !== this.#seed) {
      throw new InputError(`The state is of seed ${saved.seed}, this learner of ${this.#seed}`);
    }
    let first = 0;
    for (const network of this.#networks) {
      const count = network.weightsView.length;
      network.assign(saved.weights.slice(first, first + count));
      first += count;
    }
    this.#adam.restore(saved.adam);
    this.#updates = saved.updates;
    this.#episodes = saved.episodes;
    this.#replay.range = saved.range;
    this.#replay.kept = [...saved.kept];
    this.#demonstrations = [...saved.demonstrations];
    this.#best = saved.best;
    this.#engine.assign(this.networks());
  }

  networks(): Network[] {
    return this.#networks.map((network) => network.read());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#engine.dispose();
    for (const network of this.#networks) network.dispose();
  }

  /** New episodes: demonstrations at first, then by the policy. */
  #sample(): { fresh: PlayedEpisode[]; entropy: number | null } {
    const { episodesPerUpdate, demonstrations } = this.#config;
    const fresh: PlayedEpisode[] = [];
    let entropies = 0;
    let sampled = 0;
    for (let at = 0; at < episodesPerUpdate; at++) {
      const number = this.#episodes + at;
      const seed = (this.#seed + number) >>> 0;
      if (number < demonstrations) {
        const episode = this.#engine.play("spread", seed);
        this.#demonstrations.push(episode);
        fresh.push(episode);
        continue;
      }
      fresh.push(this.#engine.play("sample", seed));
      entropies += this.#engine.player.entropy;
      sampled++;
    }
    const choices = sampled * this.#engine.containers * this.#networks.length;
    return { fresh, entropy: sampled === 0 ? null : entropies / choices };
  }

  #shownDemonstrations(draws: Random): PlayedEpisode[] {
    const { demonstrationsPerUpdate, demonstrationFloor } = this.#config;
    const best = this.#demonstrations.reduce((most, { mean }) => Math.max(most, mean), -Infinity);
    if (best <= demonstrationFloor * this.#best.mean) return [];
    return draws.shuffle([...this.#demonstrations]).slice(0, demonstrationsPerUpdate);
  }

  #learn(
    batch: readonly PlayedEpisode[],
    rewards: readonly number[],
    entropyWeight: number,
  ): { loss: number; norm: number; entropy: number } {
    const { containers, player, demand } = this.#engine;
    const levels = this.#networks.length;
    const rows = batch.length * containers;
    if ((this.#observations[0]?.length ?? 0) < rows * player.inputsAt(0)) {
      this.#observations = this.#networks.map((_, level) =>
        new Float32Array(rows * player.inputsAt(level))
      );
    }
    batch.forEach(({ actions }, at) =>
      player.observe(demand, actions, this.#observations, at * containers)
    );
    const rowRewards = new Float32Array(rows);
    rewards.forEach((reward, at) =>
      rowRewards.fill(reward, at * containers, (at + 1) * containers)
    );
    const gradients = this.#networks.map((network, level) => {
      const actions = new Uint8Array(rows);
      const masks = choiceMasks(player.tree, level, batch.map((episode) => episode.actions));
      batch.forEach((episode, at) => {
        for (let container = 0; container < containers; container++) {
          actions[at * containers + container] = episode.actions[container * levels + level]!;
        }
      });
      const observations = this.#observations[level]!;
      const own = { rows, observations, actions, rewards: rowRewards };
      const full = masks === null ? own : { ...own, masks };
      return policyGradient(this.#tensorflow, network, full, entropyWeight);
    });
    const loss = gradients.reduce((sum, gradient) => sum + gradient.loss, 0);
    const arrays = gradients.flatMap((gradient) => gradient.arrays);
    const norm = this.#adam.step({ loss, arrays }, this.#updates + 1);
    this.#engine.assign(this.networks());
    return { loss, norm, entropy: mean(gradients.map((gradient) => gradient.entropy)) };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A way of learning one demand that can show the best placement it saw. */
export interface DemandLearnerKind extends TrainerKind<DemandConfig> {
  create(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: DemandConfig,
    seed: number,
  ): DemandLearner;
}

function demandKind(
  own: Pick<TrainerKind<DemandConfig>, "name" | "summary" | "defaults">,
  engine: (setting: TrainingSetting, hidden: number) => EpisodeEngine,
): DemandLearnerKind {
  return {
    ...own,
    perDemand: true,
    describe: DEMAND_DESCRIPTIONS,
    validate: (config) => optionProblems(DEMAND_RANGES, config),
    create: (tensorflow, setting, config, seed) => {
      checkOptions(DEMAND_RANGES, config);
      return new DemandLearner(tensorflow, engine(setting, config.hidden), config, seed);
    },
  };
}

/** The paper's high level: shares a demand out to sub-clusters of 27 nodes, which these sub-schedulers fill. */
export function highLearner(sub: SubSchedulers): DemandLearnerKind {
  return demandKind({
    name: "high",
    summary: "the paper's high level: shares one demand out to sub-clusters of 27 nodes",
    defaults: HIGH_DEFAULTS,
  }, (setting, hidden) => new SubClusterEngine(setting, sub, hidden));
}

/** Most nodes that Vanilla RL chooses among. */
const VANILLA_NODES = 256;

/** The paper's Vanilla RL: one choice among all nodes. */
export const vanillaLearner: DemandLearnerKind = demandKind({
  name: "vanilla",
  summary: "the paper's Vanilla RL: one network chooses among all nodes, for one demand",
  defaults: VANILLA_DEFAULTS,
}, (setting, hidden) => {
  const nodes = settingCapacities(setting).length;
  if (nodes > VANILLA_NODES) {
    throw new UsageError(
      `Vanilla RL chooses among at most ${VANILLA_NODES} nodes: got ${nodes}, use dc or high`,
    );
  }
  return new NodeEngine(setting, [nodes], hidden);
});

/** The paper's divide-and-conquer: levels of three choices down to the nodes, learned together. */
export const dcLearner: DemandLearnerKind = demandKind(
  {
    name: "dc",
    summary:
      "the paper's divide-and-conquer: levels of three choices, learned together, for one demand",
    defaults: DC_DEFAULTS,
  },
  (setting, hidden) =>
    new NodeEngine(setting, threefold(settingCapacities(setting).length), hidden),
);
