import { refuseIfAborted } from "../../domain/mod.ts";
import { LoadError, oneLine } from "../errors.ts";
import type { LoadResult } from "./generator.ts";
import type { LoadPlan } from "./plan.ts";
import type { WorkerAnswer } from "./worker.ts";
import { WORKER_WORD } from "./worker_word.ts";

/** Where and how urgently the generator runs. */
export interface GeneratorPlace {
  /** CPUs as taskset takes them: `1` or `2-3`; any where left out. */
  readonly cpus?: string | undefined;
  /**
   * Real-time scheduling (needs root): on a machine with other work, niceness does not help, since Linux
   * shares CPUs between sessions before it looks at it.
   */
  readonly realtime?: boolean | undefined;
}

/**
 * The words that start the generator in its place.
 * @param standalone Whether this program is a binary of `deno compile`, which is started as itself.
 */
export function generatorCommand(
  place: GeneratorPlace,
  standalone: boolean = Deno.build.standalone,
): [string, ...string[]] {
  const worker = new URL("./worker.ts", import.meta.url);
  const config = new URL("../../deno.json", import.meta.url);
  const path = (url: URL) => url.protocol === "file:" ? decodeURI(url.pathname) : url.href;
  const words = [
    ...(place.realtime ? ["chrt", "--rr", "1"] : []),
    ...(place.cpus === undefined ? [] : ["taskset", "-c", place.cpus]),
    Deno.execPath(),
    ...(standalone ? [WORKER_WORD] : [
      ...["run", "--quiet", "--no-prompt", "--allow-net"],
      ...["--config", path(config), path(worker)],
    ]),
  ];
  return words as [string, ...string[]];
}

/**
 * Runs a plan in a process of its own.
 * @throws {LoadError} if it cannot be started or fails. @throws {InterruptedError} if the signal fires.
 */
export async function loadInProcess(
  plan: LoadPlan,
  signal: AbortSignal,
  place: GeneratorPlace = {},
): Promise<LoadResult> {
  refuseIfAborted(signal, "Interrupted: the load was ended");
  const [program, ...args] = generatorCommand(place);
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new LoadError(`The load generator cannot be started by ${program}: ${error}`);
  }
  // A terminal sends Ctrl-C to the whole group: the child may be gone before we are told.
  const writer = child.stdin.getWriter();
  const stop = () => void writer.close().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    await writer.write(new TextEncoder().encode(JSON.stringify(plan) + "\n")).catch(() => {});
    const { stdout, stderr } = await child.output();
    refuseIfAborted(signal, "Interrupted: the load was ended");
    return resultOf(stdout, stderr);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function resultOf(stdout: Uint8Array, stderr: Uint8Array): LoadResult {
  const decoder = new TextDecoder();
  let answer: WorkerAnswer;
  try {
    answer = JSON.parse(decoder.decode(stdout));
  } catch {
    const reason = decoder.decode(stderr).trim().split("\n").at(-1) || "it wrote nothing";
    throw new LoadError(`The load generator failed: ${oneLine(reason)}`);
  }
  if ("error" in answer) throw new LoadError(answer.error);
  return answer.result;
}
