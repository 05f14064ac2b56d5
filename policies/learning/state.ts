/**
 * What the saved states of all trainers have in common: weights, moments of the optimiser, counters and the seed.
 * @module
 */
import { InputError } from "../../domain/mod.ts";
import type { AdamState } from "./adam.ts";
import type { StateArray, TrainerState } from "./trainer.ts";

/** Weights and the state of their optimiser. */
export interface SavedWeights {
  readonly weights: readonly Float32Array[];
  readonly adam: AdamState;
}

const PARTS = ["weights", "means", "squares"] as const;

/** Names of arrays in a state, in the order in which they are written, and of the number of steps. */
export interface StateLayout {
  readonly steps: string;
  readonly arrays: (
    count: number,
  ) => readonly {
    readonly name: string;
    readonly part: typeof PARTS[number];
    readonly at: number;
  }[];
}

/** As the learners `metis` and `online` write it: weights0, means0, squares0, weights1, ... */
export const NUMBERED: StateLayout = {
  steps: "steps",
  arrays: (count) =>
    places(count).flatMap((at) => PARTS.map((part) => ({ name: `${part}${at}`, part, at }))),
};

/** As the learners of the paper write it: PREFIXweights/0, PREFIXweights/1, ..., PREFIXmeans/0, ... */
export function slashed(prefix: string = ""): StateLayout {
  return {
    steps: `${prefix}adamSteps`,
    arrays: (count) =>
      PARTS.flatMap((part) =>
        places(count).map((at) => ({ name: `${prefix}${part}/${at}`, part, at }))
      ),
  };
}

/** Copies of weights and optimiser, as parts of a state. */
export function encodeWeights(
  { weights, adam }: SavedWeights,
  layout: StateLayout,
): { steps: Record<string, number>; arrays: Record<string, StateArray> } {
  const parts = { weights, means: adam.means, squares: adam.squares };
  const arrays = layout.arrays(weights.length).map(({ name, part, at }) =>
    [name, parts[part][at]!.slice()] as const
  );
  return { steps: { [layout.steps]: adam.steps }, arrays: Object.fromEntries(arrays) };
}

/**
 * The weights and the optimiser of a state, as copies.
 * @param count Arrays of weights.
 * @throws {InputError} if the state lacks one of them.
 */
export function decodeWeights(
  state: TrainerState,
  count: number,
  layout: StateLayout,
): SavedWeights {
  const parts = {
    weights: new Array<Float32Array>(count),
    means: new Array<Float32Array>(count),
    squares: new Array<Float32Array>(count),
  };
  for (const { name, part, at } of layout.arrays(count)) {
    parts[part][at] = needArray(state, name, Float32Array).slice();
  }
  const { weights, means, squares } = parts;
  return { weights, adam: { steps: needNumber(state, layout.steps), means, squares } };
}

/** @throws {InputError} if the state has no such number. */
export function needNumber(state: TrainerState, name: string): number {
  const value = state.values[name];
  if (typeof value === "number") return value;
  throw new InputError(`The saved state lacks the number ${name}: it belongs to another training`);
}

/** @throws {InputError} if the state has no such array. */
export function needArray<T extends StateArray>(
  state: TrainerState,
  name: string,
  kind: new (length: number) => T,
): T {
  const array = state.arrays[name];
  if (array instanceof kind) return array;
  throw new InputError(`The saved state lacks the array ${name}: it belongs to another training`);
}

/** @throws {InputError} if the state was trained with another seed. */
export function checkSeed(state: TrainerState, seed: number): void {
  if (needNumber(state, "seed") !== seed) {
    throw new InputError(
      `The saved state is of a training with seed ${
        state.values["seed"]
      }, this one has seed ${seed}`,
    );
  }
}

function places(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
