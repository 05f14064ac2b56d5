import { type Cluster, maxCapacity, nodeCount } from "./cluster.ts";
import { InputError } from "./errors.ts";
import type { Resources } from "./resources.ts";
import { NO_RULES, type Rules } from "./rules.ts";

/** How many containers of each app to place. Length = apps; whole numbers, 0 or more. */
export type Demand = readonly number[];

/** What to place, where, and under which rules. Says nothing about what is good: see Surface. */
export interface Problem {
  /** Names of the apps, unique, in the order of every count vector. */
  readonly apps: readonly string[];
  /** Nodes to place on. */
  readonly cluster: Cluster;
  /** Containers of each app. */
  readonly demand: Demand;
  /** What a placement must keep. */
  readonly rules: Rules;
  /** Per app: what one container takes of a node's resources, besides its slot. Length = apps. @default nothing */
  readonly needs?: readonly Resources[];
}

/** Containers in a demand. */
export function demandTotal(demand: Demand): number {
  return demand.reduce((sum, count) => sum + count, 0);
}

/**
 * Slots of each node, 0 for a fenced one. Length = nodes, in node order.
 * @throws {InputError} if a fenced node does not exist.
 */
export function nodeCapacities(cluster: Cluster, rules: Rules): Uint8Array {
  const capacities = new Uint8Array(nodeCount(cluster));
  let node = 0;
  for (const nodeClass of cluster.nodeClasses) {
    capacities.fill(nodeClass.capacity, node, node + nodeClass.count);
    node += nodeClass.count;
  }
  for (const fenced of rules.fencedNodes) {
    if (!Number.isInteger(fenced) || fenced < 0 || fenced >= capacities.length) {
      throw new InputError(
        `Fenced node ${fenced} does not exist: nodes are 0 to ${capacities.length - 1}`,
      );
    }
    capacities[fenced] = 0;
  }
  return capacities;
}

/**
 * Slots of all nodes together, without fenced ones.
 * @throws {InputError} if a fenced node does not exist.
 */
export function totalSlots(cluster: Cluster, rules: Rules = NO_RULES): number {
  return nodeCapacities(cluster, rules).reduce((sum, capacity) => sum + capacity, 0);
}

/** Slots of the largest node of the problem's cluster. */
export function problemCapacity(problem: Problem): number {
  return maxCapacity(problem.cluster);
}
