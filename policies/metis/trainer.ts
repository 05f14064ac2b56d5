import {
  drawVariedDemand,
  NO_RULES,
  Owner,
  type Placement,
  Random,
  totalSlots,
} from "../../domain/mod.ts";
import { MOST_CHOICES } from "../../sim-wasm/mod.ts";
import { choiceGradients } from "../learning/choice_gradients.ts";
import type { Learner } from "../learning/learner.ts";
import { LearnedNetworks } from "../learning/learned_networks.ts";
import type { Network } from "../learning/network.ts";
import { checkConfig } from "../learning/options.ts";
import { cosineRate } from "../learning/schedules.ts";
import { checkSeed, needNumber, NUMBERED } from "../learning/state.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { Trainer, TrainerState, TrainingSetting, UpdateStats } from "../learning/trainer.ts";
import { METIS_OPTIONS, type MetisConfig } from "./config.ts";
import { MetisPlayer } from "./player.ts";
import { createMetisNetworks } from "./policy.ts";
import { metisPolicyScheduler } from "./policy_scheduler.ts";

/** Mixed into the seed of each update's draws. */
const UPDATE_STREAM = 0x6d657469;

/** Choices that an update looks at, at most. */
const MOST_ROWS = 60_000;

/** What sampling one demand brought. */
interface Sampled {
  /** Mean and best of the sampled totals. */
  readonly mean: number;
  readonly best: number;
  /** The placement to imitate and its total. */
  readonly target: Placement;
  readonly targetTotal: number;
}

/**
 * Learns by imitating its own polished best: of each drawn demand it samples placements, polishes the best of
 * them by local search, and raises the probability of all choices that lead to the best one.
 */
class MetisTrainer extends Owner implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #config: MetisConfig;
  readonly #seed: number;
  readonly #player: MetisPlayer;
  readonly #learned: LearnedNetworks;
  readonly #apps: number;
  readonly #slots: number;
  #updates = 0;
  #episodes = 0;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: MetisConfig,
    seed: number,
  ) {
    super("trainer");
    const { simulator } = setting;
    const apps = simulator.apps;
    const problem = {
      apps,
      cluster: setting.cluster,
      demand: apps.map(() => 0),
      rules: setting.rules ?? NO_RULES,
    };
    this.#tensorflow = tensorflow;
    this.#config = config;
    this.#seed = seed >>> 0;
    this.#apps = apps.length;
    const draws = new Random(this.#seed);
    const networks = createMetisNetworks(apps.length, config.hidden, config.levels, draws);
    this.#slots = totalSlots(problem.cluster, problem.rules);
    const rows = Math.min(MOST_ROWS, MOST_CHOICES * this.#slots * config.demands);
    this.#player = new MetisPlayer(simulator, problem, networks, rows);
    this.#learned = new LearnedNetworks(tensorflow, networks, config);
  }

  get done(): boolean {
    return this.#updates >= this.#config.updates;
  }

  update(): UpdateStats {
    const { demands, samples, updates, learningRate } = this.#config;
    const draws = new Random((this.#seed ^ UPDATE_STREAM) + this.#updates);
    this.#player.setNetworks(this.networks());
    this.#player.clearRecord();
    let containers = 0;
    let mean = 0;
    let best = 0;
    let regret = 0;
    for (let each = 0; each < demands; each++) {
      const demand = drawVariedDemand(this.#apps, this.#slots, this.#config, draws);
      const size = demand.reduce((a, b) => a + b, 0);
      const sampled = this.#sample(demand, draws);
      if (sampled === null) continue;
      this.#player.state.load(sampled.target);
      const target = this.#player.state;
      this.#player.plan(demand, { temperature: 1, target, recording: true });
      containers += size * samples;
      mean += sampled.mean / size / demands;
      best += sampled.best / size / demands;
      regret += (sampled.mean / sampled.targetTotal - 1) / demands;
    }
    const record = this.#player.record();
    const count = Math.max(1, record.decisions);
    const parts = record.parts.map(({ rows, inputs, slopes }) => ({
      rows,
      inputs: inputs.slice(),
      slopes: slopes.map((slope) => slope / count),
    }));
    const entropy = record.entropy / count;
    const loss = record.loss / count;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const rate = cosineRate(learningRate, Math.min(1, this.#updates / updates));
    this.#learned.learningRate = rate;
    const gradientNorm = rows === 0 ? 0 : this.#learned.step(
      choiceGradients(this.#tensorflow, this.#learned.trainable, parts, loss),
      this.#updates + 1,
    );
    this.#updates++;
    this.#episodes += demands * samples;
    return {
      update: this.#updates,
      episodes: this.#episodes,
      batchEpisodes: demands,
      steps: containers,
      meanReward: regret,
      meanThroughput: mean,
      bestThroughput: best,
      entropy,
      gradientNorm,
      loss,
      extra: { rows, learningRate: rate },
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
    this.#player.dispose();
    this.#learned.dispose();
  }

  /** Samples placements of a demand and polishes the best; null if rules let none through. */
  #sample(demand: readonly number[], draws: Random): Sampled | null {
    const { samples, polished } = this.#config;
    const player = this.#player;
    player.price(demand);
    player.seed(draws.uint32());
    const tries: { total: number; placement: Placement }[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const total = player.plan(demand, { temperature: sample === 0 ? 0 : 1 });
      if (total !== null) tries.push({ total, placement: player.placement() });
    }
    if (tries.length === 0) return null;
    const mean = tries.reduce((sum, { total }) => sum + total, 0) / tries.length;
    tries.sort((a, b) => b.total - a.total);
    let target = tries[0]!;
    for (const { placement } of tries.slice(0, polished)) {
      player.state.load(placement);
      player.state.localSearch();
      const total = player.state.total;
      if (total > target.total) target = { total, placement: player.state.placement() };
    }
    return { mean, best: tries[0]!.total, target: target.placement, targetTotal: target.total };
  }
}

/** Our own learner of one policy for all demands and sizes. */
export const metisLearner: Learner<MetisConfig> = {
  name: "metis",
  algorithm: "metis",
  policyKind: "metis",
  summary: "one policy for any demand and size, learned by imitating its own polished best",
  perDemand: false,
  needs: null,
  seconds: null,
  reaches:
    "4 minutes of a core; on 81 nodes then 0.03, 0.05 and 0.04 % from the optimum of 200, 300 and 400 containers (deno task study policy)",
  ...METIS_OPTIONS,
  create(tensorflow, setting, config, seed) {
    checkConfig(METIS_OPTIONS, config);
    return new MetisTrainer(tensorflow, setting, config, seed);
  },
  scheduler: metisPolicyScheduler,
  pieces: () => null,
};
