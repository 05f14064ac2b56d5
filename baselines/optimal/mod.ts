/**
 * The scheduler `optimal`: the configuration integer program with a proven bound.
 * Importing this module does not load HiGHS: that is for the first call to do.
 * @module
 */
import {
  OBJECTIVES,
  perContainer,
  type ScheduleOptions,
  type Scheduler,
  type ScheduleResult,
  type SchedulingProblem,
  steer,
} from "../../scheduling/mod.ts";
import { pricesAll } from "../columns/mod.ts";
import { solveWithinFamily } from "./family.ts";
import { solveToOptimality } from "./solve.ts";
import { solveForWorst } from "./worst.ts";

export type { OptimalAnswer } from "./answer.ts";
export { solveToOptimality };

export { integerProgram, type Limit, type Usage } from "./integer_program.ts";
export {
  BOUND_SECONDS,
  type BoundOptions,
  proveBound,
  type ProvenBound,
  upperBound,
  type UpperBoundOptions,
} from "./bound.ts";

/** Proven optimum by the integer program over configurations (HiGHS), or the best placement with its bound. */
export const optimalScheduler: Scheduler = {
  name: "optimal",
  summary: "proven optimum by an integer program over configurations (HiGHS)",
  heedsPredictions: true,
  supports: {
    rules: true,
    nodeClasses: true,
    general: true,
    denseOnly: false,
    forbidden: true,
    objectives: OBJECTIVES,
  },
  async schedule(problem, options) {
    if (problem.objective === "worst") return await scheduleForWorst(problem, options);
    const steered = steer(problem);
    const { simulator } = steered;
    if (!pricesAll(simulator) && simulator.inCore) {
      return await scheduleWithinFamily(problem, steered, options);
    }
    const answer = await solveToOptimality(steered, options);
    const { placement, boundTotal, proven, relaxationBound } = answer;
    const { passes, columns, programs, branches } = answer;
    return {
      placement,
      ...(steered === problem
        ? { boundTotal }
        : { boundObjective: perContainer(problem, boundTotal) }),
      details: { proven, relaxationBound, passes, columns, programs, branches },
    };
  },
};

/** Where no bound on all placements can be had: what is proven is said in the details, as mean values of the objective. */
async function scheduleWithinFamily(
  problem: SchedulingProblem,
  steered: SchedulingProblem,
  options: ScheduleOptions,
): Promise<ScheduleResult> {
  const { placement, family, within } = await solveWithinFamily(steered, options);
  const { passes, columns, programs, branches } = within;
  return {
    placement,
    details: {
      proven: false,
      provenWithin: family,
      withinProven: within.proven,
      withinMean: perContainer(problem, within.total),
      withinBound: perContainer(problem, within.boundTotal),
      ...{ passes, columns, programs, branches },
    },
  };
}

async function scheduleForWorst(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<ScheduleResult> {
  const { answer, boundWorst, proven, thresholds } = await solveForWorst(problem, options);
  const { placement, columns, programs, branches } = answer;
  return {
    placement,
    ...(Number.isFinite(boundWorst) ? { boundObjective: boundWorst } : {}),
    // The throughput is proven among the placements that leave no container slower.
    details: { proven, throughputProven: answer.proven, thresholds, columns, programs, branches },
  };
}
