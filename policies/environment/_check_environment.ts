import { InputError, ShapeError } from "../../domain/mod.ts";
import type { VectorEnvironment } from "./contract.ts";

/**
 * Checks that an environment keeps the contract: lengths, finite observations, masks of 0 and 1 with a choice
 * in every row, arrays that stay the same, the same seed giving the same episodes, masked actions refused.
 * @param steps Steps to try. @default 50
 * @throws {InputError | ShapeError} naming what is wrong.
 */
export function checkEnvironment(environment: VectorEnvironment<object>, steps: number = 50): void {
  const { episodes, observationSize, actions } = environment;
  const first = play(environment, steps);
  const second = play(environment, steps);
  if (first.some((value, at) => value !== second[at])) {
    throw new InputError("The same seed and actions gave other observations or rewards");
  }
  environment.reset({ seed: 7 });
  const closed = environment.masks.indexOf(0);
  if (closed >= 0) {
    const wrong = firstAllowed(environment);
    wrong[Math.floor(closed / actions)] = closed % actions;
    refuses(environment, wrong, "a masked action");
  }
  refuses(environment, new Array<number>(episodes).fill(actions), "an action that does not exist");
  if (observationSize < 1) throw new InputError("Observations must have at least one number");
}

function refuses(environment: VectorEnvironment<object>, actions: number[], what: string): void {
  try {
    environment.step(actions);
  } catch (error) {
    if (error instanceof InputError) return;
    throw error;
  }
  throw new InputError(`step() must refuse ${what} by InputError`);
}

function firstAllowed({ masks, episodes, actions }: VectorEnvironment<object>): number[] {
  return Array.from(
    { length: episodes },
    (_, episode) => masks.subarray(episode * actions, (episode + 1) * actions).indexOf(1),
  );
}

function play(environment: VectorEnvironment<object>, steps: number): number[] {
  const { episodes, observationSize, actions, observations, masks } = environment;
  const seen: number[] = [];
  environment.reset({ seed: 7 });
  const ended = new Uint8Array(episodes);
  for (let step = 0; step < steps; step++) {
    if (environment.observations !== observations || environment.masks !== masks) {
      throw new InputError("The arrays of an environment must stay the same");
    }
    if (observations.length !== episodes * observationSize) {
      throw new ShapeError("observations", episodes * observationSize, observations.length);
    }
    if (masks.length !== episodes * actions) {
      throw new ShapeError("masks", episodes * actions, masks.length);
    }
    if (!observations.every(Number.isFinite)) throw new InputError("Observations must be finite");
    if (!masks.every((mask) => mask <= 1)) throw new InputError("Masks must be 0 or 1");
    const chosen = firstAllowed(environment).map((action, episode) => {
      if (action < 0 && !ended[episode]) {
        throw new InputError(`Episode ${episode} has no action to choose at step ${step}`);
      }
      return Math.max(0, action);
    });
    const { rewards, terminated, truncated } = environment.step(chosen);
    for (const [name, array] of Object.entries({ rewards, terminated, truncated })) {
      if (array.length !== episodes) throw new ShapeError(name, episodes, array.length);
    }
    if (!rewards.every(Number.isFinite)) throw new InputError("Rewards must be finite");
    if (environment.autoreset === "disabled") {
      terminated.forEach((end, episode) => ended[episode]! |= end | truncated[episode]!);
    }
    seen.push(...observations, ...rewards, ...terminated, ...masks);
    if (ended.every((end) => end === 1)) break;
  }
  return seen;
}
