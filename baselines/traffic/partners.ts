import type { TrafficModel } from "../../models/mod.ts";

/** Who talks to whom: those of an app are from first[app] to first[app + 1] - 1. */
export interface Partners {
  /** Length apps + 1. */
  readonly first: Uint32Array;
  /** The other app. */
  readonly apps: Uint32Array;
  /** Throughput where all containers of both are on one node. */
  readonly weights: Float64Array;
}

/** The partners of each app in a model. */
export function partnersOf({ apps, pairs, scale }: TrafficModel): Partners {
  const lists: { app: number; weight: number }[][] = apps.map(() => []);
  for (const { a, b, traffic } of pairs) {
    lists[a]!.push({ app: b, weight: scale * traffic });
    lists[b]!.push({ app: a, weight: scale * traffic });
  }
  const first = new Uint32Array(apps.length + 1);
  lists.forEach((list, app) => first[app + 1] = first[app]! + list.length);
  const all = lists.flat();
  return {
    first,
    apps: Uint32Array.from(all, ({ app }) => app),
    weights: Float64Array.from(all, ({ weight }) => weight),
  };
}
