/** The mean of some values with its 95 % confidence interval. */
export interface Estimate {
  readonly count: number;
  readonly mean: number;
  /** Half the width of the interval (Student's t); 0 for a single value. */
  readonly margin: number;
  readonly least: number;
  readonly most: number;
}

/** Mean, range and confidence interval; undefined without values. */
export function estimate(values: readonly number[]): Estimate | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = count === 1 ? 0 : Math.sqrt(squares / (count - 1) / count);
  return {
    count,
    mean,
    margin: count === 1 ? 0 : studentQuantile(count - 1) * error,
    least: Math.min(...values),
    most: Math.max(...values),
  };
}

/**
 * The 97.5 % quantile of Student's t distribution: exact for 1 and 2 degrees of freedom, else by the expansion
 * of Cornish and Fisher (Abramowitz and Stegun 26.7.5), right to 0.5 % at 3 and better above.
 */
export function studentQuantile(degrees: number): number {
  if (degrees === 1) return 12.7062;
  if (degrees === 2) return 4.3027;
  const z = 1.959964;
  const terms = [
    z,
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, power) => sum + term / degrees ** power, 0);
}

/** A share of containers that run at most at a speed. */
export interface CdfPoint {
  readonly value: number;
  readonly share: number;
}

/**
 * The cumulative distribution of weighted values, thinned to at most `points` steps.
 * @param values Value and weight of each, in any order.
 */
export function cumulative(
  values: readonly (readonly [value: number, weight: number])[],
  points = 300,
): CdfPoint[] {
  const sorted = [...values].sort((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  const steps: CdfPoint[] = [];
  let below = 0;
  sorted.forEach(([value, weight], at) => {
    below += weight;
    const share = below / total;
    const last = at === sorted.length - 1;
    if (last || share - (steps.at(-1)?.share ?? 0) >= 1 / points) steps.push({ value, share });
  });
  return steps;
}
