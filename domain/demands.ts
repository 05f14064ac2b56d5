/**
 * Every distribution that demands are drawn from, side by side. Recorded figures and trained policies depend on
 * them: the same generator gives the same demand, in this version and in later ones.
 * @module
 */
import { InputError } from "./errors.ts";
import { type Demand, demandTotal } from "./problem.ts";
import type { Random } from "./random.ts";

/** Draws one demand. */
export type DrawDemand = (random: Random) => Demand;

/**
 * Each container is of any app with the same probability (a uniform multinomial). Takes one number per container.
 * @param apps Number of apps, at least 1. @param containers Containers of the demand.
 */
export function drawEvenDemand(apps: number, containers: number, random: Random): number[] {
  const demand = new Array<number>(apps).fill(0);
  for (let container = 0; container < containers; container++) demand[random.below(apps)]!++;
  return demand;
}

/**
 * Each container is of app a with probability shares[a] (a multinomial). Takes one number per container.
 * @param shares One for each app, 0 or more, with a sum of 1. An app with a share of 0 is never drawn.
 */
export function drawSharedDemand(
  shares: readonly number[],
  containers: number,
  random: Random,
): number[] {
  const demand = shares.map(() => 0);
  for (let container = 0; container < containers; container++) {
    let left = random.uniform();
    let app = 0;
    while (app < shares.length - 1 && left >= shares[app]!) left -= shares[app++]!;
    demand[app]!++;
  }
  return demand;
}

/**
 * A mixture of apps: equally likely, or (skewed) with shares that are themselves drawn, uniformly on the simplex.
 * Takes one number per container, and one per app before them where it is skewed.
 */
export function drawMixedDemand(
  apps: number,
  containers: number,
  skewed: boolean,
  random: Random,
): number[] {
  // Weights stay unscaled, and a boundary counts for the app before it, unlike in drawSharedDemand: the same walk
  // would round differently, and change what every seeded training learns from.
  const weights = Array.from({ length: apps }, () => skewed ? -Math.log(1 - random.uniform()) : 1);
  const sum = weights.reduce((a, b) => a + b, 0);
  const demand = new Array<number>(apps).fill(0);
  for (let container = 0; container < containers; container++) {
    let left = random.uniform() * sum;
    let app = 0;
    while (app < apps - 1 && (left -= weights[app]!) > 0) app++;
    demand[app]!++;
  }
  return demand;
}

/** Which demands {@link drawVariedDemand} draws. */
export interface DemandRange {
  /** Share of demands that fill any share of the slots; the others fill 25 to 70 %. */
  readonly wholeRange: number;
  /** Share of demands whose apps are unequally likely; in the others every app is equally likely. */
  readonly skewed: number;
}

/**
 * A demand of any size and mixture, of at least one container and at most `slots`.
 * @param apps Number of apps. @param slots Slots of the whole cluster.
 */
export function drawVariedDemand(
  apps: number,
  slots: number,
  range: DemandRange,
  random: Random,
): number[] {
  const share = random.uniform() < range.wholeRange
    ? random.uniform()
    : 0.25 + 0.45 * random.uniform();
  const containers = Math.min(slots, Math.max(1, Math.round(share * slots)));
  return drawMixedDemand(apps, containers, random.uniform() < range.skewed, random);
}

/**
 * Demands of `least` to `most` containers, each container of any app with the same probability.
 * @throws {InputError} if the range is empty or not of whole numbers, at least 1.
 */
export function multinomialDemands(apps: number, least: number, most: number): DrawDemand {
  if (!Number.isInteger(least) || !Number.isInteger(most) || least < 1 || most < least) {
    throw new InputError(`Demands of ${least} to ${most} containers cannot be drawn`);
  }
  const shares = new Array<number>(apps).fill(1 / apps);
  return (random) => drawSharedDemand(shares, least + random.below(most - least + 1), random);
}

/** Demands like those given: as many containers as one of them, of the apps as often as all of them together. */
export function similarDemands(demands: readonly Demand[]): DrawDemand {
  const sums = demands[0]!.map((_, app) => demands.reduce((sum, demand) => sum + demand[app]!, 0));
  const all = demandTotal(sums);
  const shares = sums.map((sum) => all === 0 ? 0 : sum / all);
  return (random) =>
    drawSharedDemand(shares, demandTotal(demands[random.below(demands.length)]!), random);
}

/** The containers of a demand in random order, each by its app. Length = containers of the demand. */
export function drawArrivals(demand: Demand, random: Random): Uint8Array {
  const order = new Uint8Array(demandTotal(demand));
  let at = 0;
  demand.forEach((count, app) => {
    order.fill(app, at, at + count);
    at += count;
  });
  return random.shuffle(order);
}
