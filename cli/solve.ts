import { demandTotal, InfeasibleError, UnsupportedError } from "../domain/mod.ts";
import type { SchedulingProblem } from "../scheduling/contract.ts";
import type { CliContext } from "./context.ts";
import type { BoundEffort } from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

/** Seconds that the proof of a bound may take where `--time-limit` says nothing. */
const BOUND_SECONDS = 10;
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
  if (options.bound === "none" || demandTotal(problem.demand) === 0) return null;
  const { proveBound } = await import("../baselines/optimal/mod.ts");
  talk.step({ fraction: null, text: "proving a bound" });
  const { bound: effort, timeLimit = BOUND_SECONDS } = options;
  const { signal } = context;
  try {
    return (await proveBound(problem, { effort, timeLimit, signal })).boundTotal;
  } catch (error) {
    if (error instanceof UnsupportedError) {
      talk.notice(`No bound: ${error.message}`);
      return null;
    }
    // There is a placement already: the proof ran out of time before it found one of its own.
    if (!(error instanceof InfeasibleError) || effort === "lp") throw error;
    return (await proveBound(problem, { effort: "lp", timeLimit, signal })).boundTotal;
  }
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
