/**
 * What moves are worth beside each other, in numbers and in words.
 * @module
 */
import { countOf } from "../domain/mod.ts";
import type { FrontierEnd, MovePoint } from "./frontier.ts";

/** What a number of moves brings. */
export interface MoveGain {
  /** Most moves. */
  readonly moves: number;
  /** Mean normalised RPS of the containers. */
  readonly mean: number;
  /** What these moves bring, of what all of them bring together: 0 to 1. */
  readonly share: number;
}

/** Of each point of a frontier, what it brings of what the last one brings: 0 to 1. */
export function sharesOf(points: readonly Pick<MovePoint, "total">[]): number[] {
  const [first, last] = [points[0]!.total, points.at(-1)!.total];
  return points.map(({ total }) => last > first ? (total - first) / (last - first) : 1);
}

/** The number of moves that brings the most beyond its share of all moves. @param gains At least one, moves ascending. */
export function kneeOf<G extends MoveGain>(gains: readonly G[]): G {
  const first = gains[0]!;
  const all = lastOf(gains).moves - first.moves;
  const beyond = ({ moves, share }: MoveGain): number => share - (moves - first.moves) / all;
  return all === 0
    ? first
    : gains.reduce((best, gain) => beyond(gain) > beyond(best) ? gain : best);
}

/** What some moves bring of what all would, in one sentence. @param end Why there are no more points. */
export function shareSentence(
  { moves, share }: MoveGain,
  gains: readonly MoveGain[],
  end: FrontierEnd,
): string {
  return `${bring(moves)} ${Math.round(share * 100)} % of what ${lastOf(gains).moves} would${
    END[end]
  }.`;
}

/** What moves are worth, in one sentence: that of the knee, where there is one. */
export function frontierSentence(gains: readonly MoveGain[], end: FrontierEnd): string {
  const first = gains[0]!;
  const last = lastOf(gains);
  const all = last.moves - first.moves;
  if (all === 0) {
    if (end !== "best") {
      return `${bring(first.moves)} a mean of ${first.mean.toFixed(4)}${END[end]}.`;
    }
    return first.moves === 0
      ? "No move brings anything."
      : `${countOf(first.moves, "move")} must be; no further one brings anything.`;
  }
  const knee = kneeOf(gains);
  if (knee !== first && knee !== last) return shareSentence(knee, gains, end);
  const alike = all > 1 ? ", each about as much as the others" : "";
  return `${bring(last.moves)} the mean from ${first.mean.toFixed(4)} to ${
    last.mean.toFixed(4)
  }${alike}${END[end]}.`;
}

/** The fewest moves that bring all. */
function lastOf<G extends MoveGain>(gains: readonly G[]): G {
  return gains.find(({ share }) => share >= 1) ?? gains.at(-1)!;
}

function bring(moves: number): string {
  return `${countOf(moves, "move")} ${moves === 1 ? "brings" : "bring"}`;
}

/** What is not known of more moves, by why there are no more points. */
const END: Readonly<Record<FrontierEnd, string>> = {
  best: "",
  limit: " (more moves may bring more)",
  time: " (more moves may bring more: the work ended before)",
  greedy: " (other moves may bring more: these are greedy)",
};
