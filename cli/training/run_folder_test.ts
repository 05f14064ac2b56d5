import assert from "node:assert/strict";
import { InputError, Random } from "../../domain/mod.ts";
import { ToyTrainer } from "../../policies/training/_toy.ts";
import { runs } from "../../tools/_full.ts";
import { runTraining } from "../../policies/training/loop.ts";
import type { MetricRow } from "../../policies/training/metrics.ts";
import { TOY_INFO } from "./_kill_target.ts";
import { denoFiles } from "./deno_files.ts";
import { readLatest, readPolicy } from "./files.ts";
import { RunFolder, type RunInfo } from "./run_folder.ts";

const files = denoFiles({ test: "1" });
/** Processes that are killed, each at one of its first changes to the disk: about three updates' worth. */
const KILLS = runs(6, 40);
const CHANGES = 150;

async function inDirectory(work: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "metis-train-" });
  try {
    await work(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function effects(folder: RunFolder, pause = () => Promise.resolve()) {
  return {
    seconds: () => performance.now() / 1000,
    signal: new AbortController().signal,
    pause,
    record: (row: MetricRow) => folder.record(row),
    save: (snapshot: Parameters<RunFolder["save"]>[0]) => folder.save(snapshot),
  };
}

async function train(path: string, updates: number, info: RunInfo = TOY_INFO): Promise<ToyTrainer> {
  const folder = new RunFolder(files, path, info, "Toy");
  await folder.begin();
  const trainer = new ToyTrainer(9);
  await runTraining(trainer, { updates, interval: { updates: 5 } }, effects(folder));
  return trainer;
}

/** Runs the target until it ends, or until SIGKILL comes at a change to the disk. @returns What it said. */
async function runTarget(path: string, updates: number, change: number | null): Promise<string> {
  const target = new URL("_kill_target.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", "--allow-write", "--allow-run"];
  const last = change === null ? [] : [`${change}`];
  const { stdout, stderr, signal, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", ...permissions, target, path, `${updates}`, ...last],
  }).output();
  const [said, talk] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(change === null ? success : signal === "SIGKILL", `${said}${talk}`);
  return said!;
}

function lastNumber(said: string, word: string): number {
  const lines = said.split("\n").slice(0, -1).filter((line) => line.startsWith(word));
  return Number(lines.at(-1)?.split(" ")[1] ?? -1);
}

Deno.test(`A training killed by SIGKILL at ${KILLS} random changes to the disk never loses a checkpoint and ends bit-equal`, async () => {
  await inDirectory(async (path) => {
    const draws = new Random(25);
    let kept = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const said = await runTarget(path, 1000, 1 + draws.below(CHANGES));
      // Resuming changes the disk too: killed there, it says nothing. What is kept is looked at below in any case.
      if (said !== "") {
        assert.ok(lastNumber(said, "ready") >= kept, `${said}: resumes from checkpoint ${kept}`);
      }
      const known = Math.max(kept, lastNumber(said, "saved"));
      const found = await readLatest(files, `${path}/last`);
      if (found === null) {
        assert.equal(known, 0);
        continue;
      }
      assert.deepEqual(found.notices, []);
      kept = found.checkpoint.info.updates;
      assert.ok(kept >= known, `saved ${known}, found ${kept}`);
      await readPolicy(files, path);
    }
    assert.ok(kept > 0, `no update survived in ${KILLS} runs`);
    const end = kept + 10;
    await runTarget(path, end, null);
    const trainer = new ToyTrainer(9);
    for (let update = 0; update < end; update++) trainer.update();
    const { checkpoint } = (await readLatest(files, `${path}/last`))!;
    assert.deepEqual(checkpoint.trainer!.arrays, trainer.state().arrays);
    assert.deepEqual(checkpoint.networks, trainer.networks());
    const lines = (await Deno.readTextFile(`${path}/progress.jsonl`)).trim().split("\n");
    const updates = lines.map((line) => (JSON.parse(line) as MetricRow)["time/iterations"]);
    assert.deepEqual(updates, Array.from({ length: end }, (_, at) => at + 1));
    const csv = (await Deno.readTextFile(`${path}/progress.csv`)).trim().split("\n");
    assert.equal(csv.length, end + 1);
    assert.ok(csv.every((line) => line.split(",").length === csv[0]!.split(",").length));
  });
});

Deno.test("A training writes to a directory that is named without a slash", async () => {
  await inDirectory(async (cwd) => {
    const target = new URL("_kill_target.ts", import.meta.url).pathname;
    const permissions = ["--allow-read", "--allow-write", "--allow-run"];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", ...permissions, target, "pol", "2"],
      cwd,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.equal((await readLatest(files, `${cwd}/pol/last`))!.checkpoint.info.updates, 2);
  });
});

Deno.test("A training that is resumed continues to the weights of one that never stopped", async () => {
  await inDirectory(async (path) => {
    const whole = await train(`${path}/whole`, 40);
    await train(`${path}/parts`, 15);
    const folder = new RunFolder(files, `${path}/parts`, TOY_INFO, "Toy");
    const resumed = (await folder.resume())!;
    assert.equal(resumed.progress.updates, 15);
    const trainer = new ToyTrainer(9);
    trainer.restore(resumed.trainer);
    const limits = { updates: 40, interval: { updates: 5 } };
    await runTraining(trainer, limits, effects(folder), resumed.progress);
    assert.deepEqual(trainer.state(), whole.state());
    for (const which of ["best", "last"]) {
      const [a, b] = await Promise.all(
        ["whole", "parts"].map(async (name) =>
          (await readLatest(files, `${path}/${name}/${which}`))!.checkpoint
        ),
      );
      assert.deepEqual(a!.networks, b!.networks);
      assert.equal(a!.info.updates, b!.info.updates);
    }
  });
});

Deno.test("A damaged checkpoint is passed over for the one before it, with a notice", async () => {
  await inDirectory(async (path) => {
    await train(path, 10);
    const weights = `${path}/last/networks/arms/weights.bin`;
    const bytes = await Deno.readFile(weights);
    bytes[1]! ^= 4;
    await Deno.writeFile(weights, bytes);
    const found = (await readLatest(files, `${path}/last`))!;
    assert.equal(found.checkpoint.info.updates, 5);
    assert.match(found.notices[0]!, /last\/networks\/arms\/weights\.bin: damaged/);
    await Deno.remove(`${path}/last.previous/trainer.bin`);
    await assert.rejects(readLatest(files, `${path}/last`), InputError);
    await assert.rejects(
      new RunFolder(files, path, TOY_INFO, "Toy").begin(),
      /holds a training already: give --resume/,
    );
  });
});

Deno.test("A directory with another training is neither overwritten nor resumed", async () => {
  await inDirectory(async (path) => {
    await train(path, 5);
    await assert.rejects(train(path, 5), /holds a training already: give --resume/);
    const changes: [Partial<RunInfo>, RegExp][] = [
      [{ seed: 10 }, /a training with seed 9, not 10/],
      [{ capacity: 8 }, /with capacity 1, not 8/],
      [{ options: { name: "toy", rate: 2 } }, /with option rate 1, not 2/],
    ];
    for (const [change, message] of changes) {
      const other = new RunFolder(files, path, { ...TOY_INFO, ...change }, "Toy");
      await assert.rejects(
        other.resume(),
        (error) => error instanceof InputError && message.test(error.message),
      );
    }
    const same = { ...TOY_INFO, options: { name: "toy", rate: 1 } };
    assert.ok(await new RunFolder(files, path, same, "Toy").resume());
  });
});

Deno.test("A training that a NaN stopped keeps its last good checkpoint", async () => {
  await inDirectory(async (path) => {
    const folder = new RunFolder(files, path, TOY_INFO, "Toy");
    await folder.begin();
    const trainer = new ToyTrainer(9, { update: 13, where: "weight" });
    const limits = { updates: 40, interval: { updates: 5 } };
    await assert.rejects(runTraining(trainer, limits, effects(folder)), /diverged at update 1[34]/);
    assert.equal((await readPolicy(files, path)).checkpoint.info.updates, 10);
    assert.equal((await folder.resume())!.progress.updates, 10);
  });
});

Deno.test("A policy is found in a directory of its own, as best, or as last; none is said to be none", async () => {
  await inDirectory(async (path) => {
    await train(path, 5);
    assert.equal((await readPolicy(files, path)).path, `${path}/best`);
    assert.equal((await readPolicy(files, `${path}/last/`)).path, `${path}/last`);
    await Deno.remove(`${path}/best`, { recursive: true });
    assert.equal((await readPolicy(files, path)).path, `${path}/last`);
    await Deno.remove(`${path}/last`, { recursive: true });
    await assert.rejects(readPolicy(files, path), /not a policy: it has no policy\.json/);
    assert.equal(await readLatest(files, `${path}/last`), null);
    const folder = new RunFolder(files, path, TOY_INFO, "Toy");
    assert.equal(await folder.resume(), null);
    assert.deepEqual(folder.rows, []);
  });
});
