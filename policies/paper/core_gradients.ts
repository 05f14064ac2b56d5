import { Owner } from "../../domain/mod.ts";
import { EpisodeGradient, type EpisodePlayer } from "../../sim-wasm/mod.ts";
import type { TrainableNetwork } from "../learning/trainable_network.ts";
import type { EpisodeGradients, RewardedEpisode } from "./level_gradients.ts";
import type { PolicyGradient } from "./policy_gradient.ts";

/**
 * The policy gradient of whole episodes, differentiated in the core: as {@link LevelGradients} by TensorFlow.js, within
 * rounding, many times faster. It goes by the choosers of the player, which must have the weights of the networks.
 */
export class CoreGradients extends Owner implements EpisodeGradients {
  readonly #player: EpisodePlayer;
  #sums: EpisodeGradient | null = null;

  /** @param player Plays the choices again; not taken over. */
  constructor(player: EpisodePlayer) {
    super("gradients");
    this.#player = player;
  }

  of(
    networks: readonly TrainableNetwork[],
    episodes: readonly RewardedEpisode[],
    entropyWeight: number,
  ): PolicyGradient {
    this.needLive();
    // Not before: the player gets its choosers after this object.
    const sums = this.#sums ??= new EpisodeGradient(this.#player);
    const levels = networks.length;
    let rows = 0;
    sums.begin();
    for (const { demand, actions, reward } of episodes) {
      sums.add(demand, actions, reward, entropyWeight);
      rows += actions.length / levels;
    }
    const arrays = networks.flatMap((_, level) => sums.read(level));
    for (const array of arrays) {
      for (let at = 0; at < array.length; at++) array[at] = array[at]! / rows;
    }
    const entropy = sums.entropy / rows;
    return { loss: sums.loss / rows - entropyWeight * entropy, arrays, entropy: entropy / levels };
  }

  protected override release(): void {
    this.#sums?.dispose();
  }
}
