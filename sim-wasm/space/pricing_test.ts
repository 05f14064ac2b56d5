import assert from "node:assert/strict";
import fc from "fast-check";
import { allowsConfiguration, NO_RULES, Random } from "../../domain/mod.ts";
import { ruggedModel } from "../_naive.ts";
import { Simulator } from "../mod.ts";
import { CorePricing, FORBIDDEN_VALUE, RankedSpace } from "./pricing.ts";

const cases = fc.record({
  apps: fc.integer({ min: 1, max: 5 }),
  slots: fc.integer({ min: 1, max: 5 }),
  smaller: fc.integer({ min: 0, max: 2 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  limit: fc.integer({ min: 0, max: 4 }),
  apart: fc.boolean(),
});

Deno.test("unrank gives the counts that the simulator has for the rank", () => {
  fc.assert(
    fc.property(cases, ({ apps, slots, seed }) => {
      const simulator = Simulator.create({ model: ruggedModel(apps, seed), capacity: slots });
      const space = new RankedSpace(apps, slots);
      assert.equal(space.configurations, simulator.configurations);
      const counts = new Uint8Array(apps);
      for (let rank = 0; rank < space.configurations; rank++) {
        space.unrank(rank, counts);
        assert.deepEqual(counts, simulator.unrank(rank));
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("best and collect find what a plain loop over all configurations finds", () => {
  fc.assert(
    fc.property(cases, ({ apps, slots, smaller, seed, limit, apart }) => {
      const simulator = Simulator.create({ model: ruggedModel(apps, seed), capacity: slots });
      const capacity = Math.max(1, slots - smaller);
      const draws = new Random(seed);
      const limits = Uint8Array.from({ length: apps }, () => limit + draws.below(5));
      const pairs = apart && apps > 1 ? [[0, apps - 1] as const] : [];
      const prices = Float64Array.from({ length: apps }, () => draws.uniform() * 1.5 - 0.5);
      const rules = { ...NO_RULES, maxPerNode: [...limits], apart: pairs };
      const pricing = new CorePricing(simulator, { capacity, limits, apart: pairs });

      const best = new Float64Array(capacity + 1).fill(FORBIDDEN_VALUE);
      const thresholds = Float64Array.from({ length: capacity + 1 }, () => draws.uniform() - 0.5);
      const expected: number[] = [];
      const table = simulator.table();
      for (let rank = 0; rank < new RankedSpace(apps, capacity).configurations; rank++) {
        const counts = simulator.unrank(rank);
        if (!allowsConfiguration(rules, counts)) {
          assert.ok(pricing.value(rank) <= FORBIDDEN_VALUE);
          continue;
        }
        assert.equal(pricing.value(rank), table[rank]);
        const total = counts.reduce((sum, count) => sum + count, 0);
        const reduced = counts.reduce(
          (sum, count, app) => sum - count * prices[app]!,
          table[rank]!,
        );
        best[total] = Math.max(best[total]!, reduced);
        if (reduced >= thresholds[total]!) expected.push(rank);
      }
      const found = pricing.best(prices);
      best.forEach((value, total) => {
        assert.ok(
          Math.abs(value - found.bestByTotal[total]!) <= 1e-12 * Math.max(1, Math.abs(value)),
        );
      });
      const collected = pricing.collect(prices, thresholds, 1e6);
      assert.deepEqual([...collected.ranks], expected);
      assert.equal(collected.count, expected.length);
      const few = pricing.collect(prices, thresholds, 2);
      assert.equal(few.count, expected.length);
      assert.deepEqual([...few.ranks], expected.slice(0, 2));
      pricing.dispose();
      assert.deepEqual(
        simulator.table(),
        table,
        "masking must not touch the simulator's own table",
      );
    }),
    { numRuns: 150 },
  );
});

Deno.test("creating and disposing pricings does not grow the core's memory", () => {
  const simulator = Simulator.create({ model: ruggedModel(6, 3), capacity: 6 });
  const options = { capacity: 6, limits: new Uint8Array(6).fill(2), apart: [] };
  const once = (): void => {
    const pricing = new CorePricing(simulator, options);
    pricing.best(new Float64Array(6));
    pricing.collect(new Float64Array(6), new Float64Array(7), 500);
    pricing.dispose();
  };
  for (let warm = 0; warm < 5; warm++) once();
  const before = simulator.memoryBytes;
  for (let turn = 0; turn < 300; turn++) once();
  assert.equal(simulator.memoryBytes, before);
});

Deno.test("pricing refuses a capacity above the simulator's, wrong lengths and use after disposal", () => {
  const simulator = Simulator.create({ model: ruggedModel(3, 1), capacity: 4 });
  const limits = new Uint8Array(3).fill(4);
  assert.throws(
    () => new CorePricing(simulator, { capacity: 5, limits, apart: [] }),
    /simulator of that capacity/,
  );
  assert.throws(
    () => new CorePricing(simulator, { capacity: 4, limits: new Uint8Array(2), apart: [] }),
    /Wrong length of limits/,
  );
  const pricing = new CorePricing(simulator, { capacity: 4, limits, apart: [] });
  assert.throws(() => pricing.best(new Float64Array(2)), /Wrong length/);
  assert.throws(() => pricing.value(35), /Rank 35 is not in 0 to 34/);
  pricing.dispose();
  assert.throws(() => pricing.best(new Float64Array(3)), /disposed/);
});
