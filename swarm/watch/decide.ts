/**
 * Whether what would be better is worth doing now. Pure.
 * @module
 */
import { countOf, type Placement } from "../../domain/mod.ts";
import type { Change } from "../../replanning/mod.ts";
import type { MeanForecast } from "../../scheduling/mod.ts";
import type { History, Moved } from "./history.ts";

/** When a watch acts. */
export interface WatchRules {
  /** Most moves in any hour, beyond those that are forced. */
  readonly movesPerHour: number;
  /** Least gain in the mean normalised RPS that is worth moving for. */
  readonly threshold: number;
  /** Seconds for which no container of an app leaves a node that one of it was moved to. */
  readonly hold: number;
  /** Seconds for which nothing may have changed before anything is done. */
  readonly settle: number;
}

/** Seconds of the budget of moves. */
export const HOUR = 3600;

/** What a look finds. */
export interface Sight {
  /** Equal where nothing changed that a placement depends on: nodes, services, files. */
  readonly print: string;
  /** What there is, for people: "3 nodes, 2 of them take containers; 12 containers". */
  readonly text: string;
  readonly nodes: number;
  readonly away: number;
  readonly containers: number;
}

/** A placement that could be had. */
export interface Proposal {
  readonly apps: readonly string[];
  readonly nodeNames: readonly string[];
  /** What runs. */
  readonly current: Placement;
  readonly next: Placement;
  readonly change: Change;
  /** What runs does not do: a container is missing or too many, or a node holds what it may not. Null if it does. */
  readonly must: string | null;
  /** By how much the mean is expected to grow; null for a model that does not know how sure it is. */
  readonly gain: MeanForecast | null;
}

/** What to do about a proposal. */
export interface Verdict {
  readonly acts: boolean;
  readonly why: string;
}

/** Moves that are left of the budget. @param now Seconds. */
export function movesLeft(
  history: History,
  { movesPerHour }: Pick<WatchRules, "movesPerHour">,
  now: number,
): number {
  return Math.max(0, movesPerHour - history.movesSince(now - HOUR));
}

/** When a decision may be another one though nothing changes: the budget grows, or what was moved may move again. Seconds. */
export function nextChangeAt(
  history: History,
  { hold }: Pick<WatchRules, "hold">,
  now: number,
): number {
  const times = [HOUR, hold].flatMap((span) => {
    const first = history.firstSince(now - span);
    return first === null ? [] : [first + span];
  });
  return Math.min(Infinity, ...times);
}

/** What is to be done. @param now Seconds. */
export function decide(
  proposal: Proposal,
  history: History,
  rules: WatchRules,
  now: number,
): Verdict {
  const { change, must, gain } = proposal;
  const left = movesLeft(history, rules, now);
  if (change.started === 0 && change.stopped === 0) {
    const within = `nothing is better within ${countOf(left, "move")}, which this hour has left`;
    return { acts: false, why: must ?? within };
  }
  if (must !== null) return { acts: true, why: must };
  if (change.moves > left) {
    return {
      acts: false,
      why: `${change.moves} moves are more than the ${left} left of this hour`,
    };
  }
  const held = leftTooSoon(proposal, history.startedSince(now - rules.hold));
  if (held !== null) {
    return { acts: false, why: `${held.app} came to ${held.node} a short while ago` };
  }
  if (gain === null) {
    return { acts: false, why: "the model does not know how sure it is of what it would bring" };
  }
  const text = `${gain.mean.toFixed(4)} in the mean (${gain.low.toFixed(4)} to ${
    gain.high.toFixed(4)
  })`;
  const least = Math.max(0, rules.threshold);
  return gain.low > least
    ? { acts: true, why: `brings ${text}` }
    : { acts: false, why: `would bring ${text}: not surely more than ${least}` };
}

/**
 * An app that a placement would take from a node that one of it has just come to; null if none. Swarm chooses which
 * container of a service stops: it may be the one that came.
 */
export function leftTooSoon(
  { apps, nodeNames, current, next }: Proposal,
  held: readonly Moved[],
): Moved | null {
  return held.find(({ app, node }) => {
    const at = nodeNames.indexOf(node) * apps.length + apps.indexOf(app);
    if (!nodeNames.includes(node) || !apps.includes(app)) return false;
    return next.counts[at]! < current.counts[at]!;
  }) ?? null;
}

/** What starts where. */
export function startsOf({ apps, nodeNames, current, next }: Proposal): Moved[] {
  return nodeNames.flatMap((node, row) =>
    apps.flatMap((app, column) => {
      const at = row * apps.length + column;
      const count = next.counts[at]! - current.counts[at]!;
      return count > 0 ? [{ app, node, count }] : [];
    })
  );
}
