import { Planner, planValue } from "./plans.ts";
import { refused, type Situation } from "./strategy.ts";

/** Deviations by which everything unmeasured may be better in rival plans, and worse in the plan by the mean. */
const DEVIATIONS = 2;
/** Predictions that were measured before a bound is worth anything. */
const LEAST_NOTES = 30;
/** Measurements over which the bound is averaged: one round's deviations may be far too small, or too large. */
const WINDOW = 40;
/**
 * The least that is said while anything is unmeasured: measurements scatter around the model by more than its deviations know, and
 * below this a bound was false too often.
 */
export const LEAST_BOUND = 0.03;
/** Smallest bound of a round that is told from none: logarithms need one. */
const NONE = 1e-6;

/**
 * What planning with the mean may lose, a share that holds in nine of ten runs. Each round gives an estimate: the best plan if
 * everything unmeasured were {@link DEVIATIONS} deviations better than expected, against the plan by the mean if what it uses
 * unmeasured were as much worse. The deviations are those that predictions of the last measurements turned out to have; they
 * swing from round to round, so the bound is the geometric mean of the estimates of the last {@link WINDOW} measurements, at least
 * {@link LEAST_BOUND}; 0 once everything is measured. How often it holds was measured on truths of four kinds (docs/design/profiling.md): it is calibrated, not proven.
 */
export class RegretBound {
  readonly #estimates: { readonly measurements: number; readonly estimate: number }[] = [];

  /**
   * Takes a round in.
   * @param measurements So far. @param notes Measurements so far that something was expected of.
   * @returns The bound, or null while too few predictions were put to the test.
   */
  async next(situation: Situation, measurements: number, notes: number): Promise<number | null> {
    this.#estimates.push({ measurements, estimate: await estimate(situation) });
    const { belief, allowed } = situation;
    if (belief.deviations.every((deviation, rank) => deviation === 0 || !allowed[rank])) return 0;
    if (notes < LEAST_NOTES) return null;
    const last = this.#estimates.filter((one) => one.measurements > measurements - WINDOW);
    const logarithms = last.map((one) => Math.log(Math.max(NONE, one.estimate)));
    const mean = Math.exp(logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length);
    return Math.max(LEAST_BOUND, mean);
  }
}

/** The mean over the demands of a situation. */
async function estimate(situation: Situation): Promise<number> {
  const { belief, allowed, apps, capacity, nodes, demands } = situation;
  const moved = (deviations: number) =>
    belief.throughput.map((value, rank) => {
      if (rank === 0) return 0;
      return allowed[rank]
        ? value + deviations * belief.deviations[rank]!
        : refused(situation, rank);
    });
  const worse = moved(-DEVIATIONS);
  using planner = new Planner(apps, capacity, nodes, moved(0));
  using dreamer = new Planner(apps, capacity, nodes, moved(DEVIATIONS));
  let sum = 0;
  for (const demand of demands) {
    const plan = await planner.plan(demand);
    const dream = await dreamer.plan(demand);
    sum += Math.max(0, 1 - planValue(plan, worse) / dream.total);
  }
  return sum / demands.length;
}
