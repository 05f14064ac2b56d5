import { Underway } from "./underway.ts";
import { type Act, costOf, isSafe, type Passage } from "./work.ts";

/** Nodes that are looked at: all that change, and others as places to wait. */
const MOST_NODES = 10;
/** Starts and stops that are looked at before the search gives up: about a second. */
const MOST_LOOKS = 250_000;
/** Parkings that one stop before its start is worth avoiding. */
const STOP_FIRST = 1000;

interface State {
  readonly key: string;
  readonly cost: number;
  readonly before: State | null;
  readonly act: Act | null;
}

/**
 * The order with the fewest containers stopped first, and among those with the fewest parked, by a search over all orders
 * (Dijkstra), which may also move what stays.
 * @returns No acts where there are too many, where none keeps rules and floors, or where none costs less than what is known.
 * `isLeast`: it came to its end, over all nodes, and an order that keeps rules and floors is known.
 */
export function orderExactly(
  passage: Passage,
  known: readonly Act[],
): { readonly acts: readonly Act[] | null; readonly isLeast: boolean } {
  const { problem, current, next, least, floors } = passage;
  const nodes = nodesOf(passage);
  if (nodes === null) return { acts: null, isLeast: false };
  const isWhole = nodes.length === current.nodes;
  const { apps } = current;
  const cells = nodes.flatMap((node) => problem.apps.map((_, app) => ({ node, app })));
  const [broken, stopped, extra] = costOf(known);
  const most = broken! > 0 ? Infinity : stopped! * STOP_FIRST + extra!;
  const underway = new Underway(problem, current);
  const goal = keyOf(cells.map(({ node, app }) => next.counts[node * apps + app]!));
  const first = keyOf(cells.map(({ node, app }) => current.counts[node * apps + app]!));
  const waiting = new Map<number, State[]>([[0, [{
    key: first,
    cost: 0,
    before: null,
    act: null,
  }]]]);
  const seen = new Map<string, number>([[first, 0]]);
  const done = new Set<string>();
  for (let looks = 0; looks < MOST_LOOKS && waiting.size > 0;) {
    const cost = Math.min(...waiting.keys());
    const state = waiting.get(cost)!.pop()!;
    if (waiting.get(cost)!.length === 0) waiting.delete(cost);
    if (done.has(state.key)) continue;
    done.add(state.key);
    if (state.key === goal) return { acts: tidied(passage, actsTo(state)), isLeast: isWhole };
    looks += cells.length;
    goTo(underway, cells, state.key);
    for (const [at, { node, app }] of cells.entries()) {
      const held = underway.counts[node * apps + app]!;
      const wanted = next.counts[node * apps + app]!;
      const reach = (count: number, act: Act, by: number): void => {
        const key = state.key.slice(0, at) + String.fromCharCode(count) + state.key.slice(at + 1);
        if (cost + by >= most || (seen.get(key) ?? Infinity) <= cost + by) return;
        seen.set(key, cost + by);
        const list = waiting.get(cost + by) ?? [];
        waiting.set(cost + by, list);
        list.push({ key, cost: cost + by, before: state, act });
      };
      if (underway.canStart(node, app)) {
        const extra = held >= wanted;
        reach(held + 1, { kind: "start", node, app, ...(extra ? { extra } : {}) }, Number(extra));
      }
      if (!underway.canStop(node, app)) continue;
      const isFirst = underway.running[app]! <= least[app]!;
      if (isFirst && underway.running[app]! <= floors[app]!) continue;
      const extra = held <= wanted;
      reach(
        held - 1,
        {
          kind: "stop",
          node,
          app,
          ...(isFirst ? { first: isFirst } : {}),
          ...(extra ? { extra } : {}),
        },
        (isFirst ? STOP_FIRST : 0) + Number(extra),
      );
    }
  }
  return { acts: null, isLeast: isWhole && waiting.size === 0 && broken === 0 };
}

/** The same acts with each stop as soon after the start that replaces it as is safe: together they are one step. */
function tidied(passage: Passage, acts: readonly Act[]): readonly Act[] {
  let order = [...acts];
  for (let at = 0; at < order.length; at++) {
    const { kind, app } = order[at]!;
    if (kind === "stop") continue;
    const later = order.findIndex((act, place) =>
      place > at && act.app === app && act.kind === "stop" && !act.first
    );
    if (later <= at + 1) continue;
    const other = order.toSpliced(later, 1).toSpliced(at + 1, 0, order[later]!);
    if (isSafe(passage, other)) order = other;
  }
  return order;
}

/** The nodes that change, and as many others as there may be; null where too many change. */
function nodesOf({ current, next }: Passage): number[] | null {
  const { apps } = current;
  const changed: number[] = [];
  const others: number[] = [];
  for (let node = 0; node < current.nodes; node++) {
    const row = next.counts.subarray(node * apps, (node + 1) * apps);
    const changes = row.some((count, app) => count !== current.counts[node * apps + app]!);
    (changes ? changed : others).push(node);
    if (changed.length > MOST_NODES) return null;
  }
  return [...changed, ...others.slice(0, MOST_NODES - changed.length)];
}

function keyOf(counts: readonly number[]): string {
  return String.fromCharCode(...counts);
}

/** Brings what runs to the counts of a state. */
function goTo(
  underway: Underway,
  cells: readonly { readonly node: number; readonly app: number }[],
  key: string,
): void {
  cells.forEach(({ node, app }, at) => {
    const wanted = key.charCodeAt(at);
    const held = () => underway.counts[node * underway.running.length + app]!;
    while (held() < wanted) underway.start(node, app);
    while (held() > wanted) underway.stop(node, app);
  });
}

function actsTo(state: State): Act[] {
  const acts: Act[] = [];
  for (let at: State | null = state; at?.act; at = at.before) acts.push(at.act);
  return acts.reverse();
}
