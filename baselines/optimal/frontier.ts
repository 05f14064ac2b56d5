/**
 * What fairness costs: the best mean for each of a ladder of floors under every container.
 * @module
 */
import { nodeSurfaces, type Placement } from "../../domain/mod.ts";
import {
  forbidStarving,
  type ScheduleOptions,
  type SchedulingProblem,
  valuePlacement,
} from "../../scheduling/mod.ts";
import { HighsSolver, type MilpSolver } from "../milp/mod.ts";
import { solveToOptimality } from "./solve.ts";
import { solveForWorst } from "./worst.ts";

/** Floors that differ by less are the same. */
const SAME = 1e-9;

/** One rung of the ladder. */
export interface FrontierPoint {
  /** Normalised RPS that every container of the placement keeps; 0 on the first rung. */
  readonly floor: number;
  /** The best placement found that keeps it. */
  readonly placement: Placement;
  /** Its total throughput. */
  readonly total: number;
  /** Proven upper bound on the total of any placement that keeps the floor. */
  readonly boundTotal: number;
}

/** How the ladder is made. */
export interface FrontierOptions extends ScheduleOptions {
  /** Rungs, at least 2. `timeLimit` and `gap` are for each of them. */
  readonly points: number;
}

/**
 * The front of the mean against the slowest container: floors in equal steps from what the best mean leaves the slowest
 * container to the most that one can be left, and the best mean above each of them. A rung that the placement of the one
 * below reaches as well is not solved again.
 * @returns Ascending in the floor, descending in the total; one rung for an empty demand, two where the best mean is the
 * fairest too.
 * @throws {InfeasibleError} if there is no placement.
 * @throws {InterruptedError} if the signal fired before there was one.
 */
export async function solveFrontier(
  { objective: _objective, weights: _weights, ...problem }: SchedulingProblem,
  { points, ...options }: FrontierOptions,
): Promise<FrontierPoint[]> {
  const solver = new HighsSolver();
  try {
    const { placement, total, boundTotal } = await solveToOptimality(problem, options, solver);
    const front: FrontierPoint[] = [{ floor: 0, placement, total, boundTotal }];
    const lowest = slowestOf(problem, placement);
    if (lowest === null) return front;
    const fairest = (await solveForWorst(problem, options)).answer;
    const highest = slowestOf(problem, fairest.placement)!;
    // Between floors that are the same there is no rung.
    const rungs = highest > lowest + SAME ? points : 2;
    for (let rung = 1; rung < rungs - 1; rung++) {
      options.onProgress?.({ fraction: rung / rungs, text: "frontier" });
      const floor = lowest + (highest - lowest) * rung / (rungs - 1);
      const below = front.at(-1)!;
      front.push(
        slowestOf(problem, below.placement)! >= floor
          ? { ...below, floor }
          : await bestAboveFloor(problem, floor, options, solver),
      );
    }
    front.push({ floor: highest, ...fairest });
    return front;
  } finally {
    solver.close();
  }
}

/**
 * The best placement in which every container keeps a floor.
 * @param floor Normalised RPS. @param solver Ended after use where it is not given.
 * @throws As {@link solveToOptimality}.
 */
export async function bestAboveFloor(
  problem: SchedulingProblem,
  floor: number,
  options: ScheduleOptions = {},
  solver?: MilpSolver,
): Promise<FrontierPoint> {
  using simulator = forbidStarving(problem.simulator, problem.apps.map(() => floor));
  const { placement, total, boundTotal } = await solveToOptimality(
    { ...problem, simulator },
    options,
    solver,
  );
  return { floor, placement, total, boundTotal };
}

function slowestOf(problem: SchedulingProblem, placement: Placement): number | null {
  return valuePlacement(problem.simulator, placement, nodeSurfaces(problem)).worst;
}
