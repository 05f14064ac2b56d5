import { type Cluster, maxCapacity, nodeCount } from "./cluster.ts";
import { countOf } from "./count.ts";
import { InfeasibleError, InputError } from "./errors.ts";
import { reservedProblem } from "./reserved_names.ts";
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

/**
 * Checks that a problem is sound and not infeasible for an obvious reason: unique apps, whole
 * demands, rules about apps that exist, enough slots in all, and enough slots for every app under its limit.
 * @throws {InputError} for an unsound problem.
 * @throws {InfeasibleError} naming the app (or the whole demand) and how many slots are short.
 */
export function checkProblem(problem: Problem): void {
  const { apps, cluster, demand, rules } = problem;
  if (apps.length === 0) throw new InputError("A problem needs at least one app");
  if (new Set(apps).size !== apps.length) {
    throw new InputError(`Apps must have different names: ${apps.join(", ")}`);
  }
  for (const app of apps) {
    const reserved = reservedProblem(app);
    if (reserved !== null) throw new InputError(`Apps: ${reserved}`);
  }
  if (demand.length !== apps.length) {
    throw new InputError(
      `Demand has ${demand.length} numbers, but there are ${apps.length} apps (${apps.join(", ")})`,
    );
  }
  demand.forEach((count, app) => {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new InputError(
        `Demand of ${apps[app]} must be a whole number, 0 or more: got ${count}`,
      );
    }
  });
  checkRules(rules, apps.length);
  const capacities = nodeCapacities(cluster, rules);
  const slots = capacities.reduce((sum, capacity) => sum + capacity, 0);
  const total = demandTotal(demand);
  if (total > slots) {
    throw new InfeasibleError(
      `Demand of ${countOf(total, "container")} does not fit ${countOf(slots, "slot")}: ` +
        `${countOf(total - slots, "slot")} short`,
    );
  }
  rules.maxPerNode.forEach((limit, app) => {
    if (limit === null) return;
    const room = capacities.reduce((sum, capacity) => sum + Math.min(capacity, limit), 0);
    const wanted = demand[app]!;
    if (wanted > room) {
      throw new InfeasibleError(
        `Demand of ${wanted} ${apps[app]} does not fit: at most ${limit} on a node leaves room ` +
          `for ${room}, ${countOf(wanted - room, "slot")} short`,
      );
    }
  });
}

function checkRules(rules: Rules, apps: number): void {
  if (rules.maxPerNode.length !== 0 && rules.maxPerNode.length !== apps) {
    throw new InputError(
      `Rule maxPerNode has ${rules.maxPerNode.length} limits, but there are ${apps} apps`,
    );
  }
  for (const limit of rules.maxPerNode) {
    if (limit !== null && (!Number.isInteger(limit) || limit < 0)) {
      throw new InputError(`Rule maxPerNode must be whole numbers, 0 or more: got ${limit}`);
    }
  }
  for (const [a, b] of rules.apart) {
    const known = [a, b].every((app) => Number.isInteger(app) && app >= 0 && app < apps);
    if (!known || a === b) {
      throw new InputError(`Rule apart needs two different apps: got ${a}, ${b}`);
    }
  }
}

/** Slots of the largest node of the problem's cluster. */
export function problemCapacity(problem: Problem): number {
  return maxCapacity(problem.cluster);
}
