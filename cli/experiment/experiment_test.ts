import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { InputError, InterruptedError, MetisError } from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { Talk } from "../output/progress.ts";
import { memoryContext } from "../_testing.ts";
import { renderReport, summarise } from "./report.ts";
import { readLines, type ResultLine, type RunLine } from "./results.ts";
import { type ExperimentFiles, runExperiment } from "./run.ts";
import { drawDemands, loadExperiment } from "./spec.ts";
import { memoryFiles } from "./_testing.ts";

/** Two apps and two slots: all six configurations. */
const TABLE = "a,b,rps:a,rps:b\n0,0,,\n1,0,1,\n2,0,0.8,\n0,1,,1\n0,2,,0.5\n1,1,1.5,1.2\n";
const DEMANDS = "a,b\n2,2\n3,1\n1,0\n";
const EXPERIMENT = {
  name: "small",
  surface: { table: "table.csv" },
  cluster: { nodes: 3, capacity: 2 },
  demands: [{ name: "few", file: "demands.csv", rows: "0-1" }],
  schedulers: [
    "spread",
    { scheduler: "random", seeds: [1, 2] },
    { scheduler: "medea", label: "medea even", parameters: { then: "most-even" } },
    "optimal",
  ],
};

function world(changes: Record<string, unknown> = {}) {
  const text = JSON.stringify({ ...EXPERIMENT, ...changes });
  return memoryContext({
    files: { "x/run.json": text, "x/table.csv": TABLE, "x/demands.csv": DEMANDS },
  });
}

function load(context = world()) {
  return loadExperiment(context, new Talk(context, true), "x/run.json", defaultRegistry());
}

async function run(files: ExperimentFiles, changes = {}, workers = 1, signal?: AbortSignal) {
  const context = { ...world(changes), ...(signal ? { signal } : {}) };
  return await runExperiment(context, new Talk(context, true), await load(world(changes)), files, {
    folder: "out",
    workers,
  });
}

const timeless = (lines: readonly ResultLine[]) =>
  lines.map((line) => ({ ...line, seconds: 0 })).sort((a, b) =>
    JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
  );

Deno.test("an experiment runs every scheduler on every row and seed, and proves a bound for each row", async () => {
  const files = memoryFiles();
  const lines = await run(files);
  // Rows 0 and 1; spread, random with two seeds, medea, optimal; one bound each.
  assert.equal(lines.length, 2 * (5 + 1));
  const optimal = lines.find((line): line is RunLine =>
    line.type === "run" && line.label === "optimal" && line.row === 0
  )!;
  // Two nodes hold a and b: 2 x (1.5 + 1.2) / 4 containers.
  assert.ok(Math.abs(optimal.mean! - 1.35) < 1e-9);
  assert.deepEqual(optimal.nodes.map(({ counts, nodes }) => [counts, nodes.length]), [
    [[1, 1], 2],
    [[0, 0], 1],
  ]);
  assert.deepEqual(optimal.versions, { metis: "test" });
  const stored = readLines(
    new TextEncoder().encode(files.texts.get("out/results.jsonl")!),
    "file",
  ).lines;
  assert.deepEqual(stored, lines);
});

Deno.test("workers give the same results as one thread", async () => {
  const alone = await run(memoryFiles());
  const together = await run(memoryFiles(), {}, 2);
  assert.deepEqual(timeless(together), timeless(alone));
});

Deno.test("an experiment continues where it was stopped, even in the middle of a line", async () => {
  const files = memoryFiles();
  const whole = await run(files);
  const text = files.texts.get("out/results.jsonl")!;
  const kept = text.split("\n").slice(0, 4).join("\n");
  files.texts.set("out/results.jsonl", `${kept}\n{"type":"run","se`);
  const resumed = await run(files);
  assert.deepEqual(timeless(resumed), timeless(whole));
  assert.ok(files.texts.get("out/results.jsonl")!.startsWith(kept));
  // Nothing is left to do, and nothing is done.
  const before = files.texts.get("out/results.jsonl");
  await run(files);
  assert.equal(files.texts.get("out/results.jsonl"), before);
});

Deno.test("Ctrl-C ends an experiment and keeps what it has", async () => {
  const files = memoryFiles();
  await assert.rejects(
    run(files, {}, 1, AbortSignal.abort()),
    (error) => error instanceof InterruptedError,
  );
  assert.equal(files.texts.has("out/experiment.json"), true);
});

Deno.test("a folder takes the results of one experiment only", async () => {
  const files = memoryFiles();
  await run(files, { schedulers: ["spread"], bound: "none" });
  await assert.rejects(
    run(files, { schedulers: ["binpack"], bound: "none" }),
    (error) => error instanceof InputError && error.message.includes("another experiment"),
  );
});

const BAD: readonly [string, Record<string, unknown>, string][] = [
  ["an unknown scheduler", { schedulers: ["optimul"] }, "did you mean optimal?"],
  ["an unknown parameter", {
    schedulers: [{ scheduler: "medea", parameters: { them: "throughput" } }],
  }, "did you mean then?"],
  ["a missing file", { surface: { table: "other.csv" } }, "x/other.csv"],
  ["missing demands", { demands: [{ name: "few", file: "no.csv" }] }, "x/no.csv"],
  ["a row that is not there", {
    demands: [{ name: "few", file: "demands.csv", rows: "0-9" }],
  }, "there is no row 3"],
  ["a demand that does not fit", { cluster: { nodes: 1, capacity: 2 } }, "few, row 0: Demand of 4"],
  [
    "what would not end",
    {
      cluster: { nodes: 10_000_000, capacity: 2 },
      demands: [{ name: "many", containers: 10, draws: 10_000, seed: 1 }],
    },
    "50000 runs on 10000000 nodes",
  ],
  [
    "demands that would be drawn without end",
    { demands: [{ name: "many", containers: 1e7, draws: 10_000, seed: 1 }] },
    "100000000000 containers are drawn",
  ],
  ["two schedulers of one name", { schedulers: ["spread", "spread"] }, "two are called spread"],
  ["a misspelt field", { seed: [1] }, "seed"],
  ["no schedulers", { schedulers: [] }, "schedulers"],
  ["a name that leads out of the folder", { name: "../up" }, "name"],
];
for (const [name, changes, message] of BAD) {
  Deno.test(`an experiment with ${name} is refused in one line before anything runs`, async () => {
    await assert.rejects(
      load(world(changes)),
      (error) => {
        assert.ok(error instanceof MetisError);
        assert.ok(error.message.startsWith("x/run.json"), error.message);
        assert.ok(error.message.includes(message), error.message);
        assert.ok(!error.message.includes("\n"));
        return true;
      },
    );
  });
}

Deno.test("drawn demands have their containers, and depend on nothing but the seed", () => {
  const draw = (seed: number) => drawDemands({ containers: 100, draws: 3, seed }, 7);
  for (const { demand } of draw(1)) assert.equal(demand.reduce((a, b) => a + b, 0), 100);
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
});

Deno.test("the summary averages seeds within a row first, and measures the gap to the row's bound", () => {
  const line = (row: number, seed: number, mean: number): ResultLine => ({
    type: "run",
    set: "few",
    row,
    label: "s",
    scheduler: "s",
    seed,
    parameters: {},
    demand: [1],
    error: null,
    mean,
    total: mean,
    perApp: [mean],
    worst: mean,
    violations: 2,
    violationRatio: 0,
    seconds: 1,
    nodes: [],
    details: {},
    versions: {},
  });
  const bound = (row: number): ResultLine => ({
    type: "bound",
    set: "few",
    row,
    bound: 2,
    proven: true,
    seconds: 0,
  });
  const file = { demands: [{ name: "few", file: "f" }], schedulers: ["s"] };
  const [summary] = summarise(file, [
    line(0, 1, 1),
    line(0, 2, 2),
    line(1, 1, 1.8),
    bound(0),
    bound(1),
  ]);
  // Rows: (1 + 2) / 2 = 1.5 and 1.8; gaps 0.25 and 0.1.
  assert.equal(summary!.mean!.count, 2);
  assert.ok(Math.abs(summary!.mean!.mean - 1.65) < 1e-12);
  assert.ok(Math.abs(summary!.gap!.mean - 0.175) < 1e-12);
});

Deno.test("the report names every scheduler in table and plots, and shows what was refused", async () => {
  const experiment = await load();
  const lines = [...await run(memoryFiles())];
  const first = lines.findIndex((line) => line.type === "run" && line.label === "spread");
  lines[first] = { ...lines[first] as RunLine, error: "too <hard>", mean: null, nodes: [] };
  const { markdown, html, plots } = renderReport(experiment.file, lines);
  assert.equal(plots.size, 5);
  for (const label of ["spread", "random", "medea even", "optimal"]) {
    assert.ok(markdown.includes(`| ${label} |`), label);
    for (const svg of plots.values()) assert.ok(svg.includes(`>${label}</text>`), label);
  }
  assert.ok(html.includes("spread did not place: too &lt;hard&gt;"));
  assert.ok(!/NaN|undefined|Infinity/.test(html), "a number is missing in the report");
  assert.ok(!/(?:src|href)=/.test(html), "the report needs another file");
});

Deno.test("an experiment runs learned schedulers by the policies that come with Metis, in workers too", async () => {
  const changes = {
    surface: { bundled: "synthetic-7x8" },
    cluster: { nodes: 27, capacity: 8 },
    demands: [{ name: "drawn", containers: 67, draws: 2, seed: 1 }],
    schedulers: ["metis", "metis-online", "greedy"],
    bound: "lp",
  };
  const lines = await run(memoryFiles(), changes);
  const means = (label: string) =>
    lines.flatMap((line) => line.type === "run" && line.label === label ? [line.mean!] : []);
  assert.equal(means("metis").length, 2);
  means("metis").forEach((mean, row) => assert.ok(mean >= means("greedy")[row]! - 1e-9));
  assert.ok(means("metis-online").every((mean) => mean > 1));
  assert.deepEqual(timeless(await run(memoryFiles(), changes, 2)), timeless(lines));
});

Deno.test("a policy that is not there is refused before anything runs", async () => {
  const missing = { scheduler: "metis", parameters: { policy: "no-such-policy" } };
  await assert.rejects(load(world({ schedulers: [missing] })), {
    name: "InputError",
    message: /x\/no-such-policy/,
  });
});

Deno.test("Ctrl-C says where the results of an experiment are kept, and how to go on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = {
      name: "small",
      surface: { bundled: "synthetic-7x8" },
      cluster: { nodes: 3, capacity: 8 },
      demands: [{ name: "few", containers: 9, draws: 2, seed: 1 }],
      schedulers: ["greedy"],
    };
    const context = memoryContext({
      args: ["experiment", "run", "e.json", "--out", folder],
      files: { "e.json": JSON.stringify(file) },
      signal: AbortSignal.abort(),
    });
    assert.equal(await runCli(context), 130);
    assert.match(
      context.talk(),
      /^metis: Interrupted: what has run is kept in .*results\.jsonl: resume with the same command$/m,
    );
    const next = memoryContext({
      args: context.args,
      files: { "e.json": JSON.stringify(file) },
    });
    assert.equal(await runCli(next), 0, next.talk());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an experiment on a problem file keeps its resources, rules, floors and unlike nodes", async () => {
  const problem = `
apps: { a: { containers: 2, resources: { cpu: 1 } }, b: { containers: 2, floor: 0.6 } }
nodes:
  - { class: big, count: 2, slots: 2, resources: { cpu: 1 }, surface: { speed: { b: 2 } } }
  - { class: small, count: 1, slots: 2 }
surface: { table: table.csv }
`;
  const { surface: _surface, cluster: _cluster, demands: _demands, ...rest } = EXPERIMENT;
  const file = { ...rest, problem: "p.yaml", schedulers: ["local-search", "optimal", "spread"] };
  const context = memoryContext({
    files: { "x/run.json": JSON.stringify(file), "x/table.csv": TABLE, "x/p.yaml": problem },
  });
  const experiment = await load(context);
  const files = memoryFiles();
  const lines = await runExperiment(context, new Talk(context, true), experiment, files, {
    folder: "out",
    workers: 1,
  });
  const runs = lines.filter((line): line is RunLine => line.type === "run");
  assert.deepEqual(runs.map(({ set, row }) => [set, row]), runs.map(() => ["problem", 0]));
  const [search, optimal, spread] = runs;
  // An a on each big node, each with a b at twice its speed: 2 x (1.5 + 2 x 1.2) of 4 containers.
  assert.ok(Math.abs(optimal!.mean! - 1.95) < 1e-9);
  assert.ok(Math.abs(search!.mean! - 1.95) < 1e-9);
  assert.match(spread!.error!, /does not keep latency limits or floors/);
  assert.ok(lines.some((line) => line.type === "bound" && line.proven));
  assert.match(renderReport(experiment.file, lines).markdown, /Problem: p\.yaml/);
  await assert.rejects(
    load(memoryContext({
      files: {
        "x/run.json": JSON.stringify({ ...file, cluster: { nodes: 3, capacity: 2 } }),
        "x/table.csv": TABLE,
        "x/p.yaml": problem,
      },
    })),
    /cluster: this key is not known/,
  );
});
