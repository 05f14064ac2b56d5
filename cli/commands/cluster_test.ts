import assert from "node:assert/strict";
import { memoryContext } from "../_testing.ts";
import { runCli } from "../run.ts";

Deno.test("metis cluster refuses what it cannot mean before it calls ssh", async () => {
  const manager = ["--manager", "ada@web1"];
  for (
    const [args, reason] of [
      [["up"], /required option '--manager/],
      [["up", "--manager", "-oProxyCommand=x"], /\[USER@\]HOST\[:PORT\]/],
      [["up", ...manager, "--workers", "web2,,web3"], /names separated by commas/],
      [["up", ...manager, "--workers", "web2;reboot"], /\[USER@\]HOST\[:PORT\]/],
      [["up", ...manager, "--label", "disk"], /KEY=VALUE, or NODE:KEY=VALUE/],
      [["up", ...manager, "--slots", "0"], /whole number from 1 to 255/],
      [["down", "--force"], /required option '--manager/],
    ] as const
  ) {
    const context = memoryContext({ args: ["cluster", ...args] });
    assert.equal(await runCli(context), 2, context.talk());
    assert.match(context.talk(), reason);
    assert.equal(context.output(), "");
  }
});
