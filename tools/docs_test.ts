/**
 * Checks the documentation: every command in a `sh` block of docs/*.md is run, page by page, in a folder of its own.
 * Blocks under `<!-- needs: swarm -->` or `<!-- needs: time -->` are not run here, but their commands and options must exist.
 * Files come from blocks under `<!-- file: NAME -->`.
 * @module
 */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import assert from "node:assert/strict";
import { buildProgram } from "../cli/run.ts";
import { memoryContext } from "../cli/_testing.ts";
import { inFull } from "./_full.ts";
import { root } from "./_process.ts";
import { cliReference } from "./cli_reference.ts";
import { blocksOf, commandsOf } from "./_docs.ts";

const docs = new URL("docs/", root);
const runner = decodeURIComponent(new URL("_run_page.ts", import.meta.url).pathname);

const program = await buildProgram(memoryContext(), "all");

/** Fails where a command or one of its options does not exist. */
function assertExists(words: readonly string[]): void {
  let command = program as CommandUnknownOpts;
  const said = `metis ${words.join(" ")}`;
  for (const word of words) {
    if (word.startsWith("-")) {
      const known = command.options.some(({ long, short }) => word === long || word === short);
      assert.ok(known, `${said}: there is no ${word}`);
    } else {
      command = command.commands.find((child) => child.name() === word) ?? command;
    }
  }
  assert.notEqual(command, program, `${said}: there is no such command`);
}

Deno.test("docs/cli.md is what the commands say of themselves", async () => {
  const page = await Deno.readTextFile(new URL("cli.md", docs));
  const now = await cliReference();
  assert.ok(page === now, "docs/cli.md is old: run deno task docs");
});

Deno.test("every command that README.md names exists", async () => {
  const page = await Deno.readTextFile(new URL("README.md", root));
  const commands = blocksOf(page).flatMap(({ language, code }) =>
    language === "sh" || language === "shell" ? commandsOf(code) : []
  );
  assert.ok(commands.length >= 4, `found only ${commands.length}`);
  commands.forEach(assertExists);
});

/** Pages whose commands take long. */
const LONG = ["reference.md", "research.md"];

for await (const { name } of Deno.readDir(docs)) {
  if (!name.endsWith(".md") || name === "cli.md") continue;
  const works = async (): Promise<void> => {
    const page = await Deno.readTextFile(new URL(name, docs));
    const folder = await Deno.makeTempDir();
    try {
      for (const shared of ["datasets", "experiments"]) {
        await Deno.symlink(new URL(shared, root), `${folder}/${shared}`);
      }
      const runnable: string[] = [];
      for (const { file, needs, language, code } of blocksOf(page)) {
        if (file !== null) await Deno.writeTextFile(`${folder}/${file}`, code);
        if (language !== "sh") continue;
        const commands = commandsOf(code);
        commands.forEach(assertExists);
        if (needs === null) runnable.push(...commands.map((words) => JSON.stringify(words)));
      }
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", runner, ...runnable],
        cwd: folder,
        stdout: "null",
      }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  const test = { name: `every command in docs/${name} works`, fn: works };
  Deno.test(LONG.includes(name) ? inFull(test) : test);
}
