import * as v from "valibot";
import { InterruptedError } from "../../../domain/mod.ts";
import { fitModel, scoreUnseen } from "../../../models/mod.ts";
import {
  multinomialDemands,
  profileActively,
  RegretMeter,
  strategyNamed,
  TableMeasurer,
} from "../../../profiling/mod.ts";
import type { CliContext } from "../../context.ts";
import type { Talk } from "../../output/progress.ts";
import { openFolder, readJsonLines, type ReadLines } from "../results.ts";
import type { ExperimentFiles } from "../run.ts";
import { type ProfilingExperiment, type ProfilingRun, runsOf, type Truth } from "./spec.ts";
import { record } from "../../../scheduling/plans/forms.ts";

/** A finished run: a line of results.jsonl. */
export interface ProfilingLine extends ProfilingRun {
  readonly type: "profiling";
  /** Measurements made; below the budget where there was nothing left. */
  readonly measurements: number;
  /** Mean and largest regret over the demands, as shares; see RegretMeter. */
  readonly regret: number;
  readonly regretMax: number;
  readonly restricted: boolean;
  /** What the profiler itself believed that the regret is at most. */
  readonly regretBound: number | null;
  /** Mean absolute error on present containers of configurations that were not measured; null if all were. */
  readonly maePresent: number | null;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
}

const text = v.string();
const amount = v.pipe(v.number(), v.minValue(0));
const whole = v.pipe(amount, v.integer());

const lineSchema = v.strictObject({
  type: v.literal("profiling"),
  truth: text,
  strategy: text,
  budget: whole,
  seed: whole,
  measurements: whole,
  regret: v.number(),
  regretMax: v.number(),
  restricted: v.boolean(),
  regretBound: v.nullable(v.number()),
  maePresent: v.nullable(amount),
  seconds: amount,
  versions: record(text, text),
});

/** The lines of a results.jsonl of a profiling experiment. @throws {InputError} naming a broken line. */
export function readProfilingLines(bytes: Uint8Array, file: string): ReadLines<ProfilingLine> {
  return readJsonLines(lineSchema, bytes, file);
}

/**
 * Runs what a folder lacks of a profiling experiment, and adds it to `results.jsonl` line by line.
 * @throws {InputError} if the folder holds another experiment.
 * @throws {InterruptedError} on Ctrl-C; the next call continues with the run that was stopped.
 */
export async function runProfiling(
  context: CliContext,
  talk: Talk,
  { file, truths }: ProfilingExperiment,
  files: ExperimentFiles,
  folder: string,
): Promise<readonly ProfilingLine[]> {
  const lines = [...await openFolder(file, files, folder, readProfilingLines)];
  const done = new Set(lines.map(keyOf));
  const runs = runsOf(file);
  const missing = runs.filter((run) => !done.has(keyOf(run)));
  if (lines.length > 0) {
    talk.notice(`${folder} holds ${lines.length} results: ${missing.length} are left to run`);
  }
  const meters = new Map<string, RegretMeter>();
  try {
    for (const [at, run] of missing.entries()) {
      const { truth: name, strategy, budget, seed } = run;
      talk.step({
        fraction: at / missing.length,
        text: `${name}: ${strategy}, ${budget} measurements, seed ${seed}`,
      });
      const truth = truths.find((one) => one.name === name)!;
      let meter = meters.get(name);
      if (meter === undefined) {
        const { demands, capacity, profile } = truth;
        const { nodes } = file;
        meters.set(name, meter = new RegretMeter(profile, { demands, nodes, capacity }));
      }
      const line = await runOne(context, run, truth, meter, file, files.versions);
      lines.push(line);
      const bytes = new TextEncoder().encode(JSON.stringify(line) + "\n");
      await files.append(`${folder}/results.jsonl`, bytes);
    }
  } finally {
    talk.clear();
  }
  return lines;
}

async function runOne(
  context: CliContext,
  run: ProfilingRun,
  { profile: table, capacity }: Truth,
  meter: RegretMeter,
  { nodes, demands, fit }: ProfilingExperiment["file"],
  versions: ProfilingLine["versions"],
): Promise<ProfilingLine> {
  const { containers } = demands;
  const started = performance.now();
  const { profile, rounds, ended } = await profileActively({
    measurer: new TableMeasurer(table, capacity),
    strategy: strategyNamed(run.strategy),
    budget: run.budget,
    nodes,
    // The demands that regret is measured on are not known beforehand: only how many containers they have.
    demands: [],
    drawDemand: multinomialDemands(
      table.apps.length,
      Math.min(...containers),
      Math.max(...containers),
    ),
    seed: run.seed,
    signal: context.signal,
    // Signals and the progress bar have their turn.
    onRound: () => new Promise((resolve) => setTimeout(resolve)),
  });
  if (ended === "interrupted") throw new InterruptedError("Interrupted");
  const seconds = (performance.now() - started) / 1000;
  const model = fitModel(fit, profile, { seed: run.seed });
  const { regret, regretMax, restricted } = await meter.measure(model);
  context.signal.throwIfAborted();
  return {
    type: "profiling",
    ...run,
    measurements: profile.rows,
    regret,
    regretMax,
    restricted,
    regretBound: rounds.at(-1)?.regretBound ?? null,
    maePresent: profile.rows < table.rows ? scoreUnseen(model, profile, table).maePresent : null,
    seconds,
    versions,
  };
}

function keyOf({ truth, strategy, budget, seed }: ProfilingRun): string {
  return JSON.stringify([truth, strategy, budget, seed]);
}
