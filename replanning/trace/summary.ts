/**
 * What a replay comes to over its hours.
 * @module
 */
import type { TracePoint } from "./replay.ts";

/** A replay as a whole. Means are over time: each point counts as long as it lasts. */
export interface TraceSummary {
  /** Mean normalised RPS of a container, by container hours; null if none ran. */
  readonly mean: number | null;
  /** What no policy exceeds, likewise; null where the policy does not prove it at every time. */
  readonly bound: number | null;
  /** Mean normalised RPS of the containers of the worst app at each time, over the hours in which any ran; null if none ran. */
  readonly worstApp: number | null;
  /** The least that is at any time. */
  readonly leastWorstApp: number | null;
  /** Starts that neither arrivals nor lost nodes force. */
  readonly moves: number;
  /** All starts. */
  readonly started: number;
  /** Containers that stopped; those that were lost with nodes do not count. */
  readonly stopped: number;
  /** Containers that were lost with nodes that failed. */
  readonly lost: number;
  /** Hours that containers waited for a slot, summed. */
  readonly waitingHours: number;
}

/** Sums a replay up. @param points In order. @param hours When the trace ends. */
export function summariseReplay(points: readonly TracePoint[], hours: number): TraceSummary {
  let [total, bound, containers, worst, worstHours, waitingHours] = [0, 0, 0, 0, 0, 0];
  let least = Infinity;
  let [moves, started, stopped, lost] = [0, 0, 0, 0];
  for (const { point, lasts } of lasting(points, hours)) {
    total += lasts * point.total;
    bound += lasts * (point.boundTotal ?? (point.containers === 0 ? 0 : NaN));
    containers += lasts * point.containers;
    waitingHours += lasts * point.waiting;
    moves += point.change.moves;
    started += point.change.started;
    stopped += point.change.stopped;
    lost += point.lost;
    if (point.worstApp === null || lasts === 0) continue;
    worst += lasts * point.worstApp.mean;
    worstHours += lasts;
    least = Math.min(least, point.worstApp.mean);
  }
  return {
    mean: containers === 0 ? null : total / containers,
    bound: containers === 0 || Number.isNaN(bound) ? null : bound / containers,
    worstApp: worstHours === 0 ? null : worst / worstHours,
    leastWorstApp: worstHours === 0 ? null : least,
    moves,
    started,
    stopped,
    lost,
    waitingHours,
  };
}

/** A part of the hours. */
export interface TracePart {
  /** When it ends, in hours from the start. */
  readonly hours: number;
  /** As {@link TraceSummary}, of this part alone. */
  readonly mean: number | null;
  /** As {@link TraceSummary}, of this part alone. */
  readonly worstApp: number | null;
  /** Moves from the start up to its end. */
  readonly moves: number;
}

/** A replay in equal parts of its hours. @param count How many parts. */
export function partsOfReplay(
  points: readonly TracePoint[],
  hours: number,
  count: number,
): TracePart[] {
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [hours * part / count, hours * (part + 1) / count];
    // The point that began before goes on.
    const first = points.findLastIndex((point) => point.hours <= from);
    const inside = points.slice(Math.max(0, first)).filter((point) => point.hours < to)
      .map((point) => ({ ...point, hours: Math.max(from, point.hours) }));
    const { mean, worstApp } = summariseReplay(inside, to);
    const moves = points.reduce(
      (sum, point) => point.hours <= to ? sum + point.change.moves : sum,
      0,
    );
    return { hours: to, mean, worstApp, moves };
  });
}

/** Each point with the hours that it lasts. */
function* lasting(
  points: readonly TracePoint[],
  hours: number,
): Generator<{ readonly point: TracePoint; readonly lasts: number }> {
  for (const [at, point] of points.entries()) {
    yield { point, lasts: (points[at + 1]?.hours ?? hours) - point.hours };
  }
}
