/**
 * Entry point of the command line: `deno task metis --help`.
 * @module
 */
import { denoContext } from "./context_deno.ts";
import { runCli } from "./run.ts";
import { WORKER_WORD } from "../swarm/load/worker_word.ts";

if (import.meta.main) {
  if (Deno.build.standalone && Deno.args[0] === WORKER_WORD) {
    await (await import("../swarm/load/worker.ts")).serveLoadPlan();
  }
  const context = denoContext();
  const code = await runCli(context);
  context.cleanUp();
  context.exit(code);
}
