/**
 * Upper bounds on the total throughput of any placement of a problem.
 * Importing this module does not load HiGHS: that is for the first call to do.
 * @module
 */
import { checkProblem, demandTotal, InfeasibleError, UnsupportedError } from "../../domain/mod.ts";
import { Deadline, type SchedulingProblem } from "../../scheduling/mod.ts";
import { relaxProblem } from "../columns/mod.ts";
import { solveToOptimality } from "./solve.ts";

/** Seconds that the proof of a bound may take where nothing is said. */
export const BOUND_SECONDS = 10;

/** What is proven about every placement of a problem. */
export interface ProvenBound {
  /** Upper bound on the total throughput. */
  readonly boundTotal: number;
  /** Total throughput of the best placement known; absent if only the relaxation was solved. */
  readonly total?: number;
  /** True if the bound is the total of a placement, to a relative 1e-9. */
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

/**
 * A bound on the total throughput of any placement of the problem.
 * @throws {InfeasibleError} if it is proven that there is no placement.
 * @throws {InterruptedError} if the signal fired before there was one (effort "optimal").
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

/** How a bound is proven for people, who take what can be had. */
export interface UpperBoundOptions extends BoundOptions {
  /** Told why there is no bound. */
  readonly onUnsupported?: (reason: string) => void;
}

/**
 * The best bound that can be proven in the time: of the integer program, or where the time is up before that found a
 * placement, of its relaxation.
 * @param options `timeLimit` is {@link BOUND_SECONDS} where nothing is said.
 * @returns null for an empty demand, and where the problem is too large for a proof.
 * @throws {InfeasibleError} if it is proven that there is no placement.
 * @throws {InterruptedError} if the signal fired before there was a bound.
 */
export async function upperBound(
  problem: SchedulingProblem,
  { onUnsupported, ...options }: UpperBoundOptions,
): Promise<ProvenBound | null> {
  if (demandTotal(problem.demand) === 0) return null;
  const limited = { timeLimit: BOUND_SECONDS, ...options };
  try {
    return await proveBound(problem, limited);
  } catch (error) {
    if (error instanceof UnsupportedError) {
      onUnsupported?.(error.message);
      return null;
    }
    // The proof may have run out of time before it found a placement of its own.
    if (!(error instanceof InfeasibleError) || options.effort === "lp") throw error;
    return await proveBound(problem, { ...limited, effort: "lp" });
  }
}
