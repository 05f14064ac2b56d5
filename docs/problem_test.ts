/**
 * The problem file of problem.md, as it stands on the page.
 * @module
 */
import assert from "node:assert/strict";
import { memoryContext } from "../cli/_testing.ts";
import { runCli } from "../cli/run.ts";
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
