import assert from "node:assert/strict";
import { DivergenceError } from "../learning/divergence.ts";
import { type ToyFault, ToyTrainer } from "./_toy.ts";
import {
  type Evaluation,
  NO_PROGRESS,
  runTraining,
  type Snapshot,
  type TrainingEffects,
  type TrainingLimits,
} from "./loop.ts";
import type { MetricRow } from "./metrics.ts";

/** Effects in memory; every look at the clock takes a tenth of a second. */
function memory(evaluate?: TrainingEffects["evaluate"]) {
  const rows: MetricRow[] = [];
  const saved: Snapshot[] = [];
  const controller = new AbortController();
  let now = 100;
  const effects: TrainingEffects = {
    seconds: () => now += 0.1,
    signal: controller.signal,
    pause: () => Promise.resolve(),
    record: (row) => void rows.push(row),
    save: (snapshot) => Promise.resolve(void saved.push(snapshot)),
    ...(evaluate === undefined ? {} : { evaluate }),
  };
  return { rows, saved, controller, effects };
}

const every = (updates: number, limits: Partial<TrainingLimits> = {}): TrainingLimits => ({
  interval: { updates },
  ...limits,
});

Deno.test("Training learns a toy whose optimum is known", async () => {
  const trainer = new ToyTrainer(1);
  const { effects, rows } = memory();
  const { end } = await runTraining(trainer, every(100, { updates: 800 }), effects);
  assert.equal(end, "updates");
  assert.ok(trainer.share() > 0.97, `share of the best arm: ${trainer.share()}`);
  assert.ok(rows.at(-1)!["rollout/ep_rew_mean"]! > 0.85);
  assert.ok(rows.at(-1)!["train/entropy"]! < rows[0]!["train/entropy"]!);
});

Deno.test("Training with the same seed gives the same weights, with another seed others", async () => {
  const run = async (seed: number) => {
    const trainer = new ToyTrainer(seed);
    await runTraining(trainer, every(7, { updates: 50 }), memory().effects);
    return trainer.state().arrays["kernel"];
  };
  assert.deepEqual(await run(3), await run(3));
  assert.notDeepEqual(await run(3), await run(4));
});

Deno.test("Training that was resumed from any checkpoint equals one that was not, bit for bit", async () => {
  const whole = memory();
  await runTraining(new ToyTrainer(5), every(10, { updates: 60 }), whole.effects);
  for (const at of whole.saved) {
    const trainer = new ToyTrainer(5);
    trainer.restore(at.trainer);
    const rest = memory();
    const { progress } = await runTraining(
      trainer,
      every(10, { updates: 60 }),
      rest.effects,
      at.progress,
    );
    assert.deepEqual(trainer.state(), whole.saved.at(-1)!.trainer);
    assert.equal(progress.steps, whole.saved.at(-1)!.progress.steps);
    assert.equal(progress.bestScore, whole.saved.at(-1)!.progress.bestScore);
    assert.deepEqual(
      rest.saved.map((snapshot) => snapshot.progress.updates),
      whole.saved.map((snapshot) => snapshot.progress.updates)
        .filter((updates) => updates > at.progress.updates),
    );
  }
});

Deno.test("Training keeps the seconds of its earlier runs in its limit", async () => {
  const { effects, saved } = memory();
  const from = { ...NO_PROGRESS, seconds: 9 };
  const limits = { interval: { seconds: 0.35 }, seconds: 10 };
  const { end, progress } = await runTraining(new ToyTrainer(1), limits, effects, from);
  assert.equal(end, "seconds");
  assert.ok(progress.seconds >= 10 && progress.seconds < 10.4);
  assert.ok(saved.length >= 2 && saved.length <= 4, `${saved.length} checkpoints`);
});

Deno.test("Training that reached its limit does nothing more", async () => {
  const { effects, saved, rows } = memory();
  const from = { ...NO_PROGRESS, updates: 10 };
  await runTraining(new ToyTrainer(1), every(5, { updates: 10 }), effects, from);
  assert.equal(saved.length + rows.length, 0);
});

Deno.test("An interrupted training saves a policy before it ends, and does not validate it", async () => {
  let evaluations = 0;
  const { effects, saved, controller } = memory(() => {
    evaluations++;
    return { score: 1, metrics: {} };
  });
  const watch = ({ updates }: { updates: number }) => updates === 3 && controller.abort();
  const { end } = await runTraining(new ToyTrainer(1), every(100), { ...effects, watch });
  assert.equal(end, "interrupted");
  assert.equal(evaluations, 0);
  assert.deepEqual(saved.map(({ progress, isBest }) => [progress.updates, isBest]), [[3, true]]);
});

Deno.test("The best policy is the one that validates best, not the last", async () => {
  const scores = [-0.3, -0.1, -0.2, -0.05, -0.4];
  let at = 0;
  const evaluate = (): Evaluation => ({
    score: scores[at]!,
    metrics: { "eval/gap": -scores[at++]! },
  });
  const { effects, saved, rows } = memory(evaluate);
  const { progress } = await runTraining(new ToyTrainer(1), every(2, { updates: 10 }), effects);
  assert.deepEqual(saved.map(({ isBest }) => isBest), [true, true, false, true, false]);
  assert.equal(progress.bestUpdate, 8);
  assert.equal(progress.bestScore, -0.05);
  assert.deepEqual(
    rows.flatMap((row) => row["eval/gap"] === null ? [] : [row["eval/gap"]]),
    scores.map((score) => -score),
  );
});

Deno.test("Where nothing validates, the best policy is the last", async () => {
  const { effects, saved } = memory();
  const { progress } = await runTraining(new ToyTrainer(1), every(2, { updates: 10 }), effects);
  assert.deepEqual(saved.map(({ isBest }) => isBest), [true, true, true, true, true]);
  assert.equal(progress.bestUpdate, 10);
});

const faults: [ToyFault["where"], string][] = [
  ["weight", "arms/layer0/kernel"],
  ["reward", "meanReward"],
  ["extra", "kl"],
];
for (const [where, tensor] of faults) {
  Deno.test(`A NaN in ${where} stops training, says where, and is never saved`, async () => {
    const { effects, saved, rows } = memory();
    await assert.rejects(
      runTraining(new ToyTrainer(1, { update: 8, where }), every(4, { updates: 20 }), effects),
      (error) =>
        error instanceof DivergenceError && error.update === 8 && error.tensor === tensor &&
        error.message.includes(`update 8: ${tensor}`),
    );
    assert.deepEqual(saved.map(({ progress }) => progress.updates), [4]);
    assert.ok(rows.every((row) => Object.values(row).every((value) => !Number.isNaN(value))));
  });
}
