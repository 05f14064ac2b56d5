/**
 * From what runs to the best placement within a number of moves.
 * @module
 */
import type { Placement } from "../domain/mod.ts";
import type { MilpSolver } from "../baselines/milp/mod.ts";
import { solveToOptimality } from "../baselines/optimal/mod.ts";
import { type Change, changeOf } from "./change.ts";
import { climbWithBound } from "./climb.ts";
import type { ReplanOptions, ReplanProblem } from "./problem.ts";
import { assignNear, fewestStarts, leastStarts, type MoveAnswer } from "./program/mod.ts";
import { nothingFits, refusal, ReplanWork } from "./work.ts";

/** The best placement found. */
export interface Replanned {
  /** Where everything goes. */
  readonly placement: Placement;
  /** What the placement is worth on the surface of the objective: for throughput, its total normalised RPS. */
  readonly total: number;
  /**
   * What no placement within the limit exceeds; where moves have a cost, less what its moves cost. Infinity where there are
   * too many configurations for a table and the model has no formula to bound.
   */
  readonly boundTotal: number;
  /** True if no placement within the limit is worth more. */
  readonly proven: boolean;
  /** True if none is worth as much with fewer moves. */
  readonly fewest: boolean;
  /** What it takes to get there. */
  readonly change: Change;
}

/**
 * The best placement within a number of moves, and of those that are worth as much one with the fewest.
 * @throws {InfeasibleError} if there is none; where more moves would do, it says how many.
 * @throws {UnsupportedError} for the objective worst.
 * @throws {InterruptedError | UndecidedError} if limits ended the work before there was one.
 */
export async function replan(
  problem: ReplanProblem,
  options: ReplanOptions = {},
): Promise<Replanned> {
  return await replanWith(problem, options);
}

/** As {@link replan}. @param solver Ended after use where it is not given. */
export async function replanWith(
  given: ReplanProblem,
  options: ReplanOptions,
  solver?: MilpSolver,
): Promise<Replanned> {
  if (!given.simulator.dense) return await climb(given, options);
  using work = new ReplanWork(given, options, solver);
  const best = await bestWithin(work, options);
  const { answer, fewest } = await fewestStarts(work.search, best, work.forced);
  const placement = work.search.placementOf(answer);
  return {
    placement,
    total: answer.total,
    boundTotal: best.bound + work.program.startCost * work.forced,
    proven: best.proven,
    fewest,
    change: changeOf(given, given.current, placement),
  };
}

async function bestWithin(work: ReplanWork, options: ReplanOptions): Promise<MoveAnswer> {
  const { search, forced, most } = work;
  const { maxMoves = Infinity, moveCost = 0, pinned = [], fewestMoves = false } = options;
  if (fewestMoves) {
    const least = await leastStarts(search, forced - 1, most);
    if (least === undefined) throw nothingFits();
    return await search.solve(least, { known: work.climb(least) });
  }
  if (forced + maxMoves >= most && moveCost === 0 && !pinned.includes(true)) {
    // Without a limit nodes of a kind are alike: the best placement is found without a look at what runs.
    const best = await solveToOptimality(work.problem, work.limits(), work.solver);
    const known = assignNear(work.program, best.placement);
    return { ...known, bound: best.boundTotal, proven: best.proven };
  }
  const starts = Math.min(most, forced + maxMoves);
  try {
    return await search.solve(starts, { known: work.climb(starts) });
  } catch (error) {
    throw await refusal(work, error, starts);
  }
}

/** Without a table: greedy moves, beside a bound on any placement where the model allows one. */
async function climb(given: ReplanProblem, options: ReplanOptions): Promise<Replanned> {
  const { best: { placement, total }, boundTotal } = await climbWithBound(given, options);
  const change = changeOf(given, given.current, placement);
  return { placement, total, boundTotal, proven: boundTotal === total, fewest: false, change };
}
