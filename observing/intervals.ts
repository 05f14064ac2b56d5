import { configurationKey } from "../domain/mod.ts";
import type { Measure, Series, Watched, WatchedTimes } from "./watched.ts";

/** What an app did on a node in an interval. */
export interface Doing {
  /** Requests per second of one of its containers: what it was asked. */
  readonly load: number;
  /** Requests that all its containers there answered. */
  readonly answered: number;
  /** How fast a container was, in the unit of the measure; NaN where nothing tells. */
  readonly speed: number;
}

/** An interval in which a node held the same containers all the time. */
export interface Interval {
  readonly node: string;
  /** Its end, in seconds since 1970. */
  readonly at: number;
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** By app: null where it is absent, or nothing was recorded of it. */
  readonly doings: readonly (Doing | null)[];
}

/** The intervals of a stack, and how many could not be used. */
export interface Cut {
  readonly apps: readonly string[];
  /** In the order of time. */
  readonly intervals: readonly Interval[];
  /** Intervals in which the containers of a node changed, or had changed shortly before. */
  readonly changing: number;
  /** What each node holds at the end, by its name. */
  readonly last: ReadonlyMap<string, Uint8Array>;
}

/** Containers of an app on a node that a profile tells apart. */
const MOST_CONTAINERS = 255;

/** Cuts what was recorded into intervals, node by node; those in which a node changed are left out. */
export function cutIntervals(watched: Watched, measure: Measure, times: WatchedTimes): Cut {
  const apps = [...new Set(watched.containers.map(({ app }) => app))].sort();
  const nodes = [...new Set(watched.containers.map(({ node }) => node))].sort();
  const held = holdings(watched.containers, apps);
  const values = {
    requests: byPlace(watched.requests),
    latency: byPlace(watched.latency),
    cpu: byPlace(watched.cpu),
  };
  const ends = [...new Set(watched.requests.flatMap(({ points }) => points.map(([at]) => at)))]
    .sort((a, b) => a - b);
  const looks = Math.round(times.interval / times.step);
  const settling = Math.ceil(times.settle / times.step);
  const intervals: Interval[] = [];
  let changing = 0;
  for (const at of ends) {
    for (const node of nodes) {
      const seen = held.get(node)!;
      const counts = seen.get(keyOf(at));
      if (counts === undefined) continue;
      const key = configurationKey(counts, 0, apps.length);
      // What was not looked at may have been anything.
      const isSame = Array.from(
        { length: looks + settling },
        (_, back) => seen.get(keyOf(at - (back + 1) * times.step)),
      )
        .every((before) =>
          before !== undefined && configurationKey(before, 0, apps.length) === key
        );
      if (!isSame) {
        changing++;
        continue;
      }
      const doings = apps.map((app, index): Doing | null => {
        const count = counts[index]!;
        const value = (name: keyof typeof values): number =>
          values[name].get(placeKey(app, node))?.get(keyOf(at)) ?? NaN;
        const requests = value("requests");
        if (count === 0 || !(requests >= 0)) return null;
        const speed = measure === "latency"
          ? 1 / value("latency")
          : measure === "cpu"
          ? requests / value("cpu")
          : requests / count;
        return {
          load: requests / count,
          answered: requests * times.interval,
          speed: Number.isFinite(speed) && speed > 0 ? speed : NaN,
        };
      });
      intervals.push({ node, at, counts, doings });
    }
  }
  const end = held.values().reduce(
    (latest, seen) => seen.keys().reduce((a, b) => Math.max(a, b), latest),
    -Infinity,
  );
  const last = new Map(
    nodes.map((node) => [node, held.get(node)!.get(end) ?? new Uint8Array(apps.length)]),
  );
  return { apps, intervals, changing, last };
}

/** What each node held at each look, by node and time. */
function holdings(
  containers: readonly Series[],
  apps: readonly string[],
): Map<string, Map<number, Uint8Array>> {
  const held = new Map<string, Map<number, Uint8Array>>();
  const looks = [...new Set(containers.flatMap(({ points }) => points.map(([at]) => keyOf(at))))]
    .sort((a, b) => a - b);
  for (const { node } of containers) {
    // A node without a container at a look is empty then, as long as anything was seen of the stack.
    if (!held.has(node)) {
      held.set(node, new Map(looks.map((at) => [at, new Uint8Array(apps.length)])));
    }
  }
  for (const { app, node, points } of containers) {
    const index = apps.indexOf(app);
    for (const [at, value] of points) {
      held.get(node)!.get(keyOf(at))![index] = Math.min(MOST_CONTAINERS, Math.round(value) || 0);
    }
  }
  for (const seen of held.values()) {
    for (const [at, counts] of seen) if (counts.every((count) => count === 0)) seen.delete(at);
  }
  return held;
}

function byPlace(series: readonly Series[]): Map<string, Map<number, number>> {
  return new Map(
    series.map(({ app, node, points }) => [
      placeKey(app, node),
      new Map(points.map(([at, value]) => [keyOf(at), value])),
    ]),
  );
}

function placeKey(app: string, node: string): string {
  return JSON.stringify([app, node]);
}

/** Times are equal to a millisecond. */
function keyOf(at: number): number {
  return Math.round(at * 1000);
}
