import assert from "node:assert/strict";
import fc from "fast-check";
import { type FormulaModel, Random } from "../../domain/mod.ts";
import { PairwiseModel } from "../../models/mod.ts";
import { Simulator } from "../space/simulator.ts";

/** A pairwise model with terms drawn at random; some first neighbours help. */
function drawPairwise(apps: number, seed: number): PairwiseModel {
  const draws = new Random(seed);
  const further = Float64Array.from({ length: apps ** 2 }, () => 0.4 * draws.uniform());
  const first = further.map((term) => draws.uniform() < 0.2 ? -0.3 : 2 * term * draws.uniform());
  return new PairwiseModel(Array.from({ length: apps }, (_, app) => `app-${app}`), {
    first,
    further,
  });
}

/** Compares what a simulator without a table says of random nodes with what the model says. */
function agrees(model: FormulaModel, capacity: number, seed: number): void {
  const apps = model.apps.length;
  const draws = new Random(seed);
  const asked = { model: 0 };
  const watched = {
    kind: model.kind,
    apps: model.apps,
    formula: model.formula,
    predict: (counts: Uint8Array, rows: number) => {
      asked.model++;
      return model.predict(counts, rows);
    },
  };
  using simulator = Simulator.create({ model: watched, capacity, denseLimit: 0 });
  for (let node = 0; node < 40; node++) {
    const counts = new Uint8Array(apps);
    for (let left = draws.below(capacity + 1); left > 0; left--) counts[draws.below(apps)]!++;
    const rps = model.predict(counts, 1);
    const expected = counts.reduce((sum, count, app) => sum + count * rps[app]!, 0);
    const value = simulator.throughput(counts);
    assert.ok(Math.abs(value - expected) <= 1e-12 * (1 + expected), `${value} ${expected}`);
  }
  assert.equal(asked.model, 0);
}

Deno.test("the core says of pairs what the model says, to a relative 1e-12, and does not ask it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 1e6 }),
      (apps, seed) => agrees(drawPairwise(apps, seed), 1 + seed % 30, seed),
    ),
    { numRuns: 40 },
  );
});
