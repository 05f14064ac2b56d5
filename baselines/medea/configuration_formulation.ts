import { checkPlacement, type InterferenceConstraint, type Placement } from "../../domain/mod.ts";
import { Deadline, type ScheduleOptions, type SchedulingProblem } from "../../scheduling/mod.ts";
import { configurationViolations, placementViolations, weightStep } from "../constraints/mod.ts";
import {
  columnsWithin,
  onlyFractionsFit,
  type RelaxedProblem,
  relaxProblem,
  roundRelaxation,
} from "../columns/mod.ts";
import type { MilpSolver, MilpStatus } from "../milp/mod.ts";
import { type MedeaAnswer, soundBound } from "./answer.ts";
import {
  configurationProgram,
  type ProgramColumn,
  readConfigurations,
} from "./configuration_program.ts";
import { violationSimulator } from "./violation_simulator.ts";

/** Most configurations that one integer program holds. */
const MOST_COLUMNS = 50_000;

/** Moves of the annealing that follows rounding: about a tenth of a second. */
const ANNEALING_MOVES = 3_000_000;

/** Temperatures of it, in mean weights of a constraint. */
const HOT = 0.5;
const COLD = 0.1;

/** Nodes above which annealing is left out: rounding loses little there, and so few moves gain nothing. */
const MOST_ANNEALED_NODES = 2000;

/** Reduced cost fixing continues with a wider program if no placement is known: it starts at this loss. */
const FIRST_LOSS = 1;

/**
 * The linear relaxation of a problem's violations: the problem of the answer is the same one on other surfaces,
 * where throughput is minus the violations: alike on all nodes, whatever values their throughput.
 * @throws {InfeasibleError} if no placement exists.
 */
export async function relaxViolations(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  deadline: Deadline,
): Promise<RelaxedProblem> {
  const simulator = violationSimulator(problem, constraints);
  return await relaxProblem({ ...problem, simulator }, deadline);
}

/** Columns of a program, and whether they are all that matter. */
export interface PossibleColumns {
  readonly columns: readonly ProgramColumn[];
  /** False if there were too many to list. */
  readonly complete: boolean;
}

/**
 * All configurations that a placement of at most `most` violations can contain (reduced cost fixing: each other
 * one alone lifts the relaxation above that).
 */
export function possibleColumns(
  relaxed: RelaxedProblem,
  constraints: readonly InterferenceConstraint[],
  most: number,
): PossibleColumns {
  const loss = Math.max(0, relaxed.relaxation.bound + most) + 1e-6;
  const { columns, complete } = columnsWithin(relaxed, loss, MOST_COLUMNS);
  return {
    complete,
    columns: columns.map(({ group, counts }) => ({
      group,
      counts,
      violations: configurationViolations(constraints, counts),
    })),
  };
}

/**
 * Solves Medea's program with one whole number per configuration: how many nodes hold it. Containers of an
 * app are alike, and so are nodes of a kind, so this has the published program's optimum without its
 * symmetry. Relaxation, rounding and local search often meet; else an integer program over the
 * configurations that a better placement can contain decides.
 * @throws {InfeasibleError} if no placement exists.
 * @throws {InterruptedError} if the signal fired before there was one.
 */
export async function solveByConfigurations(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  options: ScheduleOptions,
  solver: MilpSolver,
): Promise<MedeaAnswer> {
  const deadline = new Deadline(options);
  using relaxed = await relaxViolations(problem, constraints, deadline);
  const search = new Search(problem, constraints, relaxed, options, deadline);
  search.round();
  search.improve();
  await search.prove(solver);
  return search.answer();
}

class Search {
  readonly #problem: SchedulingProblem;
  readonly #constraints: readonly InterferenceConstraint[];
  readonly #relaxed: RelaxedProblem;
  readonly #options: ScheduleOptions;
  readonly #deadline: Deadline;
  readonly #step: number;
  #best: { readonly placement: Placement; readonly violations: number } | undefined;
  #bound: number;
  #columns = 0;
  #branches = 0;

  constructor(
    problem: SchedulingProblem,
    constraints: readonly InterferenceConstraint[],
    relaxed: RelaxedProblem,
    options: ScheduleOptions,
    deadline: Deadline,
  ) {
    this.#problem = problem;
    this.#constraints = constraints;
    this.#relaxed = relaxed;
    this.#options = options;
    this.#deadline = deadline;
    this.#step = weightStep(constraints);
    this.#bound = soundBound(-relaxed.relaxation.bound, this.#step, Infinity);
  }

  /** A first placement without a solver. */
  round(): void {
    const rounded = roundRelaxation(this.#relaxed, {
      seed: this.#options.seed ?? 1,
      stop: this.#deadline.passed,
    });
    if (rounded !== undefined) this.#keep(rounded.placement);
  }

  /** Keeps a placement where it is the best so far. */
  #keep(placement: Placement): void {
    checkPlacement(this.#problem, placement);
    const { weighted: violations } = placementViolations(this.#constraints, placement);
    if (this.#best === undefined || violations < this.#best.violations) {
      this.#best = { placement, violations };
    }
  }

  /** Anneals the best placement: each violation fewer leaves the program fewer configurations to consider. */
  improve(): void {
    const stop = this.#deadline.passed;
    const { problem: { simulator, ...problem } } = this.#relaxed;
    if (this.#best === undefined || this.#closed() || stop()) return;
    const weight = this.#constraints.reduce((sum, { weight }) => sum + weight, 0) /
      this.#constraints.length;
    using state = simulator.clusterState(problem);
    if (state.nodes > MOST_ANNEALED_NODES) return;
    state.load(this.#best.placement);
    const rounds = state.annealInRounds({
      moves: ANNEALING_MOVES,
      hot: HOT * weight,
      cold: COLD * weight,
      seed: this.#options.seed ?? 1,
    });
    for (const _ of rounds) if (stop()) break;
    if (!stop()) state.localSearch(stop);
    this.#keep(state.placement());
  }

  /**
   * Solves the program over all configurations that a placement as good as the best can contain. Those with
   * room to be better suffice for the proof, but the wider program is solved faster.
   */
  async prove(solver: MilpSolver): Promise<void> {
    for (let loss = FIRST_LOSS; !this.#closed() && !this.#deadline.passed(); loss *= 4) {
      const known = this.#best?.violations;
      const most = known ?? loss - this.#relaxed.relaxation.bound;
      const possible = possibleColumns(this.#relaxed, this.#constraints, most);
      const status = await this.#solve(solver, possible, most);
      // With a placement known, one program over all that matters is the last word.
      if (
        !possible.complete || known !== undefined || status === "limit" || status === "interrupted"
      ) return;
      if (this.#best === undefined && most > this.#mostPossible()) throw onlyFractionsFit();
    }
  }

  answer(): MedeaAnswer {
    if (this.#best === undefined) throw this.#deadline.withoutPlacement();
    const { placement, violations } = this.#best;
    const bound = Math.min(this.#bound, violations);
    return {
      placement,
      violations,
      bound,
      proven: violations - bound <= 1e-6,
      columns: this.#columns,
      branches: this.#branches,
    };
  }

  async #solve(
    solver: MilpSolver,
    { columns, complete }: PossibleColumns,
    most: number,
  ): Promise<MilpStatus> {
    const { formulation } = this.#relaxed;
    const { gap = 0, seed = 1, signal } = this.#options;
    const cost = Float64Array.from(columns, ({ violations }) => violations);
    this.#options.onProgress?.({
      fraction: null,
      text: `integer program over ${columns.length} configurations`,
    });
    const answer = await solver.solve(
      configurationProgram(formulation, columns, "minimise", cost),
      {
        timeLimit: this.#deadline.secondsLeft(),
        absoluteGap: Math.max(1e-9, this.#step * (1 - 1e-6), gap * this.#bound),
        seed,
        signal,
      },
    );
    this.#columns = columns.length;
    this.#branches += answer.nodes;
    if (answer.solution !== undefined) {
      this.#keep(readConfigurations(formulation, columns, answer.solution));
    }
    // A placement outside of the program has more violations than `most`.
    const least = answer.status === "infeasible" ? Infinity : answer.bound;
    const bound = soundBound(least, this.#step, Infinity);
    if (complete) this.#bound = Math.max(this.#bound, Math.min(bound, most));
    return answer.status;
  }

  #closed(): boolean {
    if (this.#best === undefined) return false;
    const { violations } = this.#best;
    const gap = Math.max(1e-6, (this.#options.gap ?? 0) * violations);
    return violations - this.#bound <= gap;
  }

  /** More violations than any placement has. */
  #mostPossible(): number {
    const { formulation, pricings } = this.#relaxed;
    const nodes = formulation.groups.reduce((sum, group) => sum + group.nodes.length, 0);
    return -Math.min(...pricings.map((pricing) => pricing.lowest())) * nodes;
  }
}
