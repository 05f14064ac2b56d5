import { countOf, demandTotal, InfeasibleError } from "../domain/mod.ts";
import { HighsSolver, type MilpSolver } from "../baselines/milp/mod.ts";
import { Deadline, type ScheduleOptions, steer } from "../scheduling/mod.ts";
import { checkReplan, forcedStarts, type ReplanOptions, type ReplanProblem } from "./problem.ts";
import { Climb } from "./climb.ts";
import {
  type Known,
  knownPlacement,
  leastStarts,
  MoveProgram,
  MoveSearch,
  TooFewStartsError,
} from "./program/mod.ts";

/** Seconds that replanning takes at most where the caller sets no limit. */
const USUAL_SECONDS = 60;

/** Nodes up to which greedy moves come before the program, and how long they may take. */
const MOST_CLIMBING = 1000;
const CLIMB_MILLISECONDS = 500;

/** What one replanning works with: the program, its search and solver. Holds memory of the core until it is disposed of. */
export class ReplanWork implements Disposable {
  /** The problem on the surface of its objective. */
  readonly problem: ReplanProblem;
  readonly program: MoveProgram;
  readonly search: MoveSearch;
  readonly solver: MilpSolver;
  /** Starts that the demand forces. */
  readonly forced: number;
  /** Starts that are enough for any placement. */
  readonly most: number;
  readonly #given: ReplanProblem;
  readonly #ownsSolver: boolean;
  readonly #deadline: Deadline;
  readonly #options: ReplanOptions;

  /** @param solver Ended after use where it is not given. @throws {UnsupportedError | InfeasibleError} as {@link replan}. */
  constructor(given: ReplanProblem, options: ReplanOptions, solver?: MilpSolver) {
    checkReplan(given, options);
    this.#given = given;
    this.problem = steer(given);
    this.#options = options;
    this.#deadline = new Deadline({ ...options, timeLimit: options.timeLimit ?? USUAL_SECONDS });
    const { pinned = [], moveCost = 0 } = options;
    this.forced = forcedStarts(given);
    this.most = demandTotal(given.demand);
    this.program = new MoveProgram(this.problem, pinned, moveCost);
    this.solver = solver ?? new HighsSolver();
    this.#ownsSolver = solver === undefined;
    if (this.solver instanceof HighsSolver) this.solver.warmUp();
    this.search = new MoveSearch(this.program, this.solver, options, this.#deadline);
  }

  /** Limits for a search beside the program: the time that is left. */
  limits(): ScheduleOptions {
    return { ...this.#options, timeLimit: this.#deadline.secondsLeft() };
  }

  /** What greedy moves reach in a moment, so that a search that runs out of time has a placement. */
  climb(starts: number): Known | undefined {
    if (this.problem.current.nodes > MOST_CLIMBING) return undefined;
    const end = performance.now() + CLIMB_MILLISECONDS;
    const { pinned = [], moveCost = 0 } = this.#options;
    const stop = (): boolean => performance.now() > end;
    try {
      const climb = new Climb(this.problem, { starts, startCost: moveCost, pinned, stop });
      return knownPlacement(this.program, climb.run().placement);
    } catch (error) {
      if (error instanceof InfeasibleError) return undefined;
      throw error;
    }
  }

  /** True once the work has to end. */
  passed(): boolean {
    return this.#deadline.passed();
  }

  [Symbol.dispose](): void {
    if (this.#ownsSolver) this.solver.close();
    this.program[Symbol.dispose]();
    if (this.problem.simulator !== this.#given.simulator) this.problem.simulator.dispose();
  }
}

/** The error where no placement keeps the rules, however many moves it takes. */
export function nothingFits(): InfeasibleError {
  return new InfeasibleError("Demand does not fit under the rules, wherever what runs is moved");
}

/** What to say where the rules cannot be kept with so many starts: how many moves are needed. Other errors stay. */
export async function refusal(
  { search, forced, most }: ReplanWork,
  error: unknown,
  starts: number,
): Promise<unknown> {
  if (!(error instanceof TooFewStartsError)) return error;
  const least = await leastStarts(search, starts, most);
  if (least === undefined) return nothingFits();
  const moves = countOf(starts - forced, "move");
  return new InfeasibleError(
    `No placement keeps the rules with ${moves}: at least ${least - forced} are needed`,
  );
}
