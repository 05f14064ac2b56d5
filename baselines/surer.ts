/**
 * Plans by a model against the one that needs none.
 * @module
 */
import { InfeasibleError, UnsupportedError } from "../domain/mod.ts";
import { isUncertain, TableModel } from "../models/mod.ts";
import {
  forecastGain,
  heldConfigurations,
  isSteered,
  type MeanForecast,
  runScheduler,
  type ScheduleRun,
  type SchedulingProblem,
  type Surface,
} from "../scheduling/mod.ts";
import { spread } from "./heuristics/spread.ts";

/**
 * A gain of the mean that is worth a risk: plans that promise so much, and keep it where the model is off by one of its deviations,
 * are rarely worth less than spread's, and waiting for more certainty costs far more than they lose (`deno task study plans`).
 */
const LARGE_GAIN = 0.05;

/** Whether a plan is taken: its gain is above 0 by the 90 % interval, or large and likely. */
export function isWorthTaking({ mean, deviation, low }: MeanForecast): boolean {
  return low >= 0 || mean - deviation >= LARGE_GAIN;
}

/** A placement, and how much more it is expected to make than the other. */
export interface SurerRun<Run extends ScheduleRun> {
  /** The plan, or what spread makes. */
  readonly run: Run | ScheduleRun;
  /** By how much the mean of the plan is expected to be above spread's; null where nothing can be said. */
  readonly gain: MeanForecast | null;
}

/**
 * A plan by a model, unless the model is not sure that it is worth more than what spread makes, which heeds no model: then that,
 * with the bound that was proven. Plans from few rows promise too much: where the 90 % interval of a small gain reaches below 0, they
 * lose often ({@link isWorthTaking}). The plan stays where nothing can be said: of models that do not know how sure they are, several surfaces, aims other
 * than the mean, and problems that spread finds no placement of.
 */
export async function surerRun<Run extends ScheduleRun>(
  { model, profile }: Surface,
  problem: SchedulingProblem,
  run: Run,
): Promise<SurerRun<Run>> {
  const learned = model instanceof TableModel ? model.fallback : model;
  const { simulator } = problem;
  if (learned === null || !isUncertain(learned) || isSteered(problem)) return { run, gain: null };
  if (simulator.models.length > 1 || simulator.forbids) return { run, gain: null };
  const other = await spreadOrNull(problem);
  if (other === null) return { run, gain: null };
  const [before, after] = [other, run].map(({ placement }) => heldConfigurations(placement));
  const gain = forecastGain(model, profile ?? null, before!, after!);
  if (gain === null || isWorthTaking(gain)) return { run, gain };
  const { boundTotal, seconds } = run;
  const proven = boundTotal === undefined ? {} : { boundTotal };
  return { run: { ...other, ...proven, seconds: seconds + other.seconds }, gain };
}

async function spreadOrNull(problem: SchedulingProblem): Promise<ScheduleRun | null> {
  try {
    return await runScheduler(spread, problem);
  } catch (error) {
    if (error instanceof InfeasibleError || error instanceof UnsupportedError) return null;
    throw error;
  }
}
