/**
 * Nodes by what they may hold and what that is worth: a scheduler sees a node through its kind.
 * @module
 */
import { type NodeClass, nodeCount } from "./cluster.ts";
import { nodeCapacities, type Problem } from "./problem.ts";
import { fitsAmount, mostThatFit } from "./resources.ts";
import { allowsConfiguration, restrictsConfigurations } from "./rules.ts";

/** Nodes that may hold the same configurations, which are worth the same on each of them. */
export interface NodeKind {
  /** Slots; 0 for a fenced node. */
  readonly capacity: number;
  /** Most containers of each app on one of them, by rules, labels and each resource alone; length apps, at most 255. */
  readonly limits: Uint8Array;
  /** What one of them has, of each resource of {@link NodeKinds.resources}. */
  readonly amounts: Float64Array;
  /** Which of the simulator's models values them. */
  readonly surface: number;
}

/** The kinds of nodes of a problem. */
export interface NodeKinds {
  /** Names of the resources that some app takes; only they bind. */
  readonly resources: readonly string[];
  /** Row-major, apps x resources: what one container takes. */
  readonly needs: Float64Array;
  /** The different kinds, in order of their first node. */
  readonly kinds: readonly NodeKind[];
  /** Index of the kind of each node. Length = nodes. */
  readonly ofNode: Uint32Array;
  /** True if rules, labels or resources limit what nodes may hold besides their slots. */
  readonly restricted: boolean;
}

/**
 * Looks at every node of a problem that {@link checkProblem} accepts.
 * @throws {InputError} if a fenced node does not exist.
 */
export function nodeKinds(problem: Problem): NodeKinds {
  const { apps, cluster, rules } = problem;
  const resources = neededResources(problem);
  const needs = new Float64Array(apps.length * resources.length);
  apps.forEach((_, app) =>
    resources.forEach((name, at) => {
      needs[app * resources.length + at] = problem.needs?.[app]?.[name] ?? 0;
    })
  );
  const capacities = nodeCapacities(cluster, rules);
  const kinds: NodeKind[] = [];
  const known = new Map<string, number>();
  const ofNode = new Uint32Array(capacities.length);
  let first = 0;
  for (const nodeClass of cluster.nodeClasses) {
    const amounts = Float64Array.from(resources, (name) => nodeClass.resources?.[name] ?? 0);
    const limits = Uint8Array.from(
      apps,
      (_, app) => limitOf(problem, nodeClass, app, needs, amounts),
    );
    const surface = nodeClass.surface ?? 0;
    const indexOf = (capacity: number): number => {
      const key = [capacity, surface, ...limits, ...amounts].join(" ");
      const at = known.get(key) ?? kinds.length;
      if (at === kinds.length) {
        known.set(key, at);
        kinds.push({ capacity, limits, amounts, surface });
      }
      return at;
    };
    const open = indexOf(nodeClass.capacity);
    for (let node = first; node < first + nodeClass.count; node++) {
      ofNode[node] = capacities[node] === 0 ? indexOf(0) : open;
    }
    first += nodeClass.count;
  }
  const restricted = resources.length > 0 || restrictsConfigurations(rules) ||
    kinds.some(({ limits }) => limits.some((limit) => limit < 255));
  return { resources, needs, kinds, ofNode, restricted };
}

/**
 * True if a node of a kind may hold this configuration: its slots, limits, resources, and the rules.
 * @param counts Containers of each app; read from `offset`, as many as there are apps.
 */
export function allowsOn(
  problem: Problem,
  { resources, needs }: NodeKinds,
  { capacity, limits, amounts }: NodeKind,
  counts: ArrayLike<number>,
  offset: number = 0,
): boolean {
  let held = 0;
  for (let app = 0; app < limits.length; app++) {
    const count = counts[offset + app]!;
    if (count > limits[app]!) return false;
    held += count;
  }
  if (held > capacity) return false;
  for (let at = 0; at < resources.length; at++) {
    let used = 0;
    for (let app = 0; app < limits.length; app++) {
      used += counts[offset + app]! * needs[app * resources.length + at]!;
    }
    if (!fitsAmount(used, amounts[at]!)) return false;
  }
  return allowsConfiguration(problem.rules, counts, offset);
}

/** Index of the surface that values each node; undefined where the first values all. */
export function nodeSurfaces({ cluster }: Pick<Problem, "cluster">): Uint32Array | undefined {
  if (cluster.nodeClasses.every(({ surface = 0 }) => surface === 0)) return undefined;
  const surfaces = new Uint32Array(nodeCount(cluster));
  let first = 0;
  for (const { count, surface = 0 } of cluster.nodeClasses) {
    surfaces.fill(surface, first, first + count);
    first += count;
  }
  return surfaces;
}

/** Names of the resources that containers take, sorted. */
export function neededResources({ needs = [] }: Problem): string[] {
  const names = needs.flatMap((need) =>
    Object.entries(need).flatMap(([name, amount]) => amount > 0 ? [name] : [])
  );
  return [...new Set(names)].sort();
}

/** True if a class has all the labels that the rules ask of an app's nodes. */
export function hasLabels(problem: Problem, { labels }: NodeClass, app: number): boolean {
  const wanted = problem.rules.require?.[app] ?? {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/**
 * Apps in an order in which a placement can be built without breaking `together` on the way: what others need beside
 * them comes first, else the order of the problem. Apps that need each other in a circle stay in that order.
 */
export function placingOrder({ apps, rules: { together = [] } }: Problem): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (app: number): void => {
    if (seen.has(app)) return;
    seen.add(app);
    for (const [a, b] of together) if (a === app) visit(b);
    order.push(app);
  };
  apps.forEach((_, app) => visit(app));
  return order;
}

function limitOf(
  problem: Problem,
  nodeClass: NodeClass,
  app: number,
  needs: Float64Array,
  amounts: Float64Array,
): number {
  if (!hasLabels(problem, nodeClass, app)) return 0;
  let limit = Math.min(255, problem.rules.maxPerNode[app] ?? 255);
  amounts.forEach((have, at) => {
    limit = Math.min(limit, mostThatFit(needs[app * amounts.length + at]!, have));
  });
  return limit;
}
