import assert from "node:assert/strict";
import { memoryContext } from "../_testing.ts";
import { runCli } from "../run.ts";

const PROBLEM = `
apps: { web: { containers: 4 }, cache: { containers: 2 }, log: { containers: 1 } }
nodes: [{ count: 2, slots: 4 }]
surface: { traffic: traffic.csv }
`;
const TRAFFIC = "app,app,traffic\nweb,cache,30\ncache,log,10\n";

async function run(line: string, files: Record<string, string> = {}) {
  const context = memoryContext({
    args: line.split(" "),
    files: { "p.yaml": PROBLEM, "traffic.csv": TRAFFIC, ...files },
  });
  return { exitCode: await runCli(context), context };
}

Deno.test("a problem file with traffic is placed for most traffic on one node, by optimal and annealing", async () => {
  // Two nodes of four slots: both caches with two webs and no log keep 15; with one web and the log 7.5 + 10 = 17.5; a
  // cache on each node with two webs keeps 30, and the log beside one of them 5 more: 35 of 40.
  for (const scheduler of ["optimal", "annealing"]) {
    const by = scheduler === "annealing" ? " --set moves=20000" : "";
    const line = `schedule --problem p.yaml --scheduler ${scheduler}${by} --json --quiet`;
    const { exitCode, context } = await run(line);
    assert.equal(exitCode, 0, context.talk());
    const plan = JSON.parse(context.output());
    assert.ok(Math.abs(plan.mean - 35 / 40) < 1e-9, `${scheduler}: ${plan.mean}`);
    assert.deepEqual(plan.surface, { kind: "traffic", source: "traffic.csv" });
  }
});

Deno.test("a plan by traffic says which share stays on one node, and nothing of speeds", async () => {
  const { context } = await run("schedule --problem p.yaml --quiet");
  assert.match(context.output(), /on 2 nodes \(4 slots each\)/);
  assert.match(context.output(), /traffic that stays on one node +0.875000/);
  assert.doesNotMatch(context.output(), /RPS|throughput|worst/);
});

Deno.test("many apps that talk to each other are placed by annealing where no scheduler is named", async () => {
  const apps = Array.from({ length: 40 }, (_, at) => `a${at}`);
  const problem = JSON.stringify({
    apps: Object.fromEntries(apps.map((app) => [app, { containers: 1 }])),
    nodes: [{ count: 5, slots: 8 }],
    surface: { traffic: "traffic.csv" },
  });
  // Five circles of eight: each fits a node, and all traffic stays.
  const pairs = apps.map((app, at) => `${app},a${at - at % 8 + (at + 1) % 8},1\n`);
  const { exitCode, context } = await run("schedule --problem p.json --json", {
    "p.json": problem,
    "traffic.csv": `app,app,traffic\n${pairs.join("")}`,
  });
  assert.equal(exitCode, 0, context.talk());
  const plan = JSON.parse(context.output());
  assert.equal(plan.scheduler, "annealing");
  assert.ok(Math.abs(plan.mean - 1) < 1e-9, `${plan.mean}`);
});

Deno.test("what is wrong with traffic is said by check and by schedule", async () => {
  const files = { "traffic.csv": "app,app,traffic\nweb,cash,1\n" };
  const { exitCode, context } = await run("problem check p.yaml", files);
  assert.equal(exitCode, 1);
  assert.match(context.output(), /traffic.csv: line 2: unknown app "cash": did you mean cache\?/);
  const placed = await run("schedule --problem p.yaml", files);
  assert.equal(placed.exitCode, 1);
  assert.match(placed.context.talk(), /traffic.csv: line 2: unknown app "cash"/);
  const sound = await run("problem check p.yaml");
  assert.equal(sound.exitCode, 0, sound.context.talk());
  const more = {
    "p.yaml": PROBLEM.replace("slots: 4", "slots: 4, surface: { speed: { web: 2 } }")
      .replace("traffic.csv }", "traffic.csv, fit: forest, normalise: true }"),
  };
  const wrong = await run("problem check p.yaml", more);
  assert.match(
    wrong.context.output(),
    /speed: is of surfaces that predict throughput, not of traffic/,
  );
  assert.match(wrong.context.output(), /fit: goes with profile only, not with traffic/);
  assert.match(
    wrong.context.output(),
    /normalise, maxRps and apps are of measured files, not of traffic/,
  );
});
