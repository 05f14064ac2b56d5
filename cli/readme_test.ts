import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runCli } from "./run.ts";
import { memoryContext } from "./_testing.ts";

const ROOT = new URL("../", import.meta.url);
const README = readFileSync(new URL("README.md", ROOT), "utf8");
const TASK = "deno task metis ";

/** The blocks of code of a language in a Markdown text or in a doc comment. */
function codeBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp("^([ *]*)```" + language + "\\n(.*?)^\\1```", "gms"));
  return [...blocks].map(([, margin, code]) =>
    code!.split("\n").map((line) => line.slice(margin!.length)).join("\n")
  );
}

/** The command lines of the README without their comments, continued lines joined. */
function commandLines(): string[] {
  return codeBlocks(README, "sh").join("\n").replaceAll(/\\\n\s*/g, "").split("\n")
    .filter((line) => line.startsWith(TASK))
    .map((line) => line.slice(TASK.length).replace(/\s+#.*$/, ""));
}

Deno.test("every metis command line of the README works on the profile that the README shows", async () => {
  const lines = commandLines();
  assert.ok(lines.length >= 4, `found only: ${lines.join(" | ")}`);
  const [profile] = codeBlocks(README, "csv");
  let files: Record<string, string | Uint8Array> = { "my.csv": profile!, "other.csv": profile! };
  for (const line of lines) {
    const context = memoryContext({ args: line.split(" "), files });
    const code = await runCli(context);
    assert.equal(code, 0, `metis ${line}: ${context.talk()}`);
    assert.notEqual(context.output(), "", line);
    files = Object.fromEntries(context.files);
  }
  assert.ok("plan.json" in files);
});

Deno.test("the README's two figures of interference are rows of the bundled profile", () => {
  const rows = readFileSync(new URL("datasets/lab-7x8.csv", ROOT), "utf8").split("\n");
  const rpsOf = (counts: string, app: number) =>
    Number(rows.find((row) => row.startsWith(`${counts},`))!.split(",")[7 + app]);
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  const [faster, kept] = ["1,1,0,0,0,0,0", "0,0,0,1,0,4,0"];
  // Column 1 is mms, the image classifier; column 3 is ycsb-a, the key-value workload.
  assert.match(README, new RegExp(`runs ${percent(rpsOf(faster, 1) - 1)} faster`));
  assert.match(README, new RegExp(`keeps ${percent(rpsOf(kept, 3))} of its speed`));
  for (const row of [faster, kept]) assert.ok(README.includes(`\`${row}\``));
});

Deno.test("the example in mod.ts prints the mean of a placement that beats spreading by a fifth", async () => {
  const [code] = codeBlocks(readFileSync(new URL("mod.ts", ROOT), "utf8"), "ts");
  assert.ok(code, "no example found");
  const printed = await linesOf(code.replaceAll("./mod.ts", new URL("mod.ts", ROOT).href));
  assert.equal(printed.length, 1);
  assert.ok(Number(printed[0]![0]) > 1.2 * 0.65, `printed ${printed[0]}`);
});

/** What a module prints by console.log: a list of arguments per call. */
async function linesOf(module: string): Promise<unknown[][]> {
  const printed: unknown[][] = [];
  const log = console.log;
  console.log = (...values: unknown[]) => void printed.push(values);
  try {
    await import(`data:application/typescript,${encodeURIComponent(module)}`);
  } finally {
    console.log = log;
  }
  return printed;
}
