import { configurationKey, type Profile } from "../domain/mod.ts";
import { adjustedSpeeds, type LoadEffect, medianOf, type Speed } from "./adjust.ts";
import { type Cut, cutIntervals } from "./intervals.ts";
import type { Measure, Watched, WatchedTimes } from "./watched.ts";

/** How it is observed. */
export interface ObserveOptions extends WatchedTimes {
  readonly measure: Measure;
  /** Requests in an interval below which an app says nothing in it. */
  readonly leastRequests: number;
}

/** What was learned, and what not. */
export interface Observed {
  readonly apps: readonly string[];
  /** Null where no configuration has a value for each of its apps. */
  readonly profile: Profile | null;
  /** Intervals of nodes in which nothing changed, and those in which something did. */
  readonly intervals: number;
  readonly changing: number;
  readonly effects: readonly LoadEffect[];
  /** By app: intervals in which it was asked too little to say anything. */
  readonly tooFew: readonly number[];
  /** Apps that never were alone on a node: their speeds are relative to the fastest that they were seen at. */
  readonly neverAlone: readonly string[];
  /** Pairs of apps that never shared a node; an app with itself: never two of its containers. */
  readonly neverTogether: readonly (readonly [string, string])[];
  /** Configurations that were seen, though an app of them had no value. */
  readonly incomplete: readonly string[];
  /** What each node holds at the end. */
  readonly last: ReadonlyMap<string, Uint8Array>;
  /** Intervals of each configuration, by its key. */
  readonly seen: ReadonlyMap<string, number>;
}

/**
 * Learns how containers change each other's speed from what was recorded while they served. Every interval in which a
 * node held the same containers is a measurement; a row of the profile has the median of its measurements, their number, and
 * the deviation of one of them.
 */
export function observe(watched: Watched, options: ObserveOptions): Observed {
  const cut = cutIntervals(watched, options.measure, options);
  const { apps, intervals, changing, last } = cut;
  const { speeds, effects, tooFew } = adjustedSpeeds(cut, options.measure, options.leastRequests);
  const solos = new Solos(apps, speeds);
  const seen = new Map<string, number>();
  for (const { counts } of intervals) {
    const key = configurationKey(counts, 0, apps.length);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const { profile, incomplete } = profileOfSpeeds(apps, seen, speeds, solos);
  return {
    apps,
    profile,
    intervals: intervals.length,
    changing,
    effects,
    tooFew,
    neverAlone: apps.filter((_, app) => !solos.isKnown(app)),
    neverTogether: unseenPairs(cut),
    incomplete,
    last,
    seen,
  };
}

/** How fast apps are alone: on the node, else on any node, else the fastest configuration that was seen. */
class Solos {
  readonly #alone = new Map<string, number>();

  constructor(apps: readonly string[], speeds: readonly Speed[]) {
    const isAlone = ({ interval }: Speed) =>
      interval.counts.reduce((sum, count) => sum + count, 0) === 1;
    apps.forEach((_, app) => {
      const own = speeds.filter((speed) => speed.app === app);
      const alone = own.filter(isAlone);
      for (const [node, ofNode] of Map.groupBy(alone, ({ interval }) => interval.node)) {
        this.#alone.set(`${app}\n${node}`, medianOf(ofNode.map(({ log }) => log)));
      }
      if (alone.length > 0) this.#alone.set(`${app}`, medianOf(alone.map(({ log }) => log)));
      const byConfiguration = Map.groupBy(own, ({ interval }) => interval.counts.join());
      const fastest = [...byConfiguration.values()]
        .map((same) => medianOf(same.map(({ log }) => log)));
      if (fastest.length > 0) this.#alone.set(`${app}\nfastest\n`, Math.max(...fastest));
    });
  }

  isKnown(app: number): boolean {
    return this.#alone.has(`${app}`);
  }

  log(app: number, node: string): number {
    return this.#alone.get(`${app}\n${node}`) ?? this.#alone.get(`${app}`) ??
      this.#alone.get(`${app}\nfastest\n`)!;
  }
}

function profileOfSpeeds(
  apps: readonly string[],
  seen: ReadonlyMap<string, number>,
  speeds: readonly Speed[],
  solos: Solos,
): Pick<Observed, "profile" | "incomplete"> {
  const width = apps.length;
  const bySpot = Map.groupBy(
    speeds,
    ({ interval, app }) => `${configurationKey(interval.counts, 0, width)} ${app}`,
  );
  const incomplete: string[] = [];
  const rows = [...seen].flatMap(([key]) => {
    const counts = Uint8Array.from(key.split(","), Number);
    const values = apps.map((_, app) =>
      (bySpot.get(`${key} ${app}`) ?? []).map(({ log, interval }) =>
        Math.exp(log - solos.log(app, interval.node))
      )
    );
    const lacks = apps.filter((_, app) => counts[app]! > 0 && values[app]!.length === 0);
    if (lacks.length > 0) {
      incomplete.push(`${configurationText(counts, apps)}: nothing of ${lacks.join(", ")}`);
      return [];
    }
    const measurements = Math.min(
      ...values.filter((_, app) => counts[app]! > 0).map((all) => all.length),
    );
    return [{ counts, values, measurements }];
  });
  if (rows.length === 0) return { profile: null, incomplete };
  const cells = (pick: (values: readonly number[]) => number): Float64Array =>
    Float64Array.from(rows.flatMap(({ values }) => values.map(pick)));
  return {
    profile: {
      apps,
      rows: rows.length,
      counts: Uint8Array.from(rows.flatMap(({ counts }) => [...counts])),
      rps: cells(medianOf),
      measurements: Uint32Array.from(rows, ({ measurements }) => measurements),
      deviations: cells(deviationOf),
    },
    incomplete,
  };
}

/** A configuration for people: `2 redis, 1 web`. */
export function configurationText(counts: Uint8Array, apps: readonly string[]): string {
  return apps.flatMap((app, at) => counts[at] === 0 ? [] : [`${counts[at]} ${app}`]).join(", ");
}

function unseenPairs({ apps, intervals }: Cut): [string, string][] {
  const met = new Set<string>();
  for (const { counts } of intervals) {
    for (const [a, b] of pairsIn(counts)) met.add(`${a},${b}`);
  }
  return apps.flatMap((app, a) =>
    apps.slice(a).flatMap((other, nth): [string, string][] =>
      met.has(`${a},${a + nth}`) ? [] : [[app, other]]
    )
  );
}

/** Pairs of apps that share a node of these containers, the first not after the second; an app with itself from two on. */
export function pairsIn(counts: Uint8Array): [number, number][] {
  const pairs: [number, number][] = [];
  counts.forEach((count, a) => {
    if (count === 0) return;
    if (count > 1) pairs.push([a, a]);
    for (let b = a + 1; b < counts.length; b++) if (counts[b]! > 0) pairs.push([a, b]);
  });
  return pairs;
}

/** Of a sample; NaN for fewer than two values. */
function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
