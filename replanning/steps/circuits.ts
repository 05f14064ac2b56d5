/**
 * The order in which slots alone would let everything start and stop with the fewest containers parked.
 * @module
 */
import { nodeCapacities } from "../../domain/mod.ts";
import type { Worth } from "./greedy.ts";
import { Underway } from "./underway.ts";
import type { Act, Passage } from "./work.ts";

/** A start leads from its node to its app, a stop from its app to its node. */
interface Edge {
  readonly act: Act;
  readonly to: number;
}

/**
 * A free slot wanders: a start takes it from its node to its app, of which one more runs than need to; a stop takes it from
 * the app to a node. Everything starts and stops where free slots wander along every start and stop once: along trails
 * that begin where more has to leave than comes, and circuits that hang on them (Hierholzer 1873). Only circuits that no
 * free slot reaches need one from elsewhere, for each of them one.
 */
export function circuitWorth(passage: Passage): Worth {
  const ranks = new Map<string, number[]>();
  trailsOf(passage).forEach(({ kind, node, app }, rank) => {
    const key = `${kind} ${node} ${app}`;
    const known = ranks.get(key);
    if (known === undefined) ranks.set(key, [rank]);
    else known.push(rank);
  });
  return (kind, node, app, left) => {
    const all = ranks.get(`${kind} ${node} ${app}`);
    // A parked container has no rank of its own: the slot that it gave has to wander on before it comes back.
    const rank = all?.[all.length - left] ?? Number.MAX_SAFE_INTEGER;
    // The order of the starts counts; among the stops of an app, theirs.
    return kind === "start" ? -rank : -rank * 1e-9;
  };
}

function trailsOf({ problem, current, next, least }: Passage): Act[] {
  const { nodes, apps } = current;
  const { running, counts } = new Underway(problem, current);
  const out = new Map<number, Edge[]>();
  const excess = new Map<number, number>();
  const add = (map: Map<number, number>, key: number, by: number) =>
    map.set(key, (map.get(key) ?? 0) + by);
  next.counts.forEach((count, at) => {
    const [node, app] = [Math.floor(at / apps), at % apps];
    const more = count - counts[at]!;
    for (let one = 0; one < Math.abs(more); one++) {
      const [from, to] = more > 0 ? [node, nodes + app] : [nodes + app, node];
      const edges = out.get(from) ?? [];
      out.set(from, edges);
      edges.push({ act: { kind: more > 0 ? "start" : "stop", node, app }, to });
      add(excess, from, 1);
      add(excess, to, -1);
    }
  });
  const walk = (from: number): Edge[] => {
    const trail: Edge[] = [];
    for (let edge = out.get(from)?.pop(); edge !== undefined; edge = out.get(edge.to)?.pop()) {
      trail.push(edge);
    }
    return trail;
  };
  const trails = [...excess].flatMap(([from, more]) =>
    Array.from({ length: Math.max(0, more) }, () => ({ from, edges: walk(from) }))
  );
  const order: Act[] = [];
  const addCircuit = (from: number): void => {
    order.push(...circuitFrom(from, out).map(({ act }) => act));
  };
  for (const { from, edges } of trails) {
    addCircuit(from);
    for (const { act, to } of edges) {
      order.push(act);
      addCircuit(to);
    }
  }
  const free = nodeCapacities(problem.cluster, problem.rules);
  const hasToken = (vertex: number): boolean => {
    if (vertex >= nodes) return running[vertex - nodes]! > least[vertex - nodes]!;
    const held = counts.subarray(vertex * apps, (vertex + 1) * apps);
    return held.reduce((sum, count) => sum + count, 0) < free[vertex]!;
  };
  const rest = [...out.keys()];
  rest.filter(hasToken).forEach(addCircuit);
  // Those that wait for a slot from elsewhere begin with the stop that gets it: of an app that comes by rarely, since what
  // stopped first takes the slot where its app comes by.
  const visits = (vertex: number): number => vertex < nodes ? Infinity : out.get(vertex)!.length;
  rest.sort((a, b) => visits(a) - visits(b) || a - b).forEach(addCircuit);
  return order;
}

/** A circuit through all edges that hang together with a vertex, where as many come as go everywhere. */
function circuitFrom(start: number, out: ReadonlyMap<number, Edge[]>): Edge[] {
  const circuit: Edge[] = [];
  const stack: { readonly vertex: number; readonly by: Edge | null }[] = [
    { vertex: start, by: null },
  ];
  while (stack.length > 0) {
    const { vertex, by } = stack.at(-1)!;
    const edge = out.get(vertex)?.pop();
    if (edge !== undefined) stack.push({ vertex: edge.to, by: edge });
    else {
      stack.pop();
      if (by !== null) circuit.push(by);
    }
  }
  return circuit.reverse();
}
