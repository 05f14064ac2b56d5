import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../datasets/mod.ts";
import { configurationCount, type Profile, Random, selectRows } from "../domain/mod.ts";
import { RankedSpace } from "../sim-wasm/space/pricing.ts";
import { fitAuto } from "./auto.ts";
import { CautiousModel } from "./cautious.ts";
import { EnsembleModel } from "./ensemble.ts";
import { fitModel } from "./fit.ts";
import { fitGaussian } from "./gaussian.ts";
import { gatherMeasurements } from "./measurements.ts";
import { fitPooled } from "./pooled.ts";
import { loadModel, saveModel } from "./saved.ts";
import { scoreModel } from "./score.ts";
import { makeProfile } from "./_testing.ts";
import { isUncertain } from "./uncertain.ts";

const LEARNED = ["forest", "extra-trees", "pooled", "boosting", "gaussian", "auto"];

/** Rows of a made-up profile that models learn from, and others that they do not see. */
function parts(): { train: Profile; test: Profile } {
  const all = makeProfile({ apps: 3, rows: 140, seed: 4 });
  const rows = Array.from({ length: all.rows }, (_, row) => row);
  return { train: selectRows(all, rows.slice(0, 100)), test: selectRows(all, rows.slice(100)) };
}

Deno.test("every learned model says how sure it is: nothing where an app is absent, more than nothing elsewhere", () => {
  const { train, test } = parts();
  for (const name of LEARNED) {
    const model = fitModel(name, train, { seed: 1, trustMeasured: false });
    assert.ok(isUncertain(model), name);
    const { rps, deviations } = model.predictUncertain(test.counts, test.rows);
    assert.deepEqual(rps, model.predict(test.counts, test.rows), name);
    test.counts.forEach((count, at) => {
      if (count === 0) assert.equal(deviations[at], 0, name);
      else assert.ok(deviations[at]! >= 0 && Number.isFinite(deviations[at]), name);
    });
    assert.ok(deviations.some((value) => value > 0), name);
  }
});

Deno.test("a Gaussian process covers most of what it did not see with two of its deviations", () => {
  const { train, test } = parts();
  const { rps, deviations } = fitGaussian(train, { seed: 1 })
    .predictUncertain(test.counts, test.rows);
  let covered = 0;
  let present = 0;
  test.counts.forEach((count, at) => {
    if (count === 0) return;
    present++;
    if (Math.abs(rps[at]! - test.rps[at]!) <= 2 * deviations[at]!) covered++;
  });
  // 95 % of a normal distribution; small samples scatter around that.
  assert.ok(covered / present > 0.85, `${covered} of ${present}`);
});

Deno.test("auto is no worse on unseen rows than the paper's forest", () => {
  const { train, test } = parts();
  const error = (name: string) => scoreModel(fitModel(name, train, { seed: 1 }), test).maePresent;
  // The noise of the made-up profile is 0.01: no model can be much below it, the forest is far above.
  assert.ok(error("auto") < 0.6 * error("forest"), `${error("auto")} and ${error("forest")}`);
});

Deno.test("a lone container has 1 and is certain, measured or not", () => {
  const { train } = parts();
  const lone = Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  for (
    const model of [
      fitGaussian(train, { seed: 1 }),
      fitPooled(train, { seed: 1 }),
      fitAuto(train, { seed: 1 }).model,
    ]
  ) {
    const { rps, deviations } = model.predictUncertain(lone, 3);
    assert.deepEqual([...rps], [...lone]);
    assert.deepEqual([...deviations], new Array(9).fill(0));
  }
});

Deno.test("a refit with known hyperparameters and weights gives the same model", () => {
  const { train, test } = parts();
  const first = fitAuto(train, { seed: 1 });
  const again = fitAuto(train, { seed: 1, known: first.choice });
  assert.deepEqual(
    again.model.predict(test.counts, test.rows),
    first.model.predict(test.counts, test.rows),
  );
});

Deno.test("Pooled, Gaussian, boosted and automatic models come back bit for bit from their files", () => {
  const { train, test } = parts();
  for (const name of ["pooled", "boosting", "gaussian", "auto"]) {
    for (const trustMeasured of [true, false]) {
      const model = fitModel(name, train, { seed: 1, trustMeasured });
      const loaded = loadModel(saveModel(model), "model.json");
      assert.equal(loaded.kind, model.kind);
      assert.deepEqual(
        loaded.predict(test.counts, test.rows),
        model.predict(test.counts, test.rows),
      );
    }
  }
});

Deno.test("a cautious model expects less where it is unsure, and nothing below 0", () => {
  const { train, test } = parts();
  const model = fitPooled(train, { seed: 1 });
  const { rps, deviations } = model.predictUncertain(test.counts, test.rows);
  const cautious = new CautiousModel(model, 0.5).predict(test.counts, test.rows);
  cautious.forEach((value, at) =>
    assert.equal(value, Math.max(0, rps[at]! - 0.5 * deviations[at]!))
  );
  assert.ok(new CautiousModel(model, 100).predict(test.counts, test.rows).every((v) => v >= 0));
  const sure = { kind: "stub", apps: ["a"], predict: () => new Float64Array(1) };
  assert.throws(() => new CautiousModel(sure, 1), { name: "UnsupportedError" });
});

Deno.test("an ensemble is as unsure as its members, and more where they disagree", () => {
  const member = (value: number, deviation: number) => ({
    kind: "stub",
    apps: ["a", "b"],
    predict: () => Float64Array.of(value, value),
    predictUncertain: () => ({
      rps: Float64Array.of(value, value),
      deviations: Float64Array.of(deviation, deviation),
    }),
  });
  const ensemble = new EnsembleModel([
    { model: member(0.8, 0.3), weight: 0.5 },
    { model: member(0.4, 0.3), weight: 0.5 },
  ]);
  const { rps, deviations } = ensemble.predictUncertain(Uint8Array.of(1, 1), 1);
  assert.ok(Math.abs(rps[0]! - 0.6) < 1e-12);
  // Variance 0.3^2 of each, and 0.2^2 between them.
  assert.ok(Math.abs(deviations[0]! - Math.sqrt(0.09 + 0.04)) < 1e-12);
});

Deno.test("copies of a measurement count once, repeats add up, failed runs are left out", () => {
  const profile: Profile = {
    apps: ["a", "b"],
    rows: 5,
    counts: Uint8Array.of(1, 1, 1, 1, 1, 1, 2, 0, 0, 2),
    // The first two are copies; the third is a repeat; nothing ran in the fourth.
    rps: Float64Array.of(0.8, 0.6, 0.8, 0.6, 0.6, 0.8, 0, NaN, NaN, 0.5),
  };
  const { rows, counts, rps, repeats } = gatherMeasurements(profile);
  assert.equal(rows, 4); // (1, 1), (0, 2), and the two lone containers that are known
  assert.deepEqual([...counts], [1, 1, 0, 2, 1, 0, 0, 1]);
  assert.deepEqual([...rps].map((value) => Math.round(1e9 * value) / 1e9), [
    0.7,
    0.7,
    0,
    0.5,
    1,
    0,
    0,
    1,
  ]);
  assert.equal(repeats[0], 2);
  assert.equal(repeats[1], 1);
});

Deno.test("a row that is the mean of many measurements outweighs rows that are one, in every kind of model", () => {
  // Two apps beside each other at 0.5 (measured once) or 0.9 (the mean of eight): the truth is near 0.9.
  const profile: Profile = {
    apps: ["a", "b"],
    rows: 5,
    counts: Uint8Array.of(1, 1, 1, 1, 2, 0, 0, 2, 2, 2),
    rps: Float64Array.of(0.5, 0.5, 0.9, 0.9, 0.7, NaN, NaN, 0.7, 0.6, 0.6),
    measurements: Uint32Array.of(1, 8, 1, 1, 1),
  };
  const mean = (0.5 + 8 * 0.9) / 9;
  const { rps, repeats } = gatherMeasurements(profile);
  assert.ok(Math.abs(rps[0]! - mean) < 1e-12);
  assert.equal(repeats[0], 9);
  for (const name of [...LEARNED, "table"]) {
    const [value] = fitModel(name, profile, { seed: 1 }).predict(Uint8Array.of(1, 1), 1);
    // The plain mean of the two rows is 0.7.
    assert.ok(value! > 0.78, `${name}: ${value}`);
  }
});

Deno.test("a Gaussian process pulls away less from what was measured more often", () => {
  const { train } = parts();
  const row =
    train.counts.findIndex((_, at) =>
      at % 3 === 0 && train.counts.subarray(at, at + 3).every((count) => count > 0)
    ) / 3;
  const wild = { ...train, rps: train.rps.slice() };
  wild.rps[row * 3] = train.rps[row * 3]! + 0.5;
  const asked = train.counts.slice(row * 3, (row + 1) * 3);
  const { hyperparameters } = fitGaussian(train, { seed: 1 });
  const [once, often] = [1, 50].map((times) =>
    fitGaussian(
      { ...wild, measurements: new Uint32Array(wild.rows).fill(1).fill(times, row, row + 1) },
      { seed: 1, steps: 0, hyperparameters },
    ).predict(asked, 1)[0]!
  );
  const away = (value: number) => Math.abs(value - wild.rps[row * 3]!);
  assert.ok(away(often!) < away(once!) / 2, `${often} and ${once}`);
});

Deno.test("on synthetic nodes, as much of what was held out is within deviations as a normal distribution says", () => {
  const [apps, capacity, noise] = [5, 5, 0.03];
  const space = new RankedSpace(apps, capacity);
  const ranks = Array.from({ length: configurationCount(apps, capacity) - 1 }, (_, at) => at + 1);
  let [present, one, two] = [0, 0, 0];
  for (const seed of [1, 2, 3]) {
    const random = new Random(seed);
    const counts = new Uint8Array(ranks.length * apps);
    random.shuffle([...ranks]).forEach((rank, row) => space.unrank(rank, counts, row * apps));
    const rps = contentionModel(randomApps(apps, seed)).predict(counts, ranks.length).map((
      value,
      at,
    ) => counts[at] === 0 ? NaN : value * (1 + noise * random.normal()));
    const all = {
      apps: randomApps(apps, seed).map(({ name }) => name),
      rows: ranks.length,
      counts,
      rps,
    };
    const rows = ranks.map((_, row) => row);
    const train = selectRows(all, rows.slice(0, 120));
    const test = selectRows(all, rows.slice(120));
    const { rps: means, deviations } = fitGaussian(train, { seed })
      .predictUncertain(test.counts, test.rows);
    test.counts.forEach((count, at) => {
      // Lone containers are 1 by definition, not a measurement.
      if (count === 0 || deviations[at] === 0) return;
      const away = Math.abs(means[at]! - test.rps[at]!) / deviations[at]!;
      present++;
      if (away <= 1) one++;
      if (away <= 2) two++;
    });
  }
  // 68 % and 95 %; samples of some hundreds scatter by two or three points, models err a little beyond.
  assert.ok(one / present > 0.58 && one / present < 0.82, `${one} of ${present} within one`);
  assert.ok(two / present > 0.9 && two / present < 0.995, `${two} of ${present} within two`);
});
