/**
 * Nodes that a program need not tell apart: of one kind, in one failure domain where rules speak of those, and with the
 * same containers running.
 * @module
 */
import { placedDemand } from "../../domain/mod.ts";
import { formulate, type Formulation } from "../../baselines/columns/mod.ts";
import type { ReplanProblem } from "../problem.ts";

/** Cost of what may not be: far above any throughput, yet finite. */
export const FORBIDDEN_COST = 1e12;

/** Which counts of an app a pinned node may hold. */
export type Pin = "free" | "atLeast" | "atMost";

/** The program's view of a problem: its formulation with groups of nodes where the same runs. */
export interface MoveFormulation extends Formulation {
  /** For each group what runs on each of its nodes; length apps. */
  readonly current: readonly Uint8Array[];
  /** For each app whether its containers have to stay. */
  readonly pins: readonly Pin[];
}

/** Splits the groups of a formulation by what runs. @param pinned By app: its containers stay where they are. */
export function formulateMoves(
  problem: ReplanProblem,
  pinned: readonly boolean[] = [],
): MoveFormulation {
  const formulation = formulate(problem);
  const apps = problem.apps.length;
  const groups: { capacity: number; nodes: number[]; family: number; mayIdle: boolean }[] = [];
  const current: Uint8Array[] = [];
  const running = placedDemand(problem.current);
  const pins = problem.demand.map((wanted, app): Pin => {
    if (!pinned[app]) return "free";
    return wanted < running[app]! ? "atMost" : "atLeast";
  });
  for (const { nodes, capacity, family } of formulation.groups) {
    const known = new Map<string, number>();
    for (const node of nodes) {
      const runs = problem.current.counts.slice(node * apps, (node + 1) * apps);
      const key = runs.join(" ");
      const at = known.get(key);
      if (at !== undefined) {
        groups[at]!.nodes.push(node);
        continue;
      }
      known.set(key, groups.length);
      const mayIdle = runs.every((count, app) => count === 0 || pins[app] !== "atLeast");
      groups.push({ capacity, family, nodes: [node], mayIdle });
      current.push(runs);
    }
  }
  return { ...formulation, groups, current, pins };
}

/**
 * What containers cost a node of a group, by their number: their price, and for those that do not run there yet the price
 * of a start.
 * @param prices Of a container of each app, in the group's failure domain.
 * @returns Row-major, apps x (slots + 1).
 */
export function moveCosts(
  { current, pins, groups }: MoveFormulation,
  group: number,
  prices: Float64Array,
  startPrice: number,
): Float64Array {
  const width = groups[group]!.capacity + 1;
  const costs = new Float64Array(prices.length * width);
  const runs = current[group]!;
  for (let app = 0; app < prices.length; app++) {
    for (let count = 0; count < width; count++) {
      const forbidden = pins[app] === "atLeast" && count < runs[app]! ||
        pins[app] === "atMost" && count > runs[app]!;
      costs[app * width + count] = prices[app]! * count +
        startPrice * Math.max(0, count - runs[app]!) + (forbidden ? FORBIDDEN_COST : 0);
    }
  }
  return costs;
}
