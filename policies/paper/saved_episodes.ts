import { InputError } from "../../domain/mod.ts";
import { concatenate } from "../checkpoint/bytes.ts";
import { needArray } from "../learning/state.ts";
import type { StateArray, TrainerState } from "../learning/trainer.ts";
import type { PlayedEpisode } from "./demand_player.ts";

/** Episodes that a trainer of one demand keeps between updates. */
export interface KeptEpisodes {
  readonly kept: readonly PlayedEpisode[];
  readonly demonstrations: readonly PlayedEpisode[];
  /** Without actions before the first episode. */
  readonly best: PlayedEpisode;
}

const LISTS = ["kept", "demonstrations", "best"] as const;

/** Kept episodes as the arrays of a state. */
export function encodeEpisodes(episodes: KeptEpisodes): Record<string, StateArray> {
  const arrays: Record<string, StateArray> = {};
  for (const name of LISTS) {
    const listed = name === "best" ? [episodes.best] : episodes[name];
    arrays[`${name}/means`] = Float64Array.from(listed, (episode) => episode.mean);
    arrays[`${name}/actions`] = concatenate(listed.map((episode) => episode.actions));
  }
  return arrays;
}

/**
 * The kept episodes of a state.
 * @param length Elements of one episode's actions.
 * @throws {InputError} for a state of another form.
 */
export function decodeEpisodes(state: TrainerState, length: number): KeptEpisodes {
  const [kept, demonstrations, best] = LISTS.map((name) => {
    const means = needArray(state, `${name}/means`, Float64Array);
    const actions = needArray(state, `${name}/actions`, Uint8Array);
    const wanted = name === "best" && !Number.isFinite(means[0]) ? 0 : means.length * length;
    if (actions.length !== wanted) {
      throw new InputError(`The saved episodes ${name} belong to another demand or cluster`);
    }
    const each = wanted === 0 ? 0 : length;
    return Array.from(means, (mean, at): PlayedEpisode => ({
      mean,
      actions: actions.slice(at * each, (at + 1) * each),
    }));
  });
  return { kept: kept!, demonstrations: demonstrations!, best: best![0]! };
}
