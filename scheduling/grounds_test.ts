import assert from "node:assert/strict";
import { type InterferenceModel, placementFromRows, type Profile } from "../domain/mod.ts";
import {
  fitModel,
  loadModel,
  type PooledModel,
  saveModel,
  type TableModel,
} from "../models/mod.ts";
import { groundsOf } from "./grounds.ts";
import { forecastGain, forecastMean } from "./interval.ts";
import { isNear, nearest, seriesOf, supportOf } from "./coverage.ts";
import { surfaceFromModel, surfaceFromProfile, surfaceFromTable } from "./surface.ts";

/** Three apps, measured in company of two at most. */
const PROFILE: Profile = {
  apps: ["api", "worker", "cache"],
  rows: 6,
  counts: Uint8Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 1, 0, 1, 0, 1, 0, 1, 1),
  rps: Float64Array.of(
    ...[0.88, NaN, NaN, NaN, 0.71, NaN, NaN, NaN, 0.94],
    ...[0.81, 0.85, NaN, 1.22, NaN, 0.97, NaN, 0.8, 0.9],
  ),
};

const held = (...counts: number[]) => ({ counts: Uint8Array.from(counts), nodes: 1 });

Deno.test("containers count as measured, near or far by the containers that would have to be exchanged", () => {
  // 2 measured, 3 near (one more than measured), 8 far (six more than measured), and one alone, which is 1 by definition.
  const support = supportOf(PROFILE, [
    held(2, 0, 0),
    held(2, 1, 0),
    held(7, 0, 1),
    held(0, 1, 0),
    held(0, 0, 0),
  ]);
  assert.equal(support.measuredShare, 3 / 14);
  assert.equal(support.nearShare, 3 / 14);
  assert.equal(support.extrapolatedShare, 8 / 14);
  assert.deepEqual(support.weakest, {
    counts: Uint8Array.of(7, 0, 1),
    nodes: 1,
    distance: 6,
    series: "1-1-1-1-1-1-1-3",
  });
  assert.deepEqual(supportOf(PROFILE, [held(2, 0, 0)]).weakest, null);
});

Deno.test("what is added, removed or exchanged counts once, and one in four is near", () => {
  assert.equal(nearest(PROFILE, Uint8Array.of(1, 1, 0)), 0);
  assert.equal(nearest(PROFILE, Uint8Array.of(0, 1, 0)), 1);
  assert.equal(nearest(PROFILE, Uint8Array.of(1, 1, 1)), 1);
  assert.equal(nearest(PROFILE, Uint8Array.of(3, 3, 0)), 4);
  assert.equal(
    nearest({ ...PROFILE, rows: 0, counts: new Uint8Array() }, Uint8Array.of(1, 1, 0)),
    Infinity,
  );
  assert.deepEqual([[1, 3], [2, 7], [2, 8], [3, 8]].map(([d, t]) => isNear(d!, t!)), [
    true,
    false,
    true,
    false,
  ]);
  assert.equal(seriesOf(Uint8Array.of(0, 2, 1)), "2-2-3");
});

/** The model of three apps, and the deviation that it takes one measurement to have. */
function pooled(): { model: InterferenceModel; noise: number } {
  const model = fitModel("pooled", PROFILE, { seed: 1 });
  const { fallback } = model as TableModel;
  const { noise } = fallback as PooledModel;
  assert.ok(noise > 0.001 && noise < 0.2, `${noise}`);
  return { model, noise };
}

Deno.test("a mean of configurations measured once is as sure as a measurement is, and the farther a guess, the wider its interval", () => {
  const { model, noise } = pooled();
  const sure = forecastMean(model, PROFILE, [held(2, 0, 0), held(1, 1, 0)])!;
  // Half of the containers share a value, a quarter has each of two others.
  assert.ok(Math.abs(sure.deviation - noise * Math.hypot(1 / 2, 1 / 4, 1 / 4)) < 1e-12);
  assert.ok(Math.abs(sure.mean - (2 * 0.88 + 0.81 + 0.85) / 4) < 1e-12);
  assert.ok(sure.low < sure.mean && sure.mean < sure.high);
  // What is 1 by definition does not scatter.
  assert.equal(forecastMean(model, PROFILE, [held(1, 0, 0)])!.deviation, 0);
  const width = (counts: number[]) => {
    const { low, high } = forecastMean(model, PROFILE, [held(...counts)])!;
    return high - low;
  };
  assert.ok(width([2, 1, 0]) > 0.01);
  assert.ok(width([7, 0, 1]) > 1.5 * width([2, 1, 0]));
});

Deno.test("what two placements have in common leaves their difference sure; the rest leaves it as unsure as it is", () => {
  const { model, noise } = pooled();
  const unknown = held(7, 0, 1);
  const [before, after] = [[held(2, 0, 0), unknown], [held(1, 1, 0), unknown]];
  const measured = forecastGain(model, PROFILE, before, after)!;
  assert.ok(Math.abs(measured.mean - (0.81 + 0.85 - 2 * 0.88) / 10) < 1e-9);
  assert.ok(Math.abs(measured.deviation - noise * Math.hypot(0.1, 0.1, 0.2)) < 1e-9);
  const same = forecastGain(model, PROFILE, before, before)!;
  assert.deepEqual([same.mean, same.deviation], [0, 0]);
  const guessed = forecastGain(model, PROFILE, [held(2, 0, 0)], [held(2, 1, 0)])!;
  const alone = forecastMean(model, PROFILE, [held(2, 1, 0)])!;
  assert.ok(Math.abs(guessed.mean - (alone.mean - 0.88)) < 1e-9);
  assert.ok(Math.abs(guessed.deviation - Math.hypot(alone.deviation, noise)) < 1e-9);
  const back = forecastGain(model, PROFILE, [held(2, 1, 0)], [held(2, 0, 0)])!;
  assert.ok(Math.abs(back.mean + guessed.mean) < 1e-12 && back.low < back.mean);
});

Deno.test("repeats that scatter leave a measured mean unsure, less the more there are", () => {
  const scattered = (times: number): Profile => ({
    ...PROFILE,
    measurements: new Uint32Array(6).fill(times),
    deviations: PROFILE.rps.map((value) => Number.isNaN(value) ? NaN : 0.1),
  });
  const deviation = (times: number) => {
    const profile = scattered(times);
    const model = fitModel("pooled", profile, { seed: 1 });
    return forecastMean(model, profile, [held(2, 0, 0)])!.deviation;
  };
  assert.ok(Math.abs(deviation(4) - 0.05) < 1e-12);
  assert.ok(Math.abs(deviation(16) - 0.025) < 1e-12);
});

Deno.test("proofs are under the model unless a table answers for everything", () => {
  const placement = placementFromRows([[2, 0, 0], [1, 1, 0], [0, 0, 0]]);
  const under = (surface: Parameters<typeof groundsOf>[0]) => groundsOf(surface, placement).grounds;
  const source = "p.csv";
  assert.equal(under(surfaceFromTable(PROFILE, { source })).provenUnder, "table");
  assert.equal(
    under(surfaceFromTable(PROFILE, { source, fallback: "pooled" })).provenUnder,
    "model",
  );
  const fitted = under(surfaceFromProfile(PROFILE, { source }));
  assert.equal(fitted.provenUnder, "model");
  assert.equal(fitted.measuredShare, 1);
  assert.ok(fitted.meanLow! < fitted.meanHigh!);
  const forest = surfaceFromProfile(PROFILE, { source, fit: "forest" });
  const { meanLow, meanHigh } = under(forest);
  assert.ok(meanLow! <= meanHigh!);
  // A saved model that trusts its measurements still knows which they were; others do not.
  const saved = (fit: string) =>
    surfaceFromModel(
      loadModel(saveModel(fitModel(fit, PROFILE, { seed: 1 })), "m.json"),
      { source: "m.json" },
    );
  assert.equal(under(saved("pooled")).measuredShare, 1);
  assert.equal(under(saved("forest")).measuredShare, null);
});
