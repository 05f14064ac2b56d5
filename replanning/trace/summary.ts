/**
 * What a replay comes to over its hours.
 * @module
 */
import type { TracePoint } from "./replay.ts";

/** A replay as a whole. Means are over time: each point counts as long as it lasts. */
export interface TraceSummary {
  /** Mean normalised RPS of a container, by container hours; null if none ran. */
  readonly mean: number | null;
  /** Mean normalised RPS of the containers of the worst app at each time, over the hours in which any ran; null if none ran. */
  readonly worstApp: number | null;
  /** The least that is at any time. */
  readonly leastWorstApp: number | null;
  /** Starts that neither arrivals nor lost nodes force. */
  readonly moves: number;
  readonly started: number;
  readonly stopped: number;
  /** Containers that were lost with nodes that failed. */
  readonly lost: number;
  /** Hours that containers waited for a slot, summed. */
  readonly waitingHours: number;
}

/** The app whose containers run the slowest on average at a point; null where none run. */
export function worstAppOf(
  { perApp }: Pick<TracePoint, "perApp">,
): { readonly app: number; readonly mean: number } | null {
  let worst: { readonly app: number; readonly mean: number } | null = null;
  perApp.forEach((mean, app) => {
    if (mean !== null && (worst === null || mean < worst.mean)) worst = { app, mean };
  });
  return worst;
}

/** Sums a replay up. @param points In order. @param hours When the trace ends. */
export function summariseReplay(points: readonly TracePoint[], hours: number): TraceSummary {
  let [total, containers, worst, worstHours, waitingHours] = [0, 0, 0, 0, 0];
  let least = Infinity;
  let [moves, started, stopped, lost] = [0, 0, 0, 0];
  for (const { point, lasts } of lasting(points, hours)) {
    total += lasts * point.total;
    containers += lasts * point.containers;
    waitingHours += lasts * point.waiting;
    moves += point.change.moves;
    started += point.change.started;
    stopped += point.change.stopped;
    lost += point.lost;
    const found = worstAppOf(point);
    if (found === null || lasts === 0) continue;
    worst += lasts * found.mean;
    worstHours += lasts;
    least = Math.min(least, found.mean);
  }
  return {
    mean: containers === 0 ? null : total / containers,
    worstApp: worstHours === 0 ? null : worst / worstHours,
    leastWorstApp: worstHours === 0 ? null : least,
    moves,
    started,
    stopped,
    lost,
    waitingHours,
  };
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
