import assert from "node:assert/strict";
import { completionScript, type CompletionWord } from "./completion_scripts.ts";

const WORDS: CompletionWord[] = [
  { path: [], word: "schedule", help: "place a demand" },
  { path: [], word: "datasets", help: "what is bundled" },
  { path: ["schedule"], word: "--scheduler", help: "it's a name", values: ["greedy", "optimal"] },
  { path: ["schedule"], word: "--out", help: "a file", values: [] },
  { path: ["schedule"], word: "--json", help: "one object" },
  { path: ["datasets"], word: "show", help: "show one" },
  { path: ["datasets"], word: "list", help: "list all" },
];

const hasBash = await new Deno.Command("bash", { args: ["-c", "true"] }).output()
  .then(({ success }) => success, () => false);

/** What bash offers for the last of these words. */
async function offered(words: readonly string[]): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = completionScript("bash", WORDS) +
    `COMP_WORDS=(${quoted}); COMP_CWORD=${
      words.length - 1
    }; _metis; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", script] }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((word) => word !== "").sort();
}

Deno.test({
  name: hasBash
    ? "completionScript() for bash offers commands, options and values where they belong"
    : "completionScript() for bash offers words where they belong (skipped: no bash)",
  ignore: !hasBash,
  fn: async () => {
    assert.deepEqual(await offered(["metis", ""]), ["datasets", "schedule"]);
    assert.deepEqual(await offered(["metis", "sch"]), ["schedule"]);
    assert.deepEqual(await offered(["metis", "schedule", "--"]), [
      "--json",
      "--out",
      "--scheduler",
    ]);
    assert.deepEqual(await offered(["metis", "schedule", "--scheduler", ""]), [
      "greedy",
      "optimal",
    ]);
    assert.deepEqual(await offered(["metis", "schedule", "--json", "--s"]), ["--scheduler"]);
    assert.deepEqual(await offered(["metis", "datasets", ""]), ["list", "show"]);
  },
});

Deno.test("completionScript() for fish quotes help texts and gives options their values", () => {
  const script = completionScript("fish", WORDS);
  assert.ok(script.includes("-l scheduler -x -a 'greedy optimal' -d 'it'\\''s a name'"));
  assert.ok(script.includes("-l out -r -F"));
});

Deno.test("completionScript() for zsh is the one for bash, made loadable", () => {
  const zsh = completionScript("zsh", WORDS);
  assert.match(zsh, /^autoload .*compinit/);
  assert.ok(zsh.endsWith(completionScript("bash", WORDS)));
});
