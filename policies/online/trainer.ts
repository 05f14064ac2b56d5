import { Random, UsageError } from "../../domain/mod.ts";
import { choiceGradients } from "../metis/imitation.ts";
import { restoreLearning, saveLearning } from "../metis/saved_state.ts";
import type { Network } from "../learning/network.ts";
import { optionProblems } from "../paper/options.ts";
import { Adam, type TensorFlow } from "../learning/tensorflow.ts";
import type {
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../learning/trainer.ts";
import {
  ONLINE_DEFAULTS,
  ONLINE_DESCRIPTIONS,
  ONLINE_RANGES,
  type OnlineConfig,
} from "./config.ts";
import { OnlineLearner } from "./learner.ts";

/** Mixed into the seed of each update's draws. */
const UPDATE_STREAM = 0x6f6e6c69;

/** Share of the first step size that the last one is. */
const LAST_RATE = 0.02;

/**
 * Learns to place containers as they come, for both cases (the rest unknown, the rest known): first by imitation of
 * placements found in hindsight, then by policy gradient.
 */
export class OnlineTrainer implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #config: OnlineConfig;
  readonly #seed: number;
  readonly #learners: readonly OnlineLearner[];
  readonly #adam: Adam;
  #updates = 0;
  #episodes = 0;
  #disposed = false;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: OnlineConfig,
    seed: number,
  ) {
    this.#tensorflow = tensorflow;
    this.#config = config;
    this.#seed = seed >>> 0;
    const draws = new Random(this.#seed);
    this.#learners = (["unknown", "known"] as const).map((rest) =>
      new OnlineLearner(tensorflow, setting.simulator, setting, rest, config, draws)
    );
    this.#adam = new Adam(this.#learners.map(({ network }) => network), {
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
    const batches = this.#learners.map((learner) =>
      imitates ? learner.imitate(draws) : learner.improve(draws)
    );
    const progress = imitates
      ? this.#updates / imitationUpdates
      : Math.min(1, (this.#updates - imitationUpdates) / Math.max(1, gradientUpdates));
    this.#adam.learningRate = (imitates ? imitationRate : gradientRate) *
      (LAST_RATE + (1 - LAST_RATE) * (1 - progress));
    const average = (pick: (batch: typeof batches[number]) => number): number =>
      batches.reduce((sum, batch) => sum + pick(batch), 0) / batches.length;
    const sum = (pick: (batch: typeof batches[number]) => number): number =>
      batches.length * average(pick);
    const loss = average((batch) => batch.loss);
    const gradientNorm = this.#adam.step(
      choiceGradients(this.#tensorflow, batches.map(({ choices }) => choices), loss),
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
      extra: { rows: sum((batch) => batch.choices.rows), learningRate: this.#adam.learningRate },
    };
  }

  state(): TrainerState {
    return saveLearning(this.#networks(), this.#adam, {
      seed: this.#seed,
      updates: this.#updates,
      episodes: this.#episodes,
    });
  }

  restore(state: TrainerState): void {
    const values = restoreLearning(this.#networks(), this.#adam, state, this.#seed);
    this.#updates = values.updates;
    this.#episodes = values.episodes;
  }

  networks(): Network[] {
    return this.#networks().map((network) => network.read());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const learner of this.#learners) learner.dispose();
  }

  #networks() {
    return this.#learners.map(({ network }) => network);
  }
}

/** The learner of containers that come one by one. */
export const onlineTrainer: TrainerKind<OnlineConfig> = {
  name: "online",
  summary: "containers that come one by one in any order, the rest unknown or known",
  perDemand: false,
  defaults: ONLINE_DEFAULTS,
  describe: ONLINE_DESCRIPTIONS,
  validate(config) {
    const problems = optionProblems(ONLINE_RANGES, config);
    if (typeof config["hidden"] === "number" && config["hidden"] % 4 !== 0) {
      problems.push(`Option hidden must be a multiple of 4: got ${config["hidden"]}`);
    }
    return problems;
  },
  create(tensorflow, setting, config, seed) {
    const problems = this.validate({ ...config });
    if (problems.length > 0) throw new UsageError(problems.join("; "));
    return new OnlineTrainer(tensorflow, setting, config, seed);
  },
};
