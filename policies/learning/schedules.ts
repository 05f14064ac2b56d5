/**
 * How what a learner uses changes over its training.
 * @module
 */

/** Share of the first step size that the last one is. */
const LAST_RATE = 0.02;

/** A step size that falls to a fiftieth along half a cosine. @param progress Share of the training that is done, 0 to 1. */
export function cosineRate(first: number, progress: number): number {
  return first * (LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** A step size that falls to a fiftieth along a straight line. @param progress Share of the training that is done, 0 to 1. */
export function linearRate(first: number, progress: number): number {
  return first * (LAST_RATE + (1 - LAST_RATE) * (1 - progress));
}

/**
 * A step size that falls as 1 / (1 + episodes / halved) and so needs no end; 0 = it stays (Robbins and Monro, 1951).
 * @param halved Episodes after which it is half of the first.
 */
export function inverseRate(first: number, episodes: number, halved: number): number {
  return halved === 0 ? first : first / (1 + episodes / halved);
}

/** Options that decide the weight of the entropy bonus. */
export interface EntropySchedule {
  /** Weight at first. */
  readonly entropyWeight: number;
  /** Episodes after which the weight is halved, again and again; 0 = never. */
  readonly entropyHalvedEvery: number;
  /** Least weight that halving leads to. */
  readonly entropyFloor: number;
}

/** Weight of the entropy bonus after some episodes. */
export function entropyWeightAfter(schedule: EntropySchedule, episodes: number): number {
  const { entropyWeight, entropyHalvedEvery, entropyFloor } = schedule;
  if (entropyHalvedEvery === 0) return entropyWeight;
  const halved = entropyWeight * 0.5 ** Math.floor(episodes / entropyHalvedEvery);
  return Math.max(Math.min(entropyFloor, entropyWeight), halved);
}
