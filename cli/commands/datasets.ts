import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { BUNDLED } from "../../datasets/mod.ts";
import { suggest, UsageError } from "../../domain/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { datasetFacts, loadDataset, renderDatasets } from "../datasets.ts";
import * as options from "../options/options.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";

const COMMANDS = ["list", "show", "export"];

/** The command `metis datasets`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("datasets")
    .description("Lists, shows and exports the bundled profiles and demands.");
  command.command("list", { isDefault: true })
    .description("List what is bundled.")
    .argument("[nothing]")
    .addOption(options.jsonOption())
    .action((word, given) => {
      // As the default command, it gets whatever is no command of datasets.
      if (word === undefined) return runList(context, given);
      throw new UsageError(`Unknown datasets command ${word}${suggest(word, COMMANDS)}`);
    });
  command.command("show")
    .description("Show what a dataset holds.")
    .argument("<name>", "name as `metis datasets` lists it")
    .addOption(options.jsonOption())
    .action((name, given) => runShow(context, name, given));
  command.command("export")
    .description("Write a dataset to a file of your own.")
    .argument("<name>", "name as `metis datasets` lists it")
    .requiredOption("--out <file>", "file to write")
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .action((name, given) => runExport(context, name, given));
  return command as unknown as CommandUnknownOpts;
}

interface OutputArguments {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

function runList(context: CliContext, given: OutputArguments): void {
  if (given.json) return printJson(context, { datasets: BUNDLED });
  const { columns: width } = context.stdout;
  context.stdout.write(renderDatasets({ width, color: wantsColor(context, context.stdout) }));
}

async function runShow(context: CliContext, name: string, given: OutputArguments): Promise<void> {
  const facts = await datasetFacts(name);
  if (given.json) return printJson(context, facts);
  context.stdout.write(renderPairs([
    ["name", facts.name],
    ["kind", facts.kind],
    ["summary", facts.summary],
    ["file", `datasets/${facts.file}`],
    ["apps", facts.apps.join(", ")],
    ["rows", `${facts.rows}`],
    ...(facts.capacity === null ? [] : [["capacity", `${facts.capacity} slots`] as const]),
    ...(facts.containers === null
      ? []
      : [["containers", [...new Set(facts.containers)].join(" to ")] as const]),
  ], context.stdout.columns));
}

async function runExport(
  context: CliContext,
  name: string,
  given: OutputArguments & { readonly out: string },
): Promise<void> {
  const { dataset, bytes } = await loadDataset(name);
  await context.writeFile(given.out, bytes);
  if (given.json) printJson(context, { ...dataset, out: given.out, bytes: bytes.length });
  new Talk(context, given.quiet === true).notice(`Wrote ${given.out}`);
}
