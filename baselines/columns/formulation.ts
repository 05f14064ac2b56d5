import { nodeCapacities, type Problem } from "../../domain/mod.ts";

/** Nodes that are interchangeable: of one capacity, not fenced. */
export interface NodeGroup {
  readonly capacity: number;
  /** Indices in the cluster, ascending. */
  readonly nodes: readonly number[];
}

/**
 * The configuration integer program of a problem: x[k, c] = nodes of group k that hold configuration c;
 * maximise sum x T(c) subject to sum x count(c, a) = demand(a) and sum over c of x[k, c] <= nodes of k.
 */
export interface Formulation {
  readonly apps: readonly string[];
  readonly demand: readonly number[];
  /** All nodes of the cluster, fenced ones too. */
  readonly nodes: number;
  /** By capacity, largest first. */
  readonly groups: readonly NodeGroup[];
  /** Slots of the largest node that is not fenced; 1 if there is none. */
  readonly capacity: number;
  /** Most containers of each app on one node, by rule and by demand; length apps. */
  readonly limits: Uint8Array;
  readonly apart: Problem["rules"]["apart"];
}

/** Groups the nodes of a problem and gathers what its rules say about one node. */
export function formulate(problem: Problem): Formulation {
  const byCapacity = new Map<number, number[]>();
  const capacities = nodeCapacities(problem.cluster, problem.rules);
  capacities.forEach((capacity, node) => {
    if (capacity === 0) return;
    const nodes = byCapacity.get(capacity);
    if (nodes === undefined) byCapacity.set(capacity, [node]);
    else nodes.push(node);
  });
  const groups = [...byCapacity]
    .map(([capacity, nodes]) => ({ capacity, nodes }))
    .sort((a, b) => b.capacity - a.capacity);
  return {
    apps: problem.apps,
    demand: problem.demand,
    nodes: capacities.length,
    groups,
    capacity: groups[0]?.capacity ?? 1,
    // No placement holds more of an app than its demand, so the bound need not allow for it.
    limits: Uint8Array.from(
      problem.demand,
      (wanted, app) => Math.min(wanted, problem.rules.maxPerNode[app] ?? 255, 255),
    ),
    apart: problem.rules.apart,
  };
}
