/**
 * What differs between what runs and what should run: by node, since a container that starts elsewhere is a move even
 * where the nodes are alike.
 * @module
 */
import {
  type Cluster,
  InputError,
  nodeCount,
  type Placement,
  type Problem,
  suggest,
} from "../domain/mod.ts";

/** What a change of placement takes, in containers. */
export interface Change {
  /** Start on a node that ran fewer of their app. */
  readonly started: number;
  /** Stop on a node that runs more of their app than it should. */
  readonly stopped: number;
  /** Must start, since the demand asks for more than what runs on the nodes that there are. */
  readonly forced: number;
  /** started - forced: those that the demand does not force. */
  readonly moves: number;
}

/**
 * What it takes to get from one placement to another on the same nodes.
 * @param current What runs now: nodes and apps of the problem; it need not keep rules or demand.
 */
export function changeOf(
  { apps, demand }: Pick<Problem, "apps" | "demand">,
  current: Placement,
  next: Placement,
): Change {
  const running = new Array<number>(apps.length).fill(0);
  let started = 0;
  let stopped = 0;
  current.counts.forEach((count, at) => {
    const more = next.counts[at]! - count;
    running[at % apps.length]! += count;
    if (more > 0) started += more;
    else stopped -= more;
  });
  const forced = demand.reduce((sum, count, app) => sum + Math.max(0, count - running[app]!), 0);
  return { started, stopped, forced, moves: started - forced };
}

/** Nodes with what runs on them, as a plan says it or a cluster shows it. */
export interface Running {
  /** Names of the apps, in the order of the counts. */
  readonly apps: readonly string[];
  /** The nodes. */
  readonly cluster: Cluster;
  /** Names of the nodes, in their order, where they have names. */
  readonly nodeNames?: readonly string[] | undefined;
  /** What each of them holds. */
  readonly placement: Placement;
}

/** Containers of an app that the new problem does not know: they only stop. */
export interface Dropped {
  /** Name of the app. */
  readonly app: string;
  /** Index of the node in the new problem. */
  readonly node: number;
  /** How many. */
  readonly count: number;
}

/** What runs now, seen from a new problem. */
export interface Current {
  /** On the nodes that there are, of the apps that the problem knows. */
  readonly placement: Placement;
  /** Names of nodes that left. */
  readonly left: readonly string[];
  /** Containers of each app on the nodes that left; length apps. */
  readonly lost: readonly number[];
  /** Indices of nodes that joined: they hold nothing yet. */
  readonly joined: readonly number[];
  /** What runs of apps that the problem does not know, on the nodes that there are. */
  readonly dropped: readonly Dropped[];
}

/**
 * What runs, on the nodes and apps of a new problem. Nodes are the same where their names are; those without names
 * where they have the same number in their class, or, of a single class, the same number.
 * @param nodeNames Names of the problem's nodes, where they have names.
 * @throws {InputError} if the nodes of only one side have names and their numbers differ, or if no node is the same.
 */
export function currentOf(
  running: Running,
  { apps, cluster }: Pick<Problem, "apps" | "cluster">,
  nodeNames?: readonly string[],
): Current {
  const [before, after] = nodeKeys(running, { cluster, nodeNames });
  const from = new Map(before.map((key, node) => [key, node]));
  const to = new Set(after);
  const counts = new Uint8Array(after.length * apps.length);
  const lost = new Array<number>(apps.length).fill(0);
  const dropped: Dropped[] = [];
  const appOf = running.apps.map((app) => apps.indexOf(app));
  const held = (node: number, app: number): number =>
    running.placement.counts[node * running.apps.length + app]!;
  after.forEach((key, node) => {
    const was = from.get(key);
    if (was === undefined) return;
    appOf.forEach((app, at) => {
      const count = held(was, at);
      if (app >= 0) counts[node * apps.length + app] = count;
      else if (count > 0) dropped.push({ app: running.apps[at]!, node, count });
    });
  });
  const left = before.flatMap((key, node) => {
    if (to.has(key)) return [];
    appOf.forEach((app, at) => {
      if (app >= 0) lost[app]! += held(node, at);
    });
    return [running.nodeNames?.[node] ?? `n${node}`];
  });
  if (left.length === before.length) {
    throw new InputError(
      `No node that runs something now is among the problem's: now ${before[0]}, ..., then ${
        after[0]
      }, ...${suggest(before[0]!, after)}`,
    );
  }
  return {
    placement: { nodes: after.length, apps: apps.length, counts },
    left,
    lost,
    joined: after.flatMap((key, node) => from.has(key) ? [] : [node]),
    dropped,
  };
}

/** Nodes with their names, where they have such. */
type NamedNodes = Pick<Running, "cluster" | "nodeNames">;

/** By what each node is known on both sides. */
function nodeKeys(before: NamedNodes, after: NamedNodes): [readonly string[], readonly string[]] {
  if (before.nodeNames !== undefined && after.nodeNames !== undefined) {
    return [before.nodeNames, after.nodeNames];
  }
  if (before.nodeNames !== undefined || after.nodeNames !== undefined) {
    const [now, then] = [nodeCount(before.cluster), nodeCount(after.cluster)];
    if (now === then) return [numbered(now), numbered(then)];
    throw new InputError(
      `Only ${before.nodeNames === undefined ? "the new nodes have" : "what runs has"} names of ` +
        `nodes, and there are ${now} now and ${then} then: name those of both, or of neither`,
    );
  }
  return [byClass(before.cluster), byClass(after.cluster)];
}

function numbered(nodes: number): string[] {
  return Array.from({ length: nodes }, (_, node) => `n${node}`);
}

function byClass({ nodeClasses }: Cluster): string[] {
  if (nodeClasses.length === 1) return numbered(nodeClasses[0]!.count);
  return nodeClasses.flatMap(({ name, count }) =>
    Array.from({ length: count }, (_, at) => `${name} ${at}`)
  );
}
