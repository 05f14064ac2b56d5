import type { BoxSpace, DiscreteSpace } from "./spaces.ts";

/**
 * What happens to an environment whose episode has ended, as in Gymnasium 1.x. `next-step`: the next step ignores
 * its action and starts a new episode, with a reward of 0. `same-step`: a new episode starts within the step that
 * ends the old one; the observation returned is its first, the old one's last is among the infos. `disabled`:
 * nothing, and stepping it is refused until `reset` starts it again.
 */
export type AutoresetMode = "next-step" | "same-step" | "disabled";

/** Every mode of autoreset, the usual one first. */
export const AUTORESET_MODES: readonly AutoresetMode[] = ["next-step", "same-step", "disabled"];

/** How episodes are started. */
export interface ResetOptions {
  /**
   * Environment i draws from this seed + i alone, 0 to 2^32 - 1. Without it, every environment goes on with its
   * own random numbers.
   */
  readonly seed?: number | undefined;
  /** Which environments start; the others go on. Length = environments, 1 starts. @default all of them */
  readonly only?: ArrayLike<number> | undefined;
}

/** The start of a batch of episodes. The arrays are the environment's own: see {@link VectorEnvironment}. */
export interface EnvironmentStart<Infos> {
  /** Row-major, environments x numbers of an observation. */
  readonly observations: Float32Array;
  /** Row-major, environments x actions: see {@link VectorEnvironment.masks}. */
  readonly masks: Uint8Array;
  /** What an environment tells besides. */
  readonly infos: Infos;
}

/** What a step returns. The arrays are the environment's own: see {@link VectorEnvironment}. */
export interface EnvironmentStep<Infos> extends EnvironmentStart<Infos> {
  /** Length = environments. */
  readonly rewards: Float64Array;
  /** Length = environments; 1 if this step ended the episode. */
  readonly terminated: Uint8Array;
  /** Length = environments; 1 if this step cut the episode off. */
  readonly truncated: Uint8Array;
}

/** What every environment can tell of the episodes that a step ended. */
export interface EndInfos {
  /**
   * Row-major, environments x numbers of an observation: the last observation of each episode that the last step
   * ended, where `same-step` shows another one; 0 elsewhere.
   */
  readonly finalObservations: Float32Array;
}

/**
 * Many environments in one, with the meaning of Gymnasium's vector environments: `reset` starts episodes, `step`
 * takes one action for each environment.
 *
 * The arrays belong to the environment, are never replaced, and are overwritten by the next call: copy what
 * you keep.
 */
export interface VectorEnvironment<Infos extends EndInfos = EndInfos> {
  /** How many environments, at least 1. */
  readonly environments: number;
  /** What one environment shows. */
  readonly observationSpace: BoxSpace;
  /** What one environment may be told to do. */
  readonly actionSpace: DiscreteSpace;
  /** What happens to an environment whose episode has ended. */
  readonly autoreset: AutoresetMode;
  /** Row-major, environments x numbers of an observation. */
  readonly observations: Float32Array;
  /**
   * Row-major, environments x actions; 1 if the action may be chosen next. All 1 where the episode has ended:
   * the next action is ignored.
   */
  readonly masks: Uint8Array;
  /** Starts episodes. A reset without a seed, even the first one, draws the same in every run. */
  reset(options?: ResetOptions): EnvironmentStart<Infos>;
  /**
   * Takes one action in each environment; a refused call changes nothing.
   * @param actions Length = environments.
   * @throws {ShapeError} if there is another number of actions.
   * @throws {MaskedActionError} for an action that is masked or does not exist.
   * @throws {ResetNeededError} before the first reset; if not reset automatically, after the end of an episode.
   */
  step(actions: ArrayLike<number>): EnvironmentStep<Infos>;
}
