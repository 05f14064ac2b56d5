import { InputError } from "../../domain/mod.ts";
import type { Adam, TrainableNetwork } from "../learning/tensorflow.ts";
import type { TrainerState } from "../learning/trainer.ts";

/** Counters of a training. */
export interface LearningCounters {
  readonly seed: number;
  readonly updates: number;
  readonly episodes: number;
}

/** Weights, moments and counters of a training, as copies. */
export function saveLearning(
  networks: readonly TrainableNetwork[],
  adam: Adam,
  counters: LearningCounters,
): TrainerState {
  const { steps, means, squares } = adam.state();
  const arrays: Record<string, Float32Array> = {};
  networks.flatMap((network) => [...network.weightsView]).forEach((array, at) => {
    arrays[`weights${at}`] = array.slice();
    arrays[`means${at}`] = means[at]!;
    arrays[`squares${at}`] = squares[at]!;
  });
  return { values: { ...counters, steps }, arrays };
}

/**
 * Puts a saved state into networks and optimiser.
 * @returns Its counters.
 * @throws {InputError | ShapeError} where it is of another training.
 */
export function restoreLearning(
  networks: readonly TrainableNetwork[],
  adam: Adam,
  state: TrainerState,
  seed: number,
): LearningCounters {
  const { updates, episodes, steps } = state.values;
  if (state.values["seed"] !== seed) {
    throw new InputError(
      `The state was trained with seed ${state.values["seed"]}, this training has seed ${seed}`,
    );
  }
  if (typeof updates !== "number" || typeof episodes !== "number" || typeof steps !== "number") {
    throw new InputError("The state lacks its counters: it is of another training");
  }
  const count = networks.reduce((sum, network) => sum + network.weightsView.length, 0);
  const take = (name: string): Float32Array[] =>
    Array.from({ length: count }, (_, at) => {
      const array = state.arrays[`${name}${at}`];
      if (!(array instanceof Float32Array)) {
        throw new InputError(`The state has no ${name}${at}: it is of another training`);
      }
      return array;
    });
  const weights = take("weights");
  let first = 0;
  for (const network of networks) {
    const length = network.weightsView.length;
    network.assign(weights.slice(first, first + length));
    first += length;
  }
  adam.restore({ steps, means: take("means"), squares: take("squares") });
  return { seed, updates, episodes };
}
