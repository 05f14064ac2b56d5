import assert from "node:assert/strict";
import { CONTRACT } from "../../scheduling/problem_file/_contract.ts";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

/** Two apps, two slots: together they are the most productive. */
const TABLE = "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n2,0,0.8,\n0,2,,0.8\n1,1,1.9,0.6\n";

const PROBLEM = `
apps: { a: { containers: 2 }, b: { containers: 2 } }
nodes: [{ count: 3, slots: 2 }]
surface: { table: table.csv }
`;

async function run(line: string, files: Record<string, string> = {}) {
  const context = memoryContext({
    args: line.split(" "),
    files: { "table.csv": TABLE, "p.yaml": PROBLEM, ...files },
  });
  const exitCode = await runCli(context);
  return { exitCode, context, json: () => JSON.parse(context.output()) };
}

Deno.test("a problem file places as the options that say the same do", async () => {
  const flags = "--table table.csv --nodes 3 --capacity 2 --demand 2,2";
  const rules = " --max-per-node a=1 --apart a,b --fence 0";
  for (
    const [line, more] of [
      ["", ""],
      [rules, "rules: { maxPerNode: { a: 1 }, apart: [[a, b]], fence: [n0] }\n"],
      [" --objective worst", "objective: worst\n"],
      [" --floor 0.7", "floor: 0.7\n"],
      [" --floor b=0.7", "floor: 0.7\n"], // the option comes before the file
    ] as const
  ) {
    const files = {
      "p.yaml": PROBLEM.replace("count: 3", line === rules ? "count: 5" : "count: 3") + more,
    };
    const said = line === rules ? flags.replace("--nodes 3", "--nodes 5") : flags;
    for (const scheduler of ["optimal", "local-search"]) {
      const by = `--scheduler ${scheduler} --json --quiet --seed 3`;
      const asked = line.includes("b=0.7") ? line : "";
      const flagged = await run(`schedule ${said}${line} ${by}`);
      const filed = await run(`schedule --problem p.yaml${asked} ${by}`, files);
      assert.equal(filed.exitCode, 0, filed.context.talk());
      const [one, other] = [flagged.json(), filed.json()];
      for (const plan of [one, other]) {
        delete plan.seconds;
        plan.cluster.forEach((nodeClass: { name?: string }) => delete nodeClass.name);
      }
      assert.deepEqual(other, one);
    }
  }
});

Deno.test("compare takes a problem file too", async () => {
  const line = "compare --problem p.yaml --schedulers optimal,spread --json --quiet";
  const { results } = (await run(line)).json();
  assert.equal(results.length, 2);
  assert.ok(Math.abs(results[0].mean - 1.25) < 1e-9);
});

Deno.test("options that say what the file says are refused beside it", async () => {
  for (
    const option of ["--nodes 3", "--demand 1,1", "--table table.csv", "--fence 1", "--apart a,b"]
  ) {
    const { exitCode, context } = await run(`schedule --problem p.yaml ${option}`);
    assert.equal(exitCode, 2, option);
    assert.match(context.talk(), /--problem <file>' cannot be used with option/);
  }
});

Deno.test("files that a problem names are beside it, and its apps may be fewer and in another order", async () => {
  const files = {
    "shop/p.yaml": PROBLEM.replace(
      "a: { containers: 2 }, b: { containers: 2 }",
      "b: { containers: 3 }",
    ),
    "shop/table.csv": TABLE,
  };
  const { exitCode, json } = await run("schedule --problem shop/p.yaml --json --quiet", files);
  assert.equal(exitCode, 0);
  assert.deepEqual(json().apps, ["a", "b"]);
  assert.deepEqual(json().demand, [0, 3]);
  const swapped = PROBLEM.replace(
    "a: { containers: 2 }, b: { containers: 2 }",
    "b: { containers: 1 }, a: { containers: 2 }",
  );
  const plan = (await run("schedule --problem p.yaml --json --quiet", { "p.yaml": swapped }))
    .json();
  assert.deepEqual(plan.demand, [2, 1]);
  const unknown = PROBLEM.replace("b: {", "bee: {");
  const refused = await run("schedule --problem p.yaml", { "p.yaml": unknown });
  assert.equal(refused.exitCode, 1);
  assert.match(
    refused.context.talk(),
    /p\.yaml: apps\.bee: table\.csv has no app bee: did you mean/,
  );
});

Deno.test("weights, floors and rules stay with their apps, whatever the order of the surface", async () => {
  const apps = (first: string, second: string) =>
    PROBLEM.replace(/apps: .*/, `apps: { ${first}, ${second} }`) +
    "objective: fair\nrules: { maxPerNode: { b: 1 } }\n";
  const [a, b] = ["a: { containers: 2, floor: 0.7 }", "b: { containers: 2, weight: 3 }"] as const;
  const plans = [];
  for (const text of [apps(a, b), apps(b, a)]) {
    const line = "schedule --problem p.yaml --json --quiet";
    const plan = (await run(line, { "p.yaml": text })).json();
    delete plan.seconds;
    plans.push(plan);
  }
  assert.deepEqual(plans[1], plans[0]);
  assert.deepEqual(plans[0].weights, { a: 1, b: 3 });
  assert.deepEqual(plans[0].floors, { a: 0.7 });
});

Deno.test("a problem without a surface can be checked and shown, not placed", async () => {
  const files = { "p.yaml": PROBLEM.replace(/surface.*\n/, "") };
  const placed = await run("schedule --problem p.yaml", files);
  assert.equal(placed.exitCode, 1);
  assert.match(placed.context.talk(), /p\.yaml: surface: is missing: say what values a placement/);
  assert.equal((await run("problem check p.yaml", files)).exitCode, 0);
  assert.equal((await run("problem show p.yaml", files)).exitCode, 0);
});

Deno.test("metis problem check tells how full the cluster will be, and that there is a placement", async () => {
  const { exitCode, context } = await run("problem check p.yaml");
  assert.equal(exitCode, 0);
  assert.match(context.output(), /slots +4 of 6 \(67 %\)\n/);
  assert.match(context.output(), /p\.yaml is sound: there is a placement\n/);
});

Deno.test("metis problem check tells all that is wrong", async () => {
  const files = { "p.yaml": PROBLEM.replace("slots", "slot").replace("count: 3", "count: -3") };
  const { exitCode, context } = await run("problem check p.yaml", files);
  assert.equal(exitCode, 1);
  assert.match(
    context.output(),
    /p\.yaml: nodes\[0\]\.slot: this key is not known: did you mean slots\?/,
  );
  assert.match(context.output(), /p\.yaml: nodes\[0\]\.count: must be a whole number/);
  const report = (await run("problem check p.yaml --json", files)).json();
  assert.equal(report.sound, false);
  assert.equal(report.faults.length, 2);
  const missing = await run("problem check p.yaml", {
    "p.yaml": PROBLEM.replace("table.csv", "no.csv"),
  });
  assert.match(missing.context.output(), /Cannot read no\.csv/);
});

Deno.test("what clashes is told where there is no placement", async () => {
  const clash = /These clash: a and b apart; no containers on n0; /;
  const files = {
    "p.yaml": `${PROBLEM}rules: { apart: [[a, b]], maxPerNode: { a: 2 }, fence: [n0, n1] }\n`,
  };
  const narrow = {
    "p.yaml": files["p.yaml"].replace("[n0, n1]", "[n0]").replaceAll(
      "containers: 2",
      "containers: 3",
    ).replace("count: 3", "count: 4"),
  };
  for (
    const command of [
      "problem check p.yaml",
      "schedule --problem p.yaml",
      "compare --problem p.yaml",
    ]
  ) {
    const { exitCode, context } = await run(command, narrow);
    assert.equal(exitCode, 1, command);
    assert.match(context.talk(), clash, command);
    assert.match(context.talk(), /without any one of these there is a placement/);
  }
});

Deno.test("metis problem show shows a problem, and prints it as a problem file", async () => {
  const resources = PROBLEM
    .replace(
      "a: { containers: 2 }",
      "a: { containers: 2, resources: { cpu: 500m, memory: 512Mi }, floor: 0.6 }",
    )
    .replace(
      "slots: 2",
      "slots: 2, resources: { cpu: 4, memory: 4GiB }, domain: rack-1, labels: { disk: ssd }",
    ) +
    "rules: { apart: [[a, b]], spread: { a: { maxSkew: 1 } } }\n";
  const { context } = await run("problem show p.yaml", { "p.yaml": resources });
  for (
    const line of [
      /4 containers of 2 apps on 3 nodes with 6 slots/,
      /a +2 +0\.5 +512MiB +0\.6\n/,
      /class-0 +3 +2 +4 +4GiB +rack-1 +disk=ssd/,
      / {2}a and b apart\n {2}domains differ by at most 1 a\n/,
      /surface +table table\.csv/,
    ]
  ) assert.match(context.output(), line);
  const shown = await run("problem show p.yaml --json", { "p.yaml": resources });
  const again = await run("problem show p.json --json", { "p.json": shown.context.output() });
  assert.deepEqual(again.json(), shown.json());
  assert.deepEqual(shown.json().apps.a, {
    containers: 2,
    resources: { cpu: 0.5, memory: "512MiB" },
    floor: 0.6,
  });
});

Deno.test("of resources and all rules, what clashes is told", async () => {
  const profile = "api,cache,rps:api,rps:cache\n1,0,1,\n0,1,,1\n1,1,0.9,0.8\n";
  const files = { "p.yaml": CONTRACT, "profile.csv": profile, "big.csv": profile };
  const narrow = (await run("problem check p.yaml --json", files)).json();
  assert.deepEqual(narrow.faults, []);
  assert.equal(narrow.feasible, false);
  // Three in each of two domains are six.
  assert.match(
    narrow.infeasible,
    /These clash: at most 3 api in a domain; 8 containers of api: without any one/,
  );
  assert.deepEqual(narrow.usage, [
    { name: "slots", wanted: 11, available: 52 },
    { name: "cpu", wanted: 7, available: 52 },
    { name: "memory", wanted: 16 * 2 ** 30, available: 168 * 2 ** 30 },
  ]);
  // A cache is on big nodes alone, which are all of zone-a: no api can be in zone-b.
  const wide = { ...files, "p.yaml": CONTRACT.replace("maxPerDomain: 3", "maxPerDomain: 8") };
  const { infeasible } = (await run("problem check p.yaml --json", wide)).json();
  assert.match(infeasible, /These clash: .*every node with api holds cache/);
  const sound = {
    ...files,
    "p.yaml": CONTRACT.replace(/^ +(apart|together).*\n/gm, "").replace(
      "maxPerDomain: 3",
      "maxPerDomain: 4",
    ),
  };
  assert.equal((await run("problem check p.yaml --json", sound)).json().feasible, true);
});
