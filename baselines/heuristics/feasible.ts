import {
  InfeasibleError,
  isSoundPlacement,
  nodeSurfaces,
  type Placement,
  type Random,
} from "../../domain/mod.ts";
import type { Deadline, ScheduleOptions, SchedulingProblem } from "../../scheduling/mod.ts";
import { isPermitted } from "../../scheduling/revalue.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import { solveToOptimality, USUAL_SECONDS } from "../optimal/solve.ts";
import { repairPlacement } from "./repair.ts";
import { startGreedily } from "./start.ts";

/**
 * Loads a placement to search from into an empty state: a greedy one; where rules or limits end that, a repaired one;
 * where that fails too, and the space is small enough, one that the integer program finds.
 * @throws {InfeasibleError} if none was found; with a small space, if there is none.
 */
export async function startFeasibly(
  state: ClusterState,
  problem: SchedulingProblem,
  draws: Random,
  deadline: Deadline,
  { signal }: Pick<ScheduleOptions, "signal">,
): Promise<void> {
  try {
    return startGreedily(state, problem, draws);
  } catch (error) {
    if (!(error instanceof InfeasibleError)) throw error;
    const repaired = repairPlacement(problem, draws, deadline.passed);
    if (repaired !== null && isAllowed(problem, repaired)) return state.load(repaired);
    if (!problem.simulator.dense) throw error;
    // Any placement will do: the search begins there.
    const timeLimit = Math.min(USUAL_SECONDS, deadline.secondsLeft());
    const limits = { timeLimit, ...(signal === undefined ? {} : { signal }) };
    const { placement } = await solveToOptimality(problem, { gap: 1, ...limits });
    state.load(placement);
  }
}

/** A repair does not know `together`, `spread`, nor latency limits. */
function isAllowed(problem: SchedulingProblem, placement: Placement): boolean {
  if (!isSoundPlacement(problem, placement)) return false;
  const { simulator } = problem;
  if (!simulator.forbids) return true;
  return isPermitted(simulator, simulator.evaluate(placement, nodeSurfaces(problem)));
}
