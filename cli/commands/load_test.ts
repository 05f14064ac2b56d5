import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

async function run(line: string) {
  const context = memoryContext({ args: line.split(" ") });
  return { exitCode: await runCli(context), context };
}

Deno.test("metis load measures in a process of its own, and writes locust's files", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("ok"),
  );
  const url = `http://127.0.0.1:${server.addr.port}/work`;
  const { exitCode, context } = await run(
    `load --target ${url} --users 2 --wait 0.01 --warm-up 0 --duration 0.5 --csv out --json`,
  );
  const { targets: [target], total } = JSON.parse(context.output());
  assert.equal(target.name, url);
  assert.ok(target.measured[0].answered > 0, context.talk());
  assert.equal(total[0].requests, target.measured[0].requests);
  // On a busy machine the measurement may be void: then, and only then, the command fails.
  assert.equal(exitCode, total[0].void === null ? 0 : 1, context.talk());
  if (total[0].void !== null) assert.match(context.talk(), /Void: the generator fell behind/);
  const [, row] = (context.files.get("out_stats.csv") as string).split("\n");
  assert.ok(row!.startsWith(`GET,${url},${target.measured[0].requests},0,`));
  assert.equal(context.files.get("out_failures.csv"), "Method,Name,Error,Occurrences\n");
});

Deno.test("metis load fails where nothing answered, and shows no number that looks like a result", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const line = `load --target http://127.0.0.1:${port}/ --warm-up 0 --duration 0.2 --users 1`;
  const { exitCode, context } = await run(line);
  assert.equal(exitCode, 1);
  assert.match(context.talk(), /Void: (no request was answered|the generator fell behind)/);
  assert.match(context.output(), /void/);
  assert.match(context.output(), /Failed: \d+ x connection refused/);
  assert.doesNotMatch(context.output(), /NaN|0\.00/);
  // For programs, the report of what failed stays the one JSON value.
  const forPrograms = await run(`${line} --json`);
  assert.equal(forPrograms.exitCode, 1);
  assert.notEqual(JSON.parse(forPrograms.context.output()).total[0].void, null);
});

Deno.test("metis load refuses what it cannot do, in a line each", async () => {
  const refused = async (line: string, reason: RegExp) => {
    const { exitCode, context } = await run(line);
    assert.equal(exitCode, 2, line);
    assert.match(context.talk(), reason);
  };
  await refused("load", /--target/);
  await refused("load --target ftp://[", /Not a URL/);
  await refused("load --target 127.0.0.1:1 --rate 5 --users 3", /cannot be used with/);
  await refused("load --target 127.0.0.1:1 --wait 2..1", /LEAST\.\.MOST/);
  await refused("load --target 127.0.0.1:1 --rate 1000000", /rate/);
  await refused("load --target 127.0.0.1:1 --header nothing", /NAME: VALUE/);
  await refused("load --target 127.0.0.1:1 --generator-cpus all", /list of CPUs/);
});
