import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

Deno.test("demo says how to build the demo where there is none", async () => {
  const context = memoryContext({ args: ["demo", "--directory", "no-such-folder", "--port", "0"] });
  assert.equal(await runCli(context), 1);
  assert.match(
    context.talk(),
    /^metis: There is no demo in .*no-such-folder\/: make it with deno task demo:build\n$/,
  );
});

Deno.test("demo refuses a port that cannot be", async () => {
  const context = memoryContext({ args: ["demo", "--port", "65536"] });
  assert.equal(await runCli(context), 2);
  assert.match(context.talk(), /--port/);
});
