/**
 * The demo as a user has it: built, and served by `metis demo`.
 * @module
 */
import assert from "node:assert/strict";
import { memoryContext } from "../../cli/_testing.ts";
import { runCli } from "../../cli/run.ts";
import { buildDemo } from "../build.ts";

/** Path below which the same demo is served again: it must not know where it lies. */
export const BELOW = "below/";

/** Where the demo is said to be, and to come from. */
export const SITE = "https://example.org/demo/";
export const REPOSITORY = "https://example.org/metis";

/** A served demo. */
export interface Site extends AsyncDisposable {
  readonly url: string;
}

/** Builds the demo into a temporary folder, and serves it until it is disposed. */
export async function openSite(): Promise<Site> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "metis-demo-" });
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  await buildDemo(folder, { site: SITE, repository: REPOSITORY });
  await Deno.symlink(folder, `${folder}/${BELOW.slice(0, -1)}`);
  const url = await serve(folder, cleanup);
  const owned = cleanup.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function serve(folder: string, cleanup: AsyncDisposableStack): Promise<string> {
  const interrupt = new AbortController();
  const said = Promise.withResolvers<string>();
  const args = ["demo", "--directory", folder, "--port", "0", "--json"];
  const context = memoryContext({ args, signal: interrupt.signal });
  const stdout = { ...context.stdout, write: said.resolve };
  const ended = runCli({ ...context, stdout });
  cleanup.defer(async () => {
    interrupt.abort();
    assert.equal(await ended, 0, context.talk());
  });
  ended.then(() => said.reject(new Error(`metis demo ended: ${context.talk()}`)));
  return JSON.parse(await said.promise).url;
}
