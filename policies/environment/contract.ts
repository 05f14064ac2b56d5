/**
 * What happens to an episode that ends while others of its batch continue. `disabled`: it rests, its actions
 * are ignored and its rewards are 0, until the next reset. `same-step`: a new episode starts within the step
 * that ends it; the observation returned is its first.
 */
export type AutoresetMode = "disabled" | "same-step";

/** The start of a batch of episodes. The arrays are the environment's own: see {@link VectorEnvironment}. */
export interface EnvironmentStart<Infos> {
  /** Row-major, length episodes x observationSize. */
  readonly observations: Float32Array;
  /** What an environment tells besides. */
  readonly infos: Infos;
}

/** What a step returns. The arrays are the environment's own: see {@link VectorEnvironment}. */
export interface EnvironmentStep<Infos> extends EnvironmentStart<Infos> {
  /** Length = episodes. */
  readonly rewards: Float64Array;
  /** Length = episodes; 1 if this step ended the episode. */
  readonly terminated: Uint8Array;
  /** Length = episodes; 1 if the episode was cut off. No environment here cuts episodes off: all 0. */
  readonly truncated: Uint8Array;
}

/**
 * Many episodes in lockstep, with the meaning of Gymnasium's vector environments: `reset` starts every
 * episode, `step` takes one action for each.
 *
 * The arrays belong to the environment, are never replaced, and are overwritten by the next call: copy what
 * you keep.
 */
export interface VectorEnvironment<Infos = Readonly<Record<string, unknown>>> {
  /** Episodes in the batch. */
  readonly episodes: number;
  /** Numbers of one observation. */
  readonly observationSize: number;
  /** Actions that any level may offer: actions are 0 to actions - 1. */
  readonly actions: number;
  /** What happens to an episode that ends. */
  readonly autoreset: AutoresetMode;
  /** Row-major, length episodes x observationSize. */
  readonly observations: Float32Array;
  /** Row-major, length episodes x actions; 1 if the action may be chosen next. */
  readonly masks: Uint8Array;
  /**
   * Starts all episodes; episode i is decided by seed + i alone.
   * @param options.seed 0 to 2^32 - 1; without it, seeds continue from the last ones.
   */
  reset(options?: { readonly seed?: number }): EnvironmentStart<Infos>;
  /**
   * Takes one action in each episode.
   * @param actions One for each episode.
   * @throws {ShapeError} if there is another number of actions.
   * @throws {InputError} for a masked action, or before the first reset.
   */
  step(actions: ArrayLike<number>): EnvironmentStep<Infos>;
}
