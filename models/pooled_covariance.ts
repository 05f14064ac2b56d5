import type { Speeds } from "./speeds.ts";

/** What shapes a pooled process, as natural logarithms but for `sharing`. */
export interface PooledHyperparameters {
  /** Per app: distance in its containers over which speeds stay alike. */
  readonly lengths: readonly number[];
  /** The same of the total. */
  readonly total: number;
  /** The same of an app's own containers, in what apps have in common. */
  readonly own: number;
  /** Logit of the share of the variance that all apps have in common. */
  readonly sharing: number;
  /** Variance of the trend over the total, relative to that of the rest. */
  readonly trend: number;
  /** Deviation of one measurement, relative to that of the rest. */
  readonly noise: number;
}

type Range = readonly [mean: number, deviation: number];

/** Prior of each of them, normal distributions: keeps few measurements from deciding alone. */
const PRIOR = {
  lengths: [1, 1.5] as Range,
  total: [1.5, 1] as Range,
  own: [1, 1.5] as Range,
  sharing: [0, 1.5] as Range,
  trend: [0, 1.5] as Range,
  noise: [Math.log(0.1), 1] as Range,
};

/** Priors of the hyperparameters, in the order of {@link unpack}. */
export function priors(apps: number): Range[] {
  const { total, own, sharing, trend, noise } = PRIOR;
  return [...new Array<Range>(apps).fill(PRIOR.lengths), total, own, sharing, trend, noise];
}

/** Hyperparameters from a list of numbers. */
export function unpack(at: readonly number[], apps: number): PooledHyperparameters {
  const [total, own, sharing, trend, noise] = at.slice(apps);
  return {
    lengths: at.slice(0, apps),
    total: total!,
    own: own!,
    sharing: sharing!,
    trend: trend!,
    noise: noise!,
  };
}

/** What a second, third, ... container of an app changes, relative to its first one, before lengths are fitted. */
const FURTHER = 0.3;
/** Length of the trend over the total: slow against the capacities that nodes have. */
const TREND_LENGTH = 8;
/** Variance of what the trend rises or falls by over that length, relative to its own. */
const TREND_SLOPE = 0.5;

/**
 * The covariance of two speeds: intrinsic coregionalisation (Bonilla, Chai and Williams 2008) of products of Matern functions,
 * and a trend. Read from tables: features take so few values that no function is evaluated twice.
 */
export class PooledCovariance {
  /** Variance of one measurement. */
  readonly scatter: number;
  readonly #apps: number;
  readonly #size: number;
  readonly #alike: Float64Array;
  readonly #own: Float64Array;
  readonly #trend: Float64Array;
  readonly #particular: number;

  /** Fills the tables. @param capacity Largest count, and total. */
  constructor(hyperparameters: PooledHyperparameters, apps: number, capacity: number) {
    const { lengths, total, own, sharing, trend, noise } = hyperparameters;
    const values = Array.from({ length: capacity + 1 }, (_, value) => value);
    const counts = values.map((value) => value === 0 ? 0 : 1 + FURTHER * (value - 1));
    const share = 1 / (1 + Math.exp(-sharing));
    const table = (positions: readonly number[], logLength: number, weight = 1) =>
      positions.flatMap((a) =>
        positions.map((b) => weight * matern(Math.abs(a - b) / Math.exp(logLength)))
      );
    this.#apps = apps;
    this.#size = capacity + 1;
    this.#alike = Float64Array.from([
      ...lengths.flatMap((length) => table(counts, length)),
      ...table(values, total),
    ]);
    this.#own = Float64Array.from(table(counts, own, share));
    const slow = Math.exp(trend);
    // The trend goes on beyond what was measured: full nodes are slower than half full ones, by how much is learned.
    this.#trend = Float64Array.from(
      table(values, Math.log(TREND_LENGTH), slow),
      (value, at) => {
        const [a, b] = [Math.floor(at / values.length), at % values.length];
        return value + slow * TREND_SLOPE * (a - 1) * (b - 1) / TREND_LENGTH ** 2;
      },
    );
    this.#particular = 1 - share;
    this.scatter = Math.exp(2 * noise);
  }

  /** Variance of a speed. */
  variance(point: Uint8Array): number {
    const total = point[this.#apps]!;
    return this.#own[0]! + this.#particular + this.#trend[total * this.#size + total]!;
  }

  /** Covariances of a speed with the first so many of others. */
  withAll(point: Uint8Array, { points, rows }: Speeds, first: number = rows): Float64Array {
    const apps = this.#apps;
    const size = this.#size;
    const alike = this.#alike;
    const out = new Float64Array(first);
    const total = point[apps]! * size;
    const own = point[apps + 1]! * size;
    for (let other = 0, at = 0; other < first; other++, at += apps + 3) {
      let product = 1;
      for (let feature = 0, table = 0; feature <= apps; feature++, table += size * size) {
        product *= alike[table + point[feature]! * size + points[at + feature]!]!;
      }
      const common = this.#own[own + points[at + apps + 1]!]!;
      const particular = point[apps + 2] === points[at + apps + 2] ? this.#particular : 0;
      out[other] = product * (common + particular) + this.#trend[total + points[at + apps]!]!;
    }
    return out;
  }

  /** Covariance matrix of speeds as measured, row-major; only the lower triangle is filled. */
  matrix(speeds: Speeds): Float64Array {
    const { rows, points, repeats } = speeds;
    const matrix = new Float64Array(rows * rows);
    for (let row = 0; row < rows; row++) {
      const point = points.subarray(row * (this.#apps + 3), (row + 1) * (this.#apps + 3));
      matrix.set(this.withAll(point, speeds, row + 1), row * rows);
      matrix[row * rows + row]! += this.scatter / repeats[row]!;
    }
    return matrix;
  }
}

/** Matern function of order 3/2 of a distance in lengths. */
function matern(distance: number): number {
  const stretched = Math.sqrt(3) * distance;
  return (1 + stretched) * Math.exp(-stretched);
}
