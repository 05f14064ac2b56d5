/**
 * How far plans keep away from what the model is unsure of: the option, and how a scheduler is run by it.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { nodeSurfaces, UsageError } from "../../domain/mod.ts";
import {
  type Aim,
  runScheduler,
  type ScheduleOptions,
  type Scheduler,
  type ScheduleRun,
  type SchedulingProblem,
  valuePlacement,
} from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";

/** Caution of plans. */
export const riskOption = () =>
  new Option(
    "--risk <deviations>",
    "plan as if what the model is unsure of were so many of its deviations slower, 0 to 1 (default: 0, " +
      "which studies found no worse)",
  ).argParser(parseRisk);

/** What plans with caution are made by. */
export interface Caution {
  /** Deviations below the mean. */
  readonly risk: number;
  /** Of the model less so many deviations. */
  readonly simulator: Simulator;
}

/** A run, and the deviations that it was planned below the mean, where any. */
export type CautiousRun = ScheduleRun & { readonly risk?: number };

/** @throws {UsageError} for a risk that none of the schedulers could heed, or that goes with latency limits. */
export function checkRisk(
  risk: number | undefined,
  schedulers: readonly Scheduler[],
  { limits }: Aim,
): void {
  if (risk === undefined) return;
  if (!schedulers.some(({ heedsPredictions }) => heedsPredictions)) {
    throw new UsageError(
      `--risk has no effect on ${schedulers.map(({ name }) => name).join(", ")}`,
    );
  }
  if (limits.some((limit) => limit !== null)) {
    throw new UsageError("--risk does not go with --p99-limit");
  }
}

/**
 * Runs a scheduler; with caution, if it looks at predictions. What was planned with caution is worth what the model
 * expects, and has no bounds: those were of caution.
 */
export async function runWithCaution(
  scheduler: Scheduler,
  problem: SchedulingProblem,
  caution: Caution | null,
  options: ScheduleOptions,
): Promise<CautiousRun> {
  if (caution === null || !scheduler.heedsPredictions) {
    return await runScheduler(scheduler, problem, options);
  }
  const { simulator, risk } = caution;
  const { boundTotal: _total, boundObjective: _objective, ...run } = await runScheduler(
    scheduler,
    { ...problem, simulator },
    options,
  );
  return {
    ...run,
    ...valuePlacement(
      problem.simulator,
      run.placement,
      nodeSurfaces(problem),
      problem.weights,
    ),
    risk,
  };
}

function parseRisk(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError("It must be a number from 0 to 1.");
  }
  return value;
}
