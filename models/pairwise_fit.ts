import { isLone, type Measurements } from "./measurements.ts";

/** Terms of every pair of apps; arrays row-major, apps x apps: on the app of the row by the app of the column. */
export interface PairTerms {
  /** Time per request that the first neighbour adds; below 0 where it helps. */
  readonly first: Float64Array;
  /** Time per request that each further neighbour of the same app adds; 0 or more. */
  readonly further: Float64Array;
}

/** Least time per request: nothing runs more than ten times as fast beside others as alone. */
export const LEAST_TIME = 0.1;

/** Penalty of what the first neighbour adds more than each further one. */
const OF_STEP = 3;
/** Penalty of what is particular to an app, as a share of that of a pair. */
const OF_APP = 0.1;
/** The same of an app beside its own kind, which may differ more from what is common. */
const OF_OWN = 0.25;
/** Linearisations, and sweeps over all terms in each at most. */
const ROUNDS = 6;
const SWEEPS = 30;
/** Changes of a term below this end a round. */
const SMALL = 1e-5;
/** Speeds below this are taken for this where times are fitted first. */
const SLOWEST = 0.03;

/** Time per request of an app in a configuration, alone 1. @param start Where the counts begin. */
export function pairTime(
  { first, further }: PairTerms,
  counts: Uint8Array,
  start: number,
  app: number,
  width: number,
): number {
  let time = 1;
  for (let other = 0; other < width; other++) {
    const neighbours = counts[start + other]! - (other === app ? 1 : 0);
    if (neighbours <= 0) continue;
    const pair = app * width + other;
    time += first[pair]! + further[pair]! * (neighbours - 1);
  }
  return Math.max(LEAST_TIME, time);
}

/** A measured speed: an app beside its neighbours. */
interface Cell {
  readonly speed: number;
  readonly repeats: number;
  /** The pairs with each app that it has as neighbour, and how many neighbours those are. */
  readonly pairs: readonly { readonly pair: number; readonly neighbours: number }[];
}

/** What the fit is about to explain, linear in the terms. */
interface Linear {
  /** Time that each cell has by the terms. */
  readonly times: Float64Array;
  /** Time that it should have, and what an error of it weighs. */
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The terms that explain the measured speeds, by penalised least squares of the errors in RPS. The time per request is linear
 * in them (Gauss-Newton), found term by term. What a neighbour adds is what all pairs have in common, plus what is particular to
 * the app that suffers, to its neighbour, and to the pair: the less rows say of a pair, the nearer it is to what is common.
 * @param penalty Of what is particular to a pair, against the square of an error in RPS.
 */
export function fitPairTerms(measurements: Measurements, penalty: number): PairTerms {
  const width = measurements.apps.length;
  const cells = cellsOf(measurements);
  const uses: { cell: number; neighbours: number }[][] = Array.from(
    { length: width ** 2 },
    () => [],
  );
  cells.forEach(({ pairs }, cell) =>
    pairs.forEach(({ pair, neighbours }) => uses[pair]!.push({ cell, neighbours }))
  );
  const slopes = new Float64Array(width ** 2);
  const steps = new Float64Array(width ** 2);
  const linear: Linear = {
    times: new Float64Array(cells.length),
    targets: new Float64Array(cells.length),
    weights: new Float64Array(cells.length),
  };
  const common = new Common(width);
  for (let round = 0; round < ROUNDS; round++) {
    linearise(linear, cells, slopes, steps, round === 0);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      let largest = 0;
      for (let pair = 0; pair < slopes.length; pair++) {
        const own = pair % (width + 1) === 0;
        const change = Math.max(
          -slopes[pair]!,
          improve(
            linear,
            uses[pair]!,
            (neighbours) => neighbours,
            penalty * (own ? OF_OWN : 1),
            common.of(pair) - slopes[pair]!,
          ),
        );
        add(linear, uses[pair]!, (neighbours) => neighbours * change);
        slopes[pair]! += change;
        largest = Math.max(largest, Math.abs(change));
        if (uses[pair]!.length === 0) continue;
        const jump = improve(linear, uses[pair]!, () => 1, OF_STEP, -steps[pair]!);
        add(linear, uses[pair]!, () => jump);
        steps[pair]! += jump;
        largest = Math.max(largest, Math.abs(jump));
      }
      common.learn(slopes);
      if (largest < SMALL) break;
    }
  }
  return { first: slopes.map((slope, pair) => slope + steps[pair]!), further: slopes };
}

/** Looks at the cells along the line through their present speeds; at first along that through the measured ones. */
function linearise(
  { times, targets, weights }: Linear,
  cells: readonly Cell[],
  slopes: Float64Array,
  steps: Float64Array,
  isFirst: boolean,
): void {
  cells.forEach(({ speed: measured, repeats, pairs }, cell) => {
    const time = pairs.reduce(
      (sum, { pair, neighbours }) => sum + steps[pair]! + slopes[pair]! * neighbours,
      1,
    );
    const wanted = 1 / Math.max(SLOWEST, measured);
    const speed = isFirst ? 1 / wanted : 1 / Math.max(LEAST_TIME, time);
    times[cell] = time;
    // The line may meet the measured speed beyond the time that has it: never further than that.
    targets[cell] = isFirst
      ? wanted
      : Math.min(time + (speed - measured) / speed ** 2, Math.max(time, wanted));
    weights[cell] = repeats * speed ** 4;
  });
}

/** The change of one term that makes errors and penalty least. @param away From where the penalty draws the term to, to where it is, negated. */
function improve(
  { times, targets, weights }: Linear,
  uses: readonly { readonly cell: number; readonly neighbours: number }[],
  by: (neighbours: number) => number,
  penalty: number,
  away: number,
): number {
  let pull = penalty * away;
  let curvature = penalty;
  for (const { cell, neighbours } of uses) {
    const factor = by(neighbours);
    pull += weights[cell]! * factor * (targets[cell]! - times[cell]!);
    curvature += weights[cell]! * factor * factor;
  }
  return pull / curvature;
}

function add(
  { times }: Linear,
  uses: readonly { readonly cell: number; readonly neighbours: number }[],
  time: (neighbours: number) => number,
): void {
  for (const { cell, neighbours } of uses) times[cell]! += time(neighbours);
}

/** What pairs have in common: all of them, those of an app that suffers, those of a neighbour. */
class Common {
  #all = 0;
  readonly #suffers: Float64Array;
  readonly #causes: Float64Array;

  constructor(private readonly width: number) {
    this.#suffers = new Float64Array(width);
    this.#causes = new Float64Array(width);
  }

  /** Where a pair is drawn to; 0 or more. */
  of(pair: number): number {
    const { width } = this;
    const expected = this.#all + this.#suffers[Math.floor(pair / width)]! +
      this.#causes[pair % width]!;
    return Math.max(0, expected);
  }

  learn(slopes: Float64Array): void {
    const { width } = this;
    const suffers = this.#suffers;
    const causes = this.#causes;
    let sum = 0;
    slopes.forEach((slope, pair) =>
      sum += slope - suffers[Math.floor(pair / width)]! - causes[pair % width]!
    );
    this.#all = sum / slopes.length;
    for (let app = 0; app < width; app++) {
      let on = 0;
      let by = 0;
      for (let other = 0; other < width; other++) {
        on += slopes[app * width + other]! - this.#all - causes[other]!;
        by += slopes[other * width + app]! - this.#all - suffers[other]!;
      }
      suffers[app] = on / (width * (1 + OF_APP));
      causes[app] = by / (width * (1 + OF_APP));
    }
  }
}

function cellsOf({ apps, rows, counts, rps, repeats }: Measurements): Cell[] {
  const width = apps.length;
  const cells: Cell[] = [];
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    if (isLone(counts, start, width)) continue;
    for (let app = 0; app < width; app++) {
      if (counts[start + app] === 0) continue;
      const pairs = apps.flatMap((_, other) => {
        const neighbours = counts[start + other]! - (other === app ? 1 : 0);
        return neighbours > 0 ? [{ pair: app * width + other, neighbours }] : [];
      });
      cells.push({ speed: rps[start + app]!, repeats: repeats[row]!, pairs });
    }
  }
  return cells;
}
