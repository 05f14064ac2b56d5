import { InfeasibleError, InterruptedError } from "../../domain/mod.ts";
import {
  Deadline,
  forbid,
  type ScheduleOptions,
  type SchedulingProblem,
  slowestByRank,
  UndecidedError,
} from "../../scheduling/mod.ts";
import { FORBIDDEN_VALUE } from "../../sim-wasm/mod.ts";
import { HighsSolver, type MilpSolver } from "../milp/mod.ts";
import { relaxProblem } from "../columns/mod.ts";
import type { OptimalAnswer } from "./answer.ts";
import { solveToOptimality, USUAL_SECONDS } from "./solve.ts";

/** A gap that any placement closes: only whether there is one matters. */
const ANY_PLACEMENT = 0.999999;

/** The best placement for the slowest container, among those the one of most throughput. */
export interface WorstAnswer {
  readonly answer: OptimalAnswer;
  /** Proven upper bound on the RPS of the slowest container of any placement; Infinity without containers. */
  readonly boundWorst: number;
  /** True if the placement reaches it. */
  readonly proven: boolean;
  /** Thresholds that were tried by integer programs. */
  readonly thresholds: number;
}

/**
 * Maximises the RPS of the slowest container: the highest threshold for which the configurations that keep it
 * still hold the demand, by bisection over linear relaxations, then confirmed by integer programs from
 * there downwards; last, the most throughput among the placements that keep it.
 * @throws {InfeasibleError} if there is no placement at all.
 * @throws {InterruptedError} if the signal fired before there was one.
 */
export async function solveForWorst(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<WorstAnswer> {
  const solver = new HighsSolver();
  try {
    return await search(problem, options, solver);
  } finally {
    solver.close();
  }
}

async function search(
  { objective: _, ...problem }: SchedulingProblem,
  options: ScheduleOptions,
  solver: MilpSolver,
): Promise<WorstAnswer> {
  const deadline = new Deadline({
    ...options,
    timeLimit: options.timeLimit ?? USUAL_SECONDS,
  });
  const slowest = slowestByRank(problem.simulator);
  const levels = levelsOf(problem, slowest);
  const atLeast = async <T>(
    level: number,
    work: (problem: SchedulingProblem) => Promise<T>,
  ): Promise<T> => {
    const simulator = forbid(
      problem.simulator,
      (rank, surface) => slowest[surface]![rank]! < levels[level]!,
    );
    try {
      return await work({ ...problem, simulator });
    } finally {
      simulator.dispose();
    }
  };
  const solve = (level: number, gap: number | undefined) =>
    atLeast(level, (kept) =>
      solveToOptimality(kept, {
        ...options,
        timeLimit: deadline.secondsLeft(),
        ...(gap === undefined ? {} : { gap }),
      }, solver));

  // Says what is wrong with a demand that fits under no threshold.
  await relaxed(problem, deadline);
  const top = await highest(0, levels.length - 1, async (level) => {
    try {
      await atLeast(level, (kept) => relaxed(kept, deadline));
      return true;
    } catch (error) {
      if (error instanceof InfeasibleError) return false;
      throw error;
    }
  });

  let best: { readonly level: number; readonly answer: OptimalAnswer } | undefined;
  let decided = true;
  let thresholds = 0;
  const fits = async (level: number): Promise<boolean> => {
    thresholds++;
    try {
      best = { level, answer: await solve(level, ANY_PLACEMENT) };
      return true;
    } catch (error) {
      if (error instanceof UndecidedError) decided = false;
      else if (!(error instanceof InfeasibleError)) throw error;
      return false;
    }
  };
  // Mostly the first fits, since a container is small against a cluster: so small steps first.
  let failed = top + 1;
  for (let level = top, step = 1; !await fits(level); step *= 2) {
    if (level === 0) throw deadline.withoutPlacement();
    failed = level;
    level = Math.max(0, level - step);
  }
  const level = await highest(
    best!.level,
    failed - 1,
    async (one) => !deadline.passed() && await fits(one),
  );
  decided &&= !deadline.passed();
  const { answer } = best!;
  const boundWorst = levels[decided ? level : top]!;
  try {
    const most = await solve(level, options.gap);
    return { answer: most, boundWorst, proven: decided, thresholds };
  } catch (error) {
    // Out of time: the placement that showed that the threshold fits is there.
    if (!(error instanceof InfeasibleError || error instanceof InterruptedError)) throw error;
    return { answer: { ...answer, proven: false }, boundWorst, proven: decided, thresholds };
  }
}

/** The RPS that a slowest container may have, ascending; Infinity alone if there is no container to place. */
function levelsOf(
  { simulator, demand }: SchedulingProblem,
  slowest: readonly Float64Array[],
): number[] {
  if (demand.every((count) => count === 0)) return [Infinity];
  const found = new Set<number>();
  slowest.forEach((levels, surface) => {
    const table = simulator.table(surface);
    levels.forEach((level, rank) => {
      if (rank > 0 && table[rank]! > FORBIDDEN_VALUE / 2) found.add(level);
    });
  });
  return [...found].sort((a, b) => a - b);
}

/** The highest of the levels from `low`, which holds, to `high` for which `holds`, by bisection. */
async function highest(
  low: number,
  high: number,
  holds: (level: number) => Promise<boolean>,
): Promise<number> {
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (await holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @throws {InfeasibleError} if it is proven that not even fractions of containers fit. */
async function relaxed(problem: SchedulingProblem, deadline: Deadline): Promise<void> {
  (await relaxProblem(problem, deadline))[Symbol.dispose]();
}
