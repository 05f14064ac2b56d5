import { type Demand, Owner } from "../../domain/mod.ts";
import type { EpisodePlayer } from "../../sim-wasm/mod.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { TrainableNetwork } from "../learning/trainable_network.ts";
import { choiceMasks } from "./choice_masks.ts";
import { type PolicyGradient, policyGradient } from "./policy_gradient.ts";

/** An episode, and what its choices are worth. */
export interface RewardedEpisode {
  readonly demand: Demand;
  /** Row-major, containers x levels. */
  readonly actions: Uint8Array;
  readonly reward: number;
  /** The tape that `play` recorded it on, if it did. */
  readonly tape?: number;
}

/** The policy gradient of whole episodes: one network for each level, each choice rewarded as its episode. */
export interface EpisodeGradients extends Disposable {
  /**
   * Samples an episode, as the player does, and may record it for {@link of}.
   * @param tape Number of the episode in its update, from 0.
   * @returns Its choices: row-major, containers x levels.
   */
  play(tape: number, demand: Demand, seed: number): Uint8Array;
  /**
   * Losses are summed over the levels, entropies (nats) averaged.
   * @param networks One for each level, from the root.
   */
  of(
    networks: readonly TrainableNetwork[],
    episodes: readonly RewardedEpisode[],
    entropyWeight: number,
  ): PolicyGradient;
  /** Gives core memory back. */
  dispose(): void;
}

/** The reference: by TensorFlow.js, from the observation of each choice. */
export class LevelGradients extends Owner implements EpisodeGradients {
  readonly #tensorflow: TensorFlow;
  readonly #player: EpisodePlayer;
  /** One for each level; grown to the largest batch, then used again and again. */
  #observations: Float32Array[] = [];

  /** @param player Tells what was observed before each choice; not taken over. */
  constructor(tensorflow: TensorFlow, player: EpisodePlayer) {
    super("gradients");
    this.#tensorflow = tensorflow;
    this.#player = player;
  }

  /** Observations are plain arrays: there is nothing to give back. */
  protected override release(): void {
    this.#observations = [];
  }

  play(_tape: number, demand: Demand, seed: number): Uint8Array {
    return this.#player.play(demand, "sample", seed);
  }

  of(
    networks: readonly TrainableNetwork[],
    episodes: readonly RewardedEpisode[],
    entropyWeight: number,
  ): PolicyGradient {
    const { tree } = this.#player;
    const levels = networks.length;
    const rows = episodes.reduce((sum, { actions }) => sum + actions.length / levels, 0);
    const rewards = this.#observe(episodes, rows, levels);
    const gradients = networks.map((network, level) => {
      const actions = new Uint8Array(rows);
      let row = 0;
      for (const episode of episodes) {
        for (let at = level; at < episode.actions.length; at += levels) {
          actions[row++] = episode.actions[at]!;
        }
      }
      const masks = choiceMasks(tree, level, episodes.map((episode) => episode.actions));
      const own = { rows, observations: this.#observations[level]!, actions, rewards };
      const batch = masks === null ? own : { ...own, masks };
      return policyGradient(this.#tensorflow, network, batch, entropyWeight);
    });
    return {
      loss: gradients.reduce((sum, gradient) => sum + gradient.loss, 0),
      arrays: gradients.flatMap((gradient) => gradient.arrays),
      entropy: gradients.reduce((sum, gradient) => sum + gradient.entropy, 0) / levels,
    };
  }

  /** Fills the observations of all rows. Returns the reward of each. */
  #observe(episodes: readonly RewardedEpisode[], rows: number, levels: number): Float32Array {
    const player = this.#player;
    if ((this.#observations[0]?.length ?? 0) < rows * player.inputsAt(0)) {
      this.#observations = Array.from(
        { length: levels },
        (_, level) => new Float32Array(rows * player.inputsAt(level)),
      );
    }
    const rewards = new Float32Array(rows);
    let row = 0;
    for (const { demand, actions, reward } of episodes) {
      const end = row + actions.length / levels;
      player.observe(demand, actions, this.#observations, row);
      rewards.fill(reward, row, end);
      row = end;
    }
    return rewards;
  }
}
