import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

/**
 * Two apps, two slots. Together they are the most productive, but b then runs at 0.6 and has a p99 of 30 ms; two
 * of a kind run at 0.8 and are as quick as alone.
 */
const TABLE = "a,b,rps:a,rps:b,p99:a,p99:b\n" +
  "1,0,1,,4,\n0,1,,1,,10\n2,0,0.8,,4,\n0,2,,0.8,,10\n1,1,1.9,0.6,5,30\n";
const FILES = { "table.csv": TABLE };
const ON = "--table table.csv --nodes 3 --capacity 2";

async function run(line: string, files: Record<string, string | Uint8Array> = FILES) {
  const context = memoryContext({ args: line.split(" "), files });
  const exitCode = await runCli(context);
  return { exitCode, context, json: () => JSON.parse(context.output()) };
}

const SCHEDULE = `schedule ${ON} --demand a=2,b=2 --json --quiet`;

for (const scheduler of ["optimal", "greedy", "local-search"]) {
  Deno.test(`metis schedule --scheduler ${scheduler} keeps a p99 limit at the price of throughput`, async () => {
    const free = (await run(`${SCHEDULE} --scheduler ${scheduler}`)).json();
    // Two nodes hold one of each: (1.9 + 0.6) / 2.
    assert.ok(Math.abs(free.mean - 1.25) < 1e-9);
    assert.ok(Math.abs(free.p99.a - 5) < 1e-9 && Math.abs(free.p99.b - 30) < 1e-9);
    assert.equal(free.objective, undefined);
    const { exitCode, json } = await run(`${SCHEDULE} --scheduler ${scheduler} --p99-limit b=12`);
    assert.equal(exitCode, 0);
    // Two of one app share a node, the others are alone: (0.8 + 0.8 + 1 + 1) / 4.
    assert.ok(Math.abs(json().mean - 0.9) < 1e-9);
    assert.equal(json().p99.b, 10);
    assert.deepEqual(json().p99Limits, { b: 12 });
    assert.equal(json().proven, true);
  });

  Deno.test(`metis schedule --scheduler ${scheduler} --objective worst spares the slowest container`, async () => {
    const { exitCode, json } = await run(`${SCHEDULE} --scheduler ${scheduler} --objective worst`);
    assert.equal(exitCode, 0);
    const plan = json();
    assert.equal(plan.objective, "worst");
    assert.equal(plan.worst, 0.8);
    assert.equal(plan.worstBound, scheduler === "optimal" ? 0.8 : null);
    // The bound on the mean is that of every placement, so the gap is the price of fairness.
    assert.ok(Math.abs(plan.gap - (1.25 - 0.9) / 1.25) < 1e-9);
  });
}

Deno.test("metis compare shares the bound on the slowest container, and names who cannot aim at it", async () => {
  const { exitCode, json } = await run(
    `compare ${ON} --demand a=2,b=2 --objective worst --schedulers spread,greedy,optimal --json --quiet`,
  );
  assert.equal(exitCode, 0);
  const [spread, greedy, optimal] = json().results;
  assert.match(spread.error, /Scheduler spread cannot maximise worst/);
  assert.deepEqual([greedy.worst, greedy.worstBound], [0.8, 0.8]);
  assert.deepEqual([optimal.worst, optimal.worstBound], [0.8, 0.8]);
});

Deno.test("metis evaluate tells the latencies of a plan, and people see limits and proofs", async () => {
  const { context } = await run(`${SCHEDULE} --scheduler optimal --out plan.json`);
  const files = { ...FILES, "plan.json": context.files.get("plan.json")! };
  const report = (await run(
    "evaluate --plan plan.json --table table.csv --p99-limit b=12 --json --quiet",
    files,
  )).json();
  assert.equal(report.p99.b, 30);
  assert.deepEqual(report.p99Limits, { b: 12 });
  const told = await run(
    `schedule ${ON} --demand a=2,b=2 --objective worst --p99-limit a=4.5,b=12 --quiet`,
  );
  assert.match(told.context.output(), /worst container \(proven the highest\)/);
  assert.match(told.context.output(), /a 4\.0 of 4\.5, b 10\.0 of 12/);
});

for (const scheduler of ["optimal", "greedy", "local-search", "annealing"]) {
  Deno.test(`metis schedule --scheduler ${scheduler} keeps floors at the price of throughput`, async () => {
    const spared = `${SCHEDULE} --scheduler ${scheduler}`;
    // Beside an a, a b runs at 0.6: a floor of 0.5 under all, or of 0.9 under a, changes nothing.
    for (const loose of ["--floor 0.5", "--floor a=0.9,b=0.5"]) {
      assert.ok(Math.abs((await run(`${spared} ${loose}`)).json().mean - 1.25) < 1e-9);
    }
    for (const tight of ["--floor 0.7", "--floor b=0.7", "--floor 0.1 --floor b=0.7"]) {
      const plan = (await run(`${spared} ${tight}`)).json();
      assert.ok(Math.abs(plan.mean - 0.9) < 1e-9);
      assert.ok(plan.worst >= 0.7);
      assert.equal(plan.floors.b, 0.7);
      assert.equal(plan.proven, true);
    }
  });
}

Deno.test("metis schedule --objective fair tells the geometric mean and its bound, whoever places", async () => {
  // One of each on two nodes: (1.9 x 0.6) ^ 1/2 = 1.0677. Apart: (0.8 x 0.8 x 1 x 1) ^ 1/4 = 0.8944.
  const fairest = Math.sqrt(1.9 * 0.6);
  for (const scheduler of ["optimal", "greedy", "annealing"]) {
    const plan = (await run(`${SCHEDULE} --objective fair --scheduler ${scheduler}`)).json();
    assert.equal(plan.objective, "fair");
    assert.ok(Math.abs(plan.fairness - fairest) < 1e-9);
    assert.ok(Math.abs(plan.fairnessBound - fairest) < 1e-6);
    assert.equal(plan.worstBound, undefined);
    assert.equal(plan.proven, true);
  }
  const { context } = await run(
    `schedule ${ON} --demand a=2,b=2 --objective fair --floor 0.7 --quiet`,
  );
  assert.match(context.output(), /objective +fair: geometric mean 0\.8944 \(proven the highest\)/);
  const refused = await run(`${SCHEDULE} --objective fair --scheduler binpack`);
  assert.match(
    refused.context.talk(),
    /Scheduler binpack cannot maximise fair, only throughput: try the scheduler optimal/,
  );
});

Deno.test("weights of a problem file count: the weighted mean and its bound are told, and all alike are none", async () => {
  const problem = (weight: number) =>
    JSON.stringify({
      apps: { a: { containers: 2 }, b: { containers: 2, weight } },
      nodes: [{ count: 3, slots: 2 }],
      surface: { table: "table.csv" },
    });
  const schedule = async (weight: number) => {
    const files = { ...FILES, "problem.json": problem(weight) };
    return (await run("schedule --problem problem.json --json --quiet", files)).json();
  };
  // Together: (2 x 1.9 + 2 w x 0.6) / (2 + 2 w), else one app shares a node: (2 x 0.8 + 2 w) / (2 + 2 w). From w = 2.75 on the latter.
  const light = await schedule(2);
  assert.ok(Math.abs(light.weightedMean - (3.8 + 2.4) / 6) < 1e-9);
  const heavy = await schedule(4);
  assert.ok(Math.abs(heavy.weightedMean - (1.6 + 8) / 10) < 1e-9);
  assert.ok(Math.abs(heavy.weightedBound - heavy.weightedMean) < 1e-6);
  assert.deepEqual(heavy.weights, { a: 1, b: 4 });
  assert.equal((await schedule(1)).weightedMean, undefined);
});

Deno.test("floors are told to people, kept under caution, and refused where they say nothing that can be kept", async () => {
  const told = await run(`schedule ${ON} --demand a=2,b=2 --floor 0.5,b=0.7 --quiet`);
  assert.match(told.context.output(), /floors, normalised RPS +a 0\.5, b 0\.7\n/);
  const cautious = await run(`${SCHEDULE} --floor 0.7 --risk 0.5`);
  assert.ok(cautious.json().worst >= 0.7);
  for (
    const [floor, code, reason] of [
      ["0", 2, /number above 0/],
      ["b=fast", 2, /number above 0/],
      ["0.5,0.6", 2, /one number for all apps/],
      ["a=0.5,a=0.6", 2, /a is named twice/],
      ["c=0.5", 1, /unknown app c/],
      ["0.95", 1, /does not fit/],
    ] as const
  ) {
    const { exitCode, context } = await run(`${SCHEDULE} --floor ${floor}`);
    assert.equal(exitCode, code, floor);
    assert.match(context.talk(), reason);
  }
  const refused = await run(`${SCHEDULE} --scheduler binpack --floor 0.5`);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.context.talk(), /Scheduler binpack does not keep/);
});

Deno.test("limits that cannot be kept, or not be known, are refused in a line each", async () => {
  const refused = async (line: string, code: number, reason: RegExp, files = FILES) => {
    const { exitCode, context } = await run(line, files);
    assert.equal(exitCode, code, line);
    assert.match(context.talk(), reason);
  };
  // Greedy puts the two of a apart, and then has no node for b; optimal knows better.
  const tight = SCHEDULE.replace("--nodes 3", "--nodes 2") + " --p99-limit b=12";
  await refused(`${tight} --scheduler greedy`, 1, /try the scheduler optimal/);
  assert.equal((await run(`${tight} --scheduler optimal`)).exitCode, 0);
  await refused(`${SCHEDULE} --p99-limit b=2`, 1, /does not fit/);
  await refused(`${SCHEDULE} --p99-limit c=2`, 1, /unknown app c/);
  await refused(`${SCHEDULE} --p99-limit b=fast`, 2, /milliseconds above 0/);
  await refused(`${SCHEDULE} --p99-limit b=0`, 2, /milliseconds above 0/);
  await refused(`${SCHEDULE} --objective mean`, 2, /mean/);
  await refused(
    `${SCHEDULE} --scheduler spread --p99-limit b=12`,
    1,
    /does not keep latency limits/,
  );
  const without = { "table.csv": "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n2,0,1,\n0,2,,1\n1,1,1,1\n" };
  await refused(`${SCHEDULE} --p99-limit b=12`, 2, /columns p99:APP/, without);
});
