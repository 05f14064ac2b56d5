import { drawVariedDemand, Owner, type Placement, Random, totalSlots } from "../../domain/mod.ts";
import { MOST_CHOICES } from "../../sim-wasm/mod.ts";
import { choiceGradients, type ChoiceRows } from "../learning/choice_gradients.ts";
import type { Learner } from "../learning/learner.ts";
import { LearnedNetworks } from "../learning/learned_networks.ts";
import type { Network } from "../learning/network.ts";
import { checkConfig } from "../learning/options.ts";
import { cosineRate } from "../learning/schedules.ts";
import { checkSeed, needNumber, NUMBERED } from "../learning/state.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { Trainer, TrainerState, TrainingSetting, UpdateStats } from "../learning/trainer.ts";
import { NodeStream } from "../universal/node_stream.ts";
import { METIS_OPTIONS, type MetisConfig } from "./config.ts";
import { MetisPlayer, type NetworkRows, type RecordedDecisions } from "./player.ts";
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
  readonly #players: NodeStream<MetisPlayer>;
  readonly #learned: LearnedNetworks;
  #updates = 0;
  #episodes = 0;

  constructor(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: MetisConfig,
    seed: number,
  ) {
    super("trainer");
    this.#tensorflow = tensorflow;
    this.#config = config;
    this.#seed = seed >>> 0;
    const { parts = [] } = setting;
    const networks = parts.length > 0
      ? parts
      : createMetisNetworks(config.hidden, config.levels, new Random(this.#seed));
    this.#players = new NodeStream(setting, config.universal, this.#seed, (nodes) => {
      const { apps } = nodes.simulator;
      const problem = { ...nodes, apps, demand: apps.map(() => 0) };
      const rows = Math.min(MOST_ROWS, MOST_CHOICES * totalSlots(nodes.cluster, nodes.rules));
      return new MetisPlayer(nodes.simulator, problem, networks, rows);
    });
    this.#learned = new LearnedNetworks(tensorflow, networks, config);
  }

  get done(): boolean {
    return this.#updates >= this.#config.updates;
  }

  update(): UpdateStats {
    const { demands, samples, updates, learningRate } = this.#config;
    const draws = new Random((this.#seed ^ UPDATE_STREAM) + this.#updates);
    const networks = this.networks();
    const records: RecordedDecisions[] = [];
    let containers = 0;
    let mean = 0;
    let best = 0;
    let regret = 0;
    for (let each = 0; each < demands; each++) {
      const player = this.#players.player(this.#updates, each);
      player.setNetworks(networks);
      const { apps, slots } = player;
      const demand = drawVariedDemand(apps, slots, this.#config, draws);
      const size = demand.reduce((a, b) => a + b, 0);
      const sampled = this.#sample(player, demand, draws);
      if (sampled === null) continue;
      player.state.load(sampled.target);
      player.clearRecord();
      player.plan(demand, { temperature: 1, target: player.state, recording: true });
      records.push(copyRecord(player.record()));
      containers += size * samples;
      mean += sampled.mean / size / demands;
      best += sampled.best / size / demands;
      regret += (sampled.mean / sampled.targetTotal - 1) / demands;
    }
    const sum = (pick: (record: RecordedDecisions) => number): number =>
      records.reduce((all, record) => all + pick(record), 0);
    const count = Math.max(1, sum(({ decisions }) => decisions));
    const parts = networks.map((_, at) => joinRows(records.map(({ parts }) => parts[at]!), count));
    const entropy = sum((record) => record.entropy) / count;
    const loss = sum((record) => record.loss) / count;
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
    this.#players.dispose();
    this.#learned.dispose();
  }

  /** Samples placements of a demand and polishes the best; null if rules let none through. */
  #sample(player: MetisPlayer, demand: readonly number[], draws: Random): Sampled | null {
    const { samples, polished } = this.#config;
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

/** A copy that outlives further calls into the core. */
function copyRecord(record: RecordedDecisions): RecordedDecisions {
  const parts = record.parts.map(({ inputs, slopes, ...part }) => ({
    ...part,
    inputs: inputs.slice(),
    slopes: slopes.slice(),
  }));
  return { ...record, parts };
}

/** The rows of one network, their slopes divided by how many decisions there were. */
function joinRows(parts: readonly NetworkRows[], decisions: number): ChoiceRows {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const width = rows === 0 ? 0 : parts.find((part) => part.rows > 0)!.inputs.length /
    parts.find((part) => part.rows > 0)!.rows;
  const inputs = new Float32Array(rows * width);
  const slopes = new Float32Array(rows);
  let first = 0;
  for (const part of parts) {
    inputs.set(part.inputs, first * width);
    part.slopes.forEach((slope, at) => slopes[first + at] = slope / decisions);
    first += part.rows;
  }
  return { rows, inputs, slopes };
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
