import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { BUNDLED } from "../../datasets/mod.ts";
import { InputError, suggest, UsageError } from "../../domain/mod.ts";
import { REFERENCE_FILES } from "../../reference/files.ts";
import { makeReferenceData } from "../../reference/import.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { datasetFacts, loadDataset, renderDatasets } from "../datasets.ts";
import { act, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";
import { realFiles } from "../training/deno_files.ts";
import type { TrainingFiles } from "../training/files.ts";

const COMMANDS = ["list", "show", "export", "import"];

/** Where the tests and studies look for the 2020 data by default. */
const DEFAULT_OUT = ".metis/data";

/** Options of `metis datasets list`. */
const listOptions = () =>
  [
    options.jsonOption(),
  ] as const;

/** Options of `metis datasets show`. */
const showOptions = () =>
  [
    options.jsonOption(),
  ] as const;

/** Options of `metis datasets export`. */
const exportOptions = () =>
  [
    new Option("--out <file>", "file to write").makeOptionMandatory(),
    ...options.outputOptions(),
  ] as const;

/** Options of `metis datasets import`. */
const importOptions = () =>
  [
    new Option("--out <directory>", "folder to make").default(DEFAULT_OUT),
    ...options.outputOptions(),
  ] as const;

/** The command `metis datasets`. @param files The disk; tests give one in memory. */
export function command(context: CliContext, files?: TrainingFiles): CommandUnknownOpts {
  const command = new Command("datasets")
    .description(
      "Lists, shows and exports the bundled profiles and demands, and imports the 2020 data.",
    );
  act(
    command.command("list", { isDefault: true })
      .description("List what is bundled.")
      .argument("[nothing]"),
    listOptions(),
    (word, given) => {
      // As the default command, it gets whatever is no command of datasets.
      if (word === undefined) return runList(context, given);
      throw new UsageError(`Unknown datasets command ${word}${suggest(word, COMMANDS)}`);
    },
  );
  act(
    command.command("show")
      .description("Show what a dataset holds.")
      .argument("<name>", "name as `metis datasets` lists it"),
    showOptions(),
    (name, given) => runShow(context, name, given),
  );
  act(
    command.command("export")
      .description("Write a dataset to a file of your own.")
      .argument("<name>", "name as `metis datasets` lists it"),
    exportOptions(),
    (name, given) => runExport(context, name, given),
  );
  act(
    command.command("import")
      .description("Make the folder of the 2020 data from a checkout of the 2020 release of Metis.")
      .argument("<checkout>", "folder of the checkout; docs/data.md says where it is published"),
    importOptions(),
    (checkout, given) => runImport(context, checkout, given, files),
  );
  return untyped(command);
}

function runList(context: CliContext, given: options.OutputOptions): void {
  if (given.json) return printJson(context, { datasets: BUNDLED });
  const { columns: width } = context.stdout;
  context.stdout.write(renderDatasets({ width, color: wantsColor(context, context.stdout) }));
}

async function runShow(
  context: CliContext,
  name: string,
  given: options.OutputOptions,
): Promise<void> {
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
  given: options.OutputOptions & { readonly out: string },
): Promise<void> {
  const { dataset, bytes } = await loadDataset(name);
  await context.writeFile(given.out, bytes);
  if (given.json) printJson(context, { ...dataset, out: given.out, bytes: bytes.length });
  new Talk(context, given.quiet === true).notice(`Wrote ${given.out}`);
}

async function runImport(
  context: CliContext,
  checkout: string,
  given: options.OutputOptions & { readonly out: string },
  files: TrainingFiles | undefined,
): Promise<void> {
  const disk = files ?? realFiles();
  const [from, out] = [checkout, given.out].map((path) => path.replace(/\/+$/, "") || "/");
  const talk = new Talk(context, given.quiet === true);
  const made = await makeReferenceData((path) => disk.read(`${from}/${path}`));
  const isThere = await disk.exists(out!);
  if (isThere) await checkWhole(disk, out!, made);
  else await disk.replaceDirectory(out!, made);
  if (given.json) printJson(context, { out, files: REFERENCE_FILES });
  talk.notice(isThere ? `${out} is whole already` : `Wrote ${made.size} files to ${out}`);
}

/** @throws {InputError} if the folder lacks a file, or holds another one of its name. */
async function checkWhole(
  disk: TrainingFiles,
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [name, bytes] of files) {
    const found = await disk.read(`${folder}/${name}`);
    if (found !== null && equalBytes(found, bytes)) continue;
    const fault = found === null ? "is not in it" : "in it is another file";
    throw new InputError(
      `${folder}: exists, and ${name} ${fault}: remove the folder, or name another one by --out`,
    );
  }
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
