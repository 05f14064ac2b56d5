import {
  InputError,
  type InterferenceModel,
  type Profile,
  Random,
  ShapeError,
} from "../domain/mod.ts";
import { Cholesky } from "../sim-wasm/models/cholesky.ts";
import { checkTraining } from "./checks.ts";
import { gatherMeasurements, isLone, type Measurements } from "./measurements.ts";
import { patternSearch } from "./pattern_search.ts";
import { MOST_SPEEDS } from "./pooled.ts";
import { speedCells } from "./speeds.ts";
import type { UncertainModel, UncertainPrediction } from "./uncertain.ts";

/** What shapes a transfer: natural logarithms of deviations, in normalised RPS, but for `length`. */
export interface TransferHyperparameters {
  /** Of what all speeds differ by from those of the sources. */
  readonly level: number;
  /** Of the weight of each source. */
  readonly slope: number;
  /** Of what is particular to an app. */
  readonly app: number;
  /** Of what one neighbour changes. */
  readonly company: number;
  /** Of what speeds that are alike in the sources differ by alike. */
  readonly alike: number;
  /** Logarithm of the distance, in normalised RPS of the sources, over which they stay alike. */
  readonly length: number;
  /** Of one measurement. */
  readonly noise: number;
}

type Range = readonly [mean: number, deviation: number];

/** Prior of each of them, normal distributions: keeps few measurements from deciding alone. */
const PRIORS: Readonly<Record<keyof TransferHyperparameters, Range>> = {
  level: [Math.log(0.1), 1],
  slope: [Math.log(0.3), 1],
  app: [Math.log(0.1), 1],
  company: [Math.log(0.1), 1],
  alike: [Math.log(0.1), 1],
  length: [Math.log(0.3), 1],
  noise: [Math.log(0.05), 1],
};
const NAMES = Object.keys(PRIORS) as (keyof TransferHyperparameters)[];
/** Evaluations of the likelihood. */
const STEPS = 200;
/** Measured speeds that hyperparameters are found on. */
const SEARCH_SPEEDS = 200;

/** An app in a configuration, as a transfer sees it. */
interface Sight {
  readonly app: number;
  /** Containers beside one of the app, by app. */
  readonly company: Float64Array;
  /** Its speed by each source. */
  readonly speeds: Float64Array;
}

/**
 * The surface of a node class of which few rows were measured, from surfaces of other classes over the same apps: the mean of what
 * those say, corrected by a Gaussian process that learns what the rows differ by from it (Kennedy and O'Hagan 2000, with
 * sources of equal rank). The covariance of two differences is the sum of
 * - a level and a weight of each source, the same for all,
 * - what is particular to an app,
 * - what each neighbour changes, in proportion to its containers,
 * - a function of the sources' speeds: what runs alike there differs alike here.
 */
export class TransferModel implements UncertainModel {
  readonly kind = "transfer";
  readonly apps: readonly string[];
  readonly #learned: readonly Sight[];
  readonly #covariance: Covariance;
  readonly #factor: Cholesky;
  readonly #weights: Float64Array;

  /**
   * Conditions the process on the measurements: cubic in their speeds.
   * @param measurements Of the class itself. @param sources Models of other classes, at least one, of the same apps.
   * @throws {InputError} if there is no source, one has other apps, or the covariance is not positive.
   */
  constructor(
    readonly measurements: Measurements,
    readonly sources: readonly InterferenceModel[],
    readonly hyperparameters: TransferHyperparameters,
  ) {
    this.apps = measurements.apps;
    checkSources(this.apps, sources);
    const cells = learnedCells(measurements);
    this.#learned = sightsOf(measurements, sources, cells);
    this.#covariance = new Covariance(hyperparameters, scaleOf(this.#learned));
    this.#factor = new Cholesky(Math.max(1, cells.length));
    const explained = explain(this.#factor, this.#covariance, this.#learned, measurements, cells);
    if (explained === null) {
      throw new InputError("The covariance of the measurements is not positive: raise the noise");
    }
    this.#weights = explained.weights;
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.#predict(counts, rows, false).rps;
  }

  /** As {@link UncertainModel.predictUncertain}. */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    return this.#predict(counts, rows, true);
  }

  #predict(counts: Uint8Array, rows: number, withDeviations: boolean): UncertainPrediction {
    const { apps, sources } = this;
    const width = apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const rps = new Float64Array(rows * width);
    const deviations = new Float64Array(withDeviations ? rows * width : 0);
    const cells = speedCells({ counts }).filter((at) => {
      if (!isLone(counts, at - at % width, width)) return true;
      rps[at] = 1;
      return false;
    });
    sightsOf({ apps, rows, counts }, sources, cells).forEach((sight, index) => {
      const at = cells[index]!;
      const near = this.#covariance.withAll(sight, this.#learned);
      let mean = expectedOf(sight);
      for (let other = 0; other < near.length; other++) {
        mean += near[other]! * this.#weights[other]!;
      }
      rps[at] = Math.max(0, mean);
      if (!withDeviations) return;
      let variance = this.#covariance.of(sight, sight) + this.#covariance.scatter;
      if (near.length > 0) {
        this.#factor.solve(near).forEach((value, other) => variance -= value * near[other]!);
      }
      deviations[at] = Math.sqrt(Math.max(0, variance));
    });
    return { rps, deviations };
  }
}

/**
 * Learns the surface of a node class from few rows of it and models of other classes; hyperparameters by maximum likelihood under
 * their prior.
 * @param sources Models of other node classes over the same apps, in the same order.
 * @param options `seed` chooses the speeds that hyperparameters are found on where there are many.
 * @throws {InputError} for a profile without rows, or sources that do not fit it.
 */
export function fitTransfer(
  profile: Profile,
  sources: readonly InterferenceModel[],
  { seed }: { readonly seed: number },
): TransferModel {
  checkTraining(profile);
  checkSources(profile.apps, sources);
  const measurements = gatherMeasurements(profile);
  const cells = new Random(seed).shuffle(learnedCells(measurements)).slice(0, SEARCH_SPEEDS);
  const sights = sightsOf(measurements, sources, cells);
  const scale = scaleOf(sights);
  using factor = new Cholesky(Math.max(1, cells.length));
  const surprise = (at: readonly number[]): number => {
    const covariance = new Covariance(unpack(at), scale);
    const explained = explain(factor, covariance, sights, measurements, cells);
    if (explained === null) return Infinity;
    return NAMES.reduce((sum, name, index) => {
      const [mean, deviation] = PRIORS[name];
      return sum + 0.5 * ((at[index]! - mean) / deviation) ** 2;
    }, explained.surprise);
  };
  const found = patternSearch(
    surprise,
    NAMES.map((name) => PRIORS[name][0]),
    NAMES.map((name) => PRIORS[name][1]),
    cells.length === 0 ? 0 : STEPS,
  );
  return new TransferModel(measurements, sources, unpack(found));
}

function unpack(at: readonly number[]): TransferHyperparameters {
  const [level, slope, app, company, alike, length, noise] = at as [
    ...[number, number, number, number, number, number, number],
  ];
  return { level, slope, app, company, alike, length, noise };
}

function checkSources(apps: readonly string[], sources: readonly InterferenceModel[]): void {
  if (sources.length === 0) throw new InputError("A transfer needs a model of another node class");
  const other = sources.find((source) => source.apps.join("\n") !== apps.join("\n"));
  if (other !== undefined) {
    throw new InputError(`A source of a transfer has other apps: ${other.apps.join(", ")}`);
  }
}

/** Where the speeds that are learned from are: those with company, or where they are too many a sample, always the same. */
function learnedCells(measurements: Measurements): number[] {
  const { counts, apps } = measurements;
  const all = speedCells(measurements).filter((at) =>
    !isLone(counts, at - at % apps.length, apps.length)
  );
  if (all.length <= MOST_SPEEDS) return all;
  return new Random(0).shuffle(all).slice(0, MOST_SPEEDS).sort((a, b) => a - b);
}

function sightsOf(
  { apps, rows, counts }: Pick<Measurements, "apps" | "rows" | "counts">,
  sources: readonly InterferenceModel[],
  cells: readonly number[],
): Sight[] {
  const width = apps.length;
  const speeds = sources.map((source) => source.predict(counts, rows));
  return cells.map((at) => {
    const app = at % width;
    const company = Float64Array.from(counts.subarray(at - app, at - app + width));
    company[app]!--;
    return { app, company, speeds: Float64Array.from(speeds, (all) => all[at]!) };
  });
}

/** What is expected before anything is measured: the mean of the sources. */
function expectedOf({ speeds }: Sight): number {
  return speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
}

/** Mean square of a company: what one neighbour changes is told relative to it. */
function scaleOf(sights: readonly Sight[]): number {
  const squares = sights.map(({ company }) => dot(company, company));
  return squares.reduce((sum, square) => sum + square, 0) / Math.max(1, sights.length) || 1;
}

/** The covariance of what two speeds differ by from what is expected. */
class Covariance {
  /** Variance of one measurement. */
  readonly scatter: number;
  readonly #level: number;
  readonly #slope: number;
  readonly #app: number;
  readonly #company: number;
  readonly #alike: number;
  readonly #length: number;

  constructor(given: TransferHyperparameters, scale: number) {
    const variance = (name: keyof TransferHyperparameters) => Math.exp(2 * given[name]);
    this.scatter = variance("noise");
    this.#level = variance("level");
    this.#slope = variance("slope");
    this.#app = variance("app");
    this.#company = variance("company") / scale;
    this.#alike = variance("alike");
    this.#length = 2 * variance("length");
  }

  of(a: Sight, b: Sight): number {
    let product = 0;
    let distance = 0;
    for (let at = 0; at < a.speeds.length; at++) {
      product += a.speeds[at]! * b.speeds[at]!;
      distance += (a.speeds[at]! - b.speeds[at]!) ** 2;
    }
    return this.#level + this.#slope * product + (a.app === b.app ? this.#app : 0) +
      this.#company * dot(a.company, b.company) +
      this.#alike * Math.exp(-distance / this.#length);
  }

  withAll(sight: Sight, others: readonly Sight[]): Float64Array {
    return Float64Array.from(others, (other) => this.of(sight, other));
  }
}

/** Factors the covariance of the differences, and solves for their weights; null if it is not positive. */
function explain(
  factor: Cholesky,
  covariance: Covariance,
  sights: readonly Sight[],
  { apps, rps, repeats }: Measurements,
  cells: readonly number[],
): { readonly weights: Float64Array; readonly surprise: number } | null {
  const rows = sights.length;
  if (rows === 0) return { weights: new Float64Array(), surprise: 0 };
  const matrix = new Float64Array(rows * rows);
  sights.forEach((sight, row) => {
    for (let other = 0; other <= row; other++) {
      matrix[row * rows + other] = covariance.of(sight, sights[other]!);
    }
    const times = repeats[Math.floor(cells[row]! / apps.length)]!;
    matrix[row * rows + row]! += covariance.scatter / times;
  });
  const halfDeterminant = factor.factor(matrix);
  if (Number.isNaN(halfDeterminant)) return null;
  const away = Float64Array.from(sights, (sight, row) => rps[cells[row]!]! - expectedOf(sight));
  const weights = factor.solve(away);
  return { weights, surprise: halfDeterminant + 0.5 * dot(weights, away) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
