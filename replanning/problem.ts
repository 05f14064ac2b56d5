import {
  checkProblem,
  InfeasibleError,
  placedDemand,
  type Placement,
  UnsupportedError,
} from "../domain/mod.ts";
import type { ScheduleOptions, SchedulingProblem } from "../scheduling/mod.ts";

/** A problem on a cluster where containers run already. */
export interface ReplanProblem extends SchedulingProblem {
  /** What runs now, on the nodes and apps of the problem. It may break the rules: then something must move. */
  readonly current: Placement;
}

/** How to replan. */
export interface ReplanOptions extends ScheduleOptions {
  /** Most moves, beyond the starts that the demand forces. @default as many as the best placement takes */
  readonly maxMoves?: number;
  /** Normalised RPS in total that a move has to bring. @default 0 */
  readonly moveCost?: number;
  /** Moves as few as can be, then the best placement that these reach: instead of `maxMoves`. @default false */
  readonly fewestMoves?: boolean;
  /** By app: its containers stay where they are, as far as the demand leaves them. @default none */
  readonly pinned?: readonly boolean[];
}

/**
 * Refuses what cannot be replanned.
 * @throws {InputError} for a problem that contradicts itself. @throws {UnsupportedError} for the objective worst.
 * @throws {InfeasibleError} if an app that should stay runs on a fenced node.
 */
export function checkReplan(problem: ReplanProblem, { pinned = [] }: ReplanOptions): void {
  checkProblem(problem);
  const { apps, current, objective, rules } = problem;
  if (objective === "worst") {
    throw new UnsupportedError(
      "Replanning makes throughput or fairness large, not the slowest container",
    );
  }
  for (const node of rules.fencedNodes) {
    apps.forEach((name, app) => {
      if (pinned[app] && current.counts[node * apps.length + app]! > 0) {
        throw new InfeasibleError(
          `${name} should stay where it is, but node ${node} is fenced and runs it`,
        );
      }
    });
  }
}

/** Containers that no placement can do without starting: the demand beyond what runs. */
export function forcedStarts(
  { demand, current }: Pick<ReplanProblem, "demand" | "current">,
): number {
  const running = placedDemand(current);
  return demand.reduce((sum, wanted, app) => sum + Math.max(0, wanted - running[app]!), 0);
}

/** Containers of a configuration that do not run on the node yet. */
export function startsOn(counts: ArrayLike<number>, current: ArrayLike<number>): number {
  let starts = 0;
  for (let app = 0; app < counts.length; app++) {
    starts += Math.max(0, counts[app]! - current[app]!);
  }
  return starts;
}
