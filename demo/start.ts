/// <reference lib="dom" />
/**
 * The first script of the page: starts the worker that places, which gets ready while the page itself is still loading.
 * @module
 */

import { startWorkersFor } from "./worker/started_by_page.ts";

/** The worker that fits, places and proves. */
export const placeWorker: Worker = new Worker(new URL("./place_worker.js", import.meta.url), {
  type: "module",
});
startWorkersFor(placeWorker);
