import assert from "node:assert/strict";
import fc from "fast-check";
import { contentionModel, randomApps } from "../../datasets/mod.ts";
import {
  formulaOf,
  type InterferenceModel,
  NO_RULES,
  Random,
  uniformCluster,
} from "../../domain/mod.ts";
import {
  arrangeModel,
  EnsembleModel,
  fitBoosting,
  fitExtraTrees,
  fitForest,
  fitGaussian,
  fitModel,
  fitPairwise,
} from "../../models/mod.ts";
import { makeProfile } from "../../models/_testing.ts";
import { steer } from "../../scheduling/mod.ts";
import { Simulator } from "../space/simulator.ts";
import { drawPairwise } from "./_draw.ts";

/** Compares what a simulator without a table says of random nodes, and of each once more, with what the model says. */
function agrees(
  model: InterferenceModel,
  { capacity, seed, tolerance }: { capacity: number; seed: number; tolerance: number },
): void {
  const apps = model.apps.length;
  const draws = new Random(seed);
  const formula = formulaOf(model);
  assert.ok(formula !== undefined, model.kind);
  const silent = {
    kind: model.kind,
    apps: model.apps,
    formula,
    predict: () => {
      throw new Error("the model was asked");
    },
  };
  using simulator = Simulator.create({ model: silent, capacity, denseLimit: 0, cacheEntries: 16 });
  for (let node = 0; node < 30; node++) {
    const counts = new Uint8Array(apps);
    for (let left = draws.below(capacity + 1); left > 0; left--) counts[draws.below(apps)]!++;
    const rps = model.predict(counts, 1);
    const expected = counts.reduce((sum, count, app) => sum + count * rps[app]!, 0);
    for (const value of [simulator.throughput(counts), simulator.throughput(counts)]) {
      const distance = Math.abs(value - expected);
      assert.ok(distance <= tolerance * (1 + Math.abs(expected)), `${value} ${expected}`);
    }
  }
}

Deno.test("the core says of pairs what the model says, to a relative 1e-12, and does not ask it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 1e6 }),
      (apps, seed) =>
        agrees(drawPairwise(apps, seed), { capacity: 1 + seed % 30, seed, tolerance: 1e-12 }),
    ),
    { numRuns: 40 },
  );
});

const PROFILE = makeProfile({ apps: 9, rows: 150 });
const REFITTED = fitModel("gaussian", PROFILE, { seed: 1 });
const FITTED: readonly InterferenceModel[] = [
  fitForest(PROFILE, { seed: 1, trees: 9 }),
  fitExtraTrees(PROFILE, { seed: 1, trees: 11 }),
  fitBoosting(PROFILE, { seed: 1, trees: 20 }),
  fitGaussian(PROFILE, { seed: 1, steps: 5 }),
  REFITTED,
  fitModel("table", PROFILE, { seed: 1, fallback: "pairwise" }),
  new EnsembleModel([
    { model: fitPairwise(PROFILE, { seed: 1 }), weight: 0.3 },
    { model: fitExtraTrees(PROFILE, { seed: 1, trees: 3 }), weight: 0.7 },
  ]),
  arrangeModel(REFITTED, { apps: ["app-7", "app-2", "app-4"], speed: { "app-2": 1.7 } }),
  arrangeModel(contentionModel(randomApps(12, 1)), { speed: { "app-1": 0.6 } }),
  arrangeModel(drawPairwise(9, 1), { apps: ["app-8", "app-0", "app-3"], speed: { "app-0": 2 } }),
];

Deno.test("the core says of fitted models, mixed, measured and arranged, what they say, and does not ask them", () => {
  for (const model of FITTED) {
    agrees(model, { capacity: 14, seed: 7, tolerance: 1e-9 });
  }
});

Deno.test("measured configurations have their measurements in the core", () => {
  const model = fitModel("gaussian", PROFILE, { seed: 1 });
  using simulator = Simulator.create({ model, capacity: 8, denseLimit: 0 });
  for (let row = 0; row < PROFILE.rows; row++) {
    let expected = 0;
    for (let at = row * 9; at < (row + 1) * 9; at++) {
      if (PROFILE.counts[at]! > 0) expected += PROFILE.counts[at]! * PROFILE.rps[at]!;
    }
    const value = simulator.throughput(PROFILE.counts, row * 9);
    assert.ok(Math.abs(value - expected) < 1e-12 * (1 + expected));
  }
});

Deno.test("fairness and weights are evaluated in the core as the steered model says them", () => {
  const capacity = 8;
  for (const model of [drawPairwise(9, 3), contentionModel(randomApps(9, 2))]) {
    for (const objective of ["fair", "throughput"] as const) {
      using simulator = Simulator.create({ model, capacity, denseLimit: 0 });
      const steered = steer({
        apps: model.apps,
        cluster: uniformCluster(2, capacity),
        demand: new Array(9).fill(1),
        rules: NO_RULES,
        simulator,
        objective,
        weights: model.apps.map((_, app) => 1 + app),
      });
      using other = steered.simulator;
      agrees(other.model, { capacity, seed: 5, tolerance: 1e-12 });
    }
  }
});

Deno.test("surfaces of one formula share its memory", () => {
  const model = fitExtraTrees(makeProfile({ apps: 5, rows: 300 }), { seed: 1 });
  const bytes = (surfaces: number): number => {
    const more = Array.from(
      { length: surfaces - 1 },
      (_, at) => arrangeModel(model, { speed: { "app-0": 2 + at } }),
    );
    using simulator = Simulator.create({
      model,
      more,
      capacity: 9,
      denseLimit: 0,
      cacheEntries: 16,
    });
    return simulator.memoryBytes;
  };
  assert.ok(bytes(8) < bytes(1) + 2 ** 17, `${bytes(1)} ${bytes(8)}`);
});
