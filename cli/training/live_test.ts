import assert from "node:assert/strict";
import { NO_RULES, uniformCluster } from "../../domain/mod.ts";
import type { TrainingJob } from "../../policies/training/job.ts";
import { NO_PROGRESS } from "../../policies/training/loop.ts";
import { Talk } from "../output/progress.ts";
import { memoryContext } from "../_testing.ts";
import { LiveProgress } from "./live.ts";

const JOB: TrainingJob = {
  name: "whole",
  learner: "vanilla",
  algorithm: "paper",
  config: {},
  seed: 1,
  cluster: uniformCluster(1, 1),
  rules: NO_RULES,
  demand: null,
  parts: [],
  limits: { updates: 40, interval: { updates: 1 } },
  validation: [],
  resume: null,
};
const STATS = {
  update: 10,
  episodes: 100,
  batchEpisodes: 10,
  steps: 100,
  meanReward: -0.01234,
  meanThroughput: 1.1,
  bestThroughput: 1.2,
  entropy: 0.512345,
  gradientNorm: 2,
  loss: 0,
  extra: {},
};

Deno.test("A person who watches sees share, time left, gap, speed, reward, entropy and gradient", () => {
  const context = memoryContext({ isTerminal: true, columns: 160 });
  const talk = new Talk(context, false);
  const live = new LiveProgress(talk, [JOB]);
  live.record(JOB, { "eval/gap": 0.01236, "time/episodes_per_second": 1234.5 });
  live.record(JOB, { "eval/gap": null, "time/episodes_per_second": 1034.5 });
  context.wait(2);
  live.watch(JOB, { ...NO_PROGRESS, updates: 10 }, STATS);
  assert.match(
    context.talk(),
    /\[#####\.{15}\] {2}25 % \d:\d\d left, gap 1\.24 %, 1030 episodes\/s, reward -0\.0123, entropy 0\.512, gradient 2$/,
  );
  live.notice("slow backend");
  live.notice("slow backend");
  assert.equal(context.talk().split("slow backend").length, 2);
});

Deno.test("Several parts make one share, and a resumed one counts from where it was", () => {
  const context = memoryContext({ isTerminal: true, columns: 160 });
  const resume = {
    trainer: { values: {}, arrays: {} },
    progress: { ...NO_PROGRESS, updates: 40 },
  };
  const jobs = [{ ...JOB, name: "class0", resume }, { ...JOB, name: "class10" }];
  const live = new LiveProgress(new Talk(context, false), jobs);
  context.wait(2);
  live.watch(jobs[1]!, { ...NO_PROGRESS, updates: 20 }, STATS);
  assert.match(context.talk(), /75 % class10, \d:\d\d left, reward/);
});
