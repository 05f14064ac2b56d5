import assert from "node:assert/strict";
import fc from "fast-check";
import { contentionModel, randomApps, RESOURCES, type SyntheticApp } from "../../datasets/mod.ts";
import { allowsConfiguration, type InterferenceModel, NO_RULES, Random } from "../../domain/mod.ts";
import { arrangeModel } from "../../models/mod.ts";
import { drawPairwise } from "../formula/_draw.ts";
import { CorePricing, RankedSpace } from "../space/pricing.ts";
import { Simulator } from "../mod.ts";
import { ImplicitPricing } from "./pricing.ts";

const cases = fc.record({
  apps: fc.integer({ min: 1, max: 6 }),
  slots: fc.integer({ min: 1, max: 6 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  limit: fc.integer({ min: 1, max: 6 }),
  apart: fc.boolean(),
  together: fc.boolean(),
  resources: fc.boolean(),
});

/** Apps that wait for any app of the list, so that servers may go round in a circle. */
function entangledApps(count: number, seed: number): SyntheticApp[] {
  const draws = new Random(seed);
  return randomApps(count, seed).map((app) => ({
    ...app,
    load: draws.uniform() < 0.2
      ? Object.fromEntries(RESOURCES.map((name) => [name, 0])) as SyntheticApp["load"]
      : app.load,
    dependency: draws.uniform() < 0.5 ? null : {
      app: `app-${1 + draws.below(count)}`,
      speedup: 1.1 + 2 * draws.uniform(),
      served: 0.3 + 2 * draws.uniform(),
    },
  }));
}

Deno.test("the throughput that the core computes by formula is the model's to a relative 1e-12", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1e6 }), (apps, seed) => {
      const model = contentionModel(entangledApps(apps, seed));
      const draws = new Random(seed);
      using simulator = Simulator.create({ model, capacity: 20, denseLimit: 0 });
      using pricing = new ImplicitPricing(simulator, {
        capacity: 20,
        limits: new Uint8Array(apps).fill(20),
        apart: [],
      }, seed);
      // Free containers: whatever is found is learned with its throughput.
      const { ranks } = pricing.best(Float64Array.from({ length: apps }, () => draws.uniform()));
      const counts = new Uint8Array(apps);
      for (const rank of ranks) {
        pricing.unrank(rank, counts);
        const rps = model.predict(counts, 1);
        const expected = counts.reduce((sum, count, app) => sum + count * rps[app]!, 0);
        assert.ok(Math.abs(pricing.value(rank) - expected) <= 1e-12 * (1 + expected));
        assert.equal(simulator.throughput(counts), pricing.value(rank));
      }
    }),
    { numRuns: 40 },
  );
});

/** Models that say their formula, by number of apps and seed. */
const DRAWN: Readonly<Record<string, (apps: number, seed: number) => InterferenceModel>> = {
  contention: (apps, seed) => contentionModel(entangledApps(apps, seed)),
  pairs: (apps, seed) =>
    arrangeModel(drawPairwise(apps, seed), { speed: seed % 2 === 0 ? {} : { "app-0": 1.3 } }),
};

for (const [kind, drawModel] of Object.entries(DRAWN)) {
  Deno.test(`branch and bound of ${kind} proves what a plain loop over all configurations finds`, () => {
    fc.assert(
      fc.property(cases, ({ apps, slots, seed, limit, ...chosen }) => {
        const model = drawModel(apps, seed);
        const draws = new Random(seed);
        const limits = Uint8Array.from({ length: apps }, () => 1 + draws.below(limit));
        const apart = chosen.apart && apps > 2 ? [[0, 1] as const, [0, apps - 1] as const] : [];
        const together = chosen.together && apps > 1 ? [[apps - 1, apps >> 1] as const] : [];
        const company = together.filter(([a, b]) => a !== b);
        const needs = Float64Array.from({ length: apps }, () => 0.2 + draws.uniform());
        const amounts = Float64Array.from(chosen.resources ? [2.5] : []);
        const allows = (counts: Uint8Array): boolean =>
          allowsConfiguration({ ...NO_RULES, maxPerNode: [...limits], apart }, counts) &&
          company.every(([a, b]) => counts[a] === 0 || counts[b]! > 0) &&
          amounts.every((amount) =>
            counts.reduce((sum, count, app) => sum + count * needs[app]!, 0) <= amount
          );
        const prices = Float64Array.from({ length: apps }, () => draws.uniform() * 1.4 - 0.2);
        const capacities = [Math.max(1, slots - 2), slots];

        const best = capacities.map(() => 0);
        const space = new RankedSpace(apps, slots);
        const counts = new Uint8Array(apps);
        for (let rank = 0; rank < space.configurations; rank++) {
          space.unrank(rank, counts);
          if (!allows(counts)) continue;
          const rps = model.predict(counts, 1);
          const total = counts.reduce((sum, count) => sum + count, 0);
          const reduced = counts.reduce(
            (sum, count, app) => sum + count * (rps[app]! - prices[app]!),
            0,
          );
          capacities.forEach((capacity, at) => {
            if (total <= capacity) best[at] = Math.max(best[at]!, reduced);
          });
        }

        using simulator = Simulator.create({ model, capacity: slots, denseLimit: 0 });
        using pricing = new ImplicitPricing(simulator, {
          ...{ capacity: slots, limits, apart, together: company },
          ...(chosen.resources ? { amounts, needs } : {}),
        });
        const exact = pricing.prove(prices, {
          capacities,
          enough: [Infinity, Infinity],
          tolerance: 1e-7,
          stop: () => false,
        });
        const early = pricing.prove(prices, {
          capacities,
          enough: [Infinity, Infinity],
          tolerance: 0.05,
          stop: () => true,
        });
        capacities.forEach((capacity, at) => {
          assert.ok(exact.bestByTotal[capacity]! >= best[at]! - 1e-12);
          assert.ok(exact.bestByTotal[capacity]! <= best[at]! + 1e-6);
          assert.ok(early.bestByTotal[capacity]! >= best[at]! - 1e-12);
        });
        const found = exact.reduced.reduce((most, reduced) => Math.max(most, reduced), 0);
        assert.ok(Math.abs(found - best[1]!) < 1e-6);
        for (const rank of exact.ranks) {
          pricing.unrank(rank, counts);
          assert.ok(allows(counts));
        }
      }),
      { numRuns: 60 },
    );
  });
}

Deno.test("climbs find most of what the best configuration of a table is worth", () => {
  const apps = 8;
  const model = contentionModel(randomApps(apps, 1));
  const options = { capacity: 8, limits: new Uint8Array(apps).fill(8), apart: [] };
  using simulator = Simulator.create({ model, capacity: 8 });
  using table = new CorePricing(simulator, options);
  using large = Simulator.create({ model, capacity: 8, denseLimit: 0 });
  using pricing = new ImplicitPricing(large, options);
  const draws = new Random(1);
  for (let round = 0; round < 20; round++) {
    const prices = Float64Array.from({ length: apps }, () => 0.4 + draws.uniform() * 0.5);
    const expected = Math.max(...table.best(prices).bestByTotal);
    const found = Math.max(...pricing.best(prices).reduced);
    assert.ok(found > 0.9 * expected, `${found} of ${expected}`);
    assert.ok(found <= expected + 1e-9);
  }
});
