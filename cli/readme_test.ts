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

for (const file of ["README.md", "mod.ts"]) {
  Deno.test(`the example in ${file} prints the mean of a placement that beats spreading by a fifth`, async () => {
    const [code] = codeBlocks(readFileSync(new URL(file, ROOT), "utf8"), "ts");
    assert.ok(code, "no example found");
    const module = code.replaceAll("./mod.ts", new URL("mod.ts", ROOT).href)
      .replace(/readFile\("([^"]+)"\)/, (_, path) => `readFile(new URL("${new URL(path, ROOT)}"))`);
    const printed = await linesOf(module);
    assert.equal(printed.length, 1);
    assert.ok(Number(printed[0]![0]) > 1.2 * 0.65, `printed ${printed[0]}`);
  });
}

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
