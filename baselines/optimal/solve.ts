import {
  checkProblem,
  demandTotal,
  InfeasibleError,
  InterruptedError,
  type Placement,
  type Problem,
} from "../../domain/mod.ts";
import type { ScheduleOptions, SchedulingProblem } from "../../scheduling/mod.ts";
import { CorePricing, type Pricing } from "../../sim-wasm/space/pricing.ts";
import { HighsSolver, type MilpAnswer, type MilpSolver } from "../milp/mod.ts";
import { stopper } from "../heuristics/start.ts";
import { relax, type Relaxation } from "../columns/column_generation.ts";
import { formulate, type Formulation } from "../columns/formulation.ts";
import {
  columnsWithin,
  integerProgram,
  type LossColumn,
  type Usage,
} from "../columns/integer_program.ts";
import { roundRelaxation, spreadOverNodes } from "../columns/placing.ts";

/** Columns of the first integer program: it often holds the optimum, and proves it where it does. */
const FIRST_COLUMNS = 60;

/** Each program has this many times the columns of the one before, where it needs them. */
const GROWTH = 4;

/** Relative gap of the loss at which all programs but the first and the last stop. */
const STAGE_GAP = 0.05;

/** Without a wish of the caller, proofs over more columns than this stop at a relative gap of PATIENT_GAP. */
const PATIENT_COLUMNS = 2000;
const PATIENT_GAP = 1e-6;

/** Seconds that the search takes at most where the caller sets no limit. */
export const USUAL_SECONDS = 60;

/** Most columns of any integer program. */
const MOST_COLUMNS = 20_000;

/** Nodes of a column that count from 0 in the integer program; what the relaxation has beyond is its base. */
const KEPT_OPEN = 1000;

/** Relative gap that counts as none. */
const PROVEN = 1e-9;

/** Limits ended the search before it found a placement, or proved that there is none. */
export class UndecidedError extends InfeasibleError {}

/** The best placement found, and what is proven about every other. */
export interface OptimalAnswer {
  readonly placement: Placement;
  /** Its total throughput. */
  readonly total: number;
  /** Proven upper bound on the total throughput of any placement. */
  readonly boundTotal: number;
  /** True where no placement is better by more than a relative 1e-9. */
  readonly proven: boolean;
  /** The bound of the linear relaxation. */
  readonly relaxationBound: number;
  /** Passes over all configurations. */
  readonly passes: number;
  /** Columns of the last integer program. */
  readonly columns: number;
  /** Integer programs solved. */
  readonly programs: number;
  /** Branch and bound nodes of all of them. */
  readonly branches: number;
}

/** The problem prepared: formulation, prices of all configurations, relaxation. */
export async function prepare(
  problem: SchedulingProblem,
  stop: () => boolean,
): Promise<{ formulation: Formulation; pricing: Pricing; relaxation: Relaxation }> {
  const formulation = formulate(problem);
  const pricing = new CorePricing(problem.simulator, formulation);
  try {
    const relaxation = await relax(formulation, pricing, stop);
    if (relaxation.infeasible) throw new InfeasibleError(shortage(problem, relaxation));
    return { formulation, pricing, relaxation };
  } catch (error) {
    pricing.dispose();
    throw error;
  }
}

/**
 * The best placement, proven so unless a limit ends the work first: linear relaxation by column
 * generation, then integer programs over the columns that the gap leaves possible.
 * @param solver Ended after use where it is not given.
 * @throws {InfeasibleError} where there is no placement.
 * @throws {InterruptedError} where the signal fired before there was one.
 */
export async function solveToOptimality(
  problem: SchedulingProblem,
  options: ScheduleOptions = {},
  solver?: MilpSolver,
): Promise<OptimalAnswer> {
  checkProblem(problem);
  const timeLimit = options.timeLimit ?? USUAL_SECONDS;
  const ended = stopper({ ...options, timeLimit });
  const started = performance.now();
  const highs = solver ?? new HighsSolver();
  if (highs instanceof HighsSolver) highs.warmUp();
  let pricing: Pricing | undefined;
  try {
    const prepared = await prepare(problem, ended);
    pricing = prepared.pricing;
    const search = new Search(problem, prepared, options);
    search.round(ended);
    await search.prove(
      highs,
      ended,
      () => Math.max(0.001, timeLimit - (performance.now() - started) / 1000),
    );
    return search.answer();
  } finally {
    pricing?.dispose();
    if (solver === undefined) highs.close();
  }
}

/** The search between the bound from above and the best placement from below. */
class Search {
  readonly #problem: SchedulingProblem;
  readonly #formulation: Formulation;
  readonly #pricing: Pricing;
  readonly #relaxation: Relaxation;
  readonly #options: ScheduleOptions;
  #best: { readonly total: number; readonly place: () => Placement } | undefined;
  #usage: readonly Usage[] | undefined;
  #bound: number;
  #columns = 0;
  #programs = 0;
  #branches = 0;

  constructor(
    problem: SchedulingProblem,
    prepared: { formulation: Formulation; pricing: Pricing; relaxation: Relaxation },
    options: ScheduleOptions,
  ) {
    this.#problem = problem;
    this.#formulation = prepared.formulation;
    this.#pricing = prepared.pricing;
    this.#relaxation = prepared.relaxation;
    this.#options = options;
    this.#bound = prepared.relaxation.bound;
  }

  /** A first placement without a solver. */
  round(stop: () => boolean): void {
    const rounded = roundRelaxation(this.#problem, this.#formulation, this.#relaxation, {
      seed: this.#options.seed ?? 1,
      stop,
    });
    if (rounded) this.#best = { total: rounded.total, place: () => rounded.placement };
  }

  /**
   * Integer programs over more and more columns. Each better placement leaves fewer columns possible; the
   * last program takes all that are, and so proves its answer for all configurations.
   */
  async prove(
    solver: MilpSolver,
    stop: () => boolean,
    secondsLeft: () => number,
  ): Promise<void> {
    let size = FIRST_COLUMNS;
    let most = this.#firstLoss();
    let last = false;
    while (!this.#closed(size) && !stop()) {
      const { columns, complete } = this.#columnsWithin(most);
      this.#options.onProgress?.({
        fraction: null,
        text: `integer program over ${columns.length} columns`,
      });
      const cutoff = this.#loss() + 1e-9 * (1 + Math.abs(this.#relaxation.bound));
      const precise = last || size === FIRST_COLUMNS;
      const { status, least } = await this.#solve(solver, columns, {
        cutoff,
        seconds: secondsLeft(),
        relativeGap: precise ? 0 : STAGE_GAP,
      });
      // Nobody loses less than all three: other columns lose more than `most`, whatever beats the best
      // known loses less than the cutoff, and what this program allows loses at least `least`.
      if (complete) this.#lower(Math.min(most, least, cutoff));
      if (status === "interrupted" || status === "limit" || !complete) return;
      if (this.#best === undefined && most > this.#largestLoss()) {
        throw new InfeasibleError(
          "Demand does not fit under the rules: fractions of containers would, whole ones do not",
        );
      }
      // Without a placement all columns are needed: that there is none is only proven over all of them.
      const loss = this.#best === undefined ? this.#largestLoss() : this.#loss();
      const needed = loss * (1 + 1e-9) + 1e-9;
      if (precise && needed <= most) return;
      size *= GROWTH;
      if (size > MOST_COLUMNS) return;
      ({ most, last } = this.#nextLoss(most, needed, size));
    }
  }

  /** The loss up to which the next program takes columns: all that are needed where that is about `size`. */
  #nextLoss(reached: number, needed: number, size: number): { most: number; last: boolean } {
    const count = (most: number): number => {
      const { columns, complete } = columnsWithin(
        this.#formulation,
        this.#pricing,
        this.#relaxation,
        most,
        2 * size,
      );
      return complete ? columns.length : Infinity;
    };
    const last = this.#best !== undefined;
    if (needed <= reached || count(needed) <= 2 * size) return { most: needed, last };
    let low = reached;
    let high = needed;
    for (let step = 0; step < 12; step++) {
      const middle = (low + high) / 2;
      const columns = count(middle);
      if (columns > 2 * size) high = middle;
      else low = middle;
      if (columns <= 2 * size && columns >= size / 2) break;
    }
    return { most: low, last: false };
  }

  answer(): OptimalAnswer {
    if (this.#best === undefined) {
      if (this.#options.signal?.aborted) {
        throw new InterruptedError("Interrupted before there was a placement");
      }
      throw new UndecidedError(
        "No placement found within the limits: give more time, or relax the rules",
      );
    }
    const { total, place } = this.#best;
    const boundTotal = Math.max(this.#bound, total);
    return {
      placement: place(),
      total,
      boundTotal,
      proven: boundTotal - total <= PROVEN * Math.max(1, Math.abs(boundTotal)),
      relaxationBound: this.#relaxation.bound,
      passes: this.#relaxation.passes,
      columns: this.#columns,
      programs: this.#programs,
      branches: this.#branches,
    };
  }

  /** What the best placement loses against the bound of the relaxation. */
  #loss(): number {
    return this.#best === undefined ? Infinity : this.#relaxation.bound - this.#best.total;
  }

  /** True where the gap is small enough; without a wish, one of 1e-6 is once proofs take many columns. */
  #closed(size: number): boolean {
    if (this.#best === undefined) return false;
    const usual = size > PATIENT_COLUMNS ? PATIENT_GAP : 0;
    const gap = Math.max(this.#options.gap ?? usual, PROVEN / 100);
    return this.#bound - this.#best.total <= gap * Math.max(1, Math.abs(this.#bound));
  }

  /** No placement loses less than this against the bound of the relaxation. */
  #lower(least: number): void {
    this.#bound = Math.min(this.#bound, this.#relaxation.bound - Math.max(0, least));
  }

  /** A loss that at least FIRST_COLUMNS columns stay below, where there are as many. */
  #firstLoss(): number {
    const { prices, nodePrices } = this.#relaxation;
    const { reduced } = this.#pricing.best(prices);
    const losses: number[] = [];
    for (const price of nodePrices) {
      for (const value of reduced) losses.push(Math.max(0, price - value));
    }
    losses.sort((a, b) => a - b);
    return (losses[Math.min(FIRST_COLUMNS, losses.length - 1)] ?? 0) + 1e-9;
  }

  /** More than any column loses. */
  #largestLoss(): number {
    const { prices, nodePrices } = this.#relaxation;
    const dearest = prices.reduce((most, price) => Math.max(most, Math.abs(price)), 0);
    return Math.max(...nodePrices) + this.#formulation.capacity * dearest -
      this.#pricing.lowest();
  }

  #columnsWithin(most: number): { columns: LossColumn[]; complete: boolean } {
    const { columns, complete } = columnsWithin(
      this.#formulation,
      this.#pricing,
      this.#relaxation,
      most,
      MOST_COLUMNS,
    );
    // The relaxation's own columns lose nothing but rounding, and are the base that the program starts from.
    const known = new Set(columns.map(({ rank, group }) => `${rank}/${group}`));
    for (const { column } of this.#relaxation.used) {
      const { rank, group, counts, value } = column;
      if (rank === 0 || known.has(`${rank}/${group}`)) continue;
      const price = counts.reduce(
        (sum, count, app) => sum + count * this.#relaxation.prices[app]!,
        0,
      );
      const loss = Math.max(0, this.#relaxation.nodePrices[group]! - (value - price));
      columns.push({ group, rank, loss, counts });
    }
    return { columns, complete };
  }

  /** Solves the integer program over these columns. `least`: what all its placements lose at least. */
  async #solve(
    solver: MilpSolver,
    columns: readonly LossColumn[],
    limits: { readonly cutoff: number; readonly seconds: number; readonly relativeGap: number },
  ): Promise<{ readonly status: MilpAnswer["status"]; readonly least: number }> {
    const { signal, gap = 0, seed = 1 } = this.#options;
    const { cutoff, seconds, relativeGap } = limits;
    const inUse = new Map(
      this.#relaxation.used.map(({ column, nodes }) => [`${column.rank}/${column.group}`, nodes]),
    );
    const program = integerProgram(this.#formulation, this.#relaxation.nodePrices, columns, {
      base: columns.map(({ rank, group }) =>
        Math.max(0, Math.floor(inUse.get(`${rank}/${group}`) ?? 0) - KEPT_OPEN)
      ),
      cutoff,
    });
    const start = this.#usage === undefined ? undefined : program.write(this.#usage);
    const answer = await solver.solve(program.model, {
      ...(start ? { start } : {}),
      relativeGap,
      timeLimit: seconds,
      absoluteGap: Math.max(1e-9, gap * Math.abs(this.#bound) * program.scale),
      seed: seed % 2 ** 31,
      ...(signal ? { signal } : {}),
    });
    this.#programs++;
    this.#columns = columns.length;
    this.#branches += answer.nodes;
    if (answer.solution) this.#take(program.read(answer.solution));
    const { status } = answer;
    if (status === "infeasible") return { status, least: Infinity };
    // Covers the solver's tolerances, which are relative to the scaled objective.
    const least = answer.bound / program.scale + program.fixedLoss - 1e-11;
    return { status, least: Number.isFinite(least) ? least : 0 };
  }

  /** Keeps an answer of the integer program where it is the best so far. */
  #take(usage: readonly Usage[]): void {
    const total = usage.reduce(
      (sum, { column, nodes }) => sum + nodes * this.#pricing.value(column.rank),
      0,
    );
    if (this.#best !== undefined && total <= this.#best.total) return;
    this.#usage = usage;
    this.#best = {
      total,
      place: () => spreadOverNodes(this.#problem, this.#formulation, usage),
    };
  }
}

/** Says what does not fit, with the number of slots where the relaxation got as far as to know it. */
function shortage(problem: Problem, { unplaced, converged }: Relaxation): string {
  const demand = `Demand of ${demandTotal(problem.demand)} containers does not fit under the rules`;
  if (!converged) return demand;
  const apps = problem.apps.filter((_, app) => unplaced[app]! > 0);
  const slots = Math.ceil(unplaced.reduce((sum, missing) => sum + missing, 0) - 1e-3);
  return `${demand}: at least ${slots} slots short, for ${apps.join(", ")}`;
}
