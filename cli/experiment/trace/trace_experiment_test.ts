import assert from "node:assert/strict";
import { InterruptedError, MetisError } from "../../../domain/mod.ts";
import { readTrace } from "../../../replanning/trace/mod.ts";
import { checkJson } from "../../../scheduling/plans/plan.ts";
import { memoryContext } from "../../_testing.ts";
import { Talk } from "../../output/progress.ts";
import type { ExperimentFiles } from "../run.ts";
import { renderTraceReport, summariseTraces, writeSeries } from "./report.ts";
import { runTraces, type TraceLine } from "./run.ts";
import { loadTraceExperiment, traceExperimentSchema } from "./spec.ts";
import { memoryFiles } from "../_testing.ts";

const TABLE = "a,b,rps:a,rps:b\n0,0,,\n1,0,1,\n2,0,0.8,\n0,1,,1\n0,2,,0.5\n1,1,1.5,1.2\n";
const CSV = "hours,event,app,count,node\n0,arrive,a,2,\n1,arrive,b,2,\n2,fail,,,n0\n4,end,,,\n";
const FILE = {
  kind: "trace",
  name: "small",
  surface: { table: "table.csv" },
  cluster: { nodes: 4, capacity: 2 },
  trace: { hours: 6, start: 4, arrivals: 1, stay: 4, untilFailure: 12, untilReturn: 2 },
  policies: ["greedy", { policy: "replan", movesPerHour: 2 }, "metis-online", "optimal"],
  seeds: [1, 2],
};

function read(changes: Record<string, unknown> = {}) {
  return checkJson(traceExperimentSchema, JSON.stringify({ ...FILE, ...changes }), "x/run.json");
}

function world(signal?: AbortSignal) {
  const files = { "x/table.csv": TABLE, "x/day.csv": CSV };
  return memoryContext({ files, ...(signal ? { signal } : {}) });
}

async function run(files: ExperimentFiles, changes = {}, context = world()) {
  const talk = new Talk(context, false);
  const experiment = await loadTraceExperiment(
    context,
    talk,
    read(changes),
    (name) => `x/${name}`,
  );
  return await runTraces(context, talk, experiment, files, "out");
}

const timeless = (lines: readonly TraceLine[]) => lines.map((line) => ({ ...line, seconds: 0 }));

Deno.test("a trace experiment replays every policy on every seed, the learned one too", async () => {
  const files = memoryFiles();
  const context = world();
  const lines = await run(files, {}, context);
  assert.deepEqual(lines.map(({ seed, label }) => [seed, label]), [
    [1, "greedy"],
    [1, "replan, 2 an hour"],
    [1, "metis-online"],
    [1, "optimal"],
    [2, "greedy"],
    [2, "replan, 2 an hour"],
    [2, "metis-online"],
    [2, "optimal"],
  ]);
  const summaries = summariseTraces(read(), lines);
  assert.deepEqual(summaries.map(({ allowed }) => allowed), [
    "none",
    "2 every hour",
    "none",
    "any",
  ]);
  for (const { gap, mean, moves, policy } of summaries) {
    assert.equal(mean!.count, 2);
    assert.ok(policy === "optimal" ? gap!.mean < 1e-9 : gap!.mean >= 0);
    if (policy === "greedy") assert.equal(moves!.mean, 0);
  }
  // The traces lie beside the results, and can be replayed.
  for (const seed of [1, 2]) {
    const text = files.texts.get(`out/trace-${seed}.csv`)!;
    assert.equal(readTrace(text, { apps: ["a", "b"], nodes: 4 }, "t").hours, 6);
  }
});

Deno.test("by the relaxation alone, the bound is above the optimum's, and gaps are to the least that is proven", async () => {
  const relaxed = { policy: "optimal", effort: "lp" };
  const gapsOf = async (policies: unknown[]) => {
    const changes = { policies };
    const lines = await run(memoryFiles(), changes);
    return {
      lines,
      gaps: summariseTraces(read(changes), lines).map(({ policy, allowed, gap }) => ({
        policy,
        allowed,
        gap: gap!.mean,
      })),
    };
  };
  const alone = await gapsOf(["greedy", relaxed]);
  const both = await gapsOf(["greedy", relaxed, "optimal"]);
  assert.deepEqual(both.gaps.map(({ policy, allowed }) => [policy, allowed]), [
    ["greedy", "none"],
    ["optimal, relaxed", "any"],
    ["optimal", "any"],
  ]);
  assert.ok(alone.gaps[0]!.gap >= both.gaps[0]!.gap - 1e-12);
  assert.ok(both.gaps[2]!.gap < 1e-9);
  const of = (label: string) =>
    both.lines.filter((line) => line.label === label).flatMap(({ points }) => points);
  for (const [at, { total, boundTotal }] of of("optimal").entries()) {
    const near = of("optimal, relaxed")[at]!;
    assert.ok(near.boundTotal! >= boundTotal! - 1e-9 && near.total <= total + 1e-9);
  }
});

Deno.test("a trace experiment continues where it was stopped", async () => {
  const files = memoryFiles();
  const whole = await run(files);
  const text = files.texts.get("out/results.jsonl")!;
  const kept = text.split("\n").slice(0, 3).join("\n");
  files.texts.set("out/results.jsonl", `${kept}\n{"type":"trace","se`);
  assert.deepEqual(timeless(await run(files)), timeless(whole));
  assert.ok(files.texts.get("out/results.jsonl")!.startsWith(kept));
  await assert.rejects(run(memoryFiles(), {}, world(AbortSignal.abort())), InterruptedError);
});

Deno.test("a trace from a file is what the policies go through", async () => {
  const files = memoryFiles();
  const policies = ["greedy", "optimal"];
  const changes = { trace: { file: "day.csv" }, seeds: undefined, policies };
  const lines = await run(files, changes);
  assert.equal(files.texts.get("out/trace-1.csv"), CSV);
  const [greedy, optimal] = lines;
  assert.deepEqual(greedy!.points.map(({ hours, containers, down }) => [hours, containers, down]), [
    [0, 2, 0],
    [1, 4, 0],
    [2, 4, 1],
  ]);
  // Two of a apart bring 1 each; with one of b beside each 2.7 a node; three nodes do for that too.
  assert.deepEqual(optimal!.points.map(({ total }) => Math.round(total * 1e9) / 1e9), [
    2,
    5.4,
    5.4,
  ]);
  assert.equal(optimal!.points[1]!.change.forced, 2);
  const [header, ...rows] = writeSeries(lines).trimEnd().split("\n");
  assert.equal(header!.split(",").length, 16);
  assert.equal(rows.length, 6);
  assert.equal(rows[0], "1,greedy,0,false,2,0,0,2,1,,a,1,2,0,0,0");
});

Deno.test("the report shows every policy in its table and over time, and nothing that is missing", async () => {
  const lines = await run(memoryFiles());
  const { markdown, html, plots } = renderTraceReport(read(), lines);
  assert.deepEqual([...plots.keys()], ["throughput.svg", "worst-app.svg", "moves.svg"]);
  for (const label of ["greedy", "replan, 2 an hour", "metis-online", "optimal"]) {
    assert.ok(markdown.includes(`| ${label} |`), label);
    for (const svg of plots.values()) assert.ok(svg.includes(`>${label}</text>`), label);
  }
  const some = renderTraceReport(read(), lines.filter(({ label }) => label !== "metis-online"));
  assert.match(some.markdown, /Left out, or not run yet: metis-online/);
  assert.ok(!/NaN|undefined|Infinity/.test(html), "a number is missing in the report");
});

Deno.test("metis-online places by the policy that comes with Metis", async () => {
  const lines = await run(memoryFiles(), {
    surface: { bundled: "synthetic-7x8" },
    cluster: { nodes: 9, capacity: 8 },
    trace: { hours: 4, start: 20, arrivals: 4, stay: 8, untilFailure: 9, untilReturn: 1 },
    policies: ["metis-online", "optimal"],
    seeds: [1],
  });
  const [online, optimal] = lines.map(({ points }) => points);
  assert.ok(online!.some(({ down }) => down > 0));
  for (const [at, point] of online!.entries()) {
    assert.equal(point.change.moves, 0);
    assert.ok(point.total <= optimal![at]!.total + 1e-9 && point.total > 0);
  }
});

const BAD: readonly [string, Record<string, unknown>, RegExp][] = [
  ["an unknown policy", { policies: ["greedi"] }, /policies/],
  ["two policies of one name", { policies: ["greedy", "greedy"] }, /two are called greedy/],
  ["a start for an unknown app", {
    trace: { ...FILE.trace, start: { a: 1, c: 1 } },
  }, /start: there is no app c/],
  ["arrivals of some apps alone", {
    trace: { ...FILE.trace, arrivals: { a: 1 } },
  }, /arrivals: lacks b/],
  ["half a container", { trace: { ...FILE.trace, start: 0.5 } }, /start: must be a whole number/],
  ["hours without end", { trace: { ...FILE.trace, hours: 1e9 } }, /more than 100000 events/],
  ["a trace that is not there", { trace: { file: "no.csv" }, seeds: undefined }, /x\/no\.csv/],
  ["seeds for a file", { trace: { file: "day.csv" } }, /leave seeds out/],
  ["a misspelt field", { seed: [1] }, /seed/],
];
for (const [what, changes, reason] of BAD) {
  Deno.test(`a trace experiment with ${what} is refused before anything runs`, () =>
    assert.rejects(
      () => run(memoryFiles(), changes),
      (error) => error instanceof MetisError && reason.test(error.message),
    ));
}
