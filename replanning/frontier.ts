/**
 * What each further move brings: the best placement for every number of moves.
 * @module
 */
import { countOf, InterruptedError, type Placement } from "../domain/mod.ts";
import type { MilpSolver } from "../baselines/milp/mod.ts";
import { solveToOptimality } from "../baselines/optimal/mod.ts";
import { UndecidedError } from "../scheduling/mod.ts";
import { type Change, changeOf } from "./change.ts";
import { type Climbed, climbWithBound } from "./climb.ts";
import { forcedStarts, type ReplanOptions, type ReplanProblem } from "./problem.ts";
import { assignNear, leastStarts, type MoveAnswer, TooFewStartsError } from "./program/mod.ts";
import { refusal, ReplanWork } from "./work.ts";

/** Relative difference of totals that counts as none. */
const SAME = 1e-9;

/** The best that a number of moves brings. */
export interface MovePoint {
  /** Most moves. */
  readonly moves: number;
  /** The moves that the placement takes, and what else. */
  readonly change: Change;
  /** Where everything goes. */
  readonly placement: Placement;
  /** What the placement is worth on the surface of the objective: for throughput, its total normalised RPS. */
  readonly total: number;
  /** What no placement with at most so many moves exceeds. */
  readonly boundTotal: number;
  /** True if none is worth more. */
  readonly proven: boolean;
}

/**
 * Why a frontier ends: with the "best" placement there is, at the "limit" of moves, as the "time" was up or the work was
 * interrupted, or since "greedy" moves bring no more.
 */
export type FrontierEnd = "best" | "limit" | "time" | "greedy";

/** The frontier of moves. */
export interface MoveFrontier {
  /**
   * One for each number of moves, from the fewest that keep the rules on; more moves than the last bring nothing. Where
   * configurations are too many for a table: those that greedy moves go through.
   */
  readonly points: readonly MovePoint[];
  /** What no placement exceeds, however many moves it takes. */
  readonly boundTotal: number;
  /** True if it is proven that no placement is better than the last point, however many moves it takes. */
  readonly complete: boolean;
  /** Why there are no more points. */
  readonly ended: FrontierEnd;
}

/** How to follow the frontier of moves. */
export interface MoveFrontierOptions extends Omit<ReplanOptions, "moveCost"> {
  /** Told each point. */
  readonly onPoint?: (point: MovePoint) => void;
}

/**
 * The best placement for every number of moves, from the fewest to as many as the best placement takes.
 * @param options `maxMoves`: where to stop.
 * @throws {InfeasibleError} if there is no placement. @throws {UnsupportedError} for the objective worst.
 * @throws {InterruptedError | UndecidedError} if limits ended the work before there was one.
 */
export async function replanFrontier(
  problem: ReplanProblem,
  options: MoveFrontierOptions = {},
): Promise<MoveFrontier> {
  return await replanFrontierWith(problem, options);
}

/** As {@link replanFrontier}. @param solver Ended after use where it is not given. */
export async function replanFrontierWith(
  given: ReplanProblem,
  options: MoveFrontierOptions,
  solver?: MilpSolver,
): Promise<MoveFrontier> {
  if (!given.simulator.dense) return await climbFrontier(given, options);
  using work = new ReplanWork(given, options, solver);
  const { search, forced, most } = work;
  const pinned = options.pinned?.includes(true) === true;
  // Nodes of a kind are alike where nothing is pinned: the end is found without a look at what runs.
  const end = pinned
    ? await search.solve(most).catch(async (error) => {
      throw await refusal(work, error, most);
    })
    : await solveToOptimality(work.problem, work.limits(), work.solver)
      .then((best): MoveAnswer => ({
        ...assignNear(work.program, best.placement),
        bound: best.boundTotal,
        proven: best.proven,
      }));
  const reached = (worth: number): boolean =>
    worth >= end.total - SAME * Math.max(1, Math.abs(end.total));
  const points: MovePoint[] = [];
  const last = Math.min(most, forced + (options.maxMoves ?? Infinity));
  let starts = forced;
  let known = work.climb(starts);
  while (starts <= last) {
    let answer: MoveAnswer;
    try {
      answer = await search.solve(starts, { known, next: starts + 1 });
    } catch (error) {
      if (error instanceof TooFewStartsError && points.length === 0) {
        const least = await leastStarts(search, starts, most);
        if (least === undefined || least > last) throw await refusal(work, error, starts);
        starts = least;
        known = work.climb(starts);
        continue;
      }
      // Limits end a frontier early, not in vain.
      const isLimit = error instanceof UndecidedError || error instanceof InterruptedError;
      if (!isLimit || points.length === 0) throw error;
      break;
    }
    known = answer;
    const placement = search.placementOf(answer);
    const { total, bound, proven } = answer;
    const point = pointOf(given, starts - forced, { placement, total }, bound, proven);
    points.push(point);
    options.onPoint?.(point);
    options.onProgress?.({ fraction: null, text: `frontier: ${countOf(point.moves, "move")}` });
    if (reached(answer.total)) break;
    if (work.passed()) break;
    starts++;
  }
  return {
    points,
    boundTotal: end.bound,
    complete: end.proven && reached(points.at(-1)!.total),
    ended: reached(points.at(-1)!.total) ? "best" : starts > last ? "limit" : "time",
  };
}

/** Without a table: the placements that a climb goes through, beside a bound on any. */
async function climbFrontier(given: ReplanProblem, options: ReplanOptions): Promise<MoveFrontier> {
  const forced = forcedStarts(given);
  const byStarts = new Map<number, Climbed>();
  const { boundTotal } = await climbWithBound(
    given,
    { ...options, moveCost: 0 },
    (better) => byStarts.set(better.starts, better),
  );
  const points: MovePoint[] = [];
  for (const [starts, better] of [...byStarts].sort(([a], [b]) => a - b)) {
    if (points.length > 0 && better.total <= points.at(-1)!.total) continue;
    points.push(pointOf(given, starts - forced, better, boundTotal, false));
  }
  return { points, boundTotal, complete: false, ended: "greedy" };
}

function pointOf(
  given: ReplanProblem,
  moves: number,
  { placement, total }: Pick<Climbed, "placement" | "total">,
  boundTotal: number,
  proven: boolean,
): MovePoint {
  const change = changeOf(given, given.current, placement);
  return { moves, change, placement, total, boundTotal, proven };
}
