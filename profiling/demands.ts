import { type Demand, demandTotal, InputError, type Random } from "../domain/mod.ts";

/** Draws a demand. */
export type DrawDemand = (random: Random) => Demand;

/**
 * Demands of `least` to `most` containers, each container of any app with the same probability.
 * @throws {InputError} where the range is empty or not of whole numbers, at least 1.
 */
export function multinomialDemands(apps: number, least: number, most: number): DrawDemand {
  if (!Number.isInteger(least) || !Number.isInteger(most) || least < 1 || most < least) {
    throw new InputError(`Demands of ${least} to ${most} containers cannot be drawn`);
  }
  return (random) =>
    drawContainers(
      new Array<number>(apps).fill(1 / apps),
      least + random.below(most - least + 1),
      random,
    );
}

/** Demands like those given: as many containers as one of them, of the apps as often as all of them together. */
export function similarDemands(demands: readonly Demand[]): DrawDemand {
  const sums = demands[0]!.map((_, app) => demands.reduce((sum, demand) => sum + demand[app]!, 0));
  const all = demandTotal(sums);
  const shares = sums.map((sum) => all === 0 ? 0 : sum / all);
  return (random) =>
    drawContainers(shares, demandTotal(demands[random.below(demands.length)]!), random);
}

function drawContainers(shares: readonly number[], containers: number, random: Random): Demand {
  const demand = shares.map(() => 0);
  for (let container = 0; container < containers; container++) {
    let left = random.uniform();
    let app = 0;
    while (app < shares.length - 1 && left >= shares[app]!) left -= shares[app++]!;
    demand[app]!++;
  }
  return demand;
}
