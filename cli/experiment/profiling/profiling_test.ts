import assert from "node:assert/strict";
import { InputError, InterruptedError, MetisError } from "../../../domain/mod.ts";
import { Talk } from "../../output/progress.ts";
import { checkJson } from "../../../scheduling/plans/plan.ts";
import { memoryContext } from "../../_testing.ts";
import type { ExperimentFiles } from "../run.ts";
import { renderProfilingReport, summariseProfiling } from "./report.ts";
import { type ProfilingLine, runProfiling } from "./run.ts";
import { loadProfiling, profilingSchema } from "./spec.ts";
import { memoryFiles } from "../_testing.ts";

const FILE = {
  kind: "profiling",
  name: "small",
  truths: [
    { name: "made up", synthetic: { apps: 3, capacity: 3, seed: 5, noise: 0.02 } },
  ],
  nodes: 6,
  demands: { containers: [8, 12], draws: 1, seed: 1 },
  strategies: ["mixture", "random"],
  budgets: [8, 12],
  seeds: [1],
};

function read(changes: Record<string, unknown> = {}) {
  return checkJson(profilingSchema, JSON.stringify({ ...FILE, ...changes }), "x/run.json");
}

async function run(files: ExperimentFiles, changes = {}, signal?: AbortSignal) {
  const context = memoryContext(signal ? { signal } : {});
  const talk = new Talk(context, true);
  const experiment = await loadProfiling(context, talk, read(changes), (name) => `x/${name}`);
  return await runProfiling(context, talk, experiment, files, "out");
}

const timeless = (lines: readonly ProfilingLine[]) =>
  lines.map((line) => ({ ...line, seconds: 0 }));

Deno.test("a profiling experiment keeps to its budgets, and continues where it was stopped", async () => {
  const files = memoryFiles();
  const whole = await run(files);
  assert.equal(whole.length, 2 * 2);
  for (const line of whole) {
    assert.equal(line.measurements, line.budget);
    assert.ok(line.regret >= 0 && line.regretMax >= line.regret && line.maePresent! > 0);
    assert.equal(line.restricted, false);
  }
  const text = files.texts.get("out/results.jsonl")!;
  const kept = text.split("\n").slice(0, 2).join("\n");
  files.texts.set("out/results.jsonl", `${kept}\n{"type":"profiling","tr`);
  assert.deepEqual(timeless(await run(files)), timeless(whole));
  assert.ok(files.texts.get("out/results.jsonl")!.startsWith(kept));
  await assert.rejects(run(files, { budgets: [9] }), (error) => error instanceof InputError);
});

Deno.test("Ctrl-C ends a profiling experiment between measurements and keeps whole runs alone", async () => {
  const files = memoryFiles();
  const interrupt = new AbortController();
  const append = files.append;
  await assert.rejects(
    run(
      {
        ...files,
        append: (path, data) => {
          interrupt.abort();
          return append(path, data);
        },
      },
      {},
      interrupt.signal,
    ),
    (error) => error instanceof InterruptedError,
  );
  assert.equal(files.texts.get("out/results.jsonl")!.split("\n").length, 1 + 1);
  assert.equal((await run(files)).length, 4);
});

Deno.test("the report has a row for every strategy and budget, and bands that are as wide as the seeds differ", () => {
  const line = (seed: number, regret: number): ProfilingLine => ({
    type: "profiling",
    truth: "made up",
    strategy: "mixture",
    budget: 8,
    seed,
    measurements: 8,
    regret,
    regretMax: 2 * regret,
    restricted: seed === 1,
    regretBound: null,
    maePresent: 0.02,
    seconds: 1,
    versions: { metis: "test" },
  });
  const file = read();
  const lines = [line(1, 0.01), line(2, 0.03), line(3, 0.02)];
  const summaries = summariseProfiling(file, lines);
  assert.equal(summaries.length, 2 * 2);
  // Deviation 0.01, three seeds: t for two degrees of freedom x 0.01 / sqrt(3).
  assert.ok(Math.abs(summaries[0]!.regret!.mean - 0.02) < 1e-12);
  assert.ok(Math.abs(summaries[0]!.regret!.margin - 4.3027 * 0.01 / Math.sqrt(3)) < 1e-9);
  const { markdown, html, plots } = renderProfilingReport(file, lines);
  assert.match(markdown, /\| made up \| mixture \| 8 \| 3 \| 2\.00 % ± 2\.48 % \| 4\.00 % \| - \|/);
  assert.match(markdown, /restricted to measured configurations on: made up/);
  assert.deepEqual([...plots.keys()], ["regret.svg", "error.svg"]);
  for (const svg of plots.values()) {
    assert.ok(svg.includes('fill-opacity="0.15"') && svg.includes(">random</text>"));
  }
  assert.ok(!/NaN|undefined|Infinity/.test(html), "a number is missing in the report");
  assert.ok(!/(?:src|href)=/.test(html), "the report needs another file");
});

const BAD: readonly [string, Record<string, unknown>, RegExp][] = [
  ["an unknown strategy", { strategies: ["guess"] }, /strategies/],
  ["the same seed twice", { seeds: [1, 1] }, /seeds: must be different/],
  ["no truth", { truths: [] }, /truths/],
  [
    "two truths of one name",
    { truths: [FILE.truths[0], FILE.truths[0]] },
    /two are called made up/,
  ],
  [
    "demands that do not fit",
    { demands: { containers: [99], draws: 1, seed: 1 } },
    /99 containers/,
  ],
  ["a table that is not there", { truths: [{ name: "t", table: "no.csv" }] }, /x\/no.csv/],
  ["a misspelt field", { budget: [3] }, /budget/],
];
for (const [what, changes, reason] of BAD) {
  Deno.test(`a profiling experiment with ${what} is refused before anything runs`, () =>
    assert.rejects(
      () => run(memoryFiles(), changes),
      (error) => error instanceof MetisError && reason.test(error.message),
    ));
}
