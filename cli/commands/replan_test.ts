import assert from "node:assert/strict";
import type { Plan } from "../../scheduling/plans/mod.ts";
import { runCli } from "../run.ts";
import { memoryContext, type MemoryWorld } from "../_testing.ts";

/** Every configuration of three apps on three slots: each neighbour slows an app by a factor of its own, and of the neighbour. */
function tableText(): string {
  const apps = ["web", "api", "db"];
  const harm = [0.05, 0.14, 0.11];
  const rows: string[] = [];
  for (let web = 0; web <= 3; web++) {
    for (let api = 0; web + api <= 3; api++) {
      for (let db = 0; web + api + db <= 3; db++) {
        const counts = [web, api, db];
        if (web + api + db === 0) continue;
        const speeds = counts.map((count, app) => {
          if (count === 0) return "";
          const others = counts.map((other, at) => at === app ? other - 1 : other);
          const lost = others.reduce(
            (sum, other, at) => sum + other * harm[at]! * (1 + app / 3),
            0,
          );
          return `${1 / (1 + lost)}`;
        });
        rows.push([...counts, ...speeds].join(","));
      }
    }
  }
  return `${apps.join(",")},${apps.map((app) => `rps:${app}`).join(",")}\n${rows.join("\n")}\n`;
}

const FILES = { "table.csv": tableText() };

async function run(line: string, world: MemoryWorld = {}) {
  const context = memoryContext({
    ...world,
    args: line.split(" "),
    files: { ...FILES, ...world.files },
  });
  const code = await runCli(context);
  return { code, output: context.output(), talk: context.talk(), files: context.files };
}

// deno-lint-ignore no-explicit-any
async function json(line: string, files: MemoryWorld["files"] = {}): Promise<any> {
  const { code, output, talk } = await run(`${line} --json`, { files });
  assert.equal(code, 0, talk);
  return JSON.parse(output);
}

/** The text of a plan that `metis schedule` makes. */
async function planned(demand: string, nodes: number = 4): Promise<string> {
  const line =
    `schedule --table table.csv --nodes ${nodes} --capacity 3 --demand ${demand} --out plan.json --quiet`;
  return (await run(line)).files.get("plan.json") as string;
}

Deno.test("replan --json has the fields of the contract; the steps lead to the placement", async () => {
  const plan = await planned("4,3,3");
  const found = await json(
    "replan --from plan.json --table table.csv --demand 4,3,4 --max-moves 1",
    { "plan.json": plan },
  );
  assert.equal(found.forced, 1);
  assert.ok(found.moves <= 1);
  assert.equal(found.started, found.forced + found.moves);
  assert.equal(found.meanBefore, JSON.parse(plan).mean);
  for (const key of ["mean", "bound", "gap", "stopped"]) assert.equal(typeof found[key], "number");
  assert.equal(found.proven, true);
  const counts = JSON.parse(plan).placement as number[][];
  for (const { app, from, to, why, gain } of found.steps) {
    if (to !== null) counts[found.nodes.indexOf(to)]![found.apps.indexOf(app)]!++;
    if (from !== null) counts[found.nodes.indexOf(from)]![found.apps.indexOf(app)]!--;
    assert.equal(typeof why, "string");
    assert.equal(typeof gain, "number");
  }
  assert.deepEqual(counts, found.placement);
  const gains = found.steps.reduce((sum: number, step: { gain: number }) => sum + step.gain, 0);
  assert.ok(Math.abs(gains - (found.mean - found.meanBefore)) < 1e-12);
});

Deno.test("a demand of three more starts three, one that shrinks starts none, and each further move is worth less", async () => {
  // As an operator meets it: many nodes, a demand that changes a little.
  const plan = await planned("14,9,9", 12);
  const files = { "plan.json": plan };
  const from = "--from plan.json --table table.csv";
  const more = await json(`replan ${from} --demand 15,10,10 --max-moves 0`, files);
  assert.deepEqual([more.started, more.moves, more.stopped], [3, 0, 0]);
  const fewer = await json(`replan ${from} --demand 10,8,7 --max-moves 0`, files);
  assert.deepEqual([fewer.started, fewer.moves, fewer.stopped], [0, 0, 7]);
  const { frontier, summary } = await json(`replan ${from} --demand 10,8,7 --frontier`, files);
  assert.equal(frontier[0].mean, fewer.mean);
  frontier.slice(1).forEach((row: { mean: number }, at: number) =>
    assert.ok(row.mean >= frontier[at].mean - 1e-12)
  );
  assert.equal(frontier.at(-1).share, 1);
  assert.match(summary, /moves?.* bring|No move brings anything/);
});

Deno.test("a plan that is replanned without a change stays as it is", async () => {
  const plan = await planned("4,3,3");
  const { code, output } = await run("replan --from plan.json --table table.csv", {
    files: { "plan.json": plan },
  });
  assert.equal(code, 0);
  assert.match(output, /^From plan\.json: nothing has to change\./);
});

Deno.test("--out writes a plan that says where it came from, and that replanning keeps", async () => {
  const plan = await planned("4,3,3");
  const { files } = await run(
    "replan --from plan.json --table table.csv --demand 3,4,4 --max-moves 2 --out next.json --quiet",
    { files: { "plan.json": plan } },
  );
  const next = JSON.parse(files.get("next.json") as string) as Plan;
  assert.equal(next.scheduler, "replan");
  assert.deepEqual(next.parameters, { maxMoves: 2 });
  assert.equal(next.details.from, "plan.json");
  assert.equal(next.details.forced, 2);
  const again = await json("replan --from next.json --table table.csv --max-moves 0", {
    "next.json": files.get("next.json")!,
  });
  assert.deepEqual([again.started, again.steps, again.mean], [0, [], next.mean]);
});

Deno.test("a fenced node is left, for reasons that the steps say; its moves count", async () => {
  const plan = await planned("3,2,2");
  const found = await json("replan --from plan.json --table table.csv --fence 0", {
    "plan.json": plan,
  });
  const held = (JSON.parse(plan) as Plan).placement[0]!.reduce((sum, count) => sum + count, 0);
  assert.ok(held > 0);
  assert.deepEqual(found.placement[0], [0, 0, 0]);
  assert.ok(found.moves >= held);
  const leaving = found.steps.filter(({ from }: { from: string }) => from === "n0");
  assert.equal(leaving.length, held);
  assert.ok(leaving.every(({ why }: { why: string }) => why === "n0 is fenced"));
});

Deno.test("where too few moves are allowed, the least is named", async () => {
  const { code, talk } = await run(
    "replan --from plan.json --table table.csv --fence 0 --max-moves 0",
    { files: { "plan.json": await planned("3,2,2") } },
  );
  assert.equal(code, 1);
  assert.match(talk, /No placement keeps the rules with 0 moves: at least \d+ (is|are) needed/);
});

Deno.test("a node that left takes its containers along: they start again, forced", async () => {
  const plan = await planned("3,2,2");
  const found = await json("replan --from plan.json --table table.csv --nodes 3", {
    "plan.json": plan,
  });
  const lost = (JSON.parse(plan) as Plan).placement[3]!.reduce((sum, count) => sum + count, 0);
  assert.equal(found.forced, lost);
  assert.deepEqual(found.left, ["n3"]);
  assert.equal(
    found.steps.filter(({ why }: { why: string }) => why === "its node left").length,
    lost,
  );
});

const PROBLEM = `apps:
  web: { containers: 3 }
  api: { containers: 2 }
  db: { containers: 2 }
nodes:
  - { class: m, names: [x, y, z], slots: 3 }
surface: { table: table.csv }
`;

Deno.test("nodes of problem files are the same by their names, which the plan keeps", async () => {
  const { files } = await run("schedule --problem a.yaml --out plan.json --quiet", {
    files: { "a.yaml": PROBLEM },
  });
  const plan = JSON.parse(files.get("plan.json") as string) as Plan;
  assert.deepEqual(plan.nodeNames, ["x", "y", "z"]);
  const found = await json("replan --from plan.json --problem b.yaml --out next.json", {
    "plan.json": files.get("plan.json")!,
    "b.yaml": PROBLEM.replace("[x, y, z]", "[z, new, x]"),
  });
  assert.deepEqual([found.left, found.joined], [["y"], ["new"]]);
  const refused = await run("replan --from plan.json --table table.csv --nodes 4", {
    files: {
      "plan.json": files.get("plan.json")!,
    },
  });
  assert.equal(refused.code, 2);
  assert.match(
    refused.talk,
    /plan\.json names its 3 nodes, and there are to be 4: .*--problem FILE/,
  );
  assert.deepEqual(found.nodes, ["z", "new", "x"]);
  assert.equal(found.forced, plan.placement[1]!.reduce((sum, count) => sum + count, 0));
});

Deno.test("another profile than the plan's is told", async () => {
  const { talk } = await run("replan --from plan.json --table other.csv", {
    files: { "plan.json": await planned("3,2,2"), "other.csv": FILES["table.csv"] },
  });
  assert.match(
    talk,
    /plan\.json was made by table\.csv \(table\): here, other\.csv \(table\) values what runs and what is better/,
  );
});

Deno.test("a table that says something else of the plan than when it was made is told", async () => {
  const plan = JSON.parse(await planned("3,2,2")) as Plan;
  const { talk } = await run("replan --from plan.json --table table.csv", {
    files: { "plan.json": JSON.stringify({ ...plan, mean: 0.5 }) },
  });
  assert.match(
    talk,
    /plan\.json says that its mean is 0\.5000; table\.csv, as it is now, says 0\.\d{4}/,
  );
});

Deno.test("pinned apps stay, and unknown ones are refused by name", async () => {
  const plan = await planned("4,3,3");
  const files = { "plan.json": plan };
  const found = await json(
    "replan --from plan.json --table table.csv --demand 4,5,3 --pin web,db",
    files,
  );
  (JSON.parse(plan) as Plan).placement.forEach((row, node) => {
    assert.equal(found.placement[node][0], row[0]);
    assert.equal(found.placement[node][2], row[2]);
  });
  const refused = await run("replan --from plan.json --table table.csv --pin wbe", { files });
  assert.equal(refused.code, 1);
  assert.match(refused.talk, /--pin: unknown app wbe.*web/);
});

Deno.test("a full cluster stops the fewest first; --keep-running refuses where that cannot be", async () => {
  const plan = {
    apps: ["web", "api", "db"],
    capacity: 2,
    placement: [[2, 0, 0], [0, 2, 0]],
    rules: {},
  };
  const files = { "plan.json": JSON.stringify(plan) };
  const line = "replan --from plan.json --table table.csv --max-per-node web=1,api=1";
  const broken = await run(line, { files });
  assert.match(
    broken.output,
    /1 container has to stop before the new one runs: no order that keeps the rules\s+stops fewer/,
  );
  const kept = await run(`${line} --keep-running 100%`, { files });
  assert.equal(kept.code, 1);
  assert.match(kept.talk, /No order found keeps 2 of 2 containers of (web|api) running/);
});

Deno.test("an app that the table does not know stops where a demand leaves it out, and is named where none does", async () => {
  const files = {
    "plan.json": JSON.stringify({
      apps: ["web", "old"],
      capacity: 3,
      placement: [[1, 2], [2, 0]],
    }),
  };
  const refused = await run("replan --from plan.json --table table.csv", { files });
  assert.equal(refused.code, 1);
  assert.match(refused.talk, /plan\.json: table\.csv has no app old.*--demand/);
  const found = await json("replan --from plan.json --table table.csv --demand web=3", files);
  assert.equal(found.stopped >= 2, true);
  assert.deepEqual(
    found.steps.slice(0, 2).map(({ app, from, to }: Record<string, unknown>) => [
      app,
      from,
      to,
    ]),
    [["old", "n0", null], ["old", "n0", null]],
  );
});

Deno.test("the frontier is drawn, and --plot goes with it only", async () => {
  const files = { "plan.json": await planned("2,2,2", 2) };
  const line = "replan --from plan.json --table table.csv --demand 1,2,2";
  const drawn = await run(`${line} --frontier --plot f.svg`, { files });
  assert.equal(drawn.code, 0, drawn.talk);
  assert.match(drawn.files.get("f.svg") as string, /^<svg[\s\S]*<path d="M/);
  assert.match(drawn.output, /Moves +Started +Mean/);
  const refused = await run(`${line} --plot f.svg`, { files });
  assert.equal(refused.code, 2);
  assert.match(refused.talk, /--plot goes with --frontier only/);
});

Deno.test("scale starts and stops only what must, and makes the fewest moves where that is not enough", async () => {
  const plan = await planned("3,2,2");
  const files = { "plan.json": plan };
  const found = await json("scale web=5 db=1 --from plan.json --table table.csv", files);
  assert.deepEqual([found.started, found.moves, found.stopped], [2, 0, 1]);
  assert.deepEqual(found.demand, [5, 2, 1]);
  const fenced = await run("scale web=4 --from plan.json --table table.csv --fence n0 --json", {
    files,
  });
  assert.equal(fenced.code, 0, fenced.talk);
  assert.match(fenced.talk, /No placement keeps the rules with 0 moves: .*: the fewest are made/);
  const [first] = (JSON.parse(plan) as Plan).placement;
  const held = first!.reduce((sum, count) => sum + count, 0);
  assert.equal(JSON.parse(fenced.output).moves, held);
  const refused = await run("scale web --from plan.json --table table.csv", { files });
  assert.equal(refused.code, 2);
});

Deno.test("plan diff shows what starts and stops by node, and what that brings where a table is given", async () => {
  const [before, after] = [await planned("4,3,3"), await planned("4,3,4")];
  const files = { "a.json": before, "b.json": after };
  const report = await json("plan diff a.json b.json --table table.csv", files);
  const count = (of: Record<string, number>): number =>
    Object.values(of).reduce((sum, one) => sum + one, 0);
  const starts = report.nodes.reduce(
    (sum: number, node: { starts: Record<string, number> }) => sum + count(node.starts),
    0,
  );
  assert.equal(starts, report.started);
  assert.equal(report.forced, 1);
  const gains = report.nodes.reduce((sum: number, { gain }: { gain: number }) => sum + gain, 0);
  const totalOf = (text: string): number => (JSON.parse(text) as Plan).total;
  assert.ok(Math.abs(gains - (totalOf(after) - totalOf(before))) < 1e-9);
  const same = await run("plan diff a.json a.json", { files });
  assert.match(same.output, /^From a\.json to a\.json nothing changes\./);
});
