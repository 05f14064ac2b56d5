import { InvalidPlacementError, ShapeError } from "./errors.ts";
import { nodeCapacities, type Problem } from "./problem.ts";
import { allowsConfiguration, restrictsConfigurations } from "./rules.ts";

/** How many containers of each app every node holds. */
export interface Placement {
  /** Number of nodes. */
  readonly nodes: number;
  /** Number of apps. */
  readonly apps: number;
  /** Row-major, length nodes x apps: element node * apps + app = containers of that app on that node. */
  readonly counts: Uint8Array;
}

/** A placement without containers. */
export function emptyPlacement(nodes: number, apps: number): Placement {
  return { nodes, apps, counts: new Uint8Array(nodes * apps) };
}

/**
 * A placement from rows of counts, one row per node.
 * @throws {ShapeError} if rows differ in length.
 */
export function placementFromRows(rows: readonly (readonly number[])[]): Placement {
  const apps = rows[0]?.length ?? 0;
  const counts = new Uint8Array(rows.length * apps);
  rows.forEach((row, node) => {
    if (row.length !== apps) throw new ShapeError(`placement row ${node}`, apps, row.length);
    counts.set(row, node * apps);
  });
  return { nodes: rows.length, apps, counts };
}

/** The placement as rows of counts, one row per node. */
export function placementRows(placement: Placement): number[][] {
  const rows: number[][] = [];
  for (let node = 0; node < placement.nodes; node++) {
    rows.push([
      ...placement.counts.subarray(node * placement.apps, (node + 1) * placement.apps),
    ]);
  }
  return rows;
}

/** Containers of each app in a placement. Length = apps. */
export function placedDemand(placement: Placement): number[] {
  const placed = new Array<number>(placement.apps).fill(0);
  placement.counts.forEach((count, at) => placed[at % placement.apps]! += count);
  return placed;
}

/**
 * Checks a placement against its problem: demand met exactly, capacities and rules kept.
 * @throws {InvalidPlacementError} naming the first node or app that is wrong.
 */
export function checkPlacement(problem: Problem, placement: Placement): void {
  const { apps, demand, rules } = problem;
  const capacities = nodeCapacities(problem.cluster, rules);
  if (placement.apps !== apps.length || placement.nodes !== capacities.length) {
    throw new InvalidPlacementError(
      `Placement is ${placement.nodes} x ${placement.apps}, the problem ${capacities.length} x ${apps.length}`,
    );
  }
  if (placement.counts.length !== placement.nodes * placement.apps) {
    throw new ShapeError("placement", placement.nodes * placement.apps, placement.counts.length);
  }
  const restricted = restrictsConfigurations(rules);
  for (let node = 0; node < placement.nodes; node++) {
    let held = 0;
    for (let app = 0; app < placement.apps; app++) {
      held += placement.counts[node * placement.apps + app]!;
    }
    if (held > capacities[node]!) {
      throw new InvalidPlacementError(
        `Node ${node} holds ${held} containers, more than its ${capacities[node]} slots`,
      );
    }
    if (restricted && !allowsConfiguration(rules, placement.counts, node * placement.apps)) {
      throw new InvalidPlacementError(`Node ${node} breaks a placement rule`);
    }
  }
  placedDemand(placement).forEach((count, app) => {
    if (count !== demand[app]) {
      throw new InvalidPlacementError(
        `Placed ${count} containers of ${apps[app]}, the demand is ${demand[app]}`,
      );
    }
  });
}
