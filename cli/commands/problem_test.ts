import assert from "node:assert/strict";
import { CONTRACT } from "../../scheduling/problem_file/_contract.ts";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";
import { runMedeaProgram } from "../medea.ts";

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
  // Three in each of two domains are six. The company of caches clashes too (below), so neither is said to be enough.
  assert.match(
    narrow.infeasible,
    /These clash: at most 3 api in a domain; 8 containers of api$/,
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

Deno.test("evaluate values a plan by the problem file that it was made of, and refuses what breaks its rules", async () => {
  const files = {
    "p.yaml": `
apps: { a: { containers: 2, resources: { cpu: 1 }, floor: 0.55 }, b: { containers: 2, weight: 2 } }
nodes:
  - { class: big, count: 2, slots: 2, resources: { cpu: 1 }, domain: x, surface: { speed: { b: 2 } } }
  - { class: small, count: 1, slots: 2, resources: { cpu: 1 }, domain: y }
rules: { spread: { b: { maxPerDomain: 2 } } }
surface: { table: table.csv }
`,
  };
  const placed = await run("schedule --problem p.yaml --out plan.json --json --quiet", files);
  assert.equal(placed.exitCode, 0, placed.context.talk());
  const plan = placed.json();
  const given = { ...files, "plan.json": String(placed.context.files.get("plan.json")) };
  const by = "--plan plan.json --json --quiet";
  const { mean, bound, proven, weightedMean, surfaces, problem } =
    (await run(`evaluate ${by} --problem p.yaml`, given)).json();
  assert.deepEqual([mean, bound, proven, weightedMean, surfaces, problem], [
    plan.mean,
    plan.bound,
    plan.proven,
    plan.weightedMean,
    plan.surfaces,
    "p.yaml",
  ]);
  assert.deepEqual(surfaces.map(({ kind }: { kind: string }) => kind), ["table", "table"]);
  const otherwise = async (from: string | RegExp, to: string, more = "") => {
    const changed = { ...given, "p.yaml": files["p.yaml"].replace(from, to) };
    return await run(`evaluate ${by} --problem p.yaml${more}`, changed);
  };
  for (
    const [from, to, message] of [
      ["b: { containers: 2", "b: { containers: 3", /Placed 2 containers of b, the demand is 3/],
      [
        /resources: { cpu: 1 }, domain/g,
        "resources: { cpu: 0.5 }, domain",
        /takes 1 cpu and has 0\.5/,
      ],
      ["maxPerDomain: 2", "maxPerDomain: 1", /a domain holds \d of b, above its maximum of 1/],
      ["count: 2", "count: 3", null],
      ["class: small", "class: tiny", /there is no node n2/],
    ] as const
  ) {
    const { exitCode, context } = await otherwise(from, to);
    if (message === null) assert.equal(exitCode, 0, context.talk());
    else {
      assert.equal(exitCode, 1, to);
      assert.match(context.talk(), /plan\.json is no placement of p\.yaml: /);
      assert.match(context.talk(), message);
    }
  }
  const starved = (await otherwise("floor: 0.55", "floor: 5")).json();
  assert.equal(starved.belowFloor.a, 1);
  const other = (await otherwise("", "", " --table table.csv")).json();
  assert.ok(other.mean < mean);
});

Deno.test("env and medea take a problem file, and refuse what they do not keep", async () => {
  const small = PROBLEM + "rules: { maxPerNode: { a: 1 }, fence: [n2] }\n";
  const opened = await run("env --problem p.yaml --check --quiet", { "p.yaml": small });
  assert.equal(opened.exitCode, 0, opened.context.talk());
  for (
    const [more, what] of [
      ["floor: 0.5\n", /do not keep floors/],
      ["objective: worst\n", /do not keep objective/],
      ["rules: { together: [[a, b]] }\n", /do not keep the rule together/],
    ] as const
  ) {
    const refused = await run("env --problem p.yaml --check", { "p.yaml": PROBLEM + more });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.context.talk(), what);
  }
  const rules = "rules: { apart: [[a, b]] }\n";
  const constraints = "app_s,app_c,less_or_lager,threshold,weight\na,a,0,1,1\n";
  const written = new Map<string, string>();
  const context = memoryContext({
    args: "--problem p.yaml --constraints c.csv --json --quiet".split(" "),
    files: {
      "table.csv": TABLE,
      "c.csv": constraints,
      "p.yaml": PROBLEM + rules,
    },
  });
  const code = await runMedeaProgram(context, {
    makeDirectory: () => Promise.resolve(),
    write: (path, text) => Promise.resolve(void written.set(path, text)),
  });
  assert.equal(code, 0, context.talk());
  const { nodes, capacity, results } = JSON.parse(context.output());
  assert.deepEqual([nodes, capacity, results[0].violations, results[0].proven], [3, 2, 0, true]);
  // Apart, two nodes for the containers of a that do not bear each other, and one for those of b.
  const rows = written.get("medea-results/allocation-0.csv")!.trim().split("\n").slice(1).sort();
  assert.deepEqual(rows, ["0,2", "1,0", "1,0"]);
});

Deno.test("metis problem check says whether floors can be kept, and what they clash with", async () => {
  const check = async (more: string) =>
    (await run("problem check p.yaml --json --quiet", { "p.yaml": PROBLEM + more })).json();
  const kept = await check("floor: 0.7\n");
  assert.deepEqual([kept.feasible, kept.sound, kept.notices], [true, true, []]);
  // With a beside b, b runs at 0.6; three nodes are too few for two of each alone; two of a kind run at 0.8.
  const clash = await check("floor: 0.9\n");
  assert.equal(clash.feasible, false);
  assert.match(
    clash.infeasible,
    /These clash: a floor of 0\.9 under a; a floor of 0\.9 under b; 2 containers of a; 2 containers of b: without/,
  );
  // Each app's floor clashes on its own: leaving out one is not said to be enough.
  const alone = await check("floor: 2\n");
  assert.match(alone.infeasible, /These clash: a floor of 2 under [ab]; 2 containers of [ab]$/);
  const both = await check("floor: 0.7\nrules: { fence: [n0, n1] }\n");
  assert.equal(both.feasible, false);
  const scheduled = await run("schedule --problem p.yaml", { "p.yaml": `${PROBLEM}floor: 0.9\n` });
  assert.match(scheduled.context.talk(), /These clash: a floor of 0\.9 under a; /);
  const flags = await run(
    "schedule --table table.csv --nodes 3 --capacity 2 --demand 2,2 --floor 0.9",
  );
  assert.match(flags.context.talk(), /These clash: a floor of 0\.9 under a; /);
  const without = await run("problem check p.yaml --json", {
    "p.yaml": PROBLEM.replace(/surface.*\n/, "floor: 0.7\n"),
  });
  assert.equal(without.json().feasible, null);
  assert.match(
    without.json().notices[0],
    /floors can be kept is not known, since it names no surface/,
  );
});

Deno.test("metis problem check tells faults of form, of names and of files at once", async () => {
  const text = PROBLEM.replace("a: { containers: 2 }", "a: { containers: 2, colour: 1 }") +
    "rules: { apart: [[a, bb]] }\n";
  const { faults } = (await run("problem check p.yaml --json", {
    "p.yaml": text.replace("table.csv", "no.csv"),
  })).json();
  assert.equal(faults.length, 3);
  assert.match(
    faults.join(),
    /colour: this key is not known.*there is no app bb.*Cannot read no\.csv/,
  );
});
