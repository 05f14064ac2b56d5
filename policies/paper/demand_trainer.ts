import { InputError, Owner, Random } from "../../domain/mod.ts";
import { LearnedNetworks } from "../learning/learned_networks.ts";
import { createPaperNetwork, type Network } from "../learning/network.ts";
import { entropyWeightAfter } from "../learning/schedules.ts";
import { checkSeed, needNumber, slashed } from "../learning/state.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { Trainer, TrainerState, UpdateStats } from "../learning/trainer.ts";
import type { DemandConfig } from "./demand_config.ts";
import type { DemandPlayer, PlayedEpisode } from "./demand_player.ts";
import { CoreGradients } from "./core_gradients.ts";
import { type EpisodeGradients, LevelGradients } from "./level_gradients.ts";
import { normalised } from "./policy_gradient.ts";
import { ReplayPool } from "./replay.ts";
import { decodeEpisodes, encodeEpisodes } from "./saved_episodes.ts";

/** Mixed into the seed of each update's draws, so that they differ from the seeds of episodes. */
const REPLAY_STREAM = 0x7f4a7c15;

/** How weights and optimiser are named in saved states. */
const LAYOUT = slashed();

/**
 * Learns to place one demand by REINFORCE: the paper's high level, Vanilla RL and divide-and-conquer, which
 * differ in their tree of choices and their config.
 */
export class DemandTrainer extends Owner implements Trainer {
  readonly #player: DemandPlayer;
  readonly #config: DemandConfig;
  readonly #seed: number;
  readonly #learned: LearnedNetworks;
  readonly #gradients: EpisodeGradients;
  readonly #replay: ReplayPool;
  #demonstrations: PlayedEpisode[] = [];
  #best: PlayedEpisode = { actions: new Uint8Array(), mean: -Infinity };
  #updates = 0;
  #episodes = 0;

  /** Takes the player over: it is disposed of with this trainer. */
  constructor(tensorflow: TensorFlow, player: DemandPlayer, config: DemandConfig, seed: number) {
    super("trainer");
    this.#player = player;
    this.#config = config;
    this.#seed = seed >>> 0;
    const draws = new Random(this.#seed);
    const { episodes } = player;
    const networks = episodes.tree.branching.map((actions, level) => {
      const inputs = episodes.inputsAt(level);
      return createPaperNetwork(`level${level + 1}`, inputs, actions, draws, config.hidden);
    });
    this.#learned = new LearnedNetworks(tensorflow, networks, {
      learningRate: config.learningRate,
      ...(config.clipNorm > 0 ? { clipNorm: config.clipNorm } : {}),
    });
    this.#gradients = config.reference
      ? new LevelGradients(tensorflow, episodes)
      : new CoreGradients(episodes);
    this.#replay = new ReplayPool(config);
    player.assign(this.networks());
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
    return this.#player.placement(this.#best.actions);
  }

  update(): UpdateStats {
    const config = this.#config;
    const { demand } = this.#player;
    const { fresh, entropy } = this.#sample();
    for (const episode of fresh) if (episode.mean > this.#best.mean) this.#best = episode;
    const draws = new Random((this.#seed ^ REPLAY_STREAM) + this.#updates);
    const replayed = this.#replay.draw(config.replayed, draws);
    const batch = [...fresh, ...replayed, ...this.#shownDemonstrations(draws)];
    this.#replay.add(fresh, this.#best.mean);
    const rewards = batch.map((episode) => episode.mean - this.#best.mean);
    const shown = config.normalise ? normalised(rewards) : rewards;
    const episodes = batch.map(({ actions }, at) => ({ demand, actions, reward: shown[at]! }));
    const weight = entropyWeightAfter(config, this.#episodes);
    const gradient = this.#gradients.of(this.#learned.trainable, episodes, weight);
    const gradientNorm = this.#learned.step(gradient, this.#updates + 1);
    this.#player.assign(this.networks());
    this.#episodes += fresh.length;
    this.#updates++;
    return {
      update: this.#updates,
      episodes: this.#episodes,
      batchEpisodes: batch.length,
      steps: fresh.length * this.#player.containers,
      meanReward: mean(rewards.slice(0, fresh.length)),
      meanThroughput: mean(fresh.map((episode) => episode.mean)),
      bestThroughput: this.#best.mean,
      entropy: entropy ?? gradient.entropy,
      gradientNorm,
      loss: gradient.loss,
      extra: {
        replayKept: this.#replay.kept.length,
        replayRange: this.#replay.range,
        entropyWeight: weight,
      },
    };
  }

  state(): TrainerState {
    const { values, arrays } = this.#learned.save(LAYOUT, {
      seed: this.#seed,
      updates: this.#updates,
      episodes: this.#episodes,
      range: this.#replay.range,
    });
    const episodes = encodeEpisodes({
      kept: this.#replay.kept,
      demonstrations: this.#demonstrations,
      best: this.#best,
    });
    return { values, arrays: { ...arrays, ...episodes } };
  }

  restore(state: TrainerState): void {
    checkSeed(state, this.#seed);
    const length = this.#player.containers * this.#learned.trainable.length;
    const { kept, demonstrations, best } = decodeEpisodes(state, length);
    this.#learned.restore(state, LAYOUT);
    this.#updates = needNumber(state, "updates");
    this.#episodes = needNumber(state, "episodes");
    this.#replay.range = needNumber(state, "range");
    this.#replay.kept = [...kept];
    this.#demonstrations = [...demonstrations];
    this.#best = best;
    this.#player.assign(this.networks());
  }

  networks(): Network[] {
    return this.#learned.read();
  }

  protected override release(): void {
    this.#gradients.dispose();
    this.#player.dispose();
    this.#learned.dispose();
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
        const episode = this.#player.play("spread", seed);
        this.#demonstrations.push(episode);
        fresh.push(episode);
        continue;
      }
      fresh.push(this.#player.play("sample", seed));
      entropies += this.#player.episodes.entropy;
      sampled++;
    }
    const choices = sampled * this.#player.containers * this.#learned.trainable.length;
    return { fresh, entropy: sampled === 0 ? null : entropies / choices };
  }

  #shownDemonstrations(draws: Random): PlayedEpisode[] {
    const { demonstrationsPerUpdate, demonstrationFloor } = this.#config;
    const best = this.#demonstrations.reduce((most, { mean }) => Math.max(most, mean), -Infinity);
    if (best <= demonstrationFloor * this.#best.mean) return [];
    return draws.shuffle([...this.#demonstrations]).slice(0, demonstrationsPerUpdate);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
