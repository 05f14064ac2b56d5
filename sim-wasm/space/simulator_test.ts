import assert from "node:assert/strict";
import fc from "fast-check";
import { configurationCount, InputError, Random, ShapeError } from "../../domain/mod.ts";
import { NaiveSimulator, ruggedModel } from "../_naive.ts";
import { Core } from "../core/core.ts";
import { Simulator } from "./simulator.ts";

const sizes = fc.record({
  apps: fc.integer({ min: 1, max: 10 }),
  capacity: fc.integer({ min: 1, max: 9 }),
}).filter(({ apps, capacity }) => configurationCount(apps, capacity) <= 20_000);

Deno.test("rank and unrank are a bijection that orders configurations by their total", () => {
  fc.assert(
    fc.property(sizes, ({ apps, capacity }) => {
      const simulator = Simulator.create({ model: ruggedModel(apps, 1), capacity });
      const counts = simulator.configurationCounts(0, simulator.configurations);
      const seen = new Set<string>();
      let total = 0;
      for (let rank = 0; rank < simulator.configurations; rank++) {
        const row = counts.subarray(rank * apps, (rank + 1) * apps);
        const held = row.reduce((a, b) => a + b, 0);
        assert.ok(held >= total && held <= capacity);
        total = held;
        seen.add(row.join(","));
        if (rank % 7 === 0) assert.equal(simulator.rank(row), rank);
      }
      assert.equal(seen.size, simulator.configurations);
    }),
    { numRuns: 60 },
  );
});

Deno.test("configurations of at most s containers are exactly the first C(s + apps, apps) ranks", () => {
  const simulator = Simulator.create({ model: ruggedModel(4, 1), capacity: 6 });
  for (let most = 0; most <= 6; most++) {
    const first = configurationCount(4, most);
    const last = simulator.unrank(first - 1).reduce((a, b) => a + b, 0);
    assert.equal(last, most);
    if (most < 6) assert.equal(simulator.unrank(first).reduce((a, b) => a + b, 0), most + 1);
  }
});

Deno.test("seven apps and eight slots make 6435 configurations, twenty apps 3108105", () => {
  assert.equal(configurationCount(7, 8), 6435);
  assert.equal(configurationCount(20, 8), 3108105);
});

Deno.test("table, plain dense and hashed spaces evaluate placements as the naive simulator does", () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 1e6 }), ({ apps, capacity }, seed) => {
      const model = ruggedModel(apps, seed);
      const naive = new NaiveSimulator(model);
      const nodes = 5;
      const draws = new Random(seed);
      const counts = new Uint8Array(2 * nodes * apps);
      for (let node = 0; node < 2 * nodes; node++) {
        for (let left = draws.below(capacity + 1); left > 0; left--) {
          counts[node * apps + draws.below(apps)]!++;
        }
      }
      const expected = [0, 1].map((at) =>
        naive.evaluate({
          nodes,
          apps,
          counts: counts.subarray(at * nodes * apps, (at + 1) * nodes * apps),
        })
      );
      for (const limits of [{}, { transitionLimit: 0 }, { denseLimit: 0, cacheEntries: 16 }]) {
        const simulator = Simulator.create({ model, capacity, ...limits });
        const totals = simulator.evaluateMany(counts, 2, nodes);
        totals.forEach((total, at) => assert.ok(Math.abs(total - expected[at]!) < 1e-9));
        assert.ok(
          Math.abs(simulator.throughput(counts, 0) - naive.throughput(counts.subarray(0, apps))) <
            1e-9,
        );
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("a space beyond the dense limit is held as a hashed cache and still answers", () => {
  const simulator = Simulator.create({ model: ruggedModel(40, 3), capacity: 16, cacheEntries: 64 });
  assert.equal(simulator.dense, false);
  const naive = new NaiveSimulator(simulator.model);
  const draws = new Random(5);
  for (let i = 0; i < 300; i++) {
    const counts = new Uint8Array(40);
    for (let left = 16; left > 0; left--) counts[draws.below(40)]!++;
    assert.equal(simulator.throughput(counts), naive.throughput(counts));
  }
  assert.throws(() => simulator.rank(new Uint8Array(40)), InputError);
});

Deno.test("evaluate refuses wrong lengths and overfull nodes, also where bytes would overflow", () => {
  const simulator = Simulator.create({ model: ruggedModel(7, 1), capacity: 8 });
  const counts = new Uint8Array(14);
  assert.throws(() => simulator.evaluateMany(counts.subarray(1), 1, 2), ShapeError);
  for (const row of [[9], [4, 5], [0, 0, 200, 56, 0, 0, 0], [255, 1]]) {
    counts.fill(0).set(row, 7);
    assert.throws(() => simulator.evaluate({ nodes: 2, apps: 7, counts }), InputError);
    assert.throws(() => simulator.throughput(counts, 7), InputError);
  }
  assert.throws(() => simulator.throughput([1, 2]), ShapeError);
  assert.throws(() => simulator.throughput([1.5, 0, 0, 0, 0, 0, 0]), InputError);
  assert.throws(() => simulator.unrank(6435), InputError);
});

Deno.test("a capacity or cache size out of range is refused before the core sees it", () => {
  const model = ruggedModel(2, 1);
  for (const capacity of [0, 256, 1.5, NaN]) {
    assert.throws(() => Simulator.create({ model, capacity }), InputError);
  }
  assert.throws(() => Simulator.create({ model, capacity: 4, cacheEntries: 1000 }), InputError);
});

Deno.test("nodes known by rank are worth what their counts are worth, and ranks out of range are refused", () => {
  const simulator = Simulator.create({ model: ruggedModel(4, 2), capacity: 5 });
  for (const length of [0, 1, 2, 7]) {
    const ranks = Uint32Array.from({ length }, (_, at) => (at * 37) % simulator.configurations);
    const expected = [...ranks].reduce(
      (sum, rank) => sum + simulator.throughput(simulator.unrank(rank)),
      0,
    );
    assert.ok(Math.abs(simulator.evaluateRanks(ranks) - expected) < 1e-9);
  }
  for (const bad of [[126], [0, 126], [126, 0], [0, 0, 0xffffffff]]) {
    assert.throws(() => simulator.evaluateRanks(Uint32Array.from(bad)), InputError);
  }
});

Deno.test("a disposed simulator says so", () => {
  const simulator = Simulator.create({ model: ruggedModel(2, 1), capacity: 2 });
  simulator.dispose();
  simulator.dispose();
  assert.throws(() => simulator.throughput([1, 0]), /disposed/);
});

Deno.test("the core and domain/random.ts draw the same numbers from the same seed", () => {
  const core = new Core("core");
  for (const seed of [0, 1, 42, 0xffffffff]) {
    core.functions.seedRandom(seed);
    const draws = new Random(seed);
    for (let i = 0; i < 1000; i++) {
      assert.equal(core.functions.randomBits(), draws.uint32());
    }
  }
});

Deno.test("a view taken before the memory grew is never used: large blocks do not disturb small ones", () => {
  const core = new Core("core");
  const small = core.allocate("f64", 4);
  core.write("f64", small, [1, 2, 3, 4], 4);
  const bytes = core.memoryBytes;
  const large = core.allocate("u8", 50_000_000);
  assert.ok(core.memoryBytes > bytes);
  assert.deepEqual([...core.read("f64", small, 4)], [1, 2, 3, 4]);
  core.free(large);
  assert.throws(() => core.write("f64", small, [1], 4), ShapeError);
  assert.throws(() => core.allocate("f64", -1), RangeError);
});

Deno.test("filling a table tells how far it is", () => {
  const told: number[] = [];
  Simulator.create({
    model: ruggedModel(4, 3),
    capacity: 5,
    onProgress: (fraction) => told.push(fraction),
  }).dispose();
  assert.deepEqual(told, [1]);
});

Deno.test("limits that the core's memory cannot hold are refused", () => {
  const model = ruggedModel(4, 3);
  for (const limit of [-1, 0.5, NaN, 2 ** 40]) {
    assert.throws(() => Simulator.create({ model, capacity: 5, denseLimit: limit }), /denseLimit/);
    assert.throws(
      () => Simulator.create({ model, capacity: 5, transitionLimit: limit }),
      /transitionLimit/,
    );
  }
});
