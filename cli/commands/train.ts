import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import { findLearner, LEARNERS } from "../../policies/training/learners.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act } from "../options/define.ts";
import { Talk } from "../output/progress.ts";
import { renderTable, wrapText } from "../output/table.ts";
import type { TrainingFiles } from "../training/files.ts";
import { type RunArguments, trainOptions } from "../training/inputs.ts";
import { trainAndReport } from "../training/run.ts";
import { isUsual, trainUsual } from "../training/usual_run.ts";

/** The command `metis train`. @param files The disk; tests give one in memory. */
export function command(context: CliContext, files?: TrainingFiles): CommandUnknownOpts {
  return act(
    new Command("train")
      .description(
        "Trains a policy. Without a learner and data: our policy, and the paper's hierarchy on guided sub-schedulers, " +
          "on the bundled profile in about two minutes, compared on demands that they have not seen.",
      )
      .addArgument(
        new Argument("[learner]", "what to train (default: metis)")
          .choices(["sub", "high", "vanilla", "dc", "online", "metis"] as const),
      )
      .addHelpText("after", () => `\nLearners:\n${describeLearners(context.stdout.columns)}`),
    trainOptions(),
    (learner, given) => runTrain(context, learner, given, files),
  );
}

async function runTrain(
  context: CliContext,
  learner: string | undefined,
  given: RunArguments,
  files: TrainingFiles | undefined,
): Promise<void> {
  if (given.listOptions) return listOptions(context, learner ?? "metis", given);
  if (given.resume && given.out === undefined) {
    throw new UsageError(
      "--resume needs --out DIR: the directory of the training to continue",
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
  given: RunArguments,
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
  return LEARNERS.map(({ name, algorithm, summary, reaches }) => {
    const text = wrapText(`${name} (${algorithm}): ${summary}; takes ${reaches}`, width - 4);
    return `  ${text.replaceAll("\n", "\n    ")}\n`;
  }).join("");
}
