import assert from "node:assert/strict";
import { uniformCluster } from "../../domain/mod.ts";
import { smallSimulator } from "../../policies/_surface.ts";
import { guidedSubLearner } from "../../policies/paper/guided.ts";
import { LEARNERS } from "../../policies/training/learners.ts";
import { runs } from "../../tools/_full.ts";
import { studyNames } from "../../tools/study.ts";
import { memoryContext } from "../_testing.ts";
import { command as trainCommand } from "../commands/train.ts";
import { type MemoryFiles, memoryFiles } from "./_testing.ts";
import { readLatest, readPolicy } from "./files.ts";
import { scheduleConfig } from "./inputs.ts";
import { progressOf } from "./run_folder.ts";

/** All configurations of two apps on three slots: b slows a down. */
const TABLE = (() => {
  const rows = ["a,b,rps:a,rps:b"];
  for (let a = 0; a <= 3; a++) {
    for (let b = 0; a + b <= 3; b++) {
      if (a + b === 0) continue;
      const [fast, slow] = [1 / (1 + 0.1 * a + 0.5 * b), 1 / (1 + 0.2 * b)];
      rows.push(`${a},${b},${a > 0 ? fast : ""},${b > 0 ? slow : ""}`);
    }
  }
  return rows.join("\n") + "\n";
})();

const SMALL = ["--table", "t.csv", "--capacity", "3", "--validation", "lp"];
const VANILLA = ["vanilla", ...SMALL, "--nodes", "4", "--demand", "5,4", "--set", "hidden=8"];
const METIS = ["metis", ...SMALL, "--nodes", "5", "--set", "hidden=8"];
const SUB = [
  "sub",
  "--algorithm",
  "paper",
  ...SMALL,
  "--nodes",
  "7",
  "--set",
  "hidden=8",
  "--set",
  "episodes-per-update=8",
  "--set",
  "episodes-per-demand=4",
];

async function train(args: string[], disk: MemoryFiles = memoryFiles(), signal?: AbortSignal) {
  const context = memoryContext({
    args: ["train", ...args],
    files: {
      "t.csv": TABLE,
      "other.csv": TABLE.replace("0.8333333333333334", "0.8"),
      "renamed.csv": TABLE.replaceAll("b", "c"),
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const command = trainCommand(context, disk).exitOverride()
    .configureOutput({ writeErr: () => {} });
  await command.parseAsync(args, { from: "user" });
  return { context, disk };
}

async function networks(disk: MemoryFiles, path: string) {
  return (await readLatest(disk, path))!.checkpoint.networks;
}

Deno.test("metis train makes a policy, metrics and curves, and reports in JSON", async () => {
  const { context, disk } = await train([...VANILLA, "--updates", "6", "--out", "dir", "--json"]);
  const report = JSON.parse(context.output());
  assert.equal(report.policy, "dir/best");
  assert.equal(report.updates, 6);
  assert.equal(report.episodes, 60);
  assert.equal(report.options.hidden, 8);
  assert.ok(report.gap >= 0 && report.gap < 1, report.gap);
  const { checkpoint } = await readPolicy(disk, "dir");
  assert.deepEqual(checkpoint.info.apps, ["a", "b"]);
  assert.equal(checkpoint.info.kind, "vanilla");
  assert.equal(checkpoint.info.surface, report.surface);
  assert.equal(checkpoint.networks.length, 1);
  const names = [...disk.files.keys()];
  for (const name of ["progress.csv", "progress.jsonl", "curves.svg"]) {
    assert.ok(names.includes(`dir/${name}`), name);
  }
  assert.ok(names.some((name) => name.startsWith("dir/events.out.tfevents.")));
});

Deno.test("metis train says beforehand how long its defaults take and what they reach, as a study measures it", async () => {
  const { context } = await train([...VANILLA, "--set", "episodes=20", "--out", "dir"]);
  assert.match(context.talk(), /vanilla \(paper\), where nothing is set: .* from the optimum/);
  const limited = await train([...VANILLA, "--updates", "2", "--out", "dir"]);
  assert.doesNotMatch(limited.context.talk(), /where nothing is set/);
  for (const { name, reaches } of LEARNERS) {
    const [, study] = /deno task study (\w+)/.exec(reaches) ?? [];
    assert.ok(study !== undefined && studyNames().includes(study), `${name}: ${reaches}`);
  }
});

Deno.test("metis train --resume ends in the weights of a training that never stopped, bit for bit", async () => {
  const whole = await train([...VANILLA, "--updates", "9", "--out", "dir"]);
  const { disk } = await train([...VANILLA, "--updates", "4", "--out", "dir"]);
  assert.notDeepEqual(await networks(disk, "dir/last"), await networks(whole.disk, "dir/last"));
  await train([...VANILLA, "--updates", "9", "--out", "dir", "--resume"], disk);
  const [resumed, straight] = await Promise.all(
    [disk, whole.disk].map(async (one) => (await readLatest(one, "dir/last"))!.checkpoint),
  );
  assert.deepEqual(resumed!.networks, straight!.networks);
  assert.deepEqual(resumed!.trainer!.arrays, straight!.trainer!.arrays);
});

Deno.test("Two workers train the parts of a learner to the same weights as one", async () => {
  const one = await train([...SUB, "--updates", "3", "--workers", "1", "--out", "dir"]);
  const two = await train([...SUB, "--updates", "3", "--workers", "2", "--out", "dir"]);
  const [a, b] = [await networks(one.disk, "dir/best"), await networks(two.disk, "dir/best")];
  // 7 nodes of 3 slots: classes of 1 to 10, 11 to 20 and 21 to 30 containers, three levels each.
  assert.equal(a.length, 9);
  assert.deepEqual(a, b);
  for (const name of ["class0", "class10", "class20"]) {
    assert.deepEqual(
      await networks(one.disk, `dir/parts/${name}/last`),
      await networks(two.disk, `dir/parts/${name}/last`),
    );
  }
});

Deno.test("Two workers train two seeds of a learner that has no parts, and keep the better", async () => {
  const { disk, context } = await train([
    ...VANILLA,
    ...["--updates", "4", "--workers", "2", "--seed", "8", "--out", "dir", "--json"],
  ]);
  const report = JSON.parse(context.output());
  assert.deepEqual(report.parts.map(({ seed }: { seed: number }) => seed), [8, 9]);
  const gaps = report.parts.map(({ gap }: { gap: number }) => gap);
  assert.equal(report.gap, Math.min(...gaps));
  const best = report.parts[gaps.indexOf(report.gap)].name;
  assert.deepEqual(
    await networks(disk, "dir/best"),
    await networks(disk, `dir/parts/${best}/best`),
  );
});

Deno.test("metis train high builds on the sub-schedulers that metis train sub made, and refuses others", async () => {
  const disk = memoryFiles();
  await train([...SUB, "--updates", "2", "--workers", "1", "--out", "sub"], disk);
  const high = ["high", ...SMALL, "--nodes", "30", "--demand", "20,20", "--set", "hidden=8"];
  const { context } = await train(
    [...high, "--sub", "sub", "--updates", "2", "--out", "high", "--json"],
    disk,
  );
  assert.equal(JSON.parse(context.output()).learner, "high");
  await assert.rejects(train([...high, "--updates", "2"], disk), /give --sub DIR/);
  const on = (table: string) => high.map((word) => word === "t.csv" ? table : word);
  await assert.rejects(
    train([...on("other.csv"), "--sub", "sub", "--updates", "2"], disk),
    /sub\/best: trained on other data/,
  );
  await assert.rejects(
    train([...on("renamed.csv"), "--sub", "sub", "--updates", "2"], disk),
    /sub\/best: trained for the apps a, b, but these are a, c/,
  );
  await train([...VANILLA, "--updates", "1", "--out", "vanilla"], disk);
  await assert.rejects(
    train([...high, "--sub", "vanilla", "--updates", "2"], disk),
    /a policy of kind vanilla cannot be used here: needed is sub/,
  );
});

Deno.test("Training that diverges says at which update, in which tensor, and which checkpoint is good", async () => {
  const disk = memoryFiles();
  const wild = [...VANILLA, "--set", "learning-rate=1e38", "--interval", "1", "--out", "dir"];
  await assert.rejects(
    train([...wild, "--updates", "200"], disk),
    /Training diverged at update \d+: .* is not finite, .*the checkpoint of update \d+ in dir\/best is good/,
  );
  const { checkpoint } = await readPolicy(disk, "dir");
  assert.ok(
    checkpoint.networks.every(({ layers }) =>
      layers.every(({ kernel, bias }) =>
        kernel.every(Number.isFinite) && bias.every(Number.isFinite)
      )
    ),
  );
});

Deno.test("An interrupted training says where its policy is, and goes on", async () => {
  const disk = memoryFiles();
  const controller = new AbortController();
  const append = disk.append;
  const stopping = {
    ...disk,
    append: (path: string, data: Uint8Array) => {
      // The first row of metrics means that an update is done.
      controller.abort();
      return append(path, data);
    },
  };
  await assert.rejects(
    train(
      [...VANILLA, "--interval", "2", "--updates", "500", "--out", "dir"],
      stopping,
      controller.signal,
    ),
    (error) =>
      error instanceof Error && error.name === "InterruptedError" &&
      /the policy is in dir: resume with --out dir --resume/.test(error.message),
  );
  const { info } = (await readPolicy(disk, "dir")).checkpoint;
  assert.ok(info.updates >= 1 && info.updates < 500);
});

Deno.test("metis train refuses what cannot be trained before it begins", async () => {
  const cases: [string[], RegExp][] = [
    [["vanilla", ...SMALL, "--nodes", "4"], /learns one demand: give --demand/],
    [[...METIS, "--demand", "1,2"], /learns all demands: it does not take --demand/],
    [[...SUB, "--demand", "20,2"], /demand of 22 containers does not fit 7 nodes/],
    [[...VANILLA, "--set", "hiden=3"], /Unknown option hiden/],
    [[...VANILLA, "--set", "hidden=0"], /hidden must be a whole number/],
    [[...VANILLA, "--resume"], /--resume needs --out DIR/],
    [[...VANILLA, "--sub", "x"], /builds on no sub-schedulers/],
    [[...VANILLA, "--algorithm", "metis"], /has no algorithm metis: known are paper/],
    [[...VANILLA, "--seconds", "1", "--updates", "1"], /cannot be used with/],
  ];
  for (const [args, message] of cases) {
    const disk = memoryFiles();
    await assert.rejects(train(args, disk), message, args.join(" "));
    assert.equal(disk.files.size, 0, args.join(" "));
  }
});

Deno.test("A schedule that must know its end fits the seconds, and is kept when the training goes on", async () => {
  const { disk } = await train([...METIS, "--seconds", "0.6", "--out", "dir"]);
  const planned = async () => (await readLatest(disk, "dir/last"))!.checkpoint.info;
  const before = await planned();
  const updates = before.options["updates"] as number;
  assert.ok(updates >= 1 && before.updates >= 1 && before.updates <= updates);
  const long = [...METIS, "--set", "updates=1000000"];
  const begun = await train([...long, "--seconds", "0.6", "--out", "dir"]);
  await train([...METIS, "--seconds", "0.8", "--out", "dir", "--resume"], begun.disk);
  const after = (await readLatest(begun.disk, "dir/last"))!.checkpoint.info;
  assert.equal(after.options["updates"], 1_000_000);
  const byCount = await train([...METIS, "--updates", "3", "--out", "dir"]);
  const { info } = (await readLatest(byCount.disk, "dir/last"))!.checkpoint;
  assert.deepEqual([info.options["updates"], info.updates, info.kind], [3, 3, "metis"]);
});

Deno.test("A schedule fits the learner's own seconds where the user names no end", async () => {
  const learner = { ...guidedSubLearner, seconds: 0.2 };
  const plain = { ...learner.defaults, updates: 1_000_000 };
  const planned = (given: Parameters<typeof scheduleConfig>[6]) =>
    scheduleConfig(memoryFiles(), learner, plain, uniformCluster(5, 3), simulator, "dir", given);
  using simulator = smallSimulator();
  const { updates } = await planned({ seed: 1 });
  assert.ok(Number(updates) >= 1 && Number(updates) < 1000, `${updates}`);
  assert.equal((await planned({ seed: 1, updates: 7 }))["updates"], 7);
});

Deno.test("A training whose schedule has ended goes on with more updates, or more seconds", async () => {
  const { disk } = await train([...METIS, "--updates", "3", "--out", "dir"]);
  const stands = async () => {
    const { updates, options } = (await readLatest(disk, "dir/last"))!.checkpoint.info;
    return [updates, options["updates"]];
  };
  await train([...METIS, "--updates", "5", "--out", "dir", "--resume"], disk);
  assert.deepEqual(await stands(), [5, 5]);
  // Fewer than were made: nothing is left to do, and nothing is lost.
  await train([...METIS, "--updates", "4", "--out", "dir", "--resume"], disk);
  assert.deepEqual(await stands(), [5, 5]);
  await train(
    [...METIS, "--seconds", "3600", "--set", "updates=7", "--out", "dir", "--resume"],
    disk,
  );
  assert.deepEqual(await stands(), [7, 7]);
  const spent = progressOf((await readLatest(disk, "dir/last"))!.checkpoint)!.seconds;
  await train([...METIS, "--seconds", `${2 * spent}`, "--out", "dir", "--resume"], disk);
  const [, planned] = await stands();
  assert.equal(planned, 14);
  await assert.rejects(
    train([...METIS, "--set", "demands=3", "--updates", "20", "--out", "dir", "--resume"], disk),
    /dir holds a training with option demands \d+, not 3/,
  );
});

Deno.test("metis train without arguments trains policies and sub-schedulers, and compares them on unseen demands", async () => {
  const disk = memoryFiles();
  const args = ["--capacity", "2", "--updates", "2", "--validation", "none", "--out", "dir"];
  const { context } = await train([...args, "--json"], disk);
  assert.match(context.talk(), /3 of 3: the paper's high level for each of three demands/);
  const report = JSON.parse(context.output());
  assert.deepEqual(
    report.trainings.map(({ learner, policy }: Record<string, string>) => [learner, policy]),
    [["metis", "dir/metis/best"], ["sub", "dir/sub/best"]],
  );
  const names = report.comparison.map(({ scheduler }: { scheduler: string }) => scheduler);
  const each = ["round-robin", "greedy", "local-search", "metis-paper", "metis", "optimal"];
  assert.deepEqual(names, [...each, ...each, ...each]);
  for (const { scheduler, error, gap } of report.comparison) {
    assert.ok(error === null && gap >= 0 && gap < 0.5, `${scheduler}: ${error ?? gap}`);
  }
  // One network for each of the three levels.
  const sub = (await networks(disk, "dir/sub/best")).map(({ name }) => name);
  assert.deepEqual(sub, ["choice", "middle", "top"]);
});

Deno.test("metis train --part trains that part alone, and lists the parts where there is none of that name", async () => {
  const { disk, context } = await train([
    ...SUB,
    "--part",
    "class10",
    "--updates",
    "2",
    "--out",
    "one",
  ]);
  const names = (await networks(disk, "one/best")).map(({ name }) => name);
  assert.deepEqual(names, ["class10/level1", "class10/level2", "class10/level3"]);
  assert.match(context.talk(), /Gradients in the core/);
  await assert.rejects(
    train([...SUB, "--part", "class1", "--updates", "2"]),
    /there is no part class1.*: sub has class0, class10, class20/,
  );
  // What was made of all parts is not replaced by a training of one, or by another learner's.
  await train(
    [...SUB, "--set", "lastClass=1", "--workers", "1", "--updates", "1", "--out", "all"],
    disk,
  );
  const guided = ["sub", ...SMALL, "--nodes", "7"];
  for (const other of [[...SUB, "--part", "class10"], guided]) {
    await assert.rejects(
      train([...other, "--updates", "2", "--out", "all", "--resume"], disk),
      /all holds a training of several parts/,
    );
  }
  assert.equal((await networks(disk, "all/best")).length, 6);
  await assert.rejects(
    train([...VANILLA, "--part", "class0", "--updates", "2"]),
    /vanilla \(paper\) is trained as a whole/,
  );
});

Deno.test("the parts of a training share its seconds in slices, and none goes without", async () => {
  for (const workers of runs(["2"], ["1", "2"])) {
    const args = [...SUB, "--set", "lastClass=1", "--workers", workers, "--out", `by${workers}`];
    const seconds = workers === "1" ? "4" : "2";
    const { context, disk } = await train([...args, "--seconds", seconds, "--json"]);
    const { parts } = JSON.parse(context.output());
    assert.deepEqual(parts.map(({ name }: { name: string }) => name), ["class0", "class10"]);
    for (const { name, end, seconds, updates } of parts) {
      // Two slices of half a second each at least.
      assert.ok(seconds >= 1 && updates > 0, `${name}: ${seconds} s`);
      assert.equal(end, "seconds");
      const { info } = (await readPolicy(disk, `by${workers}/parts/${name}`)).checkpoint;
      assert.ok(info.updates > 0 && info.updates <= updates);
    }
    const all = parts.reduce((sum: number, part: { seconds: number }) => sum + part.seconds, 0);
    assert.ok(all >= 3.6, `${all} s of 4`);
  }
});

Deno.test("size classes that the demands at hand use get more updates, and none goes without", async () => {
  // 54 nodes are two sub-clusters of 27 nodes of 3 slots: 20 containers each, of nine size classes.
  const demand = ["--nodes", "54", "--demand", "30,10"];
  const { context } = await train([...SUB, ...demand, "--updates", "2", "--out", "dir", "--json"]);
  const { parts } = JSON.parse(context.output());
  const updates = parts.map((part: { name: string; updates: number }) => part.updates);
  // 2 x 9 updates: 90 % and a ninth of 10 % are 16.4 of them; the others get their 0.2 rounded up.
  assert.deepEqual(updates, [1, 16, 1, 1, 1, 1, 1, 1, 1]);
});

Deno.test("metis train sub learns guided sub-schedulers, which high builds on", async () => {
  const disk = memoryFiles();
  const sub = ["sub", ...SMALL, "--nodes", "7", "--updates", "2", "--set", "hidden=8"];
  const { context } = await train([...sub, "--out", "sub", "--json"], disk);
  assert.equal(JSON.parse(context.output()).algorithm, "guided");
  const high = ["high", ...SMALL, "--nodes", "30", "--demand", "20,20", "--set", "hidden=8"];
  await train([...high, "--sub", "sub", "--updates", "2", "--out", "high"], disk);
});

Deno.test("metis train --list-options tells every option of every learner", async () => {
  for (const { name, algorithm } of LEARNERS) {
    const { context } = await train([name, "--algorithm", algorithm, "--list-options", "--json"]);
    const { options } = JSON.parse(context.output());
    assert.ok(options.length > 3, name);
    for (const row of options) {
      assert.ok(row.option && row.meaning && row.default !== undefined, JSON.stringify(row));
    }
  }
  const { context } = await train(["high", "--list-options"]);
  assert.match(context.output(), /replayRange +1\.02 +episodes within/);
});

Deno.test("Training leaves no tensor behind", async () => {
  const { memory } = await import("@tensorflow/tfjs");
  await train([...VANILLA, "--updates", "1", "--out", "dir"]);
  const before = memory().numTensors;
  await train([...VANILLA, "--updates", "5", "--out", "dir"]);
  await train([...METIS, "--updates", "3", "--out", "dir"]);
  assert.equal(memory().numTensors, before);
});

Deno.test("a size class that is named is trained alone, and one that has no room is refused", async () => {
  const { disk } = await train([
    ...SUB,
    "--updates",
    "1",
    "--set",
    "first-class=1",
    "--set",
    "lastClass=1",
    "--out",
    "one",
  ]);
  const names = (await networks(disk, "one/best")).map(({ name }) => name);
  assert.ok(
    names.length > 0 && names.every((name) => name.startsWith("class10/")),
    `${names}`,
  );
  // 7 nodes of 3 slots have 21: size class 3 begins at 31.
  await assert.rejects(
    train([...SUB, "--set", "firstClass=3", "--out", "none"]),
    /Size class 3 has at least 31 containers: the cluster has 21 slots/,
  );
  await assert.rejects(
    train(["sub", ...SMALL, "--nodes", "7", "--set", "firstClass=1", "--out", "other"]),
    /Unknown option firstClass.*--algorithm paper has these options/,
  );
});
