import type { Placement } from "../../domain/mod.ts";
import type { Deadline, ScheduleOptions } from "../../scheduling/mod.ts";
import {
  type LossColumn,
  onlyFractionsFit,
  pricingOf,
  type RelaxedProblem,
  roundRelaxation,
  spreadOverNodes,
} from "../columns/mod.ts";
import type { MilpAnswer, MilpSolver } from "../milp/mod.ts";
import type { OptimalAnswer } from "./answer.ts";
import { integerProgram, type Usage } from "./integer_program.ts";
import { columnsUpTo, firstLoss, largestLoss, MOST_COLUMNS, nextLoss } from "./losses.ts";

/** Columns of the first integer program: it often holds the optimum, and proves it where it does. */
const FIRST_COLUMNS = 60;

/** Each program has this many times the columns of the one before, where it needs them. */
const GROWTH = 4;

/** Relative gap of the loss at which all programs but the first and the last stop. */
const STAGE_GAP = 0.05;

/** Without a wish of the caller, proofs over more columns than this stop at a relative gap of PATIENT_GAP. */
const PATIENT_COLUMNS = 2000;
const PATIENT_GAP = 1e-6;

/** Nodes of a column that count from 0 in the integer program; what the relaxation has beyond is its base. */
const KEPT_OPEN = 1000;

/** Most columns of an integer program where not all are known, and the relative gap of the loss at which it stops. */
const FOUND_COLUMNS = 600;
const FOUND_GAP = 0.01;

/** Annealing where not all columns are known: from not so hot that the rounded placement would be forgotten. */
const ANNEALING = { moves: 4_000_000, hot: 0.1, cold: 0.003 };

/** Relative gap that counts as none. */
const PROVEN = 1e-9;

/** The search between the bound from above and the best placement from below. */
export class Search {
  readonly #relaxed: RelaxedProblem;
  readonly #options: ScheduleOptions;
  readonly #deadline: Deadline;
  #best: { readonly total: number; readonly place: () => Placement } | undefined;
  #usage: readonly Usage[] | undefined;
  #bound: number;
  #columns = 0;
  #programs = 0;
  #branches = 0;

  /** Starts from the bound of the relaxation, without a placement. */
  constructor(relaxed: RelaxedProblem, options: ScheduleOptions, deadline: Deadline) {
    this.#relaxed = relaxed;
    this.#options = options;
    this.#deadline = deadline;
    this.#bound = relaxed.relaxation.bound;
  }

  /** A first placement without a solver. */
  round(): void {
    const rounded = roundRelaxation(this.#relaxed, {
      seed: this.#options.seed ?? 1,
      stop: this.#deadline.passed,
    });
    if (rounded) this.#best = { total: rounded.total, place: () => rounded.placement };
  }

  /** True once there is a placement to answer with. */
  get hasPlacement(): boolean {
    return this.#best !== undefined;
  }

  /** A first placement that is known already. Its configurations are among those that are priced. */
  startFrom({ placement, total }: { readonly placement: Placement; readonly total: number }): void {
    this.#best = { total, place: () => placement };
  }

  /**
   * Integer programs over more and more columns. Each better placement leaves fewer columns possible; the
   * last program takes all that are, and so proves its answer for all configurations.
   * @throws {InfeasibleError} if there is no placement.
   */
  async prove(solver: MilpSolver): Promise<void> {
    const relaxed = this.#relaxed;
    if (relaxed.pricings.some((pricing) => pricing.prove !== undefined)) {
      return await this.#improve(solver);
    }
    let size = FIRST_COLUMNS;
    let most = firstLoss(relaxed, FIRST_COLUMNS);
    let last = false;
    while (!this.#closed(size) && !this.#deadline.passed()) {
      const { columns, complete } = columnsUpTo(relaxed, most);
      this.#options.onProgress?.({
        fraction: null,
        text: `integer program over ${columns.length} columns`,
      });
      const cutoff = this.#loss() + 1e-9 * (1 + Math.abs(relaxed.relaxation.bound));
      const precise = last || size === FIRST_COLUMNS;
      const relativeGap = precise ? 0 : STAGE_GAP;
      const { status, least } = await this.#solve(solver, columns, { cutoff, relativeGap });
      // Nobody loses less than all three: other columns lose more than `most`, whatever beats the best
      // known loses less than the cutoff, and what this program allows loses at least `least`.
      if (complete) this.#lower(Math.min(most, least, cutoff));
      if (status === "interrupted" || status === "limit" || !complete) return;
      if (this.#best === undefined && most > largestLoss(relaxed)) throw onlyFractionsFit();
      // Without a placement all columns are needed: that there is none is only proven over all of them.
      const loss = this.#best === undefined ? largestLoss(relaxed) : this.#loss();
      const needed = loss * (1 + 1e-9) + 1e-9;
      if (precise && needed <= most) return;
      size *= GROWTH;
      if (size > MOST_COLUMNS) return;
      most = nextLoss(relaxed, most, needed, size);
      last = most === needed && this.#best !== undefined;
    }
  }

  /**
   * Annealing from the rounded placement, then one integer program over the best of the columns that were found: proves
   * nothing, since not all columns are known.
   */
  async #improve(solver: MilpSolver): Promise<void> {
    const relaxed = this.#relaxed;
    await this.#anneal();
    if (this.#closed(0) || this.#deadline.passed()) return;
    const most = this.#best === undefined ? largestLoss(relaxed) : this.#loss();
    const columns = columnsUpTo(relaxed, most).columns.slice(0, FOUND_COLUMNS);
    this.#options.onProgress?.({
      fraction: null,
      text: `integer program over ${columns.length} columns`,
    });
    const cutoff = this.#loss() + 1e-9 * (1 + Math.abs(relaxed.relaxation.bound));
    await this.#solve(solver, columns, { cutoff, relativeGap: FOUND_GAP });
  }

  /** Simulated annealing and local search from the best placement, for at most half of the time that is left. */
  async #anneal(): Promise<void> {
    if (this.#best === undefined || this.#deadline.passed()) return;
    const { problem } = this.#relaxed;
    using state = problem.simulator.clusterState(problem);
    state.load(this.#best.place());
    const started = performance.now();
    const seconds = this.#deadline.secondsLeft() / 2;
    const share = (): number => (performance.now() - started) / (1000 * seconds);
    const { seed = 1 } = this.#options;
    for (const _ of state.annealInRounds({ ...ANNEALING, seed, elapsed: share })) {
      if (this.#deadline.passed()) break;
      await this.#deadline.takeTurns();
    }
    state.localSearch(() => this.#deadline.passed() || share() > 1.5);
    if (state.total <= this.#best.total) return;
    const placement = state.placement();
    this.#best = { total: state.total, place: () => placement };
  }

  /**
   * The best placement found.
   * @throws {InterruptedError | UndecidedError} if there is none.
   */
  answer(): OptimalAnswer {
    if (this.#best === undefined) throw this.#deadline.withoutPlacement();
    const { total, place } = this.#best;
    const boundTotal = Math.max(this.#bound, total);
    return {
      placement: place(),
      total,
      boundTotal,
      proven: boundTotal - total <= PROVEN * Math.max(1, Math.abs(boundTotal)),
      relaxationBound: this.#relaxed.relaxation.bound,
      passes: this.#relaxed.relaxation.passes,
      columns: this.#columns,
      programs: this.#programs,
      branches: this.#branches,
    };
  }

  /** What the best placement loses against the bound of the relaxation. */
  #loss(): number {
    return this.#best === undefined ? Infinity : this.#relaxed.relaxation.bound - this.#best.total;
  }

  /** True if the gap is small enough; without a wish, one of 1e-6 is once proofs take many columns. */
  #closed(size: number): boolean {
    if (this.#best === undefined) return false;
    const usual = size > PATIENT_COLUMNS ? PATIENT_GAP : 0;
    const gap = Math.max(this.#options.gap ?? usual, PROVEN / 100);
    return this.#bound - this.#best.total <= gap * Math.max(1, Math.abs(this.#bound));
  }

  /** No placement loses less than this against the bound of the relaxation. */
  #lower(least: number): void {
    this.#bound = Math.min(this.#bound, this.#relaxed.relaxation.bound - Math.max(0, least));
  }

  /** Solves the integer program over these columns. `least`: what all its placements lose at least. */
  async #solve(
    solver: MilpSolver,
    columns: readonly LossColumn[],
    limits: { readonly cutoff: number; readonly relativeGap: number },
  ): Promise<{ readonly status: MilpAnswer["status"]; readonly least: number }> {
    const { relaxation } = this.#relaxed;
    const { signal, gap = 0, seed = 1 } = this.#options;
    const inUse = new Map(
      relaxation.used.map(({ column, nodes }) => [`${column.rank}/${column.group}`, nodes]),
    );
    const program = integerProgram(this.#relaxed, columns, {
      base: columns.map(({ rank, group }) =>
        Math.max(0, Math.floor(inUse.get(`${rank}/${group}`) ?? 0) - KEPT_OPEN)
      ),
      cutoff: limits.cutoff,
    });
    const answer = await solver.solve(program.model, {
      start: this.#usage === undefined ? undefined : program.write(this.#usage),
      relativeGap: limits.relativeGap,
      absoluteGap: Math.max(1e-9, gap * Math.abs(this.#bound) * program.scale),
      timeLimit: this.#deadline.secondsLeft(),
      seed,
      signal,
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
    const { formulation } = this.#relaxed;
    const total = usage.reduce(
      (sum, { column: { group, rank }, nodes }) =>
        sum + nodes * pricingOf(this.#relaxed, group).value(rank),
      0,
    );
    if (this.#best !== undefined && total <= this.#best.total) return;
    this.#usage = usage;
    this.#best = { total, place: () => spreadOverNodes(formulation, usage) };
  }
}
