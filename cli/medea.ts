/**
 * Medea by itself, under the name of the 2020 release's program; `metis medea` is the same.
 * `deno run -A cli/medea.ts --demands FILE.csv --rows 0-29 --nodes 81`
 * @module
 */
import { CommanderError } from "@commander-js/extra-typings";
import { MetisError, printable } from "../domain/mod.ts";
import { command as medeaCommand, type ResultWriter } from "./commands/medea.ts";
import type { CliContext } from "./context.ts";
import { denoContext } from "./context_deno.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";

/** Runs the program. @returns The exit code, see exit_codes.ts. */
export async function runMedeaProgram(
  context: CliContext,
  writer?: ResultWriter,
): Promise<number> {
  try {
    const program = medeaCommand(context, writer).exitOverride().configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "medea: ")),
    });
    await program.parseAsync([...context.args], { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const message = error instanceof MetisError
      ? error.message
      : `internal error: ${error instanceof Error ? error.message : error}`;
    context.stderr.write(`medea: ${printable(message.split("\n")[0]!)}\n`);
    return exitCodeOf(error);
  }
}

if (import.meta.main) {
  const context = denoContext();
  const code = await runMedeaProgram(context);
  context.cleanUp();
  context.exit(code);
}
