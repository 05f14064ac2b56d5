import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  problemForm,
  problemJsonSchema,
  readProblemFile,
} from "../../scheduling/problem_file/mod.ts";
import { type CliContext, printJson, readText, wantsColor } from "../context.ts";
import { act, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { renderProblem } from "../output/problem.ts";
import { Talk } from "../output/progress.ts";
import { importOptions, importProblem } from "../problem/import.ts";
import { checkProblemFile, renderChecked } from "../problem/check.ts";

/** Options of `metis problem check` and `metis problem show`. */
const lookOptions = () => [...options.outputOptions()] as const;
/** Options of `metis problem schema`. */
const schemaOptions = () => [options.outOption("the schema")] as const;

/** The command `metis problem`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("problem").description(
    "Checks, shows and imports problem files: what to place, on which nodes, under which rules, valued by what.",
  );
  act(
    command.command("check")
      .description("Tell all that is wrong with a problem file, and how full the cluster will be.")
      .argument("<file>", "problem file (YAML or JSON)"),
    lookOptions(),
    async (file, given) => {
      const talk = new Talk(context, given.quiet === true);
      const { report, failure } = await checkProblemFile(context, talk, file);
      if (given.json) printJson(context, report);
      else context.stdout.write(renderChecked(report, context.stdout.columns));
      if (failure !== null) throw failure;
    },
  );
  act(
    command.command("show")
      .description("Show what a problem file says: apps, nodes, rules and surfaces.")
      .argument("<file>", "problem file (YAML or JSON)"),
    lookOptions(),
    async (file, given) => {
      const talk = new Talk(context, given.quiet === true);
      const problem = readProblemFile(await readText(context, file), file);
      problem.notices.forEach((notice) => talk.notice(notice));
      if (given.json) return printJson(context, problemForm(problem));
      context.stdout.write(renderProblem(problem, layoutOf(context)));
    },
  );
  act(
    command.command("schema")
      .description("Print the JSON Schema of problem files, for editors and other programs."),
    schemaOptions(),
    async (given) => {
      const text = JSON.stringify(problemJsonSchema(), null, 2) + "\n";
      if (given.out === undefined) context.stdout.write(text);
      else await context.writeFile(given.out, text);
    },
  );
  act(
    command.command("import")
      .description(
        "Make a problem file of a stack file and the nodes of its Swarm, or of a cluster of Kubernetes; tells what is left out.",
      ),
    importOptions(),
    async (given) => {
      const talk = new Talk(context, given.quiet === true);
      const text = await importProblem(context, talk, given);
      if (given.out === undefined) return context.stdout.write(text);
      await context.writeFile(given.out, text);
      talk.notice(`Wrote ${given.out}`);
    },
  );
  return untyped(command);
}

function layoutOf(context: CliContext): { readonly width: number; readonly color: boolean } {
  return { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
}
