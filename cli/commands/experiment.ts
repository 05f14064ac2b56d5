import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import config from "../../deno.json" with { type: "json" };
import {
  countOf,
  decodeText,
  InputError,
  InterruptedError,
  printable,
  UsageError,
} from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { checkJson } from "../../scheduling/plans/plan.ts";
import { type CliContext, printJson, readText, wantsColor } from "../context.ts";
import { experimentSchema } from "../experiment/form.ts";
import {
  type ProfilingSummary,
  renderProfilingReport,
  summariseProfiling,
} from "../experiment/profiling/report.ts";
import { readProfilingLines, runProfiling } from "../experiment/profiling/run.ts";
import { loadProfiling, profilingSchema, runsOf } from "../experiment/profiling/spec.ts";
import type { Report } from "../experiment/page.ts";
import { renderReport, summarise } from "../experiment/report.ts";
import { readLines } from "../experiment/results.ts";
import { type ExperimentFiles, runExperiment } from "../experiment/run.ts";
import { besideFile, labelled, loadExperiment } from "../experiment/spec.ts";
import type { Estimate } from "../experiment/statistics.ts";
import { printTraces } from "../experiment/trace/print.ts";
import { renderTraceReport, summariseTraces, writeSeries } from "../experiment/trace/report.ts";
import { readTraceLines, runTraces } from "../experiment/trace/run.ts";
import { loadTraceExperiment, traceExperimentSchema } from "../experiment/trace/spec.ts";
import { act, type GivenBy, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { sparkline } from "../output/plots/sparkline.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";
import { denoFiles } from "../training/deno_files.ts";

/** Options of `metis experiment run`. */
const runOptions = () =>
  [
    new Option("--out <folder>", "folder of the results (default: experiment-results/NAME)"),
    new Option("--workers <count>", "demands that are placed in parallel").argParser(
      options.whole(1, 256),
    ).default(1),
    new Option("--check", "only check the file and what it names"),
    ...options.outputOptions(),
  ] as const;
type RunArguments = GivenBy<typeof runOptions>;

/** Options of `metis experiment report`. */
const reportOptions = () =>
  [
    ...options.outputOptions(),
  ] as const;

/** The command `metis experiment`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("experiment")
    .description(
      "Runs a file of schedulers and demands, of strategies and budgets of profiling, or of policies and hours " +
        "of arrivals and failing nodes, and reports it as tables and plots.",
    );
  act(
    command.command("run")
      .description("Run an experiment; run again, it continues where it stopped.")
      .argument(
        "<file>",
        "experiment (JSON), such as experiments/medium.json, experiments/profiling.json or experiments/online.json",
      ),
    runOptions(),
    (file, given) => runExperimentFile(context, file, given),
  );
  act(
    command.command("report")
      .description("Write report.md and report.html from the results in a folder.")
      .argument("<folder>", "folder of an experiment run"),
    reportOptions(),
    (folder, given) => reportFolder(context, folder, given),
  );
  return untyped(command);
}

function openFiles(): ExperimentFiles {
  return denoFiles({ metis: config.version });
}

async function runExperimentFile(
  context: CliContext,
  path: string,
  given: RunArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const text = await readText(context, path);
  const kind = kindOf(text);
  if (kind === "profiling") return await runProfilingFile(context, talk, path, text, given);
  if (kind === "trace") return await runTraceFile(context, talk, path, text, given);
  const experiment = await loadExperiment(context, talk, path, defaultRegistry());
  const { sets, contenders, file } = experiment;
  const demands = sets.reduce((sum, { rows }) => sum + rows.length, 0);
  const runs = demands * contenders.reduce((sum, { seeds }) => sum + seeds.length, 0);
  await checkOrRun(context, talk, path, given, {
    counted: { name: file.name, demands, runs },
    text: [
      countOf(demands, "demand"),
      countOf(contenders.length, "scheduler"),
      countOf(runs, "run"),
    ],
    run: (folder) =>
      runExperiment(context, talk, experiment, openFiles(), { folder, workers: given.workers }),
  });
}

/** An experiment that was loaded. */
interface Loaded {
  /** What `--check --json` prints. */
  readonly counted: { readonly name: string; readonly [count: string]: string | number };
  /** The same in words. */
  readonly text: readonly string[];
  readonly run: (folder: string) => Promise<unknown>;
}

/** Says that a file is sound, or runs it and reports. */
async function checkOrRun(
  context: CliContext,
  talk: Talk,
  path: string,
  given: RunArguments,
  { counted, text, run }: Loaded,
): Promise<void> {
  if (given.check) {
    if (given.json) return printJson(context, counted);
    return context.stdout.write(`${printable(path)} is sound: ${text.join(", ")}\n`);
  }
  const folder = given.out ?? `experiment-results/${counted.name}`;
  await keepingResults(context, folder, run(folder));
  talk.notice(`Results are in ${folder}/results.jsonl`);
  await reportFolder(context, folder, given);
}

/** Loads what a file names, and says of faults which file it was. */
async function loading<T>(path: string, load: Promise<T>): Promise<T> {
  return await load.catch((error: unknown) => {
    throw labelled(error, path);
  });
}

/** Says at Ctrl-C what is kept, and how to go on. */
async function keepingResults(
  context: CliContext,
  folder: string,
  work: Promise<unknown>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new InterruptedError(
      `Interrupted: what has run is kept in ${folder}/results.jsonl: resume with the same command`,
    );
  }
}

/**
 * Kind of experiment that a file is, where it says one; what is no JSON at all is reported by the reader of the kind
 * that says none.
 */
function kindOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly kind?: unknown } | null)?.kind;
  } catch {
    return undefined;
  }
}

/** Refuses workers for what runs in one thread. @throws {UsageError} */
function refuseWorkers(kind: string, { workers }: RunArguments): void {
  if (workers === 1) return;
  throw new UsageError(
    `--workers does not go with a ${kind} experiment: it runs in one thread`,
  );
}

async function runProfilingFile(
  context: CliContext,
  talk: Talk,
  path: string,
  text: string,
  given: RunArguments,
): Promise<void> {
  refuseWorkers("profiling", given);
  const file = checkJson(profilingSchema, text, path);
  const experiment = await loading(path, loadProfiling(context, talk, file, besideFile(path)));
  const runs = runsOf(file).length;
  await checkOrRun(context, talk, path, given, {
    counted: { name: file.name, runs },
    text: [countOf(runs, "run")],
    run: (folder) => runProfiling(context, talk, experiment, openFiles(), folder),
  });
}

async function runTraceFile(
  context: CliContext,
  talk: Talk,
  path: string,
  text: string,
  given: RunArguments,
): Promise<void> {
  refuseWorkers("trace", given);
  const file = checkJson(traceExperimentSchema, text, path);
  const load = loadTraceExperiment(context, talk, file, besideFile(path));
  const experiment = await loading(path, load);
  const { traces, contenders } = experiment;
  const events = traces.reduce((sum, { trace }) => sum + trace.events.length, 0);
  const runs = traces.length * contenders.length;
  await checkOrRun(context, talk, path, given, {
    counted: { name: file.name, events, runs },
    text: [countOf(traces.length, "trace"), countOf(events, "event"), countOf(runs, "run")],
    run: (folder) => runTraces(context, talk, experiment, openFiles(), folder),
  });
}

/** What a folder holds. */
interface Found {
  readonly experiment: string;
  readonly results: Uint8Array;
}

async function reportTraces(
  context: CliContext,
  talk: Talk,
  files: ExperimentFiles,
  folder: string,
  given: Found,
  json: boolean,
): Promise<void> {
  const file = checkJson(traceExperimentSchema, given.experiment, `${folder}/experiment.json`);
  const { lines } = readTraceLines(given.results, `${folder}/results.jsonl`);
  await writeReport(files, folder, renderTraceReport(file, lines));
  await files.write(`${folder}/series.csv`, new TextEncoder().encode(writeSeries(lines)));
  const summaries = summariseTraces(file, lines);
  if (json) printJson(context, { name: file.name, folder, summaries });
  else printTraces(context, summaries);
  talk.notice(`Wrote ${folder}/report.md, report.html and series.csv`);
}

async function reportProfiling(
  context: CliContext,
  talk: Talk,
  files: ExperimentFiles,
  folder: string,
  given: Found,
  json: boolean,
): Promise<void> {
  const file = checkJson(profilingSchema, given.experiment, `${folder}/experiment.json`);
  const { lines } = readProfilingLines(given.results, `${folder}/results.jsonl`);
  await writeReport(files, folder, renderProfilingReport(file, lines));
  const summaries = summariseProfiling(file, lines);
  if (json) printJson(context, { name: file.name, folder, summaries });
  else {
    const percent = (one: Estimate | undefined) =>
      one === undefined ? "-" : `${(100 * one.mean).toFixed(2)} %`;
    context.stdout.write(renderTable<typeof summaries[number]>(
      [
        { title: "Truth", align: "left", cell: ({ truth }) => truth },
        { title: "Strategy", align: "left", cell: ({ strategy }) => strategy },
        { title: "Measurements", align: "right", cell: ({ budget }) => `${budget}` },
        { title: "Mean regret", align: "right", cell: ({ regret }) => percent(regret) },
        { title: "Largest", align: "right", cell: ({ regretMax }) => percent(regretMax) },
        {
          title: "Error where present",
          align: "right",
          cell: ({ maePresent }) => maePresent === undefined ? "-" : maePresent.mean.toFixed(4),
        },
      ],
      summaries,
      { width: context.stdout.columns, color: wantsColor(context, context.stdout) },
    ));
    context.stdout.write(regretCurves(summaries));
  }
  talk.notice(`Wrote ${folder}/report.md and report.html`);
}

/** How the regret falls with the measurements, a line for each truth and strategy. */
function regretCurves(
  summaries: readonly ProfilingSummary[],
): string {
  const most = Math.max(...summaries.map(({ regret }) => regret?.mean ?? 0));
  const curves = Map.groupBy(summaries, ({ truth, strategy }) => `${truth}, ${strategy}`);
  const lines = [...curves].map(([name, curve]) => {
    const means = curve.flatMap(({ regret }) => regret === undefined ? [] : [regret.mean]);
    return `  ${sparkline(means, 40, [0, most])}  ${printable(name)}\n`;
  });
  return `\nRegret from ${summaries[0]!.budget} to ${summaries.at(-1)!.budget} measurements:\n${
    lines.join("")
  }`;
}

async function writeReport(files: ExperimentFiles, folder: string, report: Report): Promise<void> {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const [plot, svg] of report.plots) await files.write(`${folder}/${plot}`, encode(svg));
  await files.write(`${folder}/report.md`, encode(report.markdown));
  await files.write(`${folder}/report.html`, encode(report.html));
}

async function reportFolder(
  context: CliContext,
  folder: string,
  given: options.OutputOptions,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const files = openFiles();
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await files.read(`${folder}/${name}`);
    if (bytes === null) {
      throw new InputError(
        `${folder}: there is no ${name}: run an experiment with --out ${folder}`,
      );
    }
    return bytes;
  };
  const name = `${folder}/experiment.json`;
  const described = decodeText(await read("experiment.json"), name);
  const results = await read("results.jsonl");
  const kind = kindOf(described);
  if (kind === "profiling" || kind === "trace") {
    const found = { experiment: described, results };
    const report = kind === "trace" ? reportTraces : reportProfiling;
    return await report(context, talk, files, folder, found, given.json === true);
  }
  const file = checkJson(experimentSchema, described, name);
  const { lines } = readLines(results, `${folder}/results.jsonl`);
  await writeReport(files, folder, renderReport(file, lines));
  const summaries = summarise(file, lines);
  if (given.json) printJson(context, { name: file.name, folder, summaries });
  else {
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderTable(
      [
        { title: "Demands", align: "left", cell: ({ set }) => set },
        { title: "Scheduler", align: "left", cell: ({ label }) => label },
        {
          title: "Mean throughput",
          align: "right",
          cell: ({ mean }) =>
            mean === undefined ? "-" : `${mean.mean.toFixed(4)} ± ${mean.margin.toFixed(4)}`,
        },
        {
          title: "Gap",
          align: "right",
          cell: ({ gap }) => gap === undefined ? "-" : `${(gap.mean * 100).toFixed(3)} %`,
        },
        {
          title: "Gap by demand",
          align: "left",
          cell: ({ set, gaps }) => {
            const all = summaries.flatMap((one) => one.set === set ? one.gaps : []);
            return sparkline(gaps, 15, [0, Math.max(...all)]);
          },
        },
        {
          title: "Violations",
          align: "right",
          cell: ({ violations }) => violations === undefined ? "-" : violations.mean.toFixed(1),
        },
        {
          title: "Seconds",
          align: "right",
          cell: ({ seconds }) => seconds === undefined ? "-" : seconds.mean.toFixed(3),
        },
      ],
      summaries,
      layout,
    ));
  }
  talk.notice(`Wrote ${folder}/report.md and report.html`);
}
