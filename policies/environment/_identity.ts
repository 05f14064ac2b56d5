import { Random, ShapeError } from "../../domain/mod.ts";
import type {
  AutoresetMode,
  EndInfos,
  EnvironmentStart,
  EnvironmentStep,
  ResetOptions,
  VectorEnvironment,
} from "./contract.ts";
import { MaskedActionError, ResetNeededError } from "./errors.ts";
import type { BoxSpace, DiscreteSpace } from "./spaces.ts";

/** How the toy environment is made. */
export interface IdentityOptions {
  /** At least 1. */
  readonly environments: number;
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
export class IdentityEnvironment implements VectorEnvironment {
  readonly environments: number;
  readonly observationSpace: BoxSpace;
  readonly actionSpace: DiscreteSpace;
  /** New episodes start within the step that ends the old ones. */
  readonly autoreset: AutoresetMode = "same-step";
  readonly observations: Float32Array;
  readonly masks: Uint8Array;
  readonly #length: number;
  readonly #step: EnvironmentStep<EndInfos>;
  readonly #targets: Uint32Array;
  readonly #draws: Random[];
  readonly #steps: Uint32Array;
  #isStarted = false;

  /** Makes the toy; call {@link reset} before the first step. */
  constructor({ environments, actions, steps }: IdentityOptions) {
    this.environments = environments;
    this.actionSpace = { type: "discrete", n: actions };
    const bounds = (bound: number) => new Array<number>(actions).fill(bound);
    this.observationSpace = {
      type: "box",
      shape: [actions],
      dtype: "float32",
      low: bounds(0),
      high: bounds(1),
    };
    this.#length = steps;
    this.observations = new Float32Array(environments * actions);
    this.masks = new Uint8Array(environments * actions);
    this.#step = {
      observations: this.observations,
      masks: this.masks,
      rewards: new Float64Array(environments),
      terminated: new Uint8Array(environments),
      truncated: new Uint8Array(environments),
      infos: { finalObservations: new Float32Array(environments * actions) },
    };
    this.#targets = new Uint32Array(environments);
    this.#steps = new Uint32Array(environments);
    this.#draws = Array.from({ length: environments }, (_, at) => new Random(at + 1));
  }

  reset({ seed, only }: ResetOptions = {}): EnvironmentStart<EndInfos> {
    for (let at = 0; at < this.environments; at++) {
      if (only !== undefined && !only[at]) continue;
      if (seed !== undefined) this.#draws[at] = new Random(seed + at);
      this.#steps[at] = 0;
      this.#show(at);
    }
    this.#isStarted = true;
    return this.#step;
  }

  step(actions: ArrayLike<number>): EnvironmentStep<EndInfos> {
    const { environments, actionSpace: { n } } = this;
    if (actions.length !== environments) {
      throw new ShapeError("actions", environments, actions.length);
    }
    if (!this.#isStarted) throw new ResetNeededError("Call reset before the first step");
    for (let at = 0; at < environments; at++) {
      if (this.masks.subarray(at * n, (at + 1) * n)[actions[at]!] !== 1) {
        throw new MaskedActionError(at, actions[at]!);
      }
    }
    const { rewards, terminated, infos } = this.#step;
    for (let at = 0; at < environments; at++) {
      rewards[at] = actions[at] === this.#targets[at] ? 1 : 0;
      this.#steps[at] = (this.#steps[at]! + 1) % this.#length;
      terminated[at] = this.#steps[at] === 0 ? 1 : 0;
      // The final observation is that nothing is asked for.
      infos.finalObservations.fill(0);
      this.#show(at);
    }
    return this.#step;
  }

  #show(at: number): void {
    const { n } = this.actionSpace;
    this.observations.fill(0, at * n, (at + 1) * n);
    this.masks.fill(1, at * n, (at + 1) * n);
    const target = this.#draws[at]!.below(n);
    this.#targets[at] = target;
    this.observations[at * n + target] = 1;
    this.masks[at * n + (target + 1) % n] = 0;
  }
}
