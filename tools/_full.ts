/**
 * How far the tests go. `deno task test` is fast: of every long check it runs a sample. `deno task test:all`, which CI runs,
 * sets METIS_TEST=all and leaves nothing out.
 *
 *     for (let round = 0; round < runs(500, 10_000); round++) ...
 *     fullOnly("the binary starts in an empty environment", async () => { ... });
 *
 * What only `deno task test:all` runs counts as ignored elsewhere, and its name says where it runs.
 * @module
 */

/** True if every test runs at full length. */
export const full: boolean = Deno.env.get("METIS_TEST") === "all";

/** `sample` where the tests are to be fast, `all` where nothing is left out. */
export function runs<T>(sample: T, all: T): T {
  return full ? all : sample;
}

/** What makes a test, or a step of one, run under `deno task test:all` only. Also takes `ignore`: reasons of its own. */
export function inFull<T extends { readonly name: string; readonly ignore?: boolean }>(test: T): T {
  return full ? test : { ...test, name: `${test.name} (deno task test:all)`, ignore: true };
}

/** A test that only `deno task test:all` runs. */
export function fullOnly(name: string, fn: (test: Deno.TestContext) => void | Promise<void>): void {
  Deno.test(inFull({ name, fn }));
}
