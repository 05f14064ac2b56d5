/**
 * The scheduler `optimal`: the configuration integer program with a proven bound.
 * Importing this module does not load HiGHS: that is for the first call to do.
 * @module
 */
import { checkProblem } from "../../domain/mod.ts";
import {
  Deadline,
  OBJECTIVES,
  type ScheduleOptions,
  type Scheduler,
  type ScheduleResult,
  type SchedulingProblem,
} from "../../scheduling/mod.ts";
import { relaxProblem } from "../columns/mod.ts";
import { solveToOptimality } from "./solve.ts";
import { solveForWorst } from "./worst.ts";

export type { OptimalAnswer } from "./answer.ts";
export { solveToOptimality };

/** What is proven about every placement of a problem. */
export interface ProvenBound {
  /** Upper bound on the total throughput. */
  readonly boundTotal: number;
  /** Total throughput of the best placement known; absent where only the relaxation was solved. */
  readonly total?: number;
  /** True where the bound is the total of a placement, to a relative 1e-9. */
  readonly proven: boolean;
}

/** How much work a bound is worth. */
export interface BoundOptions {
  /** "lp" = the linear relaxation, in milliseconds; "optimal" = the integer program as well. */
  readonly effort: "lp" | "optimal";
  /** Seconds. */
  readonly timeLimit?: number;
  /** Ends the work early. */
  readonly signal?: AbortSignal;
}

/** Proven optimum by the integer program over configurations (HiGHS), or the best placement with its bound. */
export const optimalScheduler: Scheduler = {
  name: "optimal",
  summary: "proven optimum by an integer program over configurations (HiGHS)",
  supports: {
    rules: true,
    nodeClasses: true,
    denseOnly: true,
    forbidden: true,
    objectives: OBJECTIVES,
  },
  async schedule(problem, options) {
    if (problem.objective === "worst") return await scheduleForWorst(problem, options);
    const answer = await solveToOptimality(problem, options);
    const { placement, boundTotal, proven, relaxationBound } = answer;
    const { passes, columns, programs, branches } = answer;
    return {
      placement,
      boundTotal,
      details: { proven, relaxationBound, passes, columns, programs, branches },
    };
  },
};

async function scheduleForWorst(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<ScheduleResult> {
  const { answer, boundWorst, proven, thresholds } = await solveForWorst(problem, options);
  const { placement, columns, programs, branches } = answer;
  return {
    placement,
    ...(Number.isFinite(boundWorst) ? { boundWorst } : {}),
    // The throughput is proven among the placements that leave no container slower.
    details: { proven, throughputProven: answer.proven, thresholds, columns, programs, branches },
  };
}

/**
 * A bound on the total throughput of any placement of the problem.
 * @throws {InfeasibleError} where it is proven that there is no placement.
 * @throws {InterruptedError} where the signal fired before there was one (effort "optimal").
 */
export async function proveBound(
  problem: SchedulingProblem,
  options: BoundOptions,
): Promise<ProvenBound> {
  const { effort, ...rest } = options;
  if (effort === "optimal") {
    const { boundTotal, total, proven } = await solveToOptimality(problem, rest);
    return { boundTotal, total, proven };
  }
  checkProblem(problem);
  using relaxed = await relaxProblem(problem, new Deadline(rest));
  return { boundTotal: relaxed.relaxation.bound, proven: false };
}
