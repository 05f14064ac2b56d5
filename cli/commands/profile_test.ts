import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../../datasets/mod.ts";
import { allConfigurations } from "../../profiling/active.ts";
import { strategies } from "../../profiling/mod.ts";
import { writeProfileCsv } from "../../profiles/mod.ts";
import { STRATEGY_NAMES } from "../options/names.ts";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

const APPS = 3;
const CAPACITY = 4;

/** The whole truth about a synthetic node of three apps and four slots, as a file. */
function oracle(): string {
  const model = contentionModel(randomApps(APPS, 5));
  const counts = allConfigurations(APPS, CAPACITY).slice(APPS);
  const rows = counts.length / APPS;
  const rps = model.predict(counts, rows).map((value, at) => counts[at] === 0 ? NaN : value);
  return writeProfileCsv({ apps: model.apps, rows, counts, rps });
}

const DEMANDS = "app-1,app-2,app-3\n6,5,4\n3,8,5\n";
const FILES = { "truth.csv": oracle(), "demands.csv": DEMANDS };
const ACTIVE = "profile --active --oracle truth.csv --demands demands.csv --nodes 6 --out out.csv";

async function run(line: string, files: Record<string, string | Uint8Array> = FILES) {
  const context = memoryContext({ args: line.split(" "), files });
  return { exitCode: await runCli(context), context };
}

Deno.test("metis profile --active writes the profile, the report and the heat map", async () => {
  const { exitCode, context } = await run(
    `${ACTIVE} --budget 18 --report report.md --heat-map map.svg --plot bound.svg --json`,
  );
  assert.equal(exitCode, 0, context.talk());
  const report = JSON.parse(context.output());
  assert.equal(report.measurements, 18);
  assert.equal(report.ended, "budget");
  assert.equal((context.files.get("out.csv") as string).trim().split("\n").length, 19);
  assert.ok((context.files.get("report.md") as string).includes("every pair of containers"));
  assert.ok((context.files.get("map.svg") as string).includes("<svg "));
  assert.match(context.files.get("bound.svg") as string, /Bound on the regret/);
  assert.match(context.talk(), /18 of 18 measured, no bound on the regret yet/);
});

Deno.test("metis profile --resume continues from its own output", async () => {
  const first = await run(`${ACTIVE} --budget 10 --quiet`);
  const half = first.context.files.get("out.csv") as string;
  const { exitCode, context } = await run(`${ACTIVE} --budget 18 --resume --quiet --json`, {
    ...FILES,
    "out.csv": half,
  });
  assert.equal(exitCode, 0, context.talk());
  assert.equal(JSON.parse(context.output()).measurements, 18);
  assert.ok((context.files.get("out.csv") as string).startsWith(half.trimEnd()));
});

Deno.test("metis profile does not begin again where measurements are, unless it is told to", async () => {
  const line = `${ACTIVE} --budget 10 --quiet`;
  const kept = (await run(line)).context.files.get("out.csv") as string;
  const files = { ...FILES, "out.csv": kept };
  const { exitCode, context } = await run(line.replace("10", "8"), files);
  assert.equal(exitCode, 1);
  assert.match(
    context.talk(),
    /^metis: out\.csv holds a profile already: --resume .*, --overwrite /,
  );
  assert.equal(context.files.get("out.csv"), kept);
  const again = await run(`${line.replace("10", "8")} --overwrite`, files);
  assert.equal(again.exitCode, 0, again.context.talk());
  assert.notEqual(again.context.files.get("out.csv"), kept);
  assert.equal((await run(`${line} --overwrite --resume`, files)).exitCode, 2);
});

Deno.test("metis profile measures a series of an oracle, and with --resume only what is left of it", async () => {
  const listed = "profile --oracle truth.csv --out out.csv --json";
  const args = (
    series: string,
    ...more: string[]
  ) => [...listed.split(" "), "--series", series, ...more];
  const run = async (args: string[], files: Record<string, string | Uint8Array>) => {
    const context = memoryContext({ args, files });
    assert.equal(await runCli(context), 0, context.talk());
    return context;
  };
  const first = await run(args("1-2-0-0 3-3"), FILES);
  assert.equal(JSON.parse(first.output()).measured, 2);
  const half = first.files.get("out.csv") as string;
  const next = await run(args("1-2 3-3 1-1-2-3", "--resume"), { ...FILES, "out.csv": half });
  assert.match(next.talk(), /2 of 3 were measured before/);
  const rows = (next.files.get("out.csv") as string).trim().split("\n");
  assert.equal(rows.length, 4);
  assert.ok(rows[3]!.startsWith("2,1,1,"));
});

Deno.test("metis profile keeps how often and how differently it measured, and resumes with it", async () => {
  const noisy = `${ACTIVE} --oracle-noise 0.2 --batch 2 --quiet --json`;
  const first = await run(`${noisy} --budget 40`);
  assert.equal(first.exitCode, 0, first.context.talk());
  const [header, ...rows] = (first.context.files.get("out.csv") as string).trim().split("\n");
  assert.match(header!, /,sd:app-1,sd:app-2,sd:app-3,measurements$/);
  const counted = (lines: string[]) =>
    lines.reduce((sum, line) => sum + Number(line.split(",").at(-1)), 0);
  assert.equal(counted(rows), 40);
  assert.ok(rows.length < 40, "nothing was repeated");
  const files = { ...FILES, "out.csv": first.context.files.get("out.csv")! };
  const { context } = await run(`${noisy} --budget 46 --resume`, files);
  assert.equal(JSON.parse(context.output()).measurements, 46);
  assert.equal(counted((context.files.get("out.csv") as string).trim().split("\n").slice(1)), 46);
});

Deno.test("Ctrl-C keeps what metis profile has measured, and says how to go on", async () => {
  const interrupt = new AbortController();
  const args = `${ACTIVE} --budget 18`.split(" ");
  const context = memoryContext({ args, files: FILES, signal: interrupt.signal });
  const write = context.writeFile;
  const exitCode = await runCli({
    ...context,
    writeFile: (path, data) => {
      interrupt.abort();
      return write(path, data);
    },
  });
  assert.equal(exitCode, 130);
  assert.match(context.talk(), /kept in out.csv: resume with --resume/);
  const kept = (context.files.get("out.csv") as string).trim().split("\n").length - 1;
  assert.ok(kept >= 1 && kept < 18, `${kept}`);
});

Deno.test("metis fit on an active profile has a regret, and says what it needs for one", async () => {
  const profile = (await run(`${ACTIVE} --budget 18 --quiet`)).context.files.get("out.csv")!;
  const files = { ...FILES, "profile.csv": profile };
  const { exitCode, context } = await run(
    "fit --profile profile.csv --fit auto --test truth.csv --demands demands.csv --rows 0-1 --nodes 6 --json --folds 2",
    files,
  );
  assert.equal(exitCode, 0, context.talk());
  const { regret, regretMax, regretPerDemand, maePresent } = JSON.parse(context.output());
  assert.ok(regret >= 0 && regret < 0.02, `${regret}`);
  assert.equal(regretMax, Math.max(...regretPerDemand));
  assert.equal(regretPerDemand.length, 2);
  assert.ok(maePresent > 0);
  const lacking = await run("fit --profile profile.csv --demands demands.csv --json", files);
  assert.equal(lacking.exitCode, 2);
  assert.match(
    lacking.context.talk(),
    /Regret needs --test FILE, --demands FILE and --nodes COUNT/,
  );
});

Deno.test("metis profile refuses what it cannot do, in a line each", async () => {
  const refused = async (line: string, reason: RegExp) => {
    const { exitCode, context } = await run(line);
    assert.equal(exitCode, 2, line);
    assert.match(context.talk(), reason);
  };
  await refused("profile --oracle truth.csv --out out.csv", /--active/);
  await refused("profile --active --out out.csv", /--oracle TABLE/);
  await refused(`${ACTIVE} --strategy guess`, /guess/);
  await refused(`${ACTIVE} --demand-like normal:3`, /multinomial/);
  await refused("profile --active --oracle truth.csv --rows 1 --out out.csv", /--demands/);
});

Deno.test("the names of strategies in help texts are those that exist", () => {
  assert.deepEqual(STRATEGY_NAMES, strategies().map(({ name }) => name));
});
