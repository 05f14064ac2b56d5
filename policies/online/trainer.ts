import { Owner, Random } from "../../domain/mod.ts";
import { choiceGradients } from "../learning/choice_gradients.ts";
import type { Learner } from "../learning/learner.ts";
import { LearnedNetworks } from "../learning/learned_networks.ts";
import type { Network } from "../learning/network.ts";
import { checkConfig } from "../learning/options.ts";
import { linearRate } from "../learning/schedules.ts";
import { checkSeed, needNumber, NUMBERED } from "../learning/state.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { Trainer, TrainerState, TrainingSetting, UpdateStats } from "../learning/trainer.ts";
import { NodeStream } from "../universal/node_stream.ts";
import { ONLINE_OPTIONS, type OnlineConfig } from "./config.ts";
import { createOnlineNetworks, onlineNetwork, RESTS } from "./policy.ts";
import { joinBatches, OnlineSampler } from "./sampler.ts";
import { metisOnlineScheduler } from "./scheduler.ts";

/** Mixed into the seed of each update's draws. */
const UPDATE_STREAM = 0x6f6e6c69;

/**
 * Learns to place containers as they come, for both cases (the rest unknown, the rest known): first by imitation of
 * placements found in hindsight, then by policy gradient.
 */
class OnlineTrainer extends Owner implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #config: OnlineConfig;
  readonly #seed: number;
  readonly #samplers: readonly NodeStream<OnlineSampler>[];
  readonly #learned: LearnedNetworks;
  #updates = 0;
  #episodes = 0;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: OnlineConfig,
    seed: number,
  ) {
    super("trainer");
    this.#tensorflow = tensorflow;
    this.#config = config;
    this.#seed = seed >>> 0;
    const { parts = [] } = setting;
    const networks = parts.length > 0
      ? RESTS.map((rest) => onlineNetwork(parts, rest))
      : createOnlineNetworks(config.hidden, new Random(this.#seed));
    this.#samplers = RESTS.map((rest) =>
      new NodeStream(
        setting,
        config.universal,
        this.#seed,
        (nodes) => new OnlineSampler(nodes, rest, config),
      )
    );
    this.#learned = new LearnedNetworks(tensorflow, networks, {
      learningRate: config.imitationRate,
      clipNorm: 1,
    });
  }

  get done(): boolean {
    return this.#updates >= this.#config.imitationUpdates + this.#config.gradientUpdates;
  }

  update(): UpdateStats {
    const { imitationUpdates, gradientUpdates, imitationRate, gradientRate } = this.#config;
    const draws = new Random((this.#seed ^ UPDATE_STREAM) + this.#updates);
    const imitates = this.#updates < imitationUpdates;
    const networks = this.networks();
    const { imitated, orders } = this.#config;
    const nodes = this.#config.universal ? orders : 1;
    const batches = this.#samplers.map((samplers, at) =>
      joinBatches(Array.from({ length: nodes }, (_, part) => {
        const sampler = samplers.player(this.#updates, part);
        return imitates
          ? sampler.imitate(networks[at]!, Math.ceil(imitated / nodes), draws)
          : sampler.improve(networks[at]!, Math.ceil(orders / nodes), draws);
      }))
    );
    const progress = imitates
      ? this.#updates / imitationUpdates
      : Math.min(1, (this.#updates - imitationUpdates) / Math.max(1, gradientUpdates));
    const rate = linearRate(imitates ? imitationRate : gradientRate, progress);
    this.#learned.learningRate = rate;
    const average = (pick: (batch: typeof batches[number]) => number): number =>
      batches.reduce((sum, batch) => sum + pick(batch), 0) / batches.length;
    const sum = (pick: (batch: typeof batches[number]) => number): number =>
      batches.length * average(pick);
    const loss = average((batch) => batch.loss);
    const choices = batches.map((batch) => batch.choices);
    const gradientNorm = this.#learned.step(
      choiceGradients(this.#tensorflow, this.#learned.trainable, choices, loss),
      this.#updates + 1,
    );
    this.#updates++;
    this.#episodes += sum((batch) => batch.episodes);
    return {
      update: this.#updates,
      episodes: this.#episodes,
      batchEpisodes: sum((batch) => batch.episodes),
      steps: sum((batch) => batch.containers),
      meanReward: average((batch) => batch.mean),
      meanThroughput: average((batch) => batch.mean),
      bestThroughput: Math.max(...batches.map((batch) => batch.best)),
      entropy: average((batch) => batch.entropy),
      gradientNorm,
      loss,
      extra: { rows: sum((batch) => batch.choices.rows), learningRate: rate },
    };
  }

  state(): TrainerState {
    return this.#learned.save(NUMBERED, {
      seed: this.#seed,
      updates: this.#updates,
      episodes: this.#episodes,
    });
  }

  restore(state: TrainerState): void {
    checkSeed(state, this.#seed);
    this.#learned.restore(state, NUMBERED);
    this.#updates = needNumber(state, "updates");
    this.#episodes = needNumber(state, "episodes");
  }

  networks(): Network[] {
    return this.#learned.read();
  }

  protected override release(): void {
    for (const sampler of this.#samplers) sampler.dispose();
    this.#learned.dispose();
  }
}

/** The learner of containers that come one by one, the rest unknown or known. */
export const onlineLearner: Learner<OnlineConfig> = {
  name: "online",
  algorithm: "metis",
  policyKind: "online",
  summary: "containers that come one by one: imitation of hindsight, then policy gradient",
  perDemand: false,
  needs: null,
  seconds: null,
  reaches:
    "a quarter of an hour beside other work; on 81 nodes then 1.4, 0.8 and 1.2 % from the optimum, the rest unknown (deno task study online)",
  ...ONLINE_OPTIONS,
  create(tensorflow, setting, config, seed) {
    checkConfig(ONLINE_OPTIONS, config);
    return new OnlineTrainer(tensorflow, setting, config, seed);
  },
  scheduler: (networks) => metisOnlineScheduler(() => Promise.resolve(networks)),
  pieces: () => null,
};
