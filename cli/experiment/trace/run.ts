import * as v from "valibot";
import { InterruptedError, maxCapacity, NO_RULES } from "../../../domain/mod.ts";
import { HighsSolver } from "../../../baselines/milp/mod.ts";
import {
  exchangePolicy,
  greedyPolicy,
  offlineOptimum,
  periodicPolicy,
  replay,
  type TracePoint,
  type TracePolicy,
  type TracePolicyOptions,
  writeTrace,
} from "../../../replanning/trace/mod.ts";
import { record } from "../../../scheduling/plans/forms.ts";
import type { CliContext } from "../../context.ts";
import type { Talk } from "../../output/progress.ts";
import { openFolder, readJsonLines, type ReadLines } from "../results.ts";
import type { ExperimentFiles } from "../run.ts";
import { onlinePolicy } from "./online.ts";
import type { TraceContender, TraceExperiment } from "./spec.ts";

/** A trace that a policy placed: a line of results.jsonl. */
export interface TraceLine {
  readonly type: "trace";
  readonly seed: number;
  readonly label: string;
  /** Names of the apps. */
  readonly apps: readonly string[];
  /** Length of the trace. */
  readonly hours: number;
  readonly points: readonly TracePoint[];
  /** Seconds that the policy took. */
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
}

const text = v.string();
const amount = v.pipe(v.number(), v.minValue(0));
const whole = v.pipe(amount, v.integer());

const pointSchema = v.strictObject({
  hours: amount,
  improved: v.boolean(),
  containers: whole,
  waiting: whole,
  down: whole,
  total: v.number(),
  boundTotal: v.nullable(v.number()),
  worstApp: v.nullable(v.strictObject({ app: whole, mean: v.number() })),
  change: v.strictObject({ started: whole, stopped: whole, forced: whole, moves: whole }),
  lost: whole,
});

const lineSchema = v.strictObject({
  type: v.literal("trace"),
  seed: whole,
  label: text,
  apps: v.array(text),
  hours: amount,
  points: v.array(pointSchema),
  seconds: amount,
  versions: record(text, text),
});

/** The lines of a results.jsonl of a trace experiment. @throws {InputError} naming a broken line. */
export function readTraceLines(bytes: Uint8Array, file: string): ReadLines<TraceLine> {
  return readJsonLines(lineSchema, bytes, file);
}

/**
 * Replays what a folder lacks of a trace experiment, and adds it to `results.jsonl` line by line. The traces are beside it,
 * as trace-SEED.csv.
 * @throws {InputError} if the folder holds another experiment.
 * @throws {InterruptedError} on Ctrl-C; the next call continues with the replay that was stopped.
 */
export async function runTraces(
  context: CliContext,
  talk: Talk,
  experiment: TraceExperiment,
  files: ExperimentFiles,
  folder: string,
): Promise<readonly TraceLine[]> {
  const { file, surface, cluster, traces, contenders } = experiment;
  const lines = [...await openFolder(file, files, folder, readTraceLines)];
  const keyOf = ({ seed, label }: Pick<TraceLine, "seed" | "label">) =>
    JSON.stringify([seed, label]);
  const done = new Set(lines.map(keyOf));
  const missing = traces.flatMap(({ seed, trace }) =>
    contenders.flatMap((contender) =>
      done.has(keyOf({ seed, label: contender.label })) ? [] : [{ seed, trace, contender }]
    )
  );
  if (lines.length > 0) {
    talk.notice(`${folder} holds ${lines.length} results: ${missing.length} are left to run`);
  }
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const { seed, trace } of traces) {
    await files.write(`${folder}/trace-${seed}.csv`, encode(writeTrace(trace, surface.apps)));
  }
  using simulator = surface.simulator(maxCapacity(cluster));
  const { apps } = surface;
  const solver = new HighsSolver();
  const { timeLimit, gap } = file;
  const options = { solver, timeLimit, gap, signal: context.signal };
  try {
    for (const [at, { seed, trace, contender }] of missing.entries()) {
      const { label } = contender;
      const step = (share: number): void =>
        talk.step({ fraction: (at + share) / missing.length, text: `seed ${seed}: ${label}` });
      step(0);
      const started = performance.now();
      const policy = lettingSignalsIn(policyOf(contender, options));
      const problem = { apps, cluster, rules: NO_RULES, simulator };
      const points = await replay(problem, trace, policy, {
        signal: context.signal,
        onPoint: ({ hours }) => step(hours / trace.hours),
      });
      if (context.signal.aborted) throw new InterruptedError("Interrupted");
      const seconds = (performance.now() - started) / 1000;
      const { hours } = trace;
      const { versions } = files;
      const line: TraceLine = {
        type: "trace",
        seed,
        label,
        apps,
        hours,
        points,
        seconds,
        versions,
      };
      lines.push(line);
      await files.append(`${folder}/results.jsonl`, encode(JSON.stringify(line) + "\n"));
    }
  } finally {
    solver.close();
    talk.clear();
  }
  return lines;
}

function policyOf(contender: TraceContender, options: TracePolicyOptions): TracePolicy {
  switch (contender.policy) {
    case "greedy":
      return greedyPolicy(options);
    case "replan":
      return periodicPolicy(contender, options);
    case "exchange":
      return exchangePolicy(greedyPolicy(options), contender);
    case "metis-online":
      return onlinePolicy(contender.networks, options);
    case "optimal":
      return offlineOptimum({ ...options, effort: contender.effort });
  }
}

/** Signals and the progress bar have their turn before every answer. */
function lettingSignalsIn({ respond, improve }: TracePolicy): TracePolicy {
  const pause = () => new Promise((resolve) => setTimeout(resolve));
  return {
    respond: async (problem, time) => {
      await pause();
      return await respond(problem, time);
    },
    ...(improve === undefined ? {} : { improve }),
  };
}
