import assert from "node:assert/strict";
import { EXIT } from "../exit_codes.ts";
import { runMedeaProgram } from "../medea.ts";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

const TABLE = "a,b,rps:a,rps:b\n0,0,,\n1,0,1,\n2,0,0.8,\n0,1,,1\n0,2,,0.5\n1,1,1.5,1.2\n";
const CONSTRAINTS = "app_s,app_c,less_or_lager,threshold,weight\na,a,0,1,1\na,b,1,1,2\n";
const PAIRS = '"a","b","Total-Throughput"\n1,0,1.0000\n2,0,1.6000\n0,1,1.0000\n0,2,1.0000\n' +
  "1,1,2.7000\n";
const PER_APP = '"a","b"\n1.0,0.0\n0.8,0.0\n0.0,1.0\n0.0,0.5\n1.5,1.2\n';
const FILES = {
  "table.csv": TABLE,
  "constraints.csv": CONSTRAINTS,
  "pairs.csv": PAIRS,
  "per-app.csv": PER_APP,
  "demands.csv": "a,b\n2,2\n3,1\n",
};

async function metis(command: string) {
  const context = memoryContext({ args: command.split(" "), files: FILES });
  const code = await runCli(context);
  return { code, context, output: context.output(), talk: context.talk() };
}

const PLACE = "schedule --table table.csv --nodes 3 --capacity 2 --demand 2,2";

Deno.test("schedule by medea tells violations and their ratio as JSON", async () => {
  const { code, output, talk } = await metis(
    `${PLACE} --scheduler medea --constraints constraints.csv --json`,
  );
  assert.equal(code, EXIT.done, talk);
  const plan = JSON.parse(output);
  assert.equal(plan.violations, 0);
  assert.equal(plan.violationRatio, 0);
  assert.equal(plan.details.formulation, "configuration");
});

Deno.test("the formulation can be chosen, and the program written beside the plan", async () => {
  const { code, output, talk, context } = await metis(
    `${PLACE} --scheduler medea --constraints constraints.csv --formulation container ` +
      "--write-model model.lp --json",
  );
  assert.equal(code, EXIT.done, talk);
  assert.equal(JSON.parse(output).details.formulation, "container");
  assert.match(`${context.files.get("model.lp")}`, /min/);
});

Deno.test("--verbose groups equal nodes and tells the decisions of paragon", async () => {
  const { code, output, talk } = await metis(`${PLACE} --scheduler paragon --verbose`);
  assert.equal(code, EXIT.done, talk);
  assert.match(talk, /a 1: 3 nodes with room/);
  assert.match(output, /Containers on each \(normalised RPS\)/);
  const json = JSON.parse((await metis(`${PLACE} --scheduler paragon --verbose --json`)).output);
  const nodes = json.breakdown.flatMap((group: { nodes: number[] }) => group.nodes);
  assert.deepEqual(nodes.sort(), [0, 1, 2]);
});

Deno.test("compare measures every scheduler by the constraints", async () => {
  const { code, output, talk } = await metis(
    "compare --table table.csv --nodes 3 --capacity 2 --demands demands.csv --constraints " +
      "constraints.csv --schedulers spread,paragon,medea --json",
  );
  assert.equal(code, EXIT.done, talk);
  for (const result of JSON.parse(output).results) assert.equal(typeof result.violations, "number");
});

Deno.test("options of one scheduler are refused where no chosen scheduler reads them", async () => {
  for (const option of ["--sensitivity 2", "--formulation container", "--write-model m.lp"]) {
    const { code, talk } = await metis(`${PLACE} --scheduler spread ${option}`);
    assert.equal(code, EXIT.usage, option);
    assert.equal(talk.trim().split("\n").length, 1);
  }
});

Deno.test("interference writes constraints and series, and says what was predicted", async () => {
  const { code, output, talk, context } = await metis(
    "interference --profile pairs.csv --per-app per-app.csv --capacity 2 --out c.csv --series s.csv",
  );
  assert.equal(code, EXIT.done, talk);
  assert.match(output, /^4 constraints from 8 values: 8 measured, 0 predicted/);
  // a beside a: 0.8; a beside b: 1.5; b beside a: 1.2; b beside b: 0.5.
  assert.equal(
    context.files.get("c.csv"),
    "app_s,app_c,less_or_lager,threshold\n1,1,0,1\n1,2,1,1\n2,1,1,1\n2,2,0,1\n",
  );
  assert.equal(context.files.get("s.csv"), "0,1\n1.0,0.8\n1.0,1.5\n1.0,1.2\n1.0,0.5\n");
});

Deno.test("totals without the RPS of each app are refused with the way out", async () => {
  const { code, talk } = await metis("interference --profile pairs.csv --capacity 2");
  assert.equal(code, EXIT.failed);
  assert.match(talk, /--per-app/);
});

Deno.test("the program medea writes an allocation for each demand and a summary", async () => {
  const written = new Map<string, string>();
  const context = memoryContext({
    files: FILES,
    args: "--demands demands.csv --rows 0-1 --nodes 3 --capacity 2 --constraints constraints.csv"
      .split(" "),
  });
  const code = await runMedeaProgram(context, {
    makeDirectory: () => Promise.resolve(),
    write: (path, text) => Promise.resolve(void written.set(path, text)),
  });
  assert.equal(code, EXIT.done, context.talk());
  assert.deepEqual([...written.keys()].sort(), [
    "medea-results/allocation-0.csv",
    "medea-results/allocation-1.csv",
    "medea-results/summary.csv",
  ]);
  const allocation = written.get("medea-results/allocation-0.csv")!.trim().split("\n");
  assert.equal(allocation[0], "a,b");
  assert.equal(allocation.length, 4);
  const summary = written.get("medea-results/summary.csv")!.split("\n");
  assert.match(summary[1]!, /^0,4,0,0,0,true,/);
  // 3 of a and 1 of b on 3 nodes: one a has its b, the other two lack theirs at weight 2 each.
  assert.match(summary[2]!, /^1,4,4,/);
});

Deno.test("the program medea refuses a row that is not there, in one line", async () => {
  const context = memoryContext({
    files: FILES,
    args: "--demands demands.csv --rows 7 --nodes 3 --constraints constraints.csv".split(" "),
  });
  const writer = { makeDirectory: () => Promise.resolve(), write: () => Promise.resolve() };
  assert.equal(await runMedeaProgram(context, writer), EXIT.failed);
  assert.equal(context.talk(), "medea: demands.csv: there is no row 7: rows are 0 to 1\n");
});

Deno.test("the program medea takes throughput from the profile for its second objective, and refuses without one", async () => {
  const run = async (more: string) => {
    const written = new Map<string, string>();
    const context = memoryContext({
      // No placement breaks it: throughput alone decides.
      files: {
        ...FILES,
        "loose.csv": "app_s,app_c,less_or_lager,threshold\na,a,at-most,9\n",
        "few.csv": "a,b\n2,2\n",
      },
      args: `--demands few.csv --nodes 4 --capacity 2 --constraints loose.csv ${more}`.split(" "),
    });
    const code = await runMedeaProgram(context, {
      makeDirectory: () => Promise.resolve(),
      write: (path, text) => Promise.resolve(void written.set(path, text)),
    });
    return {
      code,
      talk: context.talk(),
      allocation: written.get("medea-results/allocation-0.csv"),
    };
  };
  const beside = await run("--then throughput --profile table.csv");
  assert.equal(beside.code, EXIT.done, beside.talk);
  // Measured: an a and a b together are worth 2.7, apart 2, two of one app 1.6 or 1.
  const rows = beside.allocation!.trim().split("\n").slice(1).sort();
  assert.deepEqual(rows, ["0,0", "0,0", "1,1", "1,1"]);
  const alone = await run("--then throughput");
  assert.equal(alone.code, EXIT.usage);
  assert.match(alone.talk, /--then throughput needs .*--profile/);
});
