/**
 * Entry point of the command line: `deno task metis --help`.
 * @module
 */
import { denoContext } from "./context_deno.ts";
import { runCli } from "./run.ts";

if (import.meta.main) {
  const context = denoContext();
  const code = await runCli(context);
  context.cleanUp();
  context.exit(code);
}
