import assert from "node:assert/strict";
import { full } from "./_full.ts";

const ROOT = Deno.realPathSync(new URL("../", import.meta.url));
const { exports } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`)) as {
  readonly exports: Readonly<Record<string, string>>;
};
const ENTRIES = Object.values(exports);

/** Runs Deno in the repository; returns what it said. */
async function deno(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, said: text(stdout) + text(stderr) };
}

Deno.test("every symbol of every entry point is documented, and refers to public types only", async () => {
  const { code, said } = await deno("doc", "--lint", ...ENTRIES);
  assert.equal(code, 0, said);
});

Deno.test("the package could be published: no slow types, nothing missing", async () => {
  // The declarations that would be published are also checked for types where nothing is left out.
  const check = full ? [] : ["--no-check"];
  const { code, said } = await deno("publish", "--dry-run", "--allow-dirty", ...check);
  assert.equal(code, 0, said);
  assert.match(said, /Dry run complete/);
  assert.doesNotMatch(said, /warning|_test\.ts|\/_/i);
});

Deno.test("every example in a doc comment of an entry point runs", async () => {
  const examples = ["mod.ts"];
  const { code, said } = await deno("test", "--doc", "--no-check", "--allow-read", ...examples);
  assert.equal(code, 0, said);
  assert.match(said, new RegExp(`${examples.length} passed`));
});

Deno.test("the pages and the entry points are the same", async () => {
  const page = await Deno.readTextFile(`${ROOT}/docs/library.md`);
  for (const name of Object.keys(exports)) {
    if (name !== ".") {
      assert.ok(page.includes(`\`${name.slice(1)}\``), `docs/library.md lacks ${name}`);
    }
  }
});
