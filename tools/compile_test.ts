/**
 * The single binary in an empty environment, against the plain command line. Tests the portable one, or the one that
 * METIS_BINARY names: `METIS_BINARY=$PWD/dist/metis deno test -A tools/compile_test.ts` after `deno task compile`.
 * `deno task test` builds no binary: it runs the program that would lie in it.
 * @module
 */
import assert from "node:assert/strict";
import { putInPlace } from "./compile.ts";
import { full, inFull } from "./_full.ts";
import { root } from "./_process.ts";
import { buildPortable } from "./portable/build.ts";
import { ENTRY, stageProgram } from "./portable/stage.ts";

const given = Deno.env.get("METIS_BINARY");
const PROFILE = new URL("datasets/synthetic-7x8.csv", root).pathname;
const DEMANDS = new URL("datasets/synthetic-demands-200.csv", root).pathname;
/** No file can be made here, not even by root. */
const READ_ONLY = "/proc";
const PROBLEM = ["--profile", PROFILE, "--nodes", "27", "--capacity", "8"];
const EXPERIMENT = {
  name: "small",
  surface: { bundled: "synthetic-7x8" },
  cluster: { nodes: 9, capacity: 8 },
  demands: [{ name: "few", containers: 30, draws: 2, seed: 1 }],
  schedulers: ["greedy", "optimal"],
};

interface Said {
  readonly code: number;
  readonly out: string;
  readonly talk: string;
}

async function execute(
  command: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env" | "clearEnv">,
): Promise<Said> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], ...options })
    .output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), talk: text(stderr) };
}

const binaryTest = {
  name: "the single binary does in an empty environment what the command line does",
  async fn(test: Deno.TestContext): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "metis-binary-" });
    try {
      const binary = given ?? `${folder}/metis`;
      if (given === undefined) await buildPortable(binary);
      await checkBinary(test, folder, binary);
      if (given === undefined) await checkPortable(test, folder, binary);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};
Deno.test(given === undefined ? inFull(binaryTest) : binaryTest);

Deno.test("a binary takes the place of an earlier one of any kind, which is kept where the new one fails", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/dist/metis`;
    await putInPlace(file, (file) => Deno.writeTextFile(file, "portable"));
    // As `deno compile` does: it replaces nothing.
    const write = (text: string) => (file: string) =>
      Deno.writeTextFile(file, text, { createNew: true });
    await putInPlace(file, write("compiled"));
    const failing = async (file: string) => {
      await write("broken")(file);
      throw new Error("does not run");
    };
    await assert.rejects(putInPlace(file, failing), /does not run/);
    assert.equal(await Deno.readTextFile(file), "compiled");
    assert.deepEqual((await Array.fromAsync(Deno.readDir(`${folder}/dist`))).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "the program that lies in the single binary places as the command line does",
  // The whole binary is tested instead.
  ignore: full || given !== undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "metis-staged-" });
    try {
      await stageProgram(folder);
      const demand = ["--demand", "9,8,7,6,5,4,3", "--scheduler", "optimal", "--json"];
      const placing = ["schedule", ...PROBLEM, ...demand];
      const place = (entry: string): Promise<Said> =>
        execute(Deno.execPath(), ["run", "-A", "--quiet", entry, ...placing], { cwd: root });
      const [found, wanted] = [await place(`${folder}/${ENTRY}`), await place(ENTRY)];
      assert.equal(found.code, 0, found.talk);
      assert.equal(wanted.code, 0, wanted.talk);
      assert.deepEqual(withoutTimes(JSON.parse(found.out)), withoutTimes(JSON.parse(wanted.out)));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** Runs a binary with no more in its environment than where temporary files go, where no file can be made. */
function runBare(
  binary: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Said> {
  return execute(binary, args, { cwd: READ_ONLY, clearEnv: true, env: { ...env } });
}

async function checkBinary(test: Deno.TestContext, folder: string, binary: string): Promise<void> {
  const bare = (args: readonly string[]): Promise<Said> =>
    runBare(binary, args, { TMPDIR: folder });

  const plain = (args: readonly string[]): Promise<Said> =>
    execute(Deno.execPath(), ["run", "-A", "--quiet", "cli/main.ts", ...args], { cwd: root });

  async function sameJson(args: readonly string[]): Promise<void> {
    const [found, wanted] = [await bare(args), await plain(args)];
    assert.equal(found.code, 0, found.talk);
    assert.equal(wanted.code, 0, wanted.talk);
    assert.deepEqual(withoutTimes(JSON.parse(found.out)), withoutTimes(JSON.parse(wanted.out)));
  }

  await test.step("says its version, helps, and fails as the command line does", async () => {
    for (const args of [["--version"], ["--help"], ["schedule", "--help"], ["nonsense"], []]) {
      const [found, wanted] = [await bare(args), await plain(args)];
      assert.deepEqual(found, wanted, args.join(" "));
    }
  });

  await test.step("passes arguments on as they are", async () => {
    const { code, talk } = await bare(["fit", "--profile", '/a file\'s  "$name" `x` \\ *']);
    assert.equal(code, 1);
    assert.match(talk, /^metis: Cannot read \/a file's {2}"\$name" `x` \\ \*: no such file/m);
  });

  await test.step("starts, with its own name in the advice", async () => {
    const { code, out, talk } = await bare(["start"]);
    assert.equal(code, 0, talk);
    assert.match(out, /^ {2}metis fit --profile FILE$/m);
    assert.doesNotMatch(out, /deno/);
  });

  await test.step("starts with the same figures", () => sameJson(["start", "--json"]));

  await test.step("schedules and compares as the command line does", async () => {
    const demands = ["--demands", DEMANDS, "--row", "3"];
    const placed = ["--nodes", "81", ...demands, "--profile", PROFILE, "--capacity", "8", "--json"];
    for (const scheduler of ["optimal", "metis"]) {
      await sameJson(["schedule", ...placed, "--scheduler", scheduler]);
    }
    await sameJson(["compare", ...placed]);
  });

  await test.step("runs Medea to the same files", async () => {
    for (const [run, name] of [[bare, "bare"], [plain, "plain"]] as const) {
      const { code, talk } = await run([
        ...["medea", "--demands", DEMANDS, "--rows", "0-1", "--nodes", "81"],
        ...["--out", `${folder}/medea-${name}`],
      ]);
      assert.equal(code, 0, talk);
    }
    for (const file of ["allocation-0.csv", "allocation-1.csv"]) {
      const [found, wanted] = await Promise.all(
        ["bare", "plain"].map((name) => Deno.readTextFile(`${folder}/medea-${name}/${file}`)),
      );
      assert.equal(found, wanted);
    }
  });

  await test.step("trains in its workers to the same weights", async () => {
    for (const [run, name] of [[bare, "bare"], [plain, "plain"]] as const) {
      const { code, talk } = await run([
        ...["train", "sub", ...PROBLEM, "--updates", "2", "--workers", "2", "--seed", "5"],
        ...["--out", `${folder}/train-${name}`, "--validation", "none"],
      ]);
      assert.equal(code, 0, talk);
      assert.doesNotMatch(talk, /backend/);
    }
    const [found, wanted] = await Promise.all(
      ["bare", "plain"].map((name) => weightsUnder(`${folder}/train-${name}`)),
    );
    assert.notEqual(wanted!.size, 0);
    assert.deepEqual(found, wanted);
  });

  await test.step("serves the demo", () => checkDemo(binary, folder));

  await test.step("runs experiments in its workers", async () => {
    const file = `${folder}/experiment.json`;
    await Deno.writeTextFile(file, JSON.stringify(EXPERIMENT));
    const { code, talk } = await bare([
      ...["experiment", "run", file, "--workers", "2", "--out", `${folder}/experiment`],
    ]);
    assert.equal(code, 0, talk);
    const lines = (await Deno.readTextFile(`${folder}/experiment/results.jsonl`)).trim();
    assert.equal(lines.split("\n").length, 6);
  });
}

/** Serves the demo, and asks for files of it by another process, since tests have no network. */
async function checkDemo(binary: string, folder: string): Promise<void> {
  const child = new Deno.Command(binary, {
    args: ["demo", "--port", "0", "--json"],
    cwd: READ_ONLY,
    clearEnv: true,
    env: { TMPDIR: folder },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  try {
    const { value } = await reader.read();
    assert.ok(value, "the demo said nothing");
    const { url } = JSON.parse(new TextDecoder().decode(value));
    const built = new URL("dist/demo/", root);
    const page = await Deno.readTextFile(new URL("index.html", built));
    const [assets] = /assets-[\da-f]{8}\//.exec(page)!;
    for (const file of ["index.html", `${assets}highs.wasm`, `${assets}synthetic-7x8.csv`]) {
      const wanted = await Deno.readFile(new URL(file, built));
      const script = `const answer = await fetch(${JSON.stringify(url + file)});
        console.log(answer.status, new Uint8Array(await answer.arrayBuffer()).toBase64());`;
      const { out, talk } = await execute(Deno.execPath(), ["eval", script], {});
      assert.equal(out, `200 ${wanted.toBase64()}\n`, file + talk);
    }
    // The generator is a process that the binary starts from within itself.
    const load = ["load", "--target", url, "--duration", "1", "--warm-up", "0", "--json"];
    const { code, talk } = await runBare(binary, load, { TMPDIR: folder });
    // A busy machine may void the measurement, but the generator must have run.
    assert.ok(code === 0 || talk.startsWith("metis: Void: "), talk);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await reader.cancel();
  }
}

async function checkPortable(
  test: Deno.TestContext,
  folder: string,
  binary: string,
): Promise<void> {
  const bare = (args: readonly string[], env: Record<string, string> = {}): Promise<Said> =>
    runBare(binary, args, { TMPDIR: folder, ...env });

  await test.step("starts where HOME cannot be written to, and many times at once", async () => {
    const caches = `${folder}/shared`;
    await Deno.mkdir(caches);
    const env = { HOME: "/proc/nowhere", XDG_CACHE_HOME: caches };
    const started = await Promise.all(Array.from({ length: 4 }, () => bare(["--version"], env)));
    const [first] = started;
    for (const said of started) assert.deepEqual(said, { ...first, code: 0, talk: "" });
    const left = Array.from(Deno.readDirSync(`${caches}/metis`), ({ name }) => name);
    assert.equal(left.length, 1, left.join(" "));
    const elsewhere = await bare(["--version"], { HOME: "/proc/nowhere" });
    assert.deepEqual(elsewhere, first);
  });

  await test.step("never uses what an interrupted start left", async () => {
    const caches = `${folder}/interrupted`;
    await Deno.mkdir(caches);
    const env = { TMPDIR: folder, XDG_CACHE_HOME: caches };
    const child = new Deno.Command(binary, {
      ...{ args: ["--version"], clearEnv: true, env, stdout: "null", stderr: "null" },
    }).spawn();
    while (!someUnpacking(caches)) await new Promise((resolve) => setTimeout(resolve, 1));
    child.kill("SIGKILL");
    await child.status;
    const { code, talk } = await bare(["--version"], env);
    assert.equal(code, 0, talk);
  });

  await test.step("refuses a file with a changed or a missing byte", async () => {
    const bytes = await Deno.readFile(binary);
    const changed = bytes.slice();
    changed[bytes.length >> 1]! ^= 1;
    const cut = bytes.subarray(0, -1);
    for (const [name, content] of [["changed", changed], ["cut", cut]] as const) {
      const copy = `${folder}/${name}`;
      await Deno.writeFile(copy, content, { mode: 0o755 });
      const caches = `${folder}/${name}-cache`;
      const { code, out, talk } = await execute(copy, ["--version"], {
        clearEnv: true,
        env: { XDG_CACHE_HOME: caches },
      });
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.equal(talk, `metis: ${copy} is damaged: get it again\n`);
      assert.deepEqual(Array.from(Deno.readDirSync(`${caches}/metis`)), []);
    }
  });

  await test.step("does not use a temporary folder of its name that it did not make", async () => {
    const temporary = `${folder}/trap`;
    const name = `metis-${Deno.uid()}`;
    await Deno.mkdir(`${temporary}/elsewhere`, { recursive: true });
    await Deno.symlink(`${temporary}/elsewhere`, `${temporary}/${name}`);
    const { code, talk } = await bare(["--version"], { TMPDIR: temporary });
    assert.equal(code, 1);
    assert.match(talk, /^metis: Cannot unpack anywhere: set XDG_CACHE_HOME/);
  });

  await test.step("refuses a cache that another user can write to", async () => {
    const cache = `${folder}/shared-cache`;
    await Deno.mkdir(`${cache}/metis`, { recursive: true });
    await Deno.chmod(`${cache}/metis`, 0o777);
    const { code, talk } = await bare(["--version"], { XDG_CACHE_HOME: cache });
    assert.equal(code, 1);
    assert.match(talk, /^metis: .*shared-cache\/metis is not ours alone: remove it, or chmod/);
    await Deno.chmod(`${cache}/metis`, 0o700);
    assert.equal((await bare(["--version"], { XDG_CACHE_HOME: cache })).code, 0);
  });

  await test.step("starts by a name on the PATH and by a link", async () => {
    await Deno.mkdir(`${folder}/bin`);
    await Deno.symlink(binary, `${folder}/bin/metis`);
    const env = { PATH: `${folder}/bin:/usr/bin:/bin`, TMPDIR: folder };
    const { code, talk } = await execute("sh", ["-c", "metis --version"], {
      ...{ clearEnv: true, env, cwd: READ_ONLY },
    });
    assert.equal(code, 0, talk);
  });
}

/** True once the archive is being unpacked somewhere below a cache. */
function someUnpacking(caches: string): boolean {
  try {
    return Array.from(Deno.readDirSync(`${caches}/metis`)).some(({ name }) =>
      Array.from(Deno.readDirSync(`${caches}/metis/${name}`)).length > 0
    );
  } catch {
    return false;
  }
}

async function weightsUnder(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      for (const [inner, bytes] of await weightsUnder(path)) found.set(`${name}/${inner}`, bytes);
    } else if (name === "weights.bin") {
      found.set(name, (await Deno.readFile(path)).toBase64());
    }
  }
  return found;
}

/** A value without the fields that say how long something took. */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !/seconds/i.test(name))
      .map(([name, inner]) => [name, withoutTimes(inner)]),
  );
}
