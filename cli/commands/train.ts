import { Argument, Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import { findLearner, LEARNERS } from "../../policies/training/learners.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as options from "../options/options.ts";
import { Talk } from "../output/progress.ts";
import { renderTable, wrapText } from "../output/table.ts";
import type { TrainingFiles } from "../training/files.ts";
import type { RunArguments } from "../training/inputs.ts";
import { trainAndReport } from "../training/run.ts";
import { isUsual, trainUsual } from "../training/usual_run.ts";

/** The command `metis train`. @param files The disk; tests give one in memory. */
export function command(context: CliContext, files?: TrainingFiles): CommandUnknownOpts {
  return new Command("train")
    .description(
      "Trains a policy. Without a learner and data: our policy, and the paper's sub-schedulers and high level, " +
        "on the bundled profile in about two minutes, compared on demands that they never saw.",
    )
    .addArgument(
      new Argument("[learner]", "what to train (default: metis)")
        .choices(["sub", "high", "vanilla", "dc", "online", "metis"] as const),
    )
    .addOption(options.profileOption())
    .addOption(options.modelOption())
    .addOption(options.tableOption())
    .addOption(options.fitOption())
    .addOption(options.fallbackOption())
    .addOption(
      new Option("--preset <nodes>", "cluster of the paper: so many nodes")
        .choices(["27", "81", "729"] as const),
    )
    .addOption(options.nodesOption().conflicts("preset"))
    .addOption(options.capacityOption().default(8))
    .addOption(options.demandOption())
    .addOption(options.demandsOption())
    .addOption(options.rowOption())
    .addOption(
      new Option(
        "--algorithm <name>",
        "as the paper has it, or ours (default: ours where there is)",
      )
        .choices(["paper", "metis"] as const),
    )
    .option("--sub <directory>", "policy of sub-schedulers that `high` builds on")
    .addOption(
      new Option("--seconds <seconds>", "seconds of training in all")
        .argParser(options.positive).conflicts("updates"),
    )
    .addOption(
      new Option("--updates <count>", "updates in all, of each of its parts")
        .argParser(options.whole(1, 4294967295)),
    )
    .addOption(
      new Option(
        "--interval <count>",
        "checkpoint after so many seconds, or updates with --updates",
      )
        .argParser(options.positive),
    )
    .addOption(
      new Option("--workers <count>", "threads: parts, or else seeds, that train side by side")
        .argParser(options.whole(1, 64)),
    )
    .addOption(
      new Option("--validation <effort>", "bound that the gap is measured from")
        .choices(["optimal", "lp", "none"] as const),
    )
    .addOption(options.setOption())
    .addOption(options.seedOption())
    .option("--out <directory>", "directory of the training (default: .metis/train-DATE)")
    .option("--resume", "go on with the training in --out")
    .option("--list-options", "list what --set takes for the learner, and train nothing")
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .addHelpText("after", () => `\nLearners:\n${describeLearners(context.stdout.columns)}`)
    .action((learner, given) =>
      runTrain(context, learner, given, files)
    ) as unknown as CommandUnknownOpts;
}

interface TrainArguments extends RunArguments {
  readonly listOptions?: true | undefined;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

async function runTrain(
  context: CliContext,
  learner: string | undefined,
  given: TrainArguments,
  files: TrainingFiles | undefined,
): Promise<void> {
  if (given.listOptions) return listOptions(context, learner ?? "metis", given);
  if (given.resume && given.out === undefined) {
    throw new UsageError(
      "--resume goes with --out DIR: the directory of the training to go on with",
    );
  }
  const talk = new Talk(context, given.quiet === true);
  const report = isUsual(learner, given)
    ? await trainUsual(context, talk, given, files)
    : await trainAndReport(context, talk, learner ?? "metis", given, files);
  if (given.json) printJson(context, report.json);
  else context.stdout.write(report.text);
}

/** Options of a learner, as `--set` takes them. */
function listOptions(
  context: CliContext,
  name: string,
  given: TrainArguments,
): void {
  const learner = findLearner(name, given.algorithm);
  const rows = Object.entries<string>(learner.describe).map(([option, meaning]) => ({
    option,
    default: (learner.defaults as Record<string, unknown>)[option],
    meaning,
  }));
  if (given.json) return printJson(context, { learner: name, options: rows });
  const { columns: width } = context.stdout;
  const layout = { width, color: wantsColor(context, context.stdout) };
  context.stdout.write(renderTable<typeof rows[number]>(
    [
      { title: "Option", align: "left", cell: ({ option }) => option },
      { title: "Default", align: "right", cell: (row) => String(row.default) },
      { title: "Meaning", align: "left", cell: ({ meaning }) => meaning, wraps: true },
    ],
    rows,
    layout,
  ));
}

function describeLearners(width: number): string {
  return LEARNERS.map(({ name, algorithm, summary }) => {
    const text = wrapText(`${name} (${algorithm}): ${summary}`, width - 4);
    return `  ${text.replaceAll("\n", "\n    ")}\n`;
  }).join("");
}
