import { InputError } from "./errors.ts";
import type { Resources } from "./resources.ts";

/** A kind of node: all nodes of a class are interchangeable. */
export interface NodeClass {
  /** Name of the class, unique in its cluster. */
  readonly name: string;
  /** Slots of one node; one container takes one slot. A whole number, 1 to 255. */
  readonly capacity: number;
  /** How many nodes there are of this class. A whole number, at least 1. */
  readonly count: number;
  /** Labels that operators select nodes by. */
  readonly labels: Readonly<Record<string, string>>;
  /** Nodes that fail together (rack, zone), or null if that is unknown. */
  readonly failureDomain: string | null;
  /** What one node has besides slots; a resource that is not listed, it has none of. @default nothing */
  readonly resources?: Resources;
  /** Which of the simulator's models values its nodes: see Simulator.models. @default 0 */
  readonly surface?: number;
}

/** A cluster: its nodes are numbered from 0, class after class in this order. */
export interface Cluster {
  /** Classes of nodes; node numbers run through them in this order. */
  readonly nodeClasses: readonly NodeClass[];
}

/** Largest capacity of a node: a count fits one byte, which the simulator core relies on. */
export const MAX_CAPACITY = 255;

/** Most nodes of a cluster: beyond it, a placement as rows of JSON outgrows memory. */
export const MAX_NODES = 10_000_000;

/**
 * A cluster of equal nodes.
 * @param nodes Number of nodes, at least 1.
 * @param capacity Slots of each node, 1 to {@link MAX_CAPACITY}.
 * @throws {InputError} if a number is out of range.
 */
export function uniformCluster(nodes: number, capacity: number): Cluster {
  return checkCluster({
    nodeClasses: [{ name: "node", capacity, count: nodes, labels: {}, failureDomain: null }],
  });
}

/**
 * Returns the cluster if every class is sound.
 * @throws {InputError} naming the class and the field.
 */
export function checkCluster(cluster: Cluster): Cluster {
  if (cluster.nodeClasses.length === 0) throw new InputError("A cluster needs at least one node");
  const names = new Set<string>();
  for (const { name, capacity, count, resources = {}, surface = 0 } of cluster.nodeClasses) {
    if (names.has(name)) throw new InputError(`Node class ${name} is listed twice`);
    names.add(name);
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
      throw new InputError(
        `Capacity of node class ${name} must be a whole number from 1 to ${MAX_CAPACITY}: got ${capacity}`,
      );
    }
    if (!Number.isInteger(count) || count < 1) {
      throw new InputError(
        `Count of node class ${name} must be a whole number, at least 1: got ${count}`,
      );
    }
    for (const [resource, amount] of Object.entries(resources)) {
      if (!(amount >= 0 && amount < Infinity)) {
        throw new InputError(`Node class ${name}: ${resource} must be 0 or more: got ${amount}`);
      }
    }
    if (!Number.isInteger(surface) || surface < 0) {
      throw new InputError(`Node class ${name}: surface must be an index: got ${surface}`);
    }
  }
  const nodes = nodeCount(cluster);
  if (nodes > MAX_NODES) {
    throw new InputError(
      `A cluster of ${nodes} nodes is above ${MAX_NODES}, the most there may be`,
    );
  }
  return cluster;
}

/** Number of nodes in all classes. */
export function nodeCount(cluster: Cluster): number {
  return cluster.nodeClasses.reduce((sum, nodeClass) => sum + nodeClass.count, 0);
}

/** Slots of the largest node. */
export function maxCapacity(cluster: Cluster): number {
  return cluster.nodeClasses.reduce((most, nodeClass) => Math.max(most, nodeClass.capacity), 0);
}

/** The same nodes, all valued by the first surface. */
export function onOneSurface({ nodeClasses }: Cluster): Cluster {
  return { nodeClasses: nodeClasses.map(({ surface: _, ...rest }) => rest) };
}
