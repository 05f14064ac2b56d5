/**
 * How hard the bound of a placement is worked for: the options, and the bound.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { BOUND_SECONDS, upperBound } from "../../baselines/optimal/mod.ts";
import { demandTotal } from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/contract.ts";
import { isSteered, perContainer, steer } from "../../scheduling/objective.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { positive, share } from "./parse.ts";

/** How hard the bound of a placement is worked for. */
export type BoundEffort = "optimal" | "lp" | "none";

/** When a scheduler must stop. */
export const timeLimitOption = () =>
  new Option("--time-limit <seconds>", "stop a scheduler that can stop early after this time")
    .argParser(positive);

/** When a prover may stop. */
export const gapOption = () =>
  new Option("--gap <share>", "relative gap at which `optimal` may stop: 0.001 is 0.1 %")
    .argParser(share);

/** Effort of the bound. */
export const boundOption = () =>
  new Option("--bound <effort>", "bound that the gap is measured from")
    .choices(["optimal", "lp", "none"] as const).default("optimal" as const);

/** How hard to work for a bound. */
export interface BoundOptions {
  readonly bound: BoundEffort;
  readonly timeLimit?: number | undefined;
}

/**
 * The best known upper bound on the total throughput of any placement of the problem.
 * @param known Bounds that schedulers have proven already: with one of those, nothing is solved again.
 * @returns Total normalised RPS, or null if there is none.
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

/**
 * The best known upper bound on what another objective than the plain throughput makes large: see ScheduleResult.
 * @param known Bounds that schedulers have proven already: with one of those, nothing is solved again.
 * @returns Normalised RPS, or null if there is none: for the slowest container only schedulers prove one.
 */
export async function objectiveBound(
  context: CliContext,
  talk: Talk,
  problem: SchedulingProblem,
  options: BoundOptions,
  known: readonly number[],
): Promise<number | null> {
  if (known.length > 0) return Math.min(...known);
  if (!isSteered(problem) || problem.objective === "worst") return null;
  const steered = steer(problem);
  using _simulator = steered.simulator;
  const total = await boundTotal(context, talk, steered, options);
  return total === null ? null : perContainer(problem, total);
}
