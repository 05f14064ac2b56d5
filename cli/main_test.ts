/**
 * The real program in a process of its own: what no test in memory can see.
 * @module
 */
import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };

const MAIN = new URL("./main.ts", import.meta.url);
/** What `deno task metis` grants, and no more. */
const PERMISSIONS = config.tasks.metis.command.match(/--allow-\S+/g)!;
/** Linux tells there what each process does. */
const hasProc = Deno.build.os === "linux";
const NO_PROC = " (skipped: there is no /proc here)";
const TABLE = "redis,isr,rps:redis,rps:isr\n1,0,1,\n0,1,,1\n2,0,0.8,\n0,2,,0.5\n1,1,0.9,1.5\n";

function metis(args: readonly string[], options: Omit<Deno.CommandOptions, "args"> = {}) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...PERMISSIONS, MAIN.pathname, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}

async function run(args: readonly string[], options: Omit<Deno.CommandOptions, "args"> = {}) {
  const { code, stdout, stderr } = await metis(args, options).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), talk: decoder.decode(stderr) };
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/table.csv`, TABLE);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Seconds that a process has computed so far. */
async function computed(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/stat`] }).output();
  // After the name in brackets: utime and stime are its 12th and 13th fields, in hundredths of a second.
  const fields = new TextDecoder().decode(stdout).split(") ").at(-1)!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Waits until a process has computed for so many seconds from now on, however long that takes on a busy machine. */
async function untilComputed(pid: number, seconds: number): Promise<void> {
  const before = await computed(pid);
  while (await computed(pid) < before + seconds) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("metis loads no solver, wasm or command before it is asked for one", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", MAIN.href],
    stdout: "piped",
    stderr: "null",
  }).output();
  interface Dependency {
    readonly specifier: string;
    readonly isDynamic?: boolean;
    readonly code?: { readonly specifier?: string };
  }
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: Dependency[] }[];
  };
  const loaded = new Set<string>([MAIN.href]);
  for (const specifier of loaded) {
    const found = modules.find((module) => module.specifier === specifier);
    for (const { code, isDynamic } of found?.dependencies ?? []) {
      if (code?.specifier !== undefined && !isDynamic) loaded.add(code.specifier);
    }
  }
  assert.ok([...loaded].some((specifier) => specifier.endsWith("/cli/run.ts")));
  const heavy =
    /sim-wasm|highs|tensorflow|valibot|baselines|models|profiles|registry|cli\/commands/;
  assert.deepEqual([...loaded].filter((specifier) => heavy.test(specifier)), []);
});

Deno.test("the tasks that need no cluster may reach no network but the demo's own address, and run no programs", () => {
  const granted = (task: "start" | "metis" | "train" | "demo") =>
    config.tasks[task].command.match(/--allow-[a-z]+(=\S+)?/g)!
      .filter((flag) => !flag.startsWith("--allow-env=")).sort();
  assert.deepEqual(granted("start"), ["--allow-read"]);
  assert.deepEqual(granted("metis"), ["--allow-read", "--allow-write"]);
  assert.deepEqual(granted("train"), ["--allow-read", "--allow-write"]);
  assert.deepEqual(granted("demo"), ["--allow-net=127.0.0.1", "--allow-read=dist/demo"]);
});

Deno.test("what the task may do is enough for a problem file in YAML", () =>
  inFolder(async (folder) => {
    const apps = TABLE.split("\n")[0]!.split(",").slice(0, 2);
    const problem = [
      "apps:",
      ...apps.map((app) => `  ${app}: { containers: 2 }`),
      "nodes: [{ class: node, count: 2, slots: 2 }]",
      "surface: { table: table.csv }",
    ];
    await Deno.writeTextFile(`${folder}/problem.yaml`, problem.join("\n"));
    const { code, talk } = await run(["problem", "check", "problem.yaml"], { cwd: folder });
    assert.equal(code, 0, talk);
  }));

Deno.test("metis keeps results, talk and exit codes apart, and writes nothing to its home", () =>
  inFolder(async (folder) => {
    const home = await Deno.makeTempDir();
    const { DENO_DIR = "", HOME = "" } = Deno.env.toObject();
    // Only Deno's own cache of packages stays where it is.
    const env = { HOME: home, DENO_DIR: DENO_DIR || `${HOME}/.cache/deno` };
    const line = "schedule --table table.csv --nodes 2 --capacity 2 --demand 2,2";
    const placed = await run([...line.split(" "), "--out", "plan.json", "--json"], {
      cwd: folder,
      env,
    });
    assert.equal(placed.code, 0, placed.talk);
    assert.equal(JSON.parse(placed.output).proven, true);
    assert.equal(placed.talk, "Wrote plan.json\n");
    assert.deepEqual(names(folder), ["plan.json", "table.csv"]);
    const wrong = await run(["schedule", "--node", "2"], { env });
    assert.equal(wrong.code, 2);
    assert.equal(wrong.output, "");
    assert.equal(wrong.talk, "metis: unknown option '--node' (Did you mean --nodes?)\n");
    const failed = await run([...line.split(" "), "--out", "missing/plan.json"], {
      cwd: folder,
      env,
    });
    assert.equal(failed.code, 1);
    assert.equal(failed.output, "");
    assert.equal(
      failed.talk,
      "metis: Cannot write missing/plan.json: no such file or directory\n",
    );
    assert.deepEqual(names(home), []);
    await Deno.remove(home, { recursive: true });
  }));

Deno.test({
  name: `Ctrl-C ends a running scheduler with 130 and leaves no file${hasProc ? "" : NO_PROC}`,
  ignore: !hasProc,
  fn: () =>
    inFolder(async (folder) => {
      const fifo = `${folder}/demands.csv`;
      assert.ok((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
      const line = "schedule --table table.csv --nodes 99 --capacity 2 --demands demands.csv " +
        "--scheduler annealing --set moves=4000000000 --out plan.json --json";
      const child = metis(line.split(" "), { cwd: folder }).spawn();
      // Opening the pipe waits until the program reads from it: its signal handler is in place then.
      await Deno.writeTextFile(fifo, "redis,isr\n80,80\n", { create: false });
      await untilComputed(child.pid, 0.4);
      child.kill("SIGINT");
      const { code, stdout, stderr } = await child.output();
      assert.equal(new TextDecoder().decode(stderr), "metis: Interrupted\n");
      assert.equal(code, 130);
      const error = { exitCode: 130, message: "Interrupted" };
      assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), { error });
      assert.deepEqual(names(folder), ["demands.csv", "table.csv"]);
    }),
});

Deno.test({
  name: `SIGTERM ends an experiment at once with 130 and keeps its results${
    hasProc ? "" : NO_PROC
  }`,
  ignore: !hasProc,
  fn: () =>
    inFolder(async (folder) => {
      const experiment = {
        name: "endless",
        surface: { table: "table.csv" },
        cluster: { nodes: 99, capacity: 2 },
        demands: [{ name: "drawn", containers: 160, draws: 3, seed: 1 }],
        schedulers: ["greedy", { scheduler: "annealing", parameters: { moves: 4e9 } }],
        bound: "none",
      };
      await Deno.writeTextFile(`${folder}/x.json`, JSON.stringify(experiment));
      const line = "experiment run x.json --out out";
      const child = metis(line.split(" "), { cwd: folder }).spawn();
      const ended = child.output();
      let isOver = false;
      void child.status.then(() => isOver = true);
      const results = () => Deno.readTextFile(`${folder}/out/results.jsonl`).catch(() => "");
      // The first scheduler has its result: the second is at work, and has hours to go.
      while (!isOver && !(await results()).endsWith("\n")) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      if (!isOver) child.kill("SIGTERM");
      const { code, stderr } = await ended;
      assert.match(
        new TextDecoder().decode(stderr),
        /^metis: Interrupted: what has run is kept in out\/results\.jsonl: .+\n$/m,
      );
      assert.equal(code, 130);
      const lines = (await results()).trim().split("\n").map((text) => JSON.parse(text));
      assert.deepEqual(lines.map(({ label, row }) => [label, row]), [["greedy", 0]]);
    }),
});

Deno.test({
  name: `Ctrl-C ends work that keeps the thread busy with 130 at once${hasProc ? "" : NO_PROC}`,
  ignore: !hasProc,
  fn: () =>
    inFolder(async (folder) => {
      const fifo = `${folder}/test.csv`;
      assert.ok((await new Deno.Command("mkfifo", { args: [fifo] }).output()).success);
      const rows = Array.from({ length: 2000 }, (_, row) => {
        const [redis, isr] = [1 + row % 40, 1 + Math.floor(row / 40)];
        return `${redis},${isr},${1 / redis},${1 / isr}`;
      });
      await Deno.writeTextFile(
        `${folder}/profile.csv`,
        `redis,isr,rps:redis,rps:isr\n${rows.join("\n")}\n`,
      );
      // Minutes of cross-validation, without a pause in which a signal could be heard.
      const line = "fit --profile profile.csv --test test.csv --folds 1000 --out model.json";
      const child = metis(line.split(" "), { cwd: folder }).spawn();
      await Deno.writeTextFile(fifo, TABLE, { create: false });
      await untilComputed(child.pid, 1.5);
      child.kill("SIGINT");
      const { code, signal } = await child.output();
      assert.equal(code, 130);
      // The system ended it: its own code would have had to wait for the end of the work.
      assert.equal(signal, "SIGINT");
      assert.deepEqual(names(folder), ["profile.csv", "table.csv", "test.csv"]);
    }),
});

Deno.test("metis ends quietly where the reader of its output has gone", async () => {
  const child = metis(["completions", "fish"]).spawn();
  await child.stdout.cancel();
  const { success } = await child.status;
  const talk = await new Response(child.stderr).text();
  assert.equal(talk, "");
  assert.ok(success);
});

Deno.test("metis lays tables out for COLUMNS", () =>
  inFolder(async (folder) => {
    const line = "compare --table table.csv --nodes 2 --capacity 2 --demand 2,2 --bound lp " +
      "--schedulers greedy,spread";
    const { code, output, talk } = await run(line.split(" "), {
      cwd: folder,
      env: { COLUMNS: "40" },
    });
    assert.equal(code, 0, talk);
    assert.ok(output.split("\n").every((text) => text.length <= 40), output);
  }));
