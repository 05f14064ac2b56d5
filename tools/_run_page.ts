/**
 * Runs commands of a page one after another in the folder that this process was started in. Arguments: one JSON list of
 * words a command. Says on standard error which one failed, and why.
 * @module
 */
import { denoContext } from "../cli/context_deno.ts";
import { runCli } from "../cli/run.ts";

for (const text of Deno.args) {
  const args: string[] = JSON.parse(text);
  const context = denoContext();
  const code = await runCli({ ...context, args, stdout: { ...context.stdout, write: () => {} } });
  context.cleanUp();
  if (code !== 0) {
    console.error(`metis ${args.join(" ")} ended with ${code}`);
    Deno.exit(1);
  }
}
Deno.exit(0);
