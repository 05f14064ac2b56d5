import type { Random } from "../../domain/mod.ts";
import type { DemandConfig } from "./demand_config.ts";
import type { PlayedEpisode } from "./demand_player.ts";

/** Good episodes that are shown again: those within a factor of the best mean, the factor shrinking. */
export class ReplayPool {
  /** Kept episodes, oldest first. */
  kept: PlayedEpisode[] = [];
  /** Episodes are kept whose mean is above best / range. */
  range: number;
  readonly #config: DemandConfig;

  constructor(config: DemandConfig) {
    this.#config = config;
    this.range = config.replayRange;
  }

  /** Keeps what is good enough, and drops what no longer is. */
  add(episodes: readonly PlayedEpisode[], best: number): void {
    const { replayed, replayCapacity, replayShrink, replayFloor } = this.#config;
    if (replayed === 0) return;
    const goodEnough = (episode: PlayedEpisode): boolean => episode.mean >= best / this.range;
    this.kept = [...this.kept, ...episodes].filter(goodEnough);
    while (this.kept.length > replayCapacity && this.range > replayFloor) {
      this.range = Math.max(replayFloor, this.range * replayShrink);
      this.kept = this.kept.filter(goodEnough);
    }
    // At the floor the newest stay: they are the likeliest to differ from what the policy does anyway.
    this.kept = this.kept.slice(-replayCapacity);
  }

  /** Up to `count` different kept episodes. */
  draw(count: number, draws: Random): PlayedEpisode[] {
    return draws.shuffle([...this.kept]).slice(0, count);
  }
}
