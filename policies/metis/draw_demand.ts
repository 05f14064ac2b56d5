import type { Demand, Random } from "../../domain/mod.ts";

/** Which demands a learner draws. */
export interface DemandRange {
  /** Share of demands that fill any share of the slots; the others fill 25 to 70 %. */
  readonly wholeRange: number;
  /** Share of demands whose apps are unequally likely; in the others every app is equally likely. */
  readonly skewed: number;
}

/**
 * A random demand of at least one container, at most `slots`.
 * @param apps Number of apps.
 */
export function drawDemand(
  apps: number,
  slots: number,
  range: DemandRange,
  draws: Random,
): Demand {
  const share = draws.uniform() < range.wholeRange
    ? draws.uniform()
    : 0.25 + 0.45 * draws.uniform();
  const containers = Math.min(slots, Math.max(1, Math.round(share * slots)));
  return drawMixture(apps, containers, draws.uniform() < range.skewed, draws);
}

/** `containers` draws of an app: equally likely, or with shares uniform on the simplex (skewed). */
export function drawMixture(
  apps: number,
  containers: number,
  skewed: boolean,
  draws: Random,
): number[] {
  const shares = Array.from(
    { length: apps },
    () => skewed ? -Math.log(1 - draws.uniform()) : 1,
  );
  const sum = shares.reduce((a, b) => a + b, 0);
  const demand = new Array<number>(apps).fill(0);
  for (let container = 0; container < containers; container++) {
    let left = draws.uniform() * sum;
    let app = 0;
    while (app < apps - 1 && (left -= shares[app]!) > 0) app++;
    demand[app]!++;
  }
  return demand;
}
