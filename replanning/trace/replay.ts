/**
 * What a policy makes of a trace: its placement after every event, what that is worth and how many moves it took.
 * @module
 */
import {
  type AppIndex,
  checkPlacement,
  demandTotal,
  emptyPlacement,
  InfeasibleError,
  InterruptedError,
  nodeCount,
  nodeSurfaces,
  placedDemand,
  type Placement,
} from "../../domain/mod.ts";
import { type SchedulingProblem, valuePlacement } from "../../scheduling/mod.ts";
import { type Change, changeOf } from "../change.ts";
import type { ReplanProblem } from "../problem.ts";
import { type Moment, momentsOf, type Trace } from "./trace.ts";

/** What a policy answers. */
export interface TraceAnswer {
  /** What runs from now on. */
  readonly placement: Placement;
  /** What no placement of these containers on these nodes exceeds, where the policy proves it; for throughput, its total. */
  readonly boundTotal?: number;
}

/** When a policy is asked, and what it has moved so far. */
export interface TraceTime {
  /** Hours from the start. */
  readonly hours: number;
  /** Moves until now. */
  readonly moves: number;
}

/** Who places containers while a trace happens. Its only state is the placement, and how much was moved. */
export interface TracePolicy {
  /**
   * Places what is missing and stops what is too much, after events.
   * @param problem Nodes that are down are fenced and run nothing.
   */
  respond(problem: ReplanProblem, time: TraceTime): Promise<TraceAnswer>;
  /** Improves what runs, again and again. @default never */
  readonly improve?: {
    /** Hours between two times. */
    readonly everyHours: number;
    next(problem: ReplanProblem, time: TraceTime): Promise<TraceAnswer>;
  };
}

/** An app, and the mean normalised RPS of its containers. */
export interface AppMean {
  /** Index of the app. */
  readonly app: AppIndex;
  /** Above 0; 1 is as fast as alone on a node. */
  readonly mean: number;
}

/** What runs from a time on, until the next point. */
export interface TracePoint {
  /** When it begins, in hours from the start. */
  readonly hours: number;
  /** True if no event began it, but the policy's own time to improve. */
  readonly improved: boolean;
  /** Containers that run. */
  readonly containers: number;
  /** Containers that wait for a slot. */
  readonly waiting: number;
  /** Nodes that are down. */
  readonly down: number;
  /** Sum of the normalised RPS of the containers that run. */
  readonly total: number;
  /** What no placement exceeds, where the policy proves it. */
  readonly boundTotal: number | null;
  /** The app whose containers run the slowest on average; null where none run. */
  readonly worstApp: AppMean | null;
  /** What changed at this time. Containers that were lost with their nodes are not stopped: they start elsewhere. */
  readonly change: Change;
  /** Containers that were lost with nodes that failed at this time. */
  readonly lost: number;
}

/** A problem without a demand, which the trace has; what counts is throughput. */
export type TraceProblem = Omit<SchedulingProblem, "demand" | "objective" | "weights">;

/** How to replay. */
export interface ReplayOptions {
  /** Ends the replay before its next answer. */
  readonly signal?: AbortSignal;
  /** Told each point, and what every node runs then. */
  readonly onPoint?: (point: TracePoint, placement: Placement) => void;
}

/**
 * Lets a policy place through a trace.
 * @returns The first point begins at 0 hours.
 * @throws {InfeasibleError} if there is no placement at some moment, naming it.
 * @throws {InterruptedError} if the signal fired.
 */
export async function replay(
  problem: TraceProblem,
  trace: Trace,
  policy: TracePolicy,
  options: ReplayOptions = {},
): Promise<readonly TracePoint[]> {
  const moments = momentsOf(trace, problem);
  const points: TracePoint[] = [];
  let moves = 0;
  let current = emptyPlacement(nodeCount(problem.cluster), problem.apps.length);
  const add = async (
    hours: number,
    moment: Moment,
    improved: boolean,
    next: (problem: ReplanProblem, time: TraceTime) => Promise<TraceAnswer>,
  ): Promise<void> => {
    if (options.signal?.aborted) throw new InterruptedError("Interrupted");
    const { left, lost } = withoutNodes(current, moment.down);
    const now = problemAt(problem, moment, left);
    const { placement, boundTotal } = await answerAt(hours, () => next(now, { hours, moves }));
    checkPlacement(now, placement);
    const { total, perApp } = valuePlacement(problem.simulator, placement, nodeSurfaces(problem));
    const point: TracePoint = {
      hours,
      improved,
      containers: demandTotal(moment.demand),
      waiting: demandTotal(moment.waiting),
      down: moment.down.length,
      total,
      boundTotal: boundTotal ?? null,
      worstApp: worstOf(perApp),
      change: changeOf(now, left, placement),
      lost,
    };
    current = placement;
    moves += point.change.moves;
    points.push(point);
    options.onPoint?.(point, placement);
  };
  let times = 1;
  for (const [at, moment] of moments.entries()) {
    await add(moment.hours, moment, false, (now, time) => policy.respond(now, time));
    const { improve } = policy;
    const end = moments[at + 1]?.hours ?? trace.hours;
    while (improve !== undefined && times * improve.everyHours < end) {
      await add(times * improve.everyHours, moment, true, (now, time) => improve.next(now, time));
      times++;
    }
  }
  return points;
}

function worstOf(perApp: readonly (number | null)[]): AppMean | null {
  let worst: AppMean | null = null;
  for (const [app, mean] of perApp.entries()) {
    if (mean !== null && (worst === null || mean < worst.mean)) worst = { app, mean };
  }
  return worst;
}

/** What still runs, and how many containers were lost with nodes that are down. */
function withoutNodes(
  placement: Placement,
  down: readonly number[],
): { readonly left: Placement; readonly lost: number } {
  const counts = placement.counts.slice();
  for (const node of down) counts.fill(0, node * placement.apps, (node + 1) * placement.apps);
  const left = { ...placement, counts };
  return { left, lost: demandTotal(placedDemand(placement)) - demandTotal(placedDemand(left)) };
}

function problemAt(problem: TraceProblem, { demand, down }: Moment, current: Placement) {
  const { rules } = problem;
  const fencedNodes = [...new Set([...rules.fencedNodes, ...down])];
  return { ...problem, demand, rules: { ...rules, fencedNodes }, current };
}

async function answerAt(hours: number, ask: () => Promise<TraceAnswer>): Promise<TraceAnswer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof InfeasibleError)) throw error;
    throw new InfeasibleError(`At ${hours} hours: ${error.message}`, { cause: error });
  }
}
