/// <reference lib="dom" />
/**
 * The first script of the page: starts the worker that computes, which gets ready while the page itself is still loading.
 * @module
 */

/** The worker of the engine. */
export const engineWorker: Worker = new Worker(new URL("./worker.js", import.meta.url), {
  type: "module",
});
