/**
 * The problem of traffic.md, as it stands on the page.
 * @module
 */
import assert from "node:assert/strict";
import { memoryContext } from "../cli/_testing.ts";
import { runCli } from "../cli/run.ts";

const page = await Deno.readTextFile(new URL("traffic.md", import.meta.url));

Deno.test("the problem of traffic.md is placed for most traffic", async () => {
  const [problem, traffic] = ["yaml", "csv"].map((language) =>
    new RegExp("```" + language + "\n([\\s\\S]*?)```").exec(page)![1]!
  ) as [string, string];
  const context = memoryContext({
    args: "schedule --problem shop.yaml --json --quiet".split(" "),
    files: { "shop.yaml": problem, "traffic.csv": traffic },
  });
  assert.equal(await runCli(context), 0, context.talk());
  // A cache and two webs on each node keep the 30; the log is beside one of the two caches: 5 of 10 more.
  // With both caches on one node: memory ends it (2 x 4 of 8 GiB), so no web fits there.
  const plan = JSON.parse(context.output());
  assert.ok(Math.abs(plan.mean - 35 / 40) < 1e-9, `${plan.mean}`);
});
