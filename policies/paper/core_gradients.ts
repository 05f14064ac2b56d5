import { type Demand, Owner } from "../../domain/mod.ts";
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
  readonly #tapes: number;
  #sums: EpisodeGradient | null = null;

  /**
   * @param player Plays the episodes; not taken over.
   * @param tapes Episodes of an update that {@link play} records.
   */
  constructor(player: EpisodePlayer, tapes: number = 1) {
    super("gradients");
    this.#player = player;
    this.#tapes = tapes;
  }

  play(tape: number, demand: Demand, seed: number): Uint8Array {
    return this.#made().play(tape, demand, seed);
  }

  of(
    networks: readonly TrainableNetwork[],
    episodes: readonly RewardedEpisode[],
    entropyWeight: number,
  ): PolicyGradient {
    const sums = this.#made();
    const levels = networks.length;
    let rows = 0;
    sums.begin();
    for (const { demand, actions, reward, tape } of episodes) {
      if (tape === undefined) sums.add(demand, actions, reward, entropyWeight);
      else sums.addRecorded(tape, reward, entropyWeight);
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

  /** Not before: the player gets its choosers after this object. */
  #made(): EpisodeGradient {
    this.needLive();
    return this.#sums ??= new EpisodeGradient(this.#player, this.#tapes);
  }
}
