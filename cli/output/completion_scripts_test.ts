import assert from "node:assert/strict";
import { completionScript, type CompletionWord } from "./completion_scripts.ts";

const WORDS: CompletionWord[] = [
  { path: [], word: "schedule", help: "place a demand" },
  { path: [], word: "datasets", help: "what is bundled" },
  {
    path: ["schedule"],
    word: "--scheduler",
    help: "it's a name",
    value: { words: ["greedy", "optimal"], list: false },
  },
  {
    path: ["schedule"],
    word: "--several",
    help: "names",
    value: { words: ["greedy", "optimal"], list: true },
  },
  { path: ["schedule"], word: "--nodes", help: "a number", value: "other" },
  { path: ["schedule"], word: "--out", help: "a file", value: "file" },
  { path: ["schedule"], word: "--json", help: "one object" },
  { path: ["datasets"], word: "show", help: "show one" },
  { path: ["datasets"], word: "list", help: "list all" },
  { path: ["datasets", "show"], word: "lab", help: "" },
  { path: ["datasets", "list"], word: "", help: "", value: "file" },
  { path: ["datasets", "list"], word: "--json", help: "one object" },
];

const hasBash = await new Deno.Command("bash", { args: ["-c", "true"] }).output()
  .then(({ success }) => success, () => false);

/** What bash offers for the last of these words. */
async function offered(words: readonly string[], cwd?: string): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = completionScript("bash", WORDS) +
    `COMP_WORDS=(${quoted}); COMP_CWORD=${
      words.length - 1
    }; _metis; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script],
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
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
      "--nodes",
      "--out",
      "--scheduler",
      "--several",
    ]);
    assert.deepEqual(await offered(["metis", "schedule", "--scheduler", ""]), [
      "greedy",
      "optimal",
    ]);
    assert.deepEqual(await offered(["metis", "schedule", "--json", "--sc"]), ["--scheduler"]);
    assert.deepEqual(await offered(["metis", "datasets", ""]), ["list", "show"]);
    assert.deepEqual(await offered(["metis", "datasets", "show", ""]), ["lab"]);
    assert.deepEqual(await offered(["metis", "schedule", "--several", "greedy,op"]), [
      "greedy,optimal",
    ]);
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/my plan.json`, "");
      await Deno.mkdir(`${folder}/sub`);
      const all = ["my plan.json", "sub"];
      assert.deepEqual(await offered(["metis", "schedule", "--out", ""], folder), all);
      assert.deepEqual(await offered(["metis", "schedule", "--nodes", ""], folder), []);
      assert.deepEqual(await offered(["metis", "datasets", "list", "my"], folder), all.slice(0, 1));
      assert.deepEqual(await offered(["metis", "datasets", "list", "--"], folder), ["--json"]);
      assert.deepEqual(await offered(["metis", "schedule", ""], folder), [
        "--json",
        "--nodes",
        "--out",
        "--scheduler",
        "--several",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("completionScript() for fish quotes help texts and gives options their values", () => {
  const script = completionScript("fish", WORDS);
  assert.ok(script.includes("-l scheduler -x -a 'greedy optimal' -d 'it'\\''s a name'"));
  assert.ok(script.includes("-l out -r -F"));
  assert.ok(script.includes("-l nodes -x -d"));
  assert.ok(
    script.includes(
      `-l several -x -a '(__fish_complete_list , "printf '\\''%s\\\\n'\\'' greedy optimal")'`,
    ),
    script,
  );
  assert.ok(
    script.includes(
      "-n '__fish_seen_subcommand_from datasets; and __fish_seen_subcommand_from list' -F\n",
    ),
  );
});

Deno.test("completionScript() for zsh is the one for bash, made loadable", () => {
  const zsh = completionScript("zsh", WORDS);
  assert.match(zsh, /^autoload .*compinit/);
  assert.ok(zsh.endsWith(completionScript("bash", WORDS)));
});
