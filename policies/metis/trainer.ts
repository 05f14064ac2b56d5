import {
  drawVariedDemand,
  NO_RULES,
  nodeCapacities,
  type Placement,
  Random,
  UsageError,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { optionProblems } from "../paper/options.ts";
import type { Network } from "../learning/network.ts";
import { Adam, type TensorFlow, TrainableNetwork } from "../learning/tensorflow.ts";
import type {
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../learning/trainer.ts";
import { METIS_DEFAULTS, METIS_DESCRIPTIONS, METIS_RANGES, type MetisConfig } from "./config.ts";
import { choiceGradients } from "./imitation.ts";
import { MetisEngine } from "./player.ts";
import { createMetisNetworks } from "./policy.ts";
import { restoreLearning, saveLearning } from "./saved_state.ts";

/** Mixed into the seed of each update's draws. */
const UPDATE_STREAM = 0x6d657469;

/** Share of the first step size that the last one is. */
const LAST_RATE = 0.02;

/** Choices of a decision at most, and choices that an update looks at, at most. */
const CHOICES = 16;
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
export class MetisTrainer implements Trainer {
  readonly #tensorflow: TensorFlow;
  readonly #config: MetisConfig;
  readonly #seed: number;
  readonly #engine: MetisEngine;
  readonly #networks: readonly TrainableNetwork[];
  readonly #adam: Adam;
  readonly #apps: number;
  readonly #slots: number;
  #updates = 0;
  #episodes = 0;
  #disposed = false;

  constructor(
    tensorflow: TensorFlow,
    simulator: Simulator,
    setting: TrainingSetting,
    config: MetisConfig,
    seed: number,
  ) {
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
    const slots = nodeCapacities(problem.cluster, problem.rules);
    this.#slots = slots.reduce((sum, each) => sum + each, 0);
    const rows = Math.min(MOST_ROWS, CHOICES * this.#slots * config.demands);
    this.#engine = new MetisEngine(simulator, problem, networks, rows);
    this.#networks = networks.map((network) => new TrainableNetwork(tensorflow, network));
    this.#adam = new Adam(this.#networks, config);
  }

  get done(): boolean {
    return this.#updates >= this.#config.updates;
  }

  update(): UpdateStats {
    const { demands, samples, updates, learningRate } = this.#config;
    const draws = new Random((this.#seed ^ UPDATE_STREAM) + this.#updates);
    this.#engine.setNetworks(this.networks());
    this.#engine.clearRecord();
    let containers = 0;
    let mean = 0;
    let best = 0;
    let regret = 0;
    for (let each = 0; each < demands; each++) {
      const demand = drawVariedDemand(this.#apps, this.#slots, this.#config, draws);
      const size = demand.reduce((a, b) => a + b, 0);
      const sampled = this.#sample(demand, draws);
      if (sampled === null) continue;
      this.#engine.state.load(sampled.target);
      const target = this.#engine.state;
      this.#engine.plan(demand, { temperature: 1, target, recording: true });
      containers += size * samples;
      mean += sampled.mean / size / demands;
      best += sampled.best / size / demands;
      regret += (sampled.mean / sampled.targetTotal - 1) / demands;
    }
    const record = this.#engine.record();
    const count = Math.max(1, record.decisions);
    const parts = record.parts.map(({ rows, inputs, slopes }, at) => ({
      network: this.#networks[at]!,
      rows,
      inputs: inputs.slice(),
      slopes: slopes.map((slope) => slope / count),
    }));
    const entropy = record.entropy / count;
    const loss = record.loss / count;
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const progress = Math.min(1, this.#updates / updates);
    this.#adam.learningRate = learningRate *
      (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + Math.cos(Math.PI * progress)));
    const gradientNorm = rows === 0 ? 0 : this.#adam.step(
      choiceGradients(this.#tensorflow, parts, loss),
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
      extra: { rows, learningRate: this.#adam.learningRate },
    };
  }

  state(): TrainerState {
    return saveLearning(this.#networks, this.#adam, {
      seed: this.#seed,
      updates: this.#updates,
      episodes: this.#episodes,
    });
  }

  restore(state: TrainerState): void {
    const values = restoreLearning(this.#networks, this.#adam, state, this.#seed);
    this.#updates = values.updates;
    this.#episodes = values.episodes;
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

  /** Samples placements of a demand and polishes the best; null where rules let none through. */
  #sample(demand: readonly number[], draws: Random): Sampled | null {
    const { samples, polished } = this.#config;
    const engine = this.#engine;
    engine.price(demand);
    engine.seed(draws.uint32());
    const tries: { total: number; placement: Placement }[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const total = engine.plan(demand, { temperature: sample === 0 ? 0 : 1 });
      if (total !== null) tries.push({ total, placement: engine.placement() });
    }
    if (tries.length === 0) return null;
    const mean = tries.reduce((sum, { total }) => sum + total, 0) / tries.length;
    tries.sort((a, b) => b.total - a.total);
    let target = tries[0]!;
    for (const { placement } of tries.slice(0, polished)) {
      engine.state.load(placement);
      engine.state.localSearch();
      const total = engine.state.total;
      if (total > target.total) target = { total, placement: engine.state.placement() };
    }
    return { mean, best: tries[0]!.total, target: target.placement, targetTotal: target.total };
  }
}

/** Our own learner of one policy for all demands and sizes. */
export const metisTrainer: TrainerKind<MetisConfig> = {
  name: "sub",
  summary: "one policy for all demands and sizes, by imitation of its own polished best",
  perDemand: false,
  defaults: METIS_DEFAULTS,
  describe: METIS_DESCRIPTIONS,
  validate(config) {
    const problems = optionProblems(METIS_RANGES, config);
    if (typeof config["hidden"] === "number" && config["hidden"] % 4 !== 0) {
      problems.push(`Option hidden must be a multiple of 4: got ${config["hidden"]}`);
    }
    return problems;
  },
  create(tensorflow, setting, config, seed) {
    const problems = this.validate({ ...config });
    if (problems.length > 0) throw new UsageError(problems.join("; "));
    return new MetisTrainer(tensorflow, setting.simulator, setting, config, seed);
  },
};
