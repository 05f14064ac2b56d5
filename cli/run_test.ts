import assert from "node:assert/strict";
import { runCli } from "./run.ts";
import { memoryContext, type MemoryWorld } from "./_testing.ts";

async function run(args: readonly string[], world: MemoryWorld = {}) {
  const context = memoryContext({ ...world, args });
  const code = await runCli(context);
  return { code, output: context.output(), talk: context.talk() };
}

const LINE = "--nodes 2 --capacity 2 --demand 1,1";

Deno.test("metis --help lists every command and the exit codes", async () => {
  const { code, output, talk } = await run(["--help"]);
  assert.equal(code, 0);
  assert.equal(talk, "");
  for (const verb of ["start", "fit", "schedule", "compare", "evaluate", "datasets"]) {
    assert.match(output, new RegExp(`^  ${verb} `, "m"));
  }
  for (
    const row of [/^ {2}0 +done/m, /^ {2}1 +failed/m, /^ {2}2 +wrong usage/m, /^ {2}130 +int/m]
  ) {
    assert.match(output, row);
  }
});

Deno.test("metis without arguments shows its help as talk and ends with 2", async () => {
  const { code, output, talk } = await run([]);
  assert.equal(code, 2);
  assert.equal(output, "");
  assert.match(talk, /Usage: metis/);
});

Deno.test("metis --version prints the version alone", async () => {
  const { code, output } = await run(["--version"]);
  assert.equal(code, 0);
  assert.match(output, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("the help of every command fits 40 columns", async () => {
  for (const verb of ["start", "fit", "schedule", "compare", "evaluate", "completions"]) {
    const { code, output } = await run([verb, "--help"], { columns: 40 });
    assert.equal(code, 0, verb);
    const wide = output.split("\n").filter((line) => line.length > 40);
    // An alias line of completions is code and is not broken.
    assert.deepEqual(wide.filter((line) => !line.includes("metis completions")), [], verb);
  }
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown command", "schedul", /unknown command 'schedul' \(Did you mean schedule\?\)/],
  [
    "a problem file where none is taken",
    "train --problem p.yaml",
    /unknown option '--problem' of train: a policy is learned for apps and slots, not for one problem: give --profile/,
  ],
  ["an unknown option", "schedule --node 3", /unknown option '--node' \(Did you mean --nodes\?\)/],
  ["a number that is none", "schedule --nodes x", /--nodes <count>.* whole number/],
  ["a capacity above 255", "schedule --capacity 256", /whole number from 1 to 255/],
  ["a bound of no kind", "schedule --bound best", /Allowed choices are optimal, lp, none/],
  ["a missing value", "schedule --nodes", /argument missing/],
  ["a time limit of 0", "schedule --time-limit 0", /above 0/],
  ["a gap of 1", "schedule --gap 1", /from 0 to below 1/],
  ["a rule without a number", "schedule --max-per-node redis", /redis=2/],
  ["a rule on one app", "schedule --apart redis", /two or more different apps/],
  ["no surface", `schedule ${LINE}`, /--profile FILE, --model FILE, --table FILE/],
  ["two surfaces", `schedule ${LINE} --table a --model b`, /only one of/],
  ["--fit with a table", `schedule ${LINE} --table a --fit forest`, /--fit needs --profile/],
  ["--row without its file", "schedule --row 1", /--row goes with --demands/],
  ["no nodes", "schedule --table a --demand 1", /--nodes COUNT and --capacity SLOTS/],
  ["nodes twice", "schedule --nodes 2 --cluster c", /either --cluster FILE, or/],
  ["an unknown scheduler", `schedule ${LINE} --scheduler gredy`, /did you mean greedy\?/],
  ["an unknown scheduler of several", "compare --schedulers greedy,x", /Unknown scheduler x/],
  ["--row beside --rows", "compare --row 1 --rows 1", /cannot be used with/],
  ["no plan", "evaluate --table a", /--plan <file>' not specified/],
  ["an unknown shell", "completions tcsh", /Allowed choices are bash, zsh, fish/],
  ["an unknown dataset", "datasets show synthetic-7x9", /did you mean synthetic-7x8/],
  ["an unknown command of datasets", "datasets exprt", /did you mean export\?/],
  ["help on an unknown command", "help schedul", /did you mean schedule\?/],
  ["more nodes than fit in memory", "schedule --nodes 9999999999", /from 1 to 10000000/],
  ["one argument too many", "completions bash zsh", /too many arguments/],
];

for (const [name, line, message] of WRONG) {
  Deno.test(`metis refuses ${name} in one line on standard error, with exit code 2`, async () => {
    const { code, output, talk } = await run(line.split(" "));
    assert.equal(output, "");
    assert.match(talk, /^metis: [^\n]+\n$/);
    assert.match(talk, message);
    assert.equal(code, 2);
  });
}

Deno.test("an interruption before the end exits with 130 and prints no result", async () => {
  const signal = AbortSignal.abort();
  const { code, output, talk } = await run(
    ["schedule", ...LINE.split(" "), "--table", "none.csv"],
    {
      signal,
    },
  );
  assert.deepEqual({ code, output, talk }, { code: 130, output: "", talk: "metis: Interrupted\n" });
});

Deno.test("with --json a failure is the one JSON object on standard output, beside the line for people", async () => {
  for (
    const [line, exitCode, message] of [
      ["schedule --json --table none.csv --nodes 2 --capacity 2 --demand 1", 1, /none\.csv/],
      ["schedule --json --nodes two", 2, /--nodes/],
      [
        "schedule --json --scheduler gredy --table t --nodes 2 --capacity 2 --demand 1",
        2,
        /did you mean/,
      ],
    ] as const
  ) {
    const { code, output, talk } = await run(line.split(" "));
    assert.equal(code, exitCode, line);
    const { error } = JSON.parse(output);
    assert.equal(error.exitCode, exitCode);
    assert.match(error.message, message);
    assert.match(talk, /^metis: [^\n]+\n$/);
  }
});
