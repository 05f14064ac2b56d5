/** First word by which a binary of `deno compile`, which has no `deno run`, is told to be the load generator. */
export const WORKER_WORD = "load-generator-process";

/** True if this process is such a binary, and was started as the generator. */
export function isLoadWorker(): boolean {
  return Deno.build.standalone && Deno.args[0] === WORKER_WORD;
}
