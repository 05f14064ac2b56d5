import assert from "node:assert/strict";
import { type Profile, uniformCluster } from "../domain/mod.ts";
import {
  problemOn,
  runScheduler,
  type Surface,
  surfaceFromModel,
  surfaceFromTable,
} from "../scheduling/mod.ts";
import { optimalScheduler } from "./optimal/mod.ts";
import { surerRun } from "./surer.ts";

/** A model by which two of an app run at `alike`, and two apps together at 0.5, as sure as it is told. */
const modelOf = (deviation: number, alike = 0.9) => {
  const speeds = (counts: Uint8Array, together: number, alike: number) =>
    Float64Array.from(counts, (count, at) => {
      const other = counts[at - at % 2 + 1 - at % 2]!;
      return count === 0 ? 0 : other > 0 ? together : count > 1 ? alike : 1;
    });
  return {
    kind: "made",
    apps: ["a", "b"],
    predict: (counts: Uint8Array) => speeds(counts, 0.5, alike),
    predictUncertain: (counts: Uint8Array) => ({
      rps: speeds(counts, 0.5, alike),
      deviations: speeds(counts, deviation, deviation),
    }),
  };
};

const PROFILE: Profile = {
  apps: ["a", "b"],
  rows: 5,
  counts: Uint8Array.of(1, 0, 0, 1, 2, 0, 0, 2, 1, 1),
  rps: Float64Array.of(1, NaN, NaN, 1, 0.9, NaN, NaN, 0.9, 0.5, 0.5),
};

/** Two of each app on two nodes of two slots: spread puts one of each on both. */
async function placed(surface: Surface, weights?: readonly number[]) {
  using simulator = surface.simulator(2);
  const cluster = uniformCluster(2, 2);
  const problem = problemOn(simulator, { cluster, demand: [2, 2], weights });
  const plan = await runScheduler(optimalScheduler, problem);
  return { plan, ...await surerRun(surface, problem, plan) };
}

Deno.test("a plan stays where the model is sure that it beats spread, and gives way to spread where it is not", async () => {
  const source = "made";
  const sure = await placed(surfaceFromModel(modelOf(0.01), { source }));
  assert.equal(sure.run, sure.plan);
  assert.ok(Math.abs(sure.gain!.mean - 0.4) < 1e-9 && sure.gain!.low > 0.35);
  const unsure = await placed(surfaceFromModel(modelOf(0.5), { source }));
  assert.equal(unsure.run.scheduler, "spread");
  assert.deepEqual([...unsure.run.placement.counts], [1, 1, 1, 1]);
  assert.equal(unsure.run.mean, 0.5);
  // What is proven of all placements stays proven.
  assert.equal(unsure.run.boundTotal, unsure.plan.boundTotal);
  assert.ok(unsure.gain!.low < 0 && unsure.gain!.high > 0.4);
});

Deno.test("a large gain is taken where one deviation leaves it, a small one only where its interval does", async () => {
  const source = "made";
  const large = await placed(surfaceFromModel(modelOf(0.25), { source }));
  assert.equal(large.run, large.plan);
  assert.ok(large.gain!.low < 0 && large.gain!.mean - large.gain!.deviation > 0.05);
  const small = await placed(surfaceFromModel(modelOf(0.025, 0.54), { source }));
  assert.equal(small.run.scheduler, "spread");
  assert.ok(small.gain!.mean > 0 && small.gain!.mean - small.gain!.deviation < 0.05);
});

Deno.test("a plan stays where nothing can be said of its gain, and where all is measured", async () => {
  const source = "made";
  const table = await placed(surfaceFromTable(PROFILE, { source }));
  assert.equal(table.gain, null);
  const { predictUncertain: _, ...plain } = modelOf(0.5);
  const unknown = await placed(surfaceFromModel(plain, { source }));
  assert.equal(unknown.gain, null);
  const weighted = await placed(surfaceFromModel(modelOf(0.5), { source }), [2, 1]);
  assert.equal(weighted.gain, null);
  const measured = await placed(
    surfaceFromTable(PROFILE, { source, fallback: "pooled" }),
  );
  // Each was measured once: the gain is as sure as a measurement is.
  assert.ok(measured.gain!.low > 0.2 && measured.gain!.low < 0.4);
  for (const { run, plan } of [table, unknown, weighted, measured]) assert.equal(run, plan);
});
