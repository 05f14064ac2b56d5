import { InputError, NO_RULES, type Placement, Random, UsageError } from "../../domain/mod.ts";
import type { ClusterState, Planner, Simulator } from "../../sim-wasm/mod.ts";
import { optionProblems } from "../paper/options.ts";
import type { Network } from "../network.ts";
import { Adam, type TensorFlow, TrainableNetwork } from "../tensorflow.ts";
import type {
  Trainer,
  TrainerKind,
  TrainerState,
  TrainingSetting,
  UpdateStats,
} from "../trainer.ts";
import { METIS_DEFAULTS, METIS_DESCRIPTIONS, METIS_RANGES, type MetisConfig } from "./config.ts";
import { drawDemand } from "./draw_demand.ts";
import { choiceGradients } from "./imitation.ts";
import { createChoiceNetwork, metisPlanner } from "./policy.ts";

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
  readonly #state: ClusterState;
  readonly #planner: Planner;
  readonly #network: TrainableNetwork;
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
    this.#state = simulator.clusterState(problem);
    this.#slots = this.#state.capacities().reduce((sum, slots) => sum + slots, 0);
    const rows = Math.min(MOST_ROWS, CHOICES * this.#slots * config.demands);
    this.#planner = metisPlanner(simulator, problem, this.#state, rows);
    const network = createChoiceNetwork(apps.length, config.hidden, new Random(this.#seed));
    this.#network = new TrainableNetwork(tensorflow, network);
    this.#adam = new Adam([this.#network], config);
  }

  get done(): boolean {
    return this.#updates >= this.#config.updates;
  }

  update(): UpdateStats {
    const { demands, samples, updates, learningRate } = this.#config;
    const draws = new Random((this.#seed ^ UPDATE_STREAM) + this.#updates);
    this.#planner.setNetwork(this.#network.read().layers);
    this.#planner.clearRecord();
    let containers = 0;
    let mean = 0;
    let best = 0;
    let regret = 0;
    for (let each = 0; each < demands; each++) {
      const demand = drawDemand(this.#apps, this.#slots, this.#config, draws);
      const size = demand.reduce((a, b) => a + b, 0);
      const sampled = this.#sample(demand, draws);
      if (sampled === null) continue;
      this.#state.load(sampled.target);
      this.#planner.plan(demand, { temperature: 1, target: this.#state, recording: true });
      containers += size * samples;
      mean += sampled.mean / size / demands;
      best += sampled.best / size / demands;
      regret += (sampled.mean / sampled.targetTotal - 1) / demands;
    }
    const record = this.#planner.record();
    const count = Math.max(1, record.decisions);
    const slopes = record.slopes.map((slope) => slope / count);
    const choices = { rows: record.rows, inputs: record.inputs, slopes };
    const entropy = record.entropy / count;
    const loss = record.loss / count;
    const rows = record.rows;
    const progress = Math.min(1, this.#updates / updates);
    this.#adam.learningRate = learningRate *
      (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + Math.cos(Math.PI * progress)));
    const gradientNorm = rows === 0 ? 0 : this.#adam.step(
      choiceGradients(this.#tensorflow, this.#network, choices, loss),
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
    const { steps, means, squares } = this.#adam.state();
    const arrays: Record<string, Float32Array> = {};
    this.#network.weightsView.forEach((array, at) => {
      arrays[`weights${at}`] = array.slice();
      arrays[`means${at}`] = means[at]!;
      arrays[`squares${at}`] = squares[at]!;
    });
    return {
      values: { seed: this.#seed, updates: this.#updates, episodes: this.#episodes, steps },
      arrays,
    };
  }

  restore(state: TrainerState): void {
    const { seed, updates, episodes, steps } = state.values;
    if (seed !== this.#seed) {
      throw new InputError(
        `The state was trained with seed ${seed}, this training has ${this.#seed}`,
      );
    }
    if (
      typeof updates !== "number" || typeof episodes !== "number" || typeof steps !== "number"
    ) {
      throw new InputError("The state is not one of a metis training");
    }
    const take = (name: string): Float32Array[] =>
      this.#network.weightsView.map((_, at) => {
        const array = state.arrays[`${name}${at}`];
        if (!(array instanceof Float32Array)) throw new InputError(`The state has no ${name}${at}`);
        return array;
      });
    this.#network.assign(take("weights"));
    this.#adam.restore({ steps, means: take("means"), squares: take("squares") });
    this.#updates = updates;
    this.#episodes = episodes;
  }

  networks(): Network[] {
    return [this.#network.read()];
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#planner.dispose();
    this.#state.dispose();
    this.#network.dispose();
  }

  /** Samples placements of a demand and polishes the best; null where rules let none through. */
  #sample(demand: readonly number[], draws: Random): Sampled | null {
    const { samples, polished } = this.#config;
    const planner = this.#planner;
    planner.price(demand);
    planner.seed(draws.uint32());
    const tries: { total: number; placement: Placement }[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const total = planner.plan(demand, { temperature: sample === 0 ? 0 : 1 });
      if (total !== null) tries.push({ total, placement: planner.placement() });
    }
    if (tries.length === 0) return null;
    const mean = tries.reduce((sum, { total }) => sum + total, 0) / tries.length;
    tries.sort((a, b) => b.total - a.total);
    let target = tries[0]!;
    for (const { placement } of tries.slice(0, polished)) {
      this.#state.load(placement);
      this.#state.localSearch();
      const total = this.#state.total;
      if (total > target.total) target = { total, placement: this.#state.placement() };
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
