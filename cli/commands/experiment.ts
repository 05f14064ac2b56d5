import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import config from "../../deno.json" with { type: "json" };
import { InputError } from "../../domain/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import type { ExperimentFiles } from "../experiment/run.ts";
import * as options from "../options.ts";
import { Talk } from "../progress.ts";
import { renderTable } from "../table.ts";

interface RunArguments {
  readonly out?: string | undefined;
  readonly workers: number;
  readonly check?: true | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

interface ReportArguments {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** The command `metis experiment`. */
export function experimentCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command("experiment")
    .description("Runs a file of schedulers and demands, and reports it as tables and plots.");
  command.command("run")
    .description("Run an experiment; called again, it goes on where it was stopped.")
    .argument("<file>", "experiment (JSON), such as experiments/medium.json")
    .option("--out <folder>", "folder of the results (default: experiment-results/NAME)")
    .option("--workers <count>", "demands that are placed side by side", options.whole(1, 256), 1)
    .option("--check", "only check the file and what it names")
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .action((file, given) => runExperimentFile(context, file, given));
  command.command("report")
    .description("Write report.md and report.html from the results in a folder.")
    .argument("<folder>", "folder of an experiment run")
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .action((folder, given) => reportFolder(context, folder, given));
  return command as unknown as CommandUnknownOpts;
}

async function openFiles(): Promise<ExperimentFiles> {
  const { denoFiles } = await import("../training/deno_files.ts");
  return denoFiles({ metis: config.version });
}

async function runExperimentFile(
  context: CliContext,
  path: string,
  given: RunArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { defaultRegistry } = await import("../../registry/mod.ts");
  const { loadExperiment } = await import("../experiment/spec.ts");
  const experiment = await loadExperiment(context, talk, path, defaultRegistry());
  const { sets, contenders, file } = experiment;
  const demands = sets.reduce((sum, { rows }) => sum + rows.length, 0);
  const runs = demands * contenders.reduce((sum, { seeds }) => sum + seeds.length, 0);
  if (given.check) {
    const counted = `${demands} demands, ${contenders.length} schedulers, ${runs} runs`;
    if (given.json) return printJson(context, { name: file.name, demands, runs });
    return context.stdout.write(`${path} is sound: ${counted}\n`);
  }
  const folder = given.out ?? `experiment-results/${file.name}`;
  const { runExperiment } = await import("../experiment/run.ts");
  await runExperiment(context, talk, experiment, await openFiles(), {
    folder,
    workers: given.workers,
  });
  talk.notice(`Results are in ${folder}/results.jsonl`);
  await reportFolder(context, folder, given);
}

async function reportFolder(
  context: CliContext,
  folder: string,
  given: ReportArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const files = await openFiles();
  const { experimentSchema } = await import("../experiment/spec.ts");
  const { readLines } = await import("../experiment/results.ts");
  const { renderReport, summarise } = await import("../experiment/report.ts");
  const { checkJson } = await import("../../plans/mod.ts");
  const read = async (name: string): Promise<string> => {
    const bytes = await files.read(`${folder}/${name}`);
    if (bytes === null) {
      throw new InputError(
        `${folder}: there is no ${name}: run an experiment with --out ${folder}`,
      );
    }
    return new TextDecoder().decode(bytes);
  };
  const name = `${folder}/experiment.json`;
  const file = checkJson(experimentSchema, await read("experiment.json"), name);
  const { lines } = readLines(await read("results.jsonl"), `${folder}/results.jsonl`);
  const report = renderReport(file, lines);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const [plot, svg] of report.plots) await files.write(`${folder}/${plot}`, encode(svg));
  await files.write(`${folder}/report.md`, encode(report.markdown));
  await files.write(`${folder}/report.html`, encode(report.html));
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
