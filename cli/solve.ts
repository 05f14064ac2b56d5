import { BOUND_SECONDS, upperBound } from "../baselines/optimal/mod.ts";
import { demandTotal } from "../domain/mod.ts";
import type { SchedulingProblem } from "../scheduling/contract.ts";
import type { CliContext } from "./context.ts";
import type { BoundEffort } from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

/** How hard to work for a bound. */
export interface BoundOptions {
  readonly bound: BoundEffort;
  readonly timeLimit?: number | undefined;
}

/**
 * The best known upper bound on the total throughput of any placement of the problem.
 * @param known Bounds that schedulers have proven already: with one of those, nothing is solved again.
 * @returns Total normalised RPS, or null where there is none.
 */
export async function boundTotal(
  context: CliContext,
  talk: Talk,
  problem: SchedulingProblem,
  options: BoundOptions,
  known: readonly number[] = [],
): Promise<number | null> {
  if (known.length > 0) return Math.min(...known);
  const { bound: effort, timeLimit = BOUND_SECONDS } = options;
  if (effort === "none" || demandTotal(problem.demand) === 0) return null;
  talk.step({ fraction: null, text: "proving a bound" });
  const proven = await upperBound(problem, {
    effort,
    timeLimit,
    signal: context.signal,
    onUnsupported: (reason) => talk.notice(`No bound: ${reason}`),
  });
  return proven?.boundTotal ?? null;
}

/** A mean normalised throughput for people. */
export function meanText(mean: number): string {
  return mean.toFixed(4);
}

/** A gap for people. */
export function gapText(value: { readonly gap: number | null; readonly proven: boolean }): string {
  if (value.gap === null) return "unknown";
  return value.proven ? "0 (proven)" : `${(value.gap * 100).toFixed(3)} %`;
}

/** The slowest container for people. */
export function worstText(worst: number | null): string {
  return worst === null ? "none" : worst.toFixed(4);
}

/** Seconds for people. */
export function secondsText(seconds: number): string {
  return seconds < 0.0005 ? "<0.001" : seconds.toFixed(3);
}
