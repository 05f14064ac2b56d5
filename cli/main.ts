/**
 * Entry point of the command line: `deno task metis --help`.
 * @module
 */
import { denoContext } from "./context_deno.ts";
import { runCli } from "./run.ts";
import { isLoadWorker } from "../swarm/load/worker_word.ts";

if (import.meta.main) {
  if (isLoadWorker()) await (await import("../swarm/load/worker.ts")).serveLoadPlan();
  const context = denoContext();
  const code = await runCli(context);
  context.cleanUp();
  context.exit(code);
}
