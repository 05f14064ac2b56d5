import { InputError, Random, ShapeError } from "../../domain/mod.ts";
import type {
  AutoresetMode,
  EnvironmentStart,
  EnvironmentStep,
  VectorEnvironment,
} from "./contract.ts";

/** How the toy environment is made. */
export interface IdentityOptions {
  /** Episodes in lockstep, at least 1. */
  readonly episodes: number;
  /** Actions, at least 2; also the numbers of an observation. */
  readonly actions: number;
  /** Steps of an episode, at least 1. */
  readonly steps: number;
}

/**
 * A toy whose optimum is known: the observation is a one-hot vector and choosing its position earns 1, all else
 * 0. The best return of an episode is its number of steps; a learner that does not get there has a bug. The
 * action after the right one (cycling) is masked, so that masks are tried as well.
 */
export class IdentityEnvironment implements VectorEnvironment<Readonly<Record<string, never>>> {
  readonly episodes: number;
  readonly observationSize: number;
  readonly actions: number;
  /** New episodes start within the step that ends the old ones. */
  readonly autoreset: AutoresetMode = "same-step";
  readonly observations: Float32Array;
  readonly masks: Uint8Array;
  readonly #steps: number;
  readonly #rewards: Float64Array;
  readonly #ended: Uint8Array;
  readonly #truncated: Uint8Array;
  readonly #targets: Uint32Array;
  #draws: Random[] = [];
  #step = 0;
  #nextSeed = 1;

  /** Makes the toy; call {@link reset} before the first step. */
  constructor(options: IdentityOptions) {
    this.episodes = options.episodes;
    this.actions = options.actions;
    this.observationSize = options.actions;
    this.#steps = options.steps;
    this.observations = new Float32Array(this.episodes * this.actions);
    this.masks = new Uint8Array(this.episodes * this.actions);
    this.#rewards = new Float64Array(this.episodes);
    this.#ended = new Uint8Array(this.episodes);
    this.#truncated = new Uint8Array(this.episodes);
    this.#targets = new Uint32Array(this.episodes);
  }

  reset(
    { seed }: { readonly seed?: number } = {},
  ): EnvironmentStart<Readonly<Record<string, never>>> {
    const base = seed ?? this.#nextSeed;
    this.#nextSeed = base + this.episodes;
    this.#draws = Array.from({ length: this.episodes }, (_, at) => new Random(base + at));
    this.#step = 0;
    this.#show();
    return { observations: this.observations, infos: {} };
  }

  /** As {@link VectorEnvironment.step}. */
  step(actions: ArrayLike<number>): EnvironmentStep<Readonly<Record<string, never>>> {
    if (actions.length !== this.episodes) {
      throw new ShapeError("actions", this.episodes, actions.length);
    }
    if (this.#draws.length === 0) throw new InputError("Call reset before the first step");
    for (let episode = 0; episode < this.episodes; episode++) {
      if (this.masks[episode * this.actions + actions[episode]!] !== 1) {
        throw new InputError(`Action ${actions[episode]} of episode ${episode} is masked`);
      }
    }
    this.#step = (this.#step + 1) % this.#steps;
    for (let episode = 0; episode < this.episodes; episode++) {
      this.#rewards[episode] = actions[episode] === this.#targets[episode] ? 1 : 0;
    }
    this.#ended.fill(this.#step === 0 ? 1 : 0);
    this.#show();
    return {
      observations: this.observations,
      rewards: this.#rewards,
      terminated: this.#ended,
      truncated: this.#truncated,
      infos: {},
    };
  }

  #show(): void {
    this.observations.fill(0);
    this.masks.fill(1);
    this.#draws.forEach((draws, episode) => {
      const target = draws.below(this.actions);
      this.#targets[episode] = target;
      this.observations[episode * this.actions + target] = 1;
      this.masks[episode * this.actions + (target + 1) % this.actions] = 0;
    });
  }
}
