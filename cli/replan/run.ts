/**
 * Replanning as `replan` and `scale` share it: load, solve, tell.
 * @module
 */
import type { KeepRunning, Replanned, ReplanProblem } from "../../replanning/mod.ts";
import { problemOn, type ScheduleOptions } from "../../scheduling/mod.ts";
import { planText } from "../../scheduling/plans/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as options from "../options/mod.ts";
import { meanText } from "../output/figures.ts";
import type { Talk } from "../output/progress.ts";
import { type DemandOf, loadReplanning, type OwnArguments, type Replanning } from "./load.ts";
import { renderReplan } from "./render.ts";
import { findingsOf, planOf, reportOf } from "./result.ts";
import type { Source } from "./source.ts";

/** Difference of means from which on a surface has changed. */
const CHANGED = 1e-6;

/** Loads what values what runs, and uses the problem of replanning it. */
export async function withReplanning(
  context: CliContext,
  talk: Talk,
  source: Source,
  given: OwnArguments,
  problemFile: ProblemFile | null,
  demandOf: DemandOf,
  use: (problem: ReplanProblem, loaded: Replanning) => Promise<void>,
): Promise<void> {
  const loaded = await loadReplanning(context, talk, source, given, problemFile, demandOf);
  await options.withSimulators(context, talk, loaded, undefined, async ({ simulator }) => {
    const { problem, aim, current } = loaded;
    const { objective, weights } = aim;
    await use(
      {
        ...problemOn(simulator, { ...problem, objective, weights }),
        current: current.placement,
      },
      loaded,
    );
  });
}

/** What every search is told. */
export function searchOptions(
  context: CliContext,
  talk: Talk,
  given: {
    readonly seed: number;
    readonly timeLimit?: number | undefined;
    readonly gap?: number | undefined;
  },
): ScheduleOptions {
  return {
    seed: given.seed,
    signal: context.signal,
    onProgress: talk.step,
    ...(given.timeLimit === undefined ? {} : { timeLimit: given.timeLimit }),
    ...(given.gap === undefined ? {} : { gap: given.gap }),
  };
}

/** How a placement was made, and where it goes. */
export interface Telling {
  readonly from: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly seconds: number;
  readonly moveCost: number;
  readonly keepRunning: KeepRunning | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
}

/** Orders the steps of a new placement, prints them, and writes the plan. */
export async function tellReplanned(
  context: CliContext,
  talk: Talk,
  problem: ReplanProblem,
  loaded: Replanning,
  replanned: Replanned,
  telling: Telling,
): Promise<void> {
  const { from, moveCost, keepRunning, out } = telling;
  const found = findingsOf(talk, loaded, problem, replanned, moveCost, keepRunning);
  const report = reportOf(loaded, problem, found, from);
  talk.clear();
  const { predicted, surface } = loaded;
  const { meanBefore } = found;
  if (
    predicted !== null && meanBefore !== null && Math.abs(predicted - meanBefore) > CHANGED
  ) {
    talk.notice(
      `${from} says that its mean is ${
        meanText(predicted)
      }; ${surface.source}, as it is now, says ${meanText(meanBefore)}`,
    );
  }
  context.signal.throwIfAborted();
  if (out !== undefined) {
    const { seed, parameters, seconds } = telling;
    const plan = planOf(loaded, problem, found, from, { seed, parameters, seconds });
    await context.writeFile(out, planText(plan));
  }
  if (telling.json) printJson(context, report);
  else {
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderReplan(report, layout));
  }
  if (out !== undefined) talk.notice(`Wrote ${out}`);
}
