/** First word by which a binary of `deno compile`, which has no `deno run`, is told to be the load generator. */
export const WORKER_WORD = "load-generator-process";
