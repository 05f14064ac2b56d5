import assert from "node:assert/strict";
import { InputError } from "../domain/errors.ts";
import { denoContext } from "./context_deno.ts";

const context = denoContext();

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

async function refuses(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("writeFile() replaces a file whole and leaves nothing beside it", () =>
  inFolder(async (folder) => {
    await context.writeFile(`${folder}/plan.json`, "first, and longer");
    await context.writeFile(`${folder}/plan.json`, "second");
    assert.equal(await Deno.readTextFile(`${folder}/plan.json`), "second");
    assert.deepEqual(names(folder), ["plan.json"]);
  }));

const notRoot = Deno.build.os === "windows" || Deno.uid() !== 0;

Deno.test("writeFile() keeps the mode of what it replaces", () =>
  inFolder(async (folder) => {
    const file = `${folder}/plan.json`;
    await Deno.writeTextFile(file, "old", { mode: 0o600 });
    await context.writeFile(file, "new");
    assert.equal((await Deno.stat(file)).mode! & 0o7777, 0o600);
    assert.equal(await Deno.readTextFile(file), "new");
  }));

Deno.test({
  name: `writeFile() keeps the owner of what it replaces${notRoot ? " (needs root)" : ""}`,
  ignore: notRoot,
  fn: () =>
    inFolder(async (folder) => {
      const file = `${folder}/plan.json`;
      await Deno.writeTextFile(file, "old", { mode: 0o640 });
      await Deno.chown(file, 12345, 54321);
      await context.writeFile(file, "new");
      const { uid, gid, mode } = await Deno.stat(file);
      assert.deepEqual([uid, gid, mode! & 0o7777], [12345, 54321, 0o640]);
    }),
});

Deno.test("writeFile() writes through a symbolic link", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/real.json`, "old");
    await Deno.symlink(`${folder}/real.json`, `${folder}/link.json`);
    await context.writeFile(`${folder}/link.json`, "new");
    assert.equal(await Deno.readTextFile(`${folder}/real.json`), "new");
    assert.ok((await Deno.lstat(`${folder}/link.json`)).isSymlink);
  }));

Deno.test("writeFile() writes to a device instead of replacing it", async () => {
  await context.writeFile("/dev/null", "x");
  assert.ok((await Deno.lstat("/dev/null")).isCharDevice);
});

Deno.test("checkWritable() finds a folder, a missing folder and an input in time, and leaves nothing", () =>
  inFolder(async (folder) => {
    await refuses(context.checkWritable(folder), /^Cannot write .*: it is a directory$/);
    await refuses(context.checkWritable(`${folder}/no/plan.json`), /no such file or directory$/);
    await Deno.writeTextFile(`${folder}/profile.csv`, "a\n1\n");
    await refuses(context.checkWritable(`${folder}/profile.csv/x`), /is not a directory$/);
    await context.readFile(`${folder}/profile.csv`);
    await refuses(context.checkWritable(`${folder}/profile.csv`), /it is an input$/);
    await context.checkWritable(`${folder}/plan.json`);
    assert.deepEqual(names(folder), ["profile.csv"]);
  }));

Deno.test("readFile() explains a missing file and a folder", () =>
  inFolder(async (folder) => {
    await refuses(
      context.readFile(`${folder}/x`),
      /^Cannot read .*\/x: no such file or directory$/,
    );
    await refuses(context.readFile(folder), /^Cannot read .*: it is a directory$/);
  }));

Deno.test("readFile() gives the bytes of a file larger than one chunk", () =>
  inFolder(async (folder) => {
    const bytes = Uint8Array.from({ length: 2_500_000 }, (_, at) => at % 251);
    await Deno.writeFile(`${folder}/big`, bytes);
    assert.deepEqual(await context.readFile(`${folder}/big`), bytes);
  }));

/** The door to the user's world, and the reader of what comes with Metis, which is no part of that world. */
const DOORS = ["context_deno.ts", "bundled.ts"];

Deno.test("no other file of the command line uses Deno's own functions", async () => {
  const folder = new URL("./", import.meta.url);
  for (const path of ["", "commands/"]) {
    for await (const { name, isFile } of Deno.readDir(new URL(path, folder))) {
      if (!isFile || name.endsWith("_test.ts") || DOORS.includes(name)) continue;
      const text = await Deno.readTextFile(new URL(path + name, folder));
      assert.doesNotMatch(text, /\bDeno\.[a-z]/, name);
    }
  }
});
