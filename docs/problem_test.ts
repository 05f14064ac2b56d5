/**
 * The problem file of problem.md, as it stands on the page.
 * @module
 */
import assert from "node:assert/strict";
import { memoryContext } from "../cli/_testing.ts";
import { runCli } from "../cli/run.ts";
import { planVersion, readPlan } from "../scheduling/plans/mod.ts";
import { problemJsonSchema } from "../scheduling/problem_file/mod.ts";
import { root } from "../tools/_process.ts";

const page = await Deno.readTextFile(new URL("problem.md", import.meta.url));
const example = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
const profile = await Deno.readTextFile(new URL("datasets/lab-7x8.csv", root));
const files = { "shop.yaml": example, "datasets/lab-7x8.csv": profile };

Deno.test("the problem file of problem.md is sound", async () => {
  const context = memoryContext({ args: ["problem", "check", "shop.yaml"], files });
  assert.equal(await runCli(context), 0, context.talk());
  assert.match(context.output(), /shop\.yaml is sound/);
});

for (const scheduler of ["optimal", "local-search"]) {
  Deno.test(`${scheduler} places the problem file of problem.md, and keeps what it says`, async () => {
    const args = [
      "schedule",
      "--problem",
      "shop.yaml",
      "--scheduler",
      scheduler,
      "--json",
      "--quiet",
    ];
    const context = memoryContext({ args, files });
    assert.equal(await runCli(context), 0, context.talk());
    const plan = JSON.parse(context.output());
    const { problem, placement } = readPlan(context.output(), "plan.json");
    assert.equal(planVersion(problem), 2);
    const held = (node: number, app: string): number =>
      placement.counts[node * placement.apps + plan.apps.indexOf(app)]!;
    const nodes = [0, 1, 2, 3, 4, 5];
    const total = (app: string) => nodes.reduce((sum, node) => sum + held(node, app), 0);
    assert.deepEqual(["redis", "isr", "mms"].map(total), [6, 8, 4]);
    for (const node of nodes) {
      const [redis, isr, mms] = ["redis", "isr", "mms"].map((app) => held(node, app)) as [
        ...[number, number, number],
      ];
      assert.ok(redis <= 2 && isr * mms === 0 && (node < 2 || mms === 0));
      assert.ok(redis * 0.5 + isr + mms * 0.5 <= (node < 2 ? 8 : 4));
      if (node === 5) assert.equal(redis + isr + mms, 0);
    }
    const inBig = held(0, "redis") + held(1, "redis");
    assert.ok(inBig <= 4 && inBig >= 2);
    assert.ok(plan.floors.redis === 0.5 && plan.perApp.redis >= 0.5);
    assert.equal(plan.surfaces.length, 2);
    if (scheduler === "optimal") assert.equal(plan.proven, true);
  });
}

Deno.test("the page tells every key of problem files", () => {
  const keys = new Set<string>();
  const visit = (schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {} } = schema as { readonly properties?: Record<string, unknown> };
    Object.keys(properties).forEach((key) => keys.add(key));
    Object.values(schema).forEach(visit);
  };
  visit(problemJsonSchema());
  for (const key of keys) assert.match(page, new RegExp(`\`${key}\``), key);
});

Deno.test("problem.schema.json is what `metis problem schema` prints", async () => {
  const context = memoryContext({ args: ["problem", "schema"] });
  assert.equal(await runCli(context), 0);
  const published = await Deno.readTextFile(new URL("problem.schema.json", import.meta.url));
  assert.equal(
    published,
    context.output(),
    "run: metis problem schema --out docs/problem.schema.json",
  );
});
