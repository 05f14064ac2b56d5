/**
 * The load generator as a process of its own, so that nothing else that Metis does delays it: reads a line with a
 * plan from standard input, writes the result as JSON to standard output, and ends early where its input ends, so
 * that it never outlives the process that started it.
 * @module
 */
import { parseJson } from "../../domain/decode.ts";
import { runLoad } from "./generator.ts";
import { checkLoadPlan } from "./plan.ts";

/** What the process writes: one of both. */
export type WorkerAnswer =
  | { readonly result: Awaited<ReturnType<typeof runLoad>> }
  | { readonly error: string };

/** Is the process: ends it when the plan is answered. */
export async function serveLoadPlan(): Promise<never> {
  // A terminal sends Ctrl-C to all processes: it is for the one that started us to say what becomes of it.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGINT", () => {});
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  const reader = lines.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  const left = new AbortController();
  void (async () => {
    while (!(await reader.read()).done);
    left.abort();
  })();
  let answer: WorkerAnswer;
  try {
    answer = { result: await runLoad(checkLoadPlan(parseJson(text, "Load")), left.signal) };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  if (!left.signal.aborted) {
    const bytes = new TextEncoder().encode(JSON.stringify(answer) + "\n");
    for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
  }
  Deno.exit(0);
}

if (import.meta.main) await serveLoadPlan();
