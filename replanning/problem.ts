import { placedDemand, type Placement } from "../domain/mod.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";

/** A problem on a cluster where containers run already. */
export interface ReplanProblem extends SchedulingProblem {
  /** What runs now, on the nodes and apps of the problem. It may break the rules: then something must move. */
  readonly current: Placement;
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
