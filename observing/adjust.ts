/**
 * Tells a container that is slow from one that is asked much or little: how speed goes with load is learned within equal
 * configurations, and every speed is brought to the usual load. An analysis of covariance, with a fixed effect for each
 * configuration on each node.
 * @module
 */
import { configurationKey } from "../domain/mod.ts";
import type { Cut, Interval } from "./intervals.ts";
import type { Measure } from "./watched.ts";

/** How the speed of an app goes with load. */
export interface LoadEffect {
  readonly app: string;
  /** Median requests per second of one of its containers: its usual load. */
  readonly usual: number;
  /** What the logarithm of its speed changes by where it is asked twice the usual. */
  readonly own: number;
  /** The same where its neighbours on the node are asked twice what they usually are. */
  readonly neighbours: number;
}

/** The speed of an app in an interval. */
export interface Speed {
  readonly interval: Interval;
  readonly app: number;
  /** Logarithm of the speed that it would have had under the usual load. */
  readonly log: number;
}

/** Loads beyond this many times the usual are as good as that. */
const MOST_LOAD = 10;
/** Pulls effects towards none: as much as ten measurements whose loads differ by a tenth of the usual. */
const SHRINK = 0.1;
/** Measurements beyond one for each configuration without which no effect is told. */
const LEAST_FREEDOM = 8;

/**
 * The speeds of all intervals, under the usual load.
 * @param least Requests in an interval below which an app says nothing: it was asked too little.
 */
export function adjustedSpeeds(
  { apps, intervals }: Cut,
  measure: Measure,
  least: number,
): { readonly speeds: Speed[]; readonly effects: LoadEffect[]; readonly tooFew: number[] } {
  const usual = apps.map((_, app) =>
    medianOf(intervals.flatMap(({ doings }) => {
      const doing = doings[app];
      return doing != null && doing.answered >= least ? [doing.load] : [];
    }))
  );
  const ratio = (interval: Interval, app: number): number => {
    const doing = interval.doings[app];
    return doing == null || !(usual[app]! > 0)
      ? NaN
      : Math.min(MOST_LOAD, doing.load / usual[app]!);
  };
  const speeds: Speed[] = [];
  const effects: LoadEffect[] = [];
  const tooFew = apps.map(() => 0);
  apps.forEach((name, app) => {
    const rows = intervals.flatMap((interval) => {
      const doing = interval.doings[app];
      if (doing == null || Number.isNaN(doing.speed)) return [];
      if (doing.answered < least) {
        tooFew[app]!++;
        return [];
      }
      return [{
        interval,
        group: `${interval.node}\n${configurationKey(interval.counts, 0, apps.length)}`,
        log: Math.log(doing.speed),
        own: ratio(interval, app) - 1,
        neighbours: neighbourLoad(interval, app, ratio) - 1,
      }];
    });
    // Where the rate is the speed, there is no load besides.
    const [own, neighbours] = measure === "rate" ? [0, 0] : effectsWithin(rows, measure);
    effects.push({ app: name, usual: usual[app]!, own, neighbours });
    for (const row of rows) {
      const log = row.log - own * row.own - neighbours * row.neighbours;
      speeds.push({ interval: row.interval, app, log });
    }
  });
  return { speeds, effects, tooFew };
}

/** Mean load of the other containers of a node, against what is usual; 1 where there are none. */
function neighbourLoad(
  interval: Interval,
  app: number,
  ratio: (interval: Interval, app: number) => number,
): number {
  let [sum, containers] = [0, 0];
  interval.counts.forEach((count, other) => {
    const others = other === app ? count - 1 : count;
    const load = ratio(interval, other);
    if (others < 1 || Number.isNaN(load)) return;
    sum += others * load;
    containers += others;
  });
  return containers === 0 ? 1 : sum / containers;
}

interface Row {
  readonly group: string;
  readonly log: number;
  readonly own: number;
  readonly neighbours: number;
}

/** Ridge regression of what differs within groups on what the loads differ by within them. */
function effectsWithin(rows: readonly Row[], measure: Measure): [number, number] {
  const groups = Map.groupBy(rows, ({ group }) => group);
  if (rows.length - groups.size < LEAST_FREEDOM) return [0, 0];
  let [aa, ab, bb, ay, by] = [SHRINK, 0, SHRINK, 0, 0];
  for (const members of groups.values()) {
    const mean = (pick: (row: Row) => number) =>
      members.reduce((sum, row) => sum + pick(row), 0) / members.length;
    const [log, own, neighbours] = [
      mean((row) => row.log),
      mean((row) => row.own),
      mean((row) => row.neighbours),
    ];
    for (const row of members) {
      const [a, b, y] = [row.own - own, row.neighbours - neighbours, row.log - log];
      aa += a * a;
      ab += a * b;
      bb += b * b;
      ay += a * y;
      by += b * y;
    }
  }
  const determinant = aa * bb - ab * ab;
  const both: [number, number] = [
    (ay * bb - by * ab) / determinant,
    (by * aa - ay * ab) / determinant,
  ];
  // Load makes no answer come sooner. Where it seems so, users ask more because answers come soon.
  if (measure !== "latency" || both.every((effect) => effect <= 0)) return both;
  const one: [number, number] = both[0] > 0 ? [0, by / bb] : [ay / aa, 0];
  return [Math.min(0, one[0]), Math.min(0, one[1])];
}

/** The median; of an even number the mean of the two in the middle; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
