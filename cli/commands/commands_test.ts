import assert from "node:assert/strict";
import { memoryFiles } from "../training/_testing.ts";
import { command as datasetsCommand } from "./datasets.ts";
import { uniformCluster } from "../../domain/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import { readReference } from "../../reference/folder.ts";
import type { Plan } from "../../scheduling/plans/mod.ts";
import { runCli } from "../run.ts";
import { memoryContext, type MemoryWorld } from "../_testing.ts";

/** All configurations of two apps on two slots. Together, isr is 1.5 and redis 0.9 times as fast. */
const TABLE = `redis,isr,rps:redis,rps:isr
1,0,1,
0,1,,1
2,0,0.8,
0,2,,0.5
1,1,0.9,1.5
`;
const DEMANDS = "isr,redis\n2,2\n0,1\n0,0\n";
const GAPPY = TABLE.replace("2,0,0.8,\n", "");
const FEW = `api,cache,rps:api,rps:cache
1,0,1,
0,1,,1
2,0,0.88,
0,2,,0.71
1,1,0.81,0.85
`;
const FILES = { "table.csv": TABLE, "demands.csv": DEMANDS, "gappy.csv": GAPPY };

async function run(line: string, world: MemoryWorld = {}) {
  const args = line.split(" ");
  const context = memoryContext({ ...world, args, files: { ...FILES, ...world.files } });
  const code = await runCli(context);
  return { code, output: context.output(), talk: context.talk(), files: context.files };
}

async function json(line: string, world: MemoryWorld = {}): Promise<Record<string, unknown>> {
  const { code, output, talk } = await run(`${line} --json`, world);
  assert.equal(code, 0, talk);
  assert.equal(output.trim().split("\n").length, 1);
  return JSON.parse(output);
}

const SMALL = "--table table.csv --nodes 2 --capacity 2";

Deno.test("schedule --json has the fields of the contract, with the optimum proven", async () => {
  const plan = await json(`schedule ${SMALL} --demand 2,2 --scheduler optimal`);
  // Both nodes hold one of each: 2 x (0.9 + 1.5) = 4.8 for 4 containers.
  assert.equal(plan.scheduler, "optimal");
  assert.deepEqual(plan.apps, ["redis", "isr"]);
  assert.equal(plan.nodes, 2);
  assert.equal(plan.capacity, 2);
  assert.deepEqual(plan.demand, [2, 2]);
  assert.deepEqual(plan.placement, [[1, 1], [1, 1]]);
  assert.ok(Math.abs(plan.total as number - 4.8) < 1e-12);
  assert.ok(Math.abs(plan.mean as number - 1.2) < 1e-12);
  assert.deepEqual(plan.perApp, { redis: 0.9, isr: 1.5 });
  assert.ok(Math.abs(plan.bound as number - 1.2) < 1e-9);
  assert.ok(plan.gap as number >= 0 && plan.gap as number <= 1e-9);
  assert.equal(plan.proven, true);
  assert.equal(typeof plan.seconds, "number");
});

Deno.test("schedule measures the gap of any scheduler from the proven optimum", async () => {
  const plan = await json(`schedule ${SMALL} --demand 2,2 --scheduler binpack`);
  const { total, bound, gap, proven } = plan as unknown as Plan;
  assert.ok(Math.abs(bound! - 1.2) < 1e-9);
  assert.ok(Math.abs(gap! - (4.8 - total) / 4.8) < 1e-9);
  assert.equal(proven, gap! <= 1e-9);
});

Deno.test("schedule --bound none solves nothing beside the scheduler", async () => {
  const plan = await json(`schedule ${SMALL} --demand 2,2 --scheduler greedy --bound none`);
  assert.equal(plan.bound, null);
  assert.equal(plan.gap, null);
  assert.equal(plan.proven, false);
});

Deno.test("schedule brings the columns of a demand file into the table's order", async () => {
  const plan = await json(`schedule ${SMALL} --demands demands.csv --row 1 --scheduler greedy`);
  assert.deepEqual(plan.demand, [1, 0]);
  assert.deepEqual(plan.perApp, { redis: 1, isr: null });
});

Deno.test("schedule takes a demand by name, apps not named being 0", async () => {
  const plan = await json(`schedule ${SMALL} --demand isr=1 --scheduler greedy`);
  assert.deepEqual(plan.demand, [0, 1]);
});

Deno.test("schedule places nothing for an empty demand", async () => {
  const plan = await json(`schedule ${SMALL} --demand 0,0 --scheduler greedy`);
  assert.deepEqual(plan.placement, [[0, 0], [0, 0]]);
  const { mean, total, worst, gap, proven } = plan;
  assert.deepEqual({ mean, total, worst, gap, proven }, {
    mean: 0,
    total: 0,
    worst: null,
    gap: 0,
    proven: true,
  });
});

Deno.test("schedule keeps the rules of the command line", async () => {
  const line = `schedule --table table.csv --nodes 4 --capacity 2 --demand 2,1 --apart redis,isr`;
  const plan = await json(`${line} --max-per-node redis=1 --fence 0 --scheduler optimal`);
  const rows = plan.placement as number[][];
  assert.deepEqual(rows[0], [0, 0]);
  assert.deepEqual(rows.slice(1).map((row) => row.join()).sort(), ["0,1", "1,0", "1,0"]);
  assert.deepEqual(plan.rules, {
    maxPerNode: { redis: 1 },
    apart: [["redis", "isr"]],
    fencedNodes: [0],
  });
});

Deno.test("schedule takes node classes from a file", async () => {
  const cluster = JSON.stringify([{ name: "small", capacity: 1, count: 1 }, {
    capacity: 2,
    count: 1,
    labels: { zone: "a" },
  }]);
  const files = { "cluster.json": cluster };
  const line = "schedule --table table.csv --cluster cluster.json --demand 2,1 --scheduler optimal";
  const plan = await json(line, { files });
  assert.equal(plan.nodes, 2);
  assert.equal(plan.capacity, 2);
  assert.deepEqual(plan.placement, [[1, 0], [1, 1]]);
});

Deno.test("a misspelt key of a node class is refused, naming the file and the class", async () => {
  const files = { "c.json": '[{ "capacity": 2, "count": 2, "failuredomain": "a" }]' };
  const line = "schedule --table table.csv --cluster c.json --demand 2,1";
  const { code, output, talk } = await run(line, { files });
  assert.equal(output, "");
  assert.match(talk, /^metis: c\.json: 0\.failuredomain: [^\n]+\n$/);
  assert.equal(code, 1);
});

Deno.test("a profile that no model can learn from is refused with the name of its file", async () => {
  const files = { "half.csv": "redis,isr,rps:redis,rps:isr\n1,0,1,\n" };
  for (
    const line of [
      "fit --profile half.csv --out m.json",
      "schedule --profile half.csv --nodes 2 --capacity 2 --demand 1,0",
    ]
  ) {
    const { code, output, talk, files: after } = await run(line, { files });
    assert.equal(output, "");
    assert.match(talk, /^metis: half\.csv: No row of the profile holds isr: [^\n]+\n$/);
    assert.equal(code, 1);
    assert.ok(!after.has("m.json"));
  }
});

Deno.test("schedule without --json shows a table for people", async () => {
  const { code, output, talk } = await run(`schedule ${SMALL} --demand 2,2`);
  assert.equal(code, 0);
  assert.equal(talk, "");
  assert.equal(
    output.replace(/^seconds .*$/m, "seconds                     (measured)"),
    `\
optimal placed 4 containers of 2 apps on 2 nodes (2 slots each).

mean normalised throughput  1.200000
proven upper bound          1.200000
gap                         0 (proven)
worst container             0.9000
seconds                     (measured)

App    Containers  Mean normalised RPS
-----  ----------  -------------------
redis           2               0.9000
isr             2               1.5000

Nodes  Containers on each
-----  ------------------
    2  1 redis, 1 isr
`,
  );
});

Deno.test("schedule shows no control characters of an app's name", async () => {
  const files = { "odd.csv": "a\x1b[31m,rps:a\x1b[31m\n1,1\n" };
  const { output, talk } = await run(
    "schedule --table odd.csv --nodes 1 --capacity 1 --demand 1 --scheduler greedy",
    { files },
  );
  assert.ok(!output.includes("\x1b") && !talk.includes("\x1b"));
});

Deno.test("schedule --out writes the plan that --json prints, and evaluate reads it", async () => {
  const line = `schedule ${SMALL} --demand 2,2 --scheduler binpack --out plan.json --json`;
  const { code, output, files } = await run(line);
  assert.equal(code, 0);
  const text = files.get("plan.json") as string;
  assert.deepEqual(JSON.parse(text), JSON.parse(output));
  const value = await json("evaluate --plan plan.json --table table.csv", {
    files: { "plan.json": text },
  });
  const plan: Plan = JSON.parse(text);
  for (const field of ["mean", "total", "perApp", "gap", "bound"] as const) {
    assert.deepEqual(value[field], plan[field], field);
  }
});

Deno.test("schedule with the same seed gives the same placement", async () => {
  const line = `schedule --table table.csv --nodes 9 --capacity 2 --demand 7,6 --scheduler random`;
  const first = await json(`${line} --seed 7`);
  const second = await json(`${line} --seed 7`);
  assert.deepEqual(first.placement, second.placement);
});

Deno.test("evaluate values a plan by another table, apps in any order", async () => {
  const plan = '{"apps":["isr","redis"],"capacity":2,"placement":[[1,1],[0,0]]}';
  const value = await json("evaluate --plan plan.json --table table.csv", {
    files: { "plan.json": plan },
  });
  assert.ok(Math.abs(value.total as number - 2.4) < 1e-12);
  assert.deepEqual(value.perApp, { redis: 0.9, isr: 1.5 });
  assert.equal(value.proven, true);
});

Deno.test("evaluate values what a table with gaps knows, without a bound", async () => {
  const files = { "plan.json": '{"apps":["redis","isr"],"placement":[[1,1]]}' };
  const { code, output, talk } = await run("evaluate --plan plan.json --table gappy.csv --json", {
    files,
  });
  assert.equal(code, 0);
  assert.match(talk, /^No bound: .*2 x redis/);
  assert.equal(JSON.parse(output).bound, null);
  assert.ok(Math.abs(JSON.parse(output).mean - 1.2) < 1e-12);
});

Deno.test("evaluate says so where one surface values nodes that had their own", async () => {
  const cluster = [{ capacity: 2, count: 1 }, { capacity: 2, count: 1, surface: 1 }];
  const plan = { version: 2, apps: ["redis", "isr"], cluster, placement: [[1, 1], [0, 0]] };
  const { code, talk } = await run("evaluate --plan plan.json --table table.csv", {
    files: { "plan.json": JSON.stringify(plan) },
  });
  assert.equal(code, 0);
  assert.match(
    talk,
    /plan\.json: its classes of nodes had surfaces of their own: here, table\.csv/,
  );
});

Deno.test("compare --json has one result per row and scheduler", async () => {
  const report = await json(
    `compare ${SMALL} --demands demands.csv --rows 0-1 --schedulers binpack,optimal`,
  );
  const results = report.results as (Plan & { row: number; error: null })[];
  assert.deepEqual(results.map(({ row, scheduler }) => `${row} ${scheduler}`), [
    "0 binpack",
    "0 optimal",
    "1 binpack",
    "1 optimal",
  ]);
  assert.ok(results.every(({ mean, bound, error }) => error === null && bound! >= mean - 1e-12));
  assert.ok(results[1]!.proven && results[3]!.proven);
});

Deno.test("compare runs every scheduler that does not train for each demand, the learned ones too", async () => {
  const { defaultRegistry } = await import("../../registry.ts");
  const report = await json(`compare ${SMALL} --demand 2,2 --schedulers all`);
  const results = report.results as Plan[];
  const ready = defaultRegistry().ready().map(({ name }) => name);
  assert.deepEqual(results.map(({ scheduler }) => scheduler), ready);
  const meanOf = (name: string) => results.find(({ scheduler }) => scheduler === name)!.mean;
  assert.ok(meanOf("metis") >= meanOf("greedy") && meanOf("metis-online") > 0);
});

Deno.test("compare shows several rows and their means, within 40 columns too", async () => {
  for (const columns of [40, 80]) {
    const { code, output } = await run(
      `compare ${SMALL} --demands demands.csv --rows 0-1 --schedulers greedy,optimal`,
      { columns },
    );
    assert.equal(code, 0);
    assert.match(output, /Over all 2 demands:/);
    assert.ok(output.split("\n").every((line) => line.length <= columns), output);
  }
});

const FAILURES: readonly (readonly [string, string, RegExp])[] = [
  [
    "a missing file",
    "schedule --table no.csv --nodes 1 --capacity 2 --demand 1,1",
    /no\.csv: no such/,
  ],
  ["an unknown app in a demand", `schedule ${SMALL} --demand rediss=1`, /did you mean redis\?/],
  [
    "a demand of another length",
    `schedule ${SMALL} --demand 1,1,1`,
    /3 numbers.*2 apps: redis, isr/,
  ],
  [
    "a row that does not exist",
    `schedule ${SMALL} --demands demands.csv --row 3`,
    /rows are 0 to 2/,
  ],
  ["a demand that does not fit", `schedule ${SMALL} --demand 4,4`, /4 slots short/],
  ["other apps in the demands", `schedule ${SMALL} --demands other.csv`, /lacks isr.*unknown x/],
  ["a rule on an unknown app", `schedule ${SMALL} --demand 1,1 --apart redis,x`, /unknown app x/],
  [
    "a fence around no node",
    `schedule ${SMALL} --demand 1,1 --fence 2`,
    /--fence: there is no node 2: nodes are called n0 to n1/,
  ],
  [
    "a table with gaps",
    "schedule --table gappy.csv --nodes 1 --capacity 2 --demand 1,1",
    /2 x redis.*--fallback/,
  ],
  [
    "a broken cluster",
    "schedule --table table.csv --cluster bad.json --demand 1,1",
    /bad\.json: 0\.capacity/,
  ],
  [
    "an unbalanced plan",
    "evaluate --plan bad-plan.json --table table.csv",
    /bad-plan\.json: demand asks for 2 of redis, but placement holds 1/,
  ],
  [
    "a plan above capacity",
    "evaluate --plan full.json --table table.csv",
    /full\.json: Node 0 holds 3/,
  ],
  [
    "a model that is none",
    "schedule --model table.csv --nodes 1 --capacity 2 --demand 1,1",
    /table\.csv/,
  ],
];

for (const [name, line, message] of FAILURES) {
  Deno.test(`metis explains ${name} in one line on standard error, with exit code 1`, async () => {
    const { code, output, talk } = await run(line, {
      files: {
        "other.csv": "redis,x\n1,1\n",
        "bad.json": '[{"capacity":0,"count":1}]',
        "bad-plan.json": '{"apps":["redis","isr"],"capacity":2,"demand":[2,0],"placement":[[1,0]]}',
        "full.json": '{"apps":["redis","isr"],"capacity":2,"placement":[[1,2],[0,0]]}',
      },
    });
    assert.equal(output, "");
    assert.match(talk, /^metis: [^\n]+\n$/);
    assert.match(talk, message);
    assert.doesNotMatch(talk, /internal error/);
    assert.equal(code, 1);
  });
}

Deno.test(needsReference({
  name: "schedule reaches the published figures of the 2020 surface",
  fn: async () => {
    const files = {
      "rf20.csv": readReference("rf20-table.csv"),
      "batch.csv": readReference("batch-200.csv"),
    };
    const line =
      "schedule --table rf20.csv --nodes 81 --capacity 8 --demands batch.csv --row 0 --time-limit 120";
    for (const [scheduler, mean] of [["optimal", 1.204404], ["round-robin", 0.94668]] as const) {
      const plan = await json(`${line} --scheduler ${scheduler}`, { files });
      assert.ok(Math.abs(plan.mean as number - mean) < 1e-6, scheduler);
      assert.ok(Math.abs(plan.bound as number - 1.204404) < 1e-6, scheduler);
      assert.equal(plan.proven, scheduler === "optimal");
    }
  },
}));

Deno.test("a table with gaps is filled by a fallback model", async () => {
  const { code, talk } = await run(
    "schedule --table gappy.csv --fallback extra-trees --nodes 1 --capacity 2 --demand 1,1",
  );
  assert.equal(code, 0, talk);
});

Deno.test("fit prints scores and saves a model that schedule takes", async () => {
  const line =
    "fit --profile table.csv --fit extra-trees --folds 2 --hold-out 0.2 --out model.json";
  const fitted = await run(`${line} --json`);
  assert.equal(fitted.code, 0, fitted.talk);
  const report = JSON.parse(fitted.output);
  for (const field of ["r2", "r2Paper", "mae", "maePresent", "rows", "seconds"]) {
    assert.equal(typeof report[field], "number", field);
  }
  assert.equal(report.rows, 5);
  const files = { "model.json": fitted.files.get("model.json")! };
  const plan = await json("schedule --model model.json --nodes 2 --capacity 2 --demand 2,2", {
    files,
  });
  assert.equal((plan.surface as { kind: string }).kind, "extra-trees");
});

Deno.test("fit --fit auto says what it is made of", async () => {
  const line = "fit --profile few.csv --fit auto --folds 0 --hold-out 0";
  const files = { "few.csv": FEW };
  const report = await json(line, { files });
  assert.equal(report.fit, "auto");
  assert.equal(report.model, "auto (0.8 gaussian, 0.2 extra-trees)");
  const { output } = await run(line, { files });
  assert.match(output, /^model +auto \(0\.8 gaussian, 0\.2 extra-trees\)$/m);
});

Deno.test("a plan from few rows says what it rests on, and what would be worth measuring", async () => {
  const files = { "few.csv": FEW };
  const line = "schedule --profile few.csv --nodes 2 --capacity 8 --demand api=8,cache=6";
  const { output, talk, files: after } = await run(`${line} --out p.json`, { files });
  assert.match(output, /^gap +0 \(proven under the model\)$/m);
  assert.match(output, /^upper bound under the model +[01]\.\d{6}$/m);
  assert.doesNotMatch(output, /proven upper bound|\(proven\)/);
  assert.match(output, /^expected when measured +0\.\d{4} to [01]\.\d{4} \(90 %\)$/m);
  assert.match(
    talk,
    /far from all measured ones, such as .+: measure it with metis profile --series [12](-[12])*\n/,
  );
  const text = after.get("p.json") as string;
  const plan = JSON.parse(text);
  assert.ok(plan.meanLow < plan.mean && plan.mean < plan.meanHigh);
  assert.ok(plan.extrapolatedShare > 0.5 && plan.measuredShare === 0);
  assert.deepEqual(plan.surface, { kind: "pooled", source: "few.csv" });
  const again = await json("evaluate --plan p.json --profile few.csv", {
    files: { ...files, "p.json": text },
  });
  for (const field of ["measuredShare", "extrapolatedShare", "meanLow", "meanHigh"]) {
    assert.equal(again[field], plan[field], field);
  }
});

Deno.test("compare tells once which of its placements is mostly guessed, and what would be worth measuring", async () => {
  const files = { "few.csv": FEW };
  const line = "compare --profile few.csv --nodes 2 --capacity 8 --demand api=8,cache=6";
  const { output, talk } = await run(`${line} --schedulers spread,optimal`, { files });
  assert.match(output, /Gap under/);
  const notices = talk.split("\n").filter((text) => text.includes("far from all measured ones"));
  assert.equal(notices.length, 1);
  assert.match(
    notices[0]!,
    /^100 % of the containers of (spread|optimal) are .* --series [12](-[12])*; 1 more placement is mostly so$/,
  );
});

Deno.test("--risk plans with caution where a scheduler looks at predictions, and is refused elsewhere", async () => {
  const files = { "few.csv": FEW };
  const placed = "--profile few.csv --nodes 2 --capacity 8 --demand api=8,cache=6";
  const plan = await json(`schedule ${placed}`, { files });
  // With caution it is planned by less than the mean, and valued by it: never above the plan by the mean.
  const careful = await json(`schedule ${placed} --risk 1`, { files });
  assert.equal(careful.risk, 1);
  assert.equal(careful.bound, plan.bound);
  assert.ok(careful.mean as number <= (plan.mean as number) + 1e-9);
  const compared = await json(`compare ${placed} --risk 1 --schedulers spread,optimal`, { files });
  const [spread, optimal] = compared.results as Record<string, unknown>[];
  assert.equal(spread!.risk, undefined);
  assert.equal(optimal!.risk, 1);
  assert.equal(optimal!.mean, careful.mean);
  for (
    const [words, message] of [
      [`schedule ${placed} --scheduler medea --risk 1`, /--risk has no effect on medea/],
      [`compare ${placed} --schedulers spread,metis --risk 1`, /no effect on spread, metis/],
      [`schedule ${placed} --risk 1.5`, /from 0 to 1/],
      ["evaluate --plan p.json --profile few.csv --risk 1", /unknown option '--risk'/],
      ["medea --demands demands.csv --nodes 2 --risk 1", /unknown option '--risk'/],
    ] as const
  ) {
    const { code, talk } = await run(words, { files });
    assert.equal(code, 2, words);
    assert.match(talk, message);
  }
});

Deno.test("schedulers heed predictions, and so --risk, exactly where they say so", async () => {
  const { defaultRegistry } = await import("../../registry.ts");
  const { problemOn, runScheduler, surfaceFromModel } = await import("../../scheduling/mod.ts");
  // Together is better than alone in one world, and worse in the other: whoever looks places differently.
  const world = (together: number) =>
    surfaceFromModel({
      kind: "made",
      apps: ["a", "b"],
      predict: (counts, rows) =>
        Float64Array.from(
          { length: 2 * rows },
          (_, at) => counts[at - at % 2]! > 0 && counts[at - at % 2 + 1]! > 0 ? together : 1,
        ),
    }, { source: "made" });
  const cluster = uniformCluster(3, 3);
  const constraints: never[] = [];
  for (const scheduler of defaultRegistry().ready()) {
    if (scheduler.name.startsWith("metis")) continue;
    const [better, worse] = await Promise.all([0.5, 2].map(async (together) => {
      using simulator = world(together).simulator(3);
      const problem = problemOn(simulator, { cluster, demand: [2, 2], constraints });
      return [...(await runScheduler(scheduler, problem)).placement.counts].join();
    }));
    assert.equal(scheduler.heedsPredictions === true, better !== worse, scheduler.name);
  }
});

Deno.test("fit --plot draws every held-out value, the same each time, and needs folds", async () => {
  const line = "fit --profile few.csv --fit forest --folds 3 --plot p.svg";
  const files = { "few.csv": FEW };
  const [first, second] = [await run(line, { files }), await run(line, { files })];
  const svg = first.files.get("p.svg") as string;
  assert.match(first.talk, /Wrote p\.svg/);
  assert.equal(svg, second.files.get("p.svg"));
  const { crossValidation } = await json(line, { files }) as {
    crossValidation: { perApp: { rows: number }[] };
  };
  const values = crossValidation.perApp.reduce((sum, { rows }) => sum + rows, 0);
  assert.equal(svg.split("<circle").length - 1, values);
  const { code, talk } = await run("fit --profile few.csv --folds 0 --plot p.svg", { files });
  assert.equal(code, 2);
  assert.match(talk, /--plot draws the rows that folds leave out/);
});

Deno.test("fit --test scores on the rows that the profile lacks", async () => {
  const report = await json(
    "fit --profile gappy.csv --test table.csv --fit forest --folds 0 --hold-out 0",
  );
  assert.equal(report.scoredOn, "test");
  assert.equal((report.test as { rows: number }).rows, 1);
  assert.equal(report.mae, (report.test as { mae: number }).mae);
});

Deno.test("fit --from learns a node class from few rows and the profile of another, and what it saves schedules", async () => {
  // On the other class a web that serves a redis runs at half; here everything is a tenth slower in company.
  const rows = [[1, 0], [0, 1], [2, 0], [0, 2], [1, 1], [3, 0], [0, 3], [2, 1], [1, 2]] as const;
  const profileOf = (slower: number, some: number = rows.length) =>
    "redis,web,rps:redis,rps:web\n" + rows.slice(0, some).map(([redis, web]) => {
      const alone = redis + web === 1;
      const speed = (count: number, value: number) =>
        count === 0 ? "" : `${alone ? 1 : value - slower}`;
      return `${redis},${web},${speed(redis, 0.9)},${speed(web, redis > 0 ? 0.5 : 0.8)}`;
    }).join("\n") + "\n";
  const files = {
    "own.csv": profileOf(0.1, 5),
    "other.csv": profileOf(0),
    "test.csv": profileOf(0.1),
  };
  const line = "fit --profile own.csv --folds 0 --hold-out 0 --test test.csv";
  const alone = await json(line, { files });
  const learned = await json(`${line} --from other.csv`, { files });
  assert.deepEqual([learned.fit, learned.from], ["transfer", ["other.csv"]]);
  assert.ok(Number(learned.maePresent) < 0.5 * Number(alone.maePresent));
  const fitted = await run(`${line} --from other.csv --out model.json`, { files });
  assert.match(fitted.output, /learned from +other\.csv/);
  const model = fitted.files.get("model.json")!;
  const plan = await json(
    "schedule --model model.json --nodes 2 --capacity 3 --demand 3,2 --scheduler optimal",
    { files: { ...files, "model.json": model } },
  );
  assert.equal(plan.proven, true);
});

Deno.test("fit refuses an unknown kind of model as wrong usage", async () => {
  const { code, talk } = await run("fit --profile table.csv --fit forrest");
  assert.equal(code, 2);
  assert.match(talk, /did you mean forest\?/);
});

Deno.test("datasets import names what a folder lacks to be the 2020 release, and makes nothing", async () => {
  const disk = memoryFiles({ "checkout/README.md": new Uint8Array() });
  const line = ["import", "checkout/", "--out", "made"];
  const command = datasetsCommand(memoryContext({ args: ["datasets", ...line] }), disk);
  await assert.rejects(
    command.exitOverride().parseAsync(line, { from: "user" }),
    /LICENSE: is missing: name a checkout of the 2020 release/,
  );
  assert.equal(await disk.exists("made"), false);
});

Deno.test("datasets lists, shows and exports what is bundled", async () => {
  const { datasets } = await json("datasets list") as { datasets: { name: string }[] };
  const { name } = datasets.find((dataset) => dataset.name.startsWith("synthetic"))!;
  assert.match((await run(`datasets show ${name}`)).output, new RegExp(name));
  const { code, files } = await run(`datasets export ${name} --out copy.csv`);
  assert.equal(code, 0);
  assert.ok(files.get("copy.csv")!.length > 1000);
});

Deno.test("start compares every scheduler with the optimum and says what to try next", async () => {
  const { defaultRegistry } = await import("../../registry.ts");
  const { code, output, talk } = await run("start");
  assert.equal(code, 0, talk);
  for (const { name } of defaultRegistry().ready()) {
    assert.match(output, new RegExp(`^${name} `, "m"));
  }
  assert.match(output, /metis-paper,\s+vanilla,\s+dc/);
  assert.match(output, /^optimal .* 0 \(proven\) /m);
  const [, cost, worst] = /floor of 0\.5 .* costs ([\d.]+) % .*, worst container ([\d.]+)\./
    .exec(output.replaceAll("\n", " "))!;
  assert.ok(Number(cost) > 0 && Number(cost) < 10 && Number(worst) >= 0.5, `${cost} ${worst}`);
  assert.match(output, /200 containers/);
  assert.match(output, /81 nodes/);
  assert.ok(output.split("\n").every((line) => line.length <= 80), output);
  assert.match(output, /metis fit --profile/);
});

Deno.test("completions name every command and scheduler in every shell", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, output } = await run(`completions ${shell}`);
    assert.equal(code, 0);
    for (const word of ["schedule", "datasets", "export", "max-per-node", "local-search"]) {
      assert.ok(output.includes(word), `${shell}: ${word}`);
    }
  }
});

const RAW = "redis,web,rps:redis,rps:web\n1,0,5230,\n0,1,,410\n1,1,4810,490\n2,1,3700,533\n";
const HUGE = "redis,web,rps:redis,rps:web\n1,0,1,\n0,1,,1\n1,1,0.9,490\n2,1,0.8,533\n";

Deno.test("raw requests per second are refused with the remedy, and divided where asked", async () => {
  const world = { files: { "raw.csv": RAW } };
  const line = "schedule --profile raw.csv --nodes 3 --capacity 3 --demand redis=3,web=3";
  const { code, talk } = await run(line, world);
  assert.equal(code, 1);
  assert.match(talk, /row 0 \(line 2\), column rps:redis: .*5230.*--normalise/);
  const { mean } = await json(`${line} --normalise`, world);
  assert.ok(Number(mean) > 0.5 && Number(mean) < 1.5, `${mean}`);
  assert.equal((await run("fit --profile raw.csv --normalise", world)).code, 0);
});

Deno.test("values that cannot be are refused, unless a higher limit is given", async () => {
  const world = { files: { "huge.csv": HUGE } };
  const { code, talk } = await run("fit --profile huge.csv", world);
  assert.equal(code, 1);
  assert.match(talk, /RPS 490 is above 100 times a container alone: .*--max-rps/);
  assert.equal((await run("fit --profile huge.csv --max-rps 1000", world)).code, 0);
});

Deno.test("an app that is named twice in an option is refused", async () => {
  const demand = await run(`schedule ${SMALL} --demand redis=1,redis=2`);
  assert.deepEqual([demand.code, /--demand: redis is named twice/.test(demand.talk)], [2, true]);
  const rule = await run(
    `schedule ${SMALL} --demand 1,1 --max-per-node isr=1 --max-per-node isr=2`,
  );
  assert.deepEqual([rule.code, /--max-per-node: isr is named twice/.test(rule.talk)], [2, true]);
});

Deno.test("failure domains of a cluster file are told to be ignored", async () => {
  const zones = [{ capacity: 2, count: 2, failureDomain: "zone-a" }];
  const world = { files: { "zones.json": JSON.stringify(zones) } };
  const { code, talk } = await run(
    "schedule --table table.csv --cluster zones.json --demand 1,1",
    world,
  );
  assert.equal(code, 0, talk);
  assert.match(
    talk,
    /zones\.json: failureDomain is ignored: only a problem file has rules about it/,
  );
});

Deno.test("names of a plan cannot steer the terminal", async () => {
  const plan = { apps: ["\x1b[31mred", "left\u202eright"], placement: [[1, 1]] };
  const { code, output } = await run("plan show plan.json", {
    files: { "plan.json": JSON.stringify(plan) },
  });
  assert.equal(code, 0);
  assert.ok(!output.includes("\x1b") && !output.includes("\u202e"), JSON.stringify(output));
  assert.match(output, /\\x1b\[31mred/);
  assert.match(output, /left\\u\{202e\}right/);
});

Deno.test("names of files, apps and schedulers cannot steer the terminal, in text, JSON or errors", async () => {
  const odd = "\x1b[31mred\x07\u202e\x9b";
  const table = (app: string) => `${odd},b,rps:${odd},rps:b\n1,0,1,\n0,1,,1\n`.replaceAll(odd, app);
  const plan = (app: string, more: object = {}) =>
    JSON.stringify({ scheduler: odd, apps: [app, "b"], placement: [[1, 0]], ...more });
  const { files } = await run("fit --profile t.csv --fit extra-trees --out model.json", {
    files: { "t.csv": table("a") },
  });
  const world = {
    files: {
      [`${odd}.csv`]: table("a"),
      "model.json": String(files.get("model.json")).replaceAll('"a"', JSON.stringify(odd)),
      "odd.json": plan(odd),
      "plan.json": plan("a"),
      "rules.json": plan("a", { rules: { maxPerNode: { [odd]: 1 } } }),
      "key.json": plan("a", { [odd]: 1 }),
      "apart.json": plan(odd, { rules: { apart: [[odd, "b"]] }, placement: [[1, 1]] }),
    },
  };
  const cluster = "--nodes 2 --capacity 2 --demand 1,1";
  for (
    const [line, wanted] of [
      ["plan show odd.json", 0],
      ["plan show odd.json --json", 0],
      [`schedule --model model.json ${cluster} --out out.json`, 0],
      [`schedule --model model.json ${cluster} --verbose`, 0],
      [`schedule --model model.json ${cluster} --json`, 0],
      [`compare --model model.json ${cluster} --schedulers greedy --verbose`, 0],
      [`compare --table ${odd}.csv --fallback extra-trees ${cluster} --schedulers greedy`, 0],
      [`evaluate --plan plan.json --table ${odd}.csv`, 0],
      [`evaluate --plan plan.json --table ${odd}.csv --json`, 0],
      ["evaluate --plan odd.json --model model.json", 0],
      [`evaluate --plan odd.json --table ${odd}.csv`, 1],
      ["evaluate --plan rules.json --model model.json --json", 1],
      ["evaluate --plan key.json --model model.json", 1],
      ["evaluate --plan apart.json --model model.json", 1],
      [`evaluate --plan ${odd} --model model.json`, 1],
      [`schedule --model model.json --nodes 1 --capacity 2 --demand 9,0`, 1],
      [`schedule --model model.json --nodes 1 --capacity 2 --demand ${odd}=-1`, 2],
      [`schedule --model model.json ${cluster} --scheduler ${odd}`, 2],
      [`${odd}`, 2],
      [`schedule --${odd}`, 2],
      [`plan export odd.json --nodes ${odd}`, 1],
      [`experiment run ${odd} --check`, 1],
      [`policy show ${odd}`, 1],
    ] as const
  ) {
    const { code, output, talk } = await run(line, world);
    assert.equal(code, wanted, `${line}: ${talk}`);
    // A line feed is the only one that may be there.
    assert.doesNotMatch(output + talk, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u, JSON.stringify(line));
    assert.ok(output + talk !== "", line);
  }
});

Deno.test("where configurations are too many for optimal, the default is a scheduler that can, and says so", async () => {
  const apps = Array.from({ length: 30 }, (_, at) => `a${at}`);
  const rows = apps.map((_, row) =>
    [
      ...apps.map((_, at) => at === row ? 1 : 0),
      ...apps.map((_, at) => at === row ? 1 : ""),
    ].join()
  );
  const many = [[...apps, ...apps.map((app) => `rps:${app}`)].join(), ...rows].join("\n");
  const line =
    "schedule --profile many.csv --nodes 2 --capacity 12 --demand a0=2,a1=1 --fit extra-trees --set restarts=0";
  const { code, output, talk } = await run(line, { files: { "many.csv": many } });
  assert.equal(code, 0, talk);
  assert.match(talk, /too many for a table: placing by local-search, without a proof/);
  // No two containers were measured together: no plan is sure to be better than spread's.
  assert.match(
    talk,
    /not sure that its plan is better than spread's \(by -0\.\d+ to 0\.\d+ in the mean, 90 %\): placed/,
  );
  assert.match(output, /^spread placed 3 containers/);
  const named = await run(`${line} --scheduler local-search`, { files: { "many.csv": many } });
  assert.match(named.output, /^local-search placed 3 containers/);
  assert.doesNotMatch(named.talk, /not sure/);
});
