import { InvalidPlacementError, ShapeError } from "./errors.ts";
import { brokenSpread } from "./domain_book.ts";
import { roughAmount } from "./amounts.ts";
import { allowsOn, type NodeKind, type NodeKinds, nodeKinds } from "./node_kinds.ts";
import type { Problem } from "./problem.ts";
import { fitsAmount } from "./resources.ts";
import { spreadsOverDomains } from "./rules.ts";

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
 * Checks a placement against its problem: demand met exactly, slots, resources and rules kept.
 * @throws {InvalidPlacementError} naming the first node or app that is wrong.
 */
export function checkPlacement(problem: Problem, placement: Placement): void {
  const { apps, demand, rules } = problem;
  const kinds = nodeKinds(problem);
  if (placement.apps !== apps.length || placement.nodes !== kinds.ofNode.length) {
    throw new InvalidPlacementError(
      `Placement is ${placement.nodes} x ${placement.apps}, the problem ${kinds.ofNode.length} x ${apps.length}`,
    );
  }
  if (placement.counts.length !== placement.nodes * placement.apps) {
    throw new ShapeError("placement", placement.nodes * placement.apps, placement.counts.length);
  }
  for (let node = 0; node < placement.nodes; node++) {
    let held = 0;
    for (let app = 0; app < placement.apps; app++) {
      held += placement.counts[node * placement.apps + app]!;
    }
    const kind = kinds.kinds[kinds.ofNode[node]!]!;
    if (held > kind.capacity) {
      throw new InvalidPlacementError(
        `Node ${node} holds ${held} containers, more than its ${kind.capacity} slots`,
      );
    }
    if (
      kinds.restricted &&
      !allowsOn(problem, kinds, kind, placement.counts, node * placement.apps)
    ) {
      const held = placement.counts.subarray(node * placement.apps, (node + 1) * placement.apps);
      throw new InvalidPlacementError(
        `Node ${node} breaks a placement rule: ${brokenRule(problem, kinds, kind, held)}`,
      );
    }
  }
  const broken = spreadsOverDomains(rules) ? brokenSpread(problem, placement.counts) : null;
  if (broken !== null) throw new InvalidPlacementError(`Rule spread: ${broken}`);
  placedDemand(placement).forEach((count, app) => {
    if (count !== demand[app]) {
      throw new InvalidPlacementError(
        `Placed ${count} containers of ${apps[app]}, the demand is ${demand[app]}`,
      );
    }
  });
}

/** What a node that may not hold what it does breaks, in words: the first of all. */
function brokenRule(
  { apps, rules }: Problem,
  { resources, needs }: NodeKinds,
  { limits, amounts }: NodeKind,
  counts: Uint8Array,
): string {
  const texts = resources.flatMap((name, at) => {
    const used = counts.reduce(
      (sum, count, app) => sum + count * needs[app * resources.length + at]!,
      0,
    );
    const have = amounts[at]!;
    return fitsAmount(used, have)
      ? []
      : [`it takes ${roughAmount(name, used)} ${name} and has ${roughAmount(name, have)}`];
  });
  counts.forEach((count, app) => {
    if (count <= limits[app]!) return;
    texts.push(
      limits[app] === 0
        ? `it may not hold ${apps[app]}`
        : `it holds ${count} of ${apps[app]}, at most ${limits[app]} may be`,
    );
  });
  for (const [a, b] of rules.apart) {
    if (counts[a]! > 0 && counts[b]! > 0) texts.push(`${apps[a]} and ${apps[b]} are to be apart`);
  }
  for (const [a, b] of rules.together ?? []) {
    if (counts[a]! > 0 && counts[b] === 0) texts.push(`${apps[a]} is without ${apps[b]}`);
  }
  return texts[0]!;
}

/** True if {@link checkPlacement} accepts a placement. */
export function isSoundPlacement(problem: Problem, placement: Placement): boolean {
  try {
    checkPlacement(problem, placement);
    return true;
  } catch (error) {
    if (error instanceof InvalidPlacementError) return false;
    throw error;
  }
}
