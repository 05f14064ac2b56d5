import { InputError } from "../../domain/mod.ts";
import type { AdamState } from "../learning/tensorflow.ts";
import type { StateArray, TrainerState } from "../learning/trainer.ts";
import type { PlayedEpisode } from "./player.ts";

/** What a learner of one demand needs to go on. */
export interface DemandState {
  readonly seed: number;
  readonly updates: number;
  readonly episodes: number;
  readonly range: number;
  readonly kept: readonly PlayedEpisode[];
  readonly demonstrations: readonly PlayedEpisode[];
  readonly best: PlayedEpisode;
  readonly weights: readonly Float32Array[];
  readonly adam: AdamState;
}

const LISTS = ["kept", "demonstrations", "best"] as const;
const COUNTERS = ["seed", "updates", "episodes", "range"] as const;

/** To and from the form that checkpoints hold. */
export const DemandStateCodec = {
  encode(state: DemandState): TrainerState {
    const arrays: Record<string, StateArray> = {
      ...encodeWeights(state.weights, state.adam),
    };
    for (const name of LISTS) {
      const listed = name === "best" ? [state.best] : state[name];
      arrays[`${name}/means`] = Float64Array.from(listed, (episode) => episode.mean);
      arrays[`${name}/actions`] = concatenated(listed.map((episode) => episode.actions));
    }
    const values = Object.fromEntries(COUNTERS.map((name) => [name, state[name]]));
    return { values: { ...values, adamSteps: state.adam.steps }, arrays };
  },

  /** @param length Elements of one episode's actions. @throws {InputError} for a state of another form. */
  decode(state: TrainerState, length: number): DemandState {
    const [kept, demonstrations, best] = LISTS.map((name) => {
      const means = needArray(state, `${name}/means`, Float64Array);
      const actions = needArray(state, `${name}/actions`, Uint8Array);
      const wanted = name === "best" && !Number.isFinite(means[0]) ? 0 : means.length * length;
      if (actions.length !== wanted) {
        throw new InputError(`The saved episodes ${name} are of another demand or cluster`);
      }
      const each = wanted === 0 ? 0 : length;
      return Array.from(means, (mean, at): PlayedEpisode => ({
        mean,
        actions: actions.slice(at * each, (at + 1) * each),
      }));
    }) as [PlayedEpisode[], PlayedEpisode[], PlayedEpisode[]];
    const [seed, updates, episodes, range] = COUNTERS.map((name) => needNumber(state, name)) as [
      number,
      number,
      number,
      number,
    ];
    const { weights, adam } = decodeWeights(state);
    return {
      seed,
      updates,
      episodes,
      range,
      kept,
      demonstrations,
      best: best[0]!,
      weights,
      adam,
    };
  },
};

/** Arrays of weights and of the optimiser, named under `prefix`. */
export function encodeWeights(
  weights: readonly Float32Array[],
  adam: AdamState,
  prefix: string = "",
): Record<string, StateArray> {
  const arrays: Record<string, StateArray> = {};
  weights.forEach((array, at) => arrays[`${prefix}weights/${at}`] = array.slice());
  adam.means.forEach((array, at) => arrays[`${prefix}means/${at}`] = array.slice());
  adam.squares.forEach((array, at) => arrays[`${prefix}squares/${at}`] = array.slice());
  return arrays;
}

/** What encodeWeights wrote; `adamSteps` is read from the values. */
export function decodeWeights(
  state: TrainerState,
  prefix: string = "",
): { weights: Float32Array[]; adam: AdamState } {
  const list = (name: string): Float32Array[] => {
    const found: Float32Array[] = [];
    while (`${prefix}${name}/${found.length}` in state.arrays) {
      found.push(needArray(state, `${prefix}${name}/${found.length}`, Float32Array).slice());
    }
    return found;
  };
  const steps = needNumber(state, `${prefix}adamSteps`);
  return {
    weights: list("weights"),
    adam: { steps, means: list("means"), squares: list("squares") },
  };
}

/** @throws {InputError} where the state has no such number. */
export function needNumber(state: TrainerState, name: string): number {
  const value = state.values[name];
  if (typeof value !== "number") throw new InputError(`The saved state lacks the number ${name}`);
  return value;
}

function needArray<T extends StateArray>(
  state: TrainerState,
  name: string,
  kind: new (length: number) => T,
): T {
  const array = state.arrays[name];
  if (!(array instanceof kind)) throw new InputError(`The saved state lacks the array ${name}`);
  return array;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
