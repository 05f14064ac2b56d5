import { checkProblem, demandTotal } from "../../domain/mod.ts";
import { Deadline, type ScheduleOptions, type SchedulingProblem } from "../../scheduling/mod.ts";
import { relaxProblem } from "../columns/mod.ts";
import { HighsSolver, type MilpSolver } from "../milp/mod.ts";
import type { OptimalAnswer } from "./answer.ts";
import { Search } from "./search.ts";

/** Seconds that the search takes at most where the caller sets no limit. */
export const USUAL_SECONDS = 60;
/** So few containers are mostly placed and proven before HiGHS is loaded, which a page then need not fetch. */
const FEW_CONTAINERS = 50;

/**
 * The best placement, proven so unless a limit ends the work first: linear relaxation by column
 * generation, then integer programs over the columns that the gap leaves possible.
 * @param options `effort`: "lp" rounds the linear relaxation alone, in milliseconds, and its bound is the relaxation's; the
 * integer programs follow only where rounding finds no placement. Default: "optimal".
 * @param solver Ended after use where it is not given.
 * @throws {InfeasibleError} if there is no placement.
 * @throws {UndecidedError} if the time limit came before there was one.
 * @throws {InterruptedError} if the signal fired before there was one.
 */
export async function solveToOptimality(
  problem: SchedulingProblem,
  { effort = "optimal", ...options }: ScheduleOptions & { readonly effort?: "lp" | "optimal" } = {},
  solver?: MilpSolver,
): Promise<OptimalAnswer> {
  checkProblem(problem);
  const deadline = new Deadline({
    ...options,
    timeLimit: options.timeLimit ?? USUAL_SECONDS,
  });
  const highs = solver ?? new HighsSolver();
  const isLarge = demandTotal(problem.demand) > FEW_CONTAINERS;
  if (isLarge && highs instanceof HighsSolver && effort === "optimal") highs.warmUp();
  try {
    using relaxed = await relaxProblem(problem, deadline);
    const search = new Search(relaxed, options, deadline);
    search.round();
    if (effort === "optimal" || !search.hasPlacement) await search.prove(highs);
    return search.answer();
  } finally {
    if (solver === undefined) highs.close();
  }
}
