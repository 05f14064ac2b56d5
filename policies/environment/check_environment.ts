import { ShapeError } from "../../domain/mod.ts";
import type { VectorEnvironment } from "./contract.ts";
import { MaskedActionError, ResetNeededError } from "./errors.ts";
import { RandomPlayer } from "./random_player.ts";
import { contains, sizeOf } from "./spaces.ts";

/** What was checked of an environment. */
export interface EnvironmentCheck {
  /** What should hold, in words. */
  readonly name: string;
  /** What does not hold, or null if all is well. */
  readonly fault: string | null;
}

/** How long {@link checkEnvironment} tries. */
export interface EnvironmentCheckOptions {
  /** Most steps until an episode must have ended. @default 10000 */
  readonly steps?: number;
  /** Of the resets, and of the actions that are tried. @default 7 */
  readonly seed?: number;
}

/** A fault that a check has found. */
class Fault extends Error {}

/** Makes an environment that nobody has reset, and who plays it. */
type Create = () => RandomPlayer;

type Check = (create: Create, limits: Required<EnvironmentCheckOptions>) => void;

const CHECKS: readonly (readonly [string, Check])[] = [
  ["the spaces are finite, and fit the arrays", checkSpaces],
  ["a step before the first reset is refused", checkFirstStep],
  ["observations, rewards, flags and masks are what the spaces say", checkEpisodes],
  ["the same seed and actions give the same episodes", checkSeeds],
  ["a reset without a seed goes on with the random numbers of before", checkUnseeded],
  ["environment i is decided by seed + i alone", checkNeighbours],
  ["actions that are masked or do not exist are refused, and change nothing", checkMasks],
  ["a wrong number of actions is refused", checkActionCount],
  ["an environment whose episode has ended does as its mode of autoreset says", checkAutoreset],
  ["a reset of some environments leaves the others as they are", checkPartialReset],
];

/**
 * Checks that an environment keeps the contract of {@link VectorEnvironment}, as Gymnasium's `check_env` does in
 * Python: plays episodes by random actions, and tries what must be refused.
 * @param create Makes an environment that nobody has reset, an equal one each time.
 * @returns Every check, always in the same order, with what it found.
 */
export function checkEnvironment(
  create: () => VectorEnvironment,
  options: EnvironmentCheckOptions = {},
): EnvironmentCheck[] {
  const { steps = 10_000, seed = 7 } = options;
  return CHECKS.map(([name, check]) => {
    try {
      check(() => new RandomPlayer(create(), seed), { steps, seed });
      return { name, fault: null };
    } catch (error) {
      const fault = error instanceof Fault ? error.message : `It threw ${error}`;
      return { name, fault };
    }
  });
}

function checkSpaces(create: Create): void {
  const { environment } = create();
  const { environments, observationSpace, actionSpace, observations, masks } = environment;
  const { low, high, shape } = observationSpace;
  const size = sizeOf(observationSpace);
  need(environments >= 1, "There is no environment");
  need(Number.isInteger(actionSpace.n) && actionSpace.n >= 1, "There is no action");
  need(size >= 1 && shape.every(Number.isInteger), `Observations of shape ${shape} hold nothing`);
  needLength("low", low, size);
  needLength("high", high, size);
  for (let at = 0; at < size; at++) {
    const [least, most] = [low[at]!, high[at]!];
    const isSound = Number.isFinite(least) && Number.isFinite(most) && least <= most;
    need(isSound, `Number ${at} of an observation has the bounds ${least} and ${most}`);
  }
  need(observations instanceof Float32Array, "Observations must be a Float32Array");
  needLength("observations", observations, environments * size);
  needLength("masks", masks, environments * actionSpace.n);
}

function checkFirstStep(create: Create): void {
  const { environment } = create();
  const actions = new Array<number>(environment.environments).fill(0);
  needRefusal(() => environment.step(actions), ResetNeededError, "a step before the first reset");
}

function checkEpisodes(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const player = create();
  const { environment } = player;
  const { environments, observations, masks } = environment;
  const spaces = () => JSON.stringify([environment.observationSpace, environment.actionSpace]);
  const before = spaces();
  player.reset(seed);
  checkShown(environment, "after the reset");
  let ended = false;
  for (let at = 1; at <= steps && !ended; at++) {
    const step = player.step();
    need(step.observations === observations && step.masks === masks, "step() made other arrays");
    checkShown(environment, `after step ${at}`);
    needLength("rewards", step.rewards, environments);
    need(step.rewards.every(Number.isFinite), `Rewards must be finite: ${step.rewards}`);
    for (const name of ["terminated", "truncated"] as const) {
      needLength(name, step[name], environments);
      need(step[name].every((flag) => flag <= 1), `${name} must be 0 or 1`);
    }
    ended = player.ended.includes(1);
  }
  need(ended, `No episode ended within ${steps} steps`);
  need(spaces() === before, "The spaces have changed");
}

function checkShown(environment: VectorEnvironment, when: string): void {
  const { environments, observationSpace, actionSpace, observations, masks } = environment;
  need(masks.every((mask) => mask <= 1), `Masks must be 0 or 1 ${when}`);
  for (let at = 0; at < environments; at++) {
    const isWithin = contains(observationSpace, observations, at * sizeOf(observationSpace));
    need(isWithin, `The observation of environment ${at} ${when} is outside of its space`);
    const mask = masks.subarray(at * actionSpace.n, (at + 1) * actionSpace.n);
    need(mask.includes(1), `Environment ${at} has no action to choose ${when}`);
  }
}

function checkSeeds(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const [first, second] = [create(), create()];
  // What came before must not matter.
  second.environment.reset({ seed: seed + 1 });
  for (const player of [first, second]) player.reset(seed);
  needSame(first, second, steps, "The same seed and actions gave other");
}

function checkUnseeded(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const [first, second] = [create(), create()];
  for (const player of [first, second]) {
    player.reset(seed);
    player.reset();
  }
  needSame(first, second, steps, "After a reset without a seed, the same actions gave other");
}

/** Plays both by the same actions, to the end of an episode. */
function needSame(first: RandomPlayer, second: RandomPlayer, steps: number, what: string): void {
  const [one, other] = [first.environment, second.environment];
  for (let at = 0; at < steps && !first.ended.includes(1); at++) {
    needEqual(one.observations, other.observations, `${what} observations`);
    needEqual(one.masks, other.masks, `${what} masks`);
    const actions = first.actions();
    const [step, twin] = [first.step(actions), second.step(actions)];
    needEqual(step.rewards, twin.rewards, `${what} rewards`);
    needEqual(step.terminated, twin.terminated, `${what} ends`);
    needEqual(step.truncated, twin.truncated, `${what} ends`);
  }
  needEqual(one.observations, other.observations, `${what} observations`);
}

function checkNeighbours(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const [first, second] = [create(), create()];
  const { environments, observationSpace } = first.environment;
  const size = sizeOf(observationSpace);
  first.reset(seed);
  second.reset(seed + 1);
  for (let at = 0; at < steps && !first.ended.includes(1); at++) {
    needEqual(
      first.environment.observations.subarray(size),
      second.environment.observations.subarray(0, (environments - 1) * size),
      "Another place among the environments gave other observations",
    );
    const actions = first.actions();
    first.step(actions);
    second.step([...actions.slice(1), second.actions()[environments - 1]!]);
  }
}

function checkMasks(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const player = create();
  const { environment } = player;
  const { observations, masks, actionSpace: { n } } = environment;
  player.reset(seed);
  for (let at = 0; at < steps && !player.ended.includes(1); at++) {
    const before = [observations.slice(), masks.slice()] as const;
    const wrong = at === 0 ? [[0, -1], [0, n], [0, 0.5], [0, NaN]] : [];
    const closed = masks.indexOf(0);
    if (closed >= 0) wrong.push([Math.floor(closed / n), closed % n]);
    const actions = player.actions();
    for (const [which, action] of wrong) {
      const refused = actions.with(which!, action!);
      needRefusal(() => environment.step(refused), MaskedActionError, `the action ${action}`);
    }
    needEqual(observations, before[0], "An action that was refused changed observations");
    needEqual(masks, before[1], "An action that was refused changed masks");
    player.step(actions);
  }
}

function checkActionCount(create: Create, { seed }: Required<EnvironmentCheckOptions>): void {
  const player = create();
  player.reset(seed);
  for (const count of [0, player.environment.environments + 1]) {
    const actions = new Array<number>(count).fill(0);
    needRefusal(() => player.environment.step(actions), ShapeError, `${count} actions`);
  }
}

function checkAutoreset(create: Create, { steps, seed }: Required<EnvironmentCheckOptions>): void {
  const player = create();
  const { environment } = player;
  const { autoreset, observationSpace } = environment;
  player.reset(seed);
  let last = player.step();
  for (let at = 1; at < steps && !player.ended.includes(1); at++) last = player.step();
  const ended = player.ended.indexOf(1);
  need(ended >= 0, `No episode ended within ${steps} steps`);
  if (autoreset === "disabled") {
    const again = () => environment.step(player.actions());
    needRefusal(again, ResetNeededError, "a step after the end of an episode");
    environment.reset({ only: player.ended });
    again();
  } else if (autoreset === "next-step") {
    const { rewards, terminated, truncated } = player.step();
    need(rewards[ended] === 0, `The step that resets must earn 0: got ${rewards[ended]}`);
    need(!terminated[ended] && !truncated[ended], "The step that resets ended an episode");
  } else {
    const size = sizeOf(observationSpace);
    const { finalObservations } = last.infos;
    const final = finalObservations.subarray(ended * size, (ended + 1) * size);
    need(contains(observationSpace, final), "A final observation is outside of its space");
    const shown = environment.observations.slice(ended * size, (ended + 1) * size);
    need(shown.some((value, at) => value !== final[at]), "The step of the end did not reset");
  }
}

function checkPartialReset(create: Create, { seed }: Required<EnvironmentCheckOptions>): void {
  const player = create();
  const { environments, observations, observationSpace } = player.environment;
  const size = sizeOf(observationSpace);
  player.reset(seed);
  const start = observations.slice(0, size);
  player.step();
  const others = observations.slice(size);
  const only = new Uint8Array(environments).fill(1, 0, 1);
  player.environment.reset({ seed, only });
  needEqual(observations.subarray(0, size), start, "A reset of some did not start them");
  needEqual(observations.subarray(size), others, "A reset of some changed others");
}

function need(holds: boolean, fault: string): void {
  if (!holds) throw new Fault(fault);
}

function needLength(name: string, array: { readonly length: number }, length: number): void {
  need(array.length === length, `${name} must have ${length} numbers: got ${array.length}`);
}

function needEqual(one: ArrayLike<number>, other: ArrayLike<number>, fault: string): void {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  need(at === one.length && at === other.length, fault);
}

function needRefusal(
  use: () => unknown,
  expected: { readonly name: string; new (...args: never[]): Error },
  what: string,
): void {
  try {
    use();
  } catch (error) {
    if (error instanceof expected) return;
    throw new Fault(`${what} must be refused by ${expected.name}: it threw ${error}`);
  }
  throw new Fault(`${what} must be refused by ${expected.name}`);
}
