import assert from "node:assert/strict";
import type { SpaceModel } from "../domain/mod.ts";
import { Simulator } from "../sim-wasm/space/simulator.ts";
import { fitModel, fitNames } from "./fit.ts";
import { makeProfile } from "./_testing.ts";

const TREE_KINDS = ["forest", "extra-trees"];

Deno.test("every kind of model is fitted by its name", () => {
  const profile = makeProfile();
  for (const name of fitNames()) {
    const model = fitModel(name, profile, { seed: 1, trustMeasured: false });
    assert.equal(model.kind, name);
    assert.deepEqual(model.apps, profile.apps);
  }
});

Deno.test("an unknown kind of model is refused with the nearest one", () => {
  assert.throws(() => fitModel("extra-tree", makeProfile(), { seed: 1 }), {
    name: "UsageError",
    message:
      "Unknown model extra-tree: did you mean extra-trees? Known: forest, extra-trees, pooled, boosting, gaussian, pairwise, auto, table",
  });
});

Deno.test("the same seed fits the same model, another seed another one", () => {
  const profile = makeProfile();
  // Extra-trees agree on what was measured, whatever the seed: ask about configurations that were not.
  const counts = Uint8Array.of(9, 1, 1, 1, 9, 2, 3, 3, 9);
  for (const name of TREE_KINDS) {
    const predict = (seed: number) => fitModel(name, profile, { seed }).predict(counts, 3);
    assert.deepEqual(predict(3), predict(3));
    assert.notDeepEqual(predict(3), predict(4));
  }
});

Deno.test("predictions of a whole space are finite, 0 for absent apps, and within what was measured", () => {
  const profile = makeProfile({ apps: 4 });
  const measured = profile.rps.filter((value) => !Number.isNaN(value));
  const [least, most] = [Math.min(...measured), Math.max(...measured)];
  for (const name of TREE_KINDS) {
    const model = fitModel(name, profile, { seed: 1 });
    const simulator = Simulator.create({ model, capacity: 9 });
    const counts = simulator.configurationCounts(0, simulator.configurations);
    const predicted = model.predict(counts, simulator.configurations);
    assert.deepEqual((model as SpaceModel).predictSpace(9), predicted);
    predicted.forEach((value, at) => {
      if (counts[at] === 0) assert.equal(value, 0);
      else assert.ok(value < most + 1e-12 && value > (name === "forest" ? 0 : least) - 1e-12);
    });
    simulator.dispose();
  }
});

Deno.test("extra-trees reproduce the measurements they were fitted on", () => {
  const profile = makeProfile({ rows: 80 });
  const predicted = fitModel("extra-trees", profile, { seed: 1 })
    .predict(profile.counts, profile.rows);
  profile.rps.forEach((value, at) => {
    const expected = Number.isNaN(value) ? 0 : value;
    assert.ok(Math.abs(predicted[at]! - expected) < 1e-12);
  });
});

Deno.test("a table can fall back on a fitted model, but not on a table", () => {
  const profile = makeProfile();
  const options = { seed: 1, fallback: "extra-trees" };
  const counts = Uint8Array.of(8, 8, 8);
  assert.deepEqual(
    fitModel("table", profile, options).predict(counts, 1),
    fitModel("extra-trees", profile, { seed: 1 }).predict(counts, 1),
  );
  assert.throws(() => fitModel("table", profile, { seed: 1, fallback: "table" }), /fallback/);
});

Deno.test("an app that no row holds, and a profile without rows, cannot be learned from", () => {
  const profile = { ...makeProfile(), apps: ["a", "b", "c"] };
  const counts = profile.counts.map((count, at) => (at % 3 === 1 ? 0 : count));
  for (const name of TREE_KINDS) {
    assert.throws(
      () => fitModel(name, { ...profile, counts }, { seed: 1 }),
      /^InputError: No row of the profile holds b: measure it at least once, or leave the app out$/,
    );
    assert.throws(() => fitModel(name, { ...profile, rows: 0 }, { seed: 1 }), /without rows/);
    const at = profile.counts.findIndex((count) => count > 0);
    const rps = profile.rps.with(at, NaN);
    assert.throws(() => fitModel(name, { ...profile, rps }, { seed: 1 }), /no finite RPS/);
  }
});

Deno.test("measured configurations are answered exactly by default, but by the models of the paper's kind", () => {
  const profile = makeProfile({ apps: 3, rows: 50 });
  for (const name of fitNames()) {
    const trusting = fitModel(name, profile, { seed: 1, trustMeasured: true });
    const exact = (predicted: Float64Array) =>
      predicted.every((value, at) => profile.counts[at] === 0 || value === profile.rps[at]);
    assert.ok(exact(trusting.predict(profile.counts, profile.rows)), name);
    const usual = fitModel(name, profile, { seed: 1 }).predict(profile.counts, profile.rows);
    // Extra-trees without bootstrap run through their rows anyway.
    if (name === "forest" || name === "pairwise") assert.ok(!exact(usual));
    else if (name !== "extra-trees") assert.ok(exact(usual), name);
  }
});
