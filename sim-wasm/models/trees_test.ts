import assert from "node:assert/strict";
import fc from "fast-check";
import { configurationCount, Random } from "../../domain/mod.ts";
import { Simulator } from "../space/simulator.ts";
import { LEAF, type TreeArrays } from "./tree_arrays.ts";
import { featureCount, type FeatureSet } from "./tree_features.ts";
import type { TreeOptions, TreeSample } from "./tree_fit.ts";
import { Trees } from "./trees.ts";

const OPTIONS: TreeOptions = {
  trees: 3,
  maxDepth: 20,
  minLeaf: 1,
  maxFeatures: Infinity,
  bootstrap: false,
  splits: "best",
  seed: 1,
};

/** Features of a row, as the definition of the feature set says. */
function naiveFeatures(set: FeatureSet, row: readonly number[]): number[] {
  if (set === "counts") return [...row];
  return [...row, ...row.map((count) => Number(count > 0)), row.reduce((sum, n) => sum + n, 0)];
}

/** A distinct configuration with the weight and mean of its measurements. */
interface Row {
  readonly features: readonly number[];
  weight: number;
  weighted: number;
}

function distinct(
  set: FeatureSet,
  rows: readonly (readonly number[])[],
  sample: TreeSample,
): Row[] {
  const found = new Map<string, Row>();
  rows.forEach((row, at) => {
    const known = found.get(row.join()) ??
      { features: naiveFeatures(set, row), weight: 0, weighted: 0 };
    const weight = sample.weights?.[at] ?? 1;
    known.weight += weight;
    known.weighted += weight * sample.targets[at]!;
    found.set(row.join(), known);
  });
  return [...found.values()];
}

const meanOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, row) => sum + row.weighted, 0) /
  rows.reduce((sum, row) => sum + row.weight, 0);

/** Weighted squared error of rows around their mean. */
function errorOf(rows: readonly Row[]): number {
  const mean = meanOf(rows);
  return rows.reduce((sum, row) => sum + row.weight * (row.weighted / row.weight - mean) ** 2, 0);
}

/** Every split that leaves enough rows on both sides: feature, midpoint, squared error. */
function naiveSplits(rows: readonly Row[], minLeaf: number) {
  const splits: { feature: number; threshold: number; error: number }[] = [];
  rows[0]!.features.forEach((_, feature) => {
    const values = [...new Set(rows.map((row) => row.features[feature]!))].sort((a, b) => a - b);
    for (let i = 1; i < values.length; i++) {
      const threshold = Math.floor((values[i - 1]! + values[i]!) / 2);
      const left = rows.filter((row) => row.features[feature]! <= threshold);
      const right = rows.filter((row) => row.features[feature]! > threshold);
      if (left.length < minLeaf || right.length < minLeaf) continue;
      splits.push({ feature, threshold, error: errorOf(left) + errorOf(right) });
    }
  });
  return splits;
}

/** Walks the trees with the rows they were grown on and checks every decision naively. */
function checkGrown(arrays: TreeArrays, rows: readonly Row[], options: TreeOptions): void {
  let node = 0;
  let leaf = 0;
  const visit = (here: readonly Row[], depth: number): void => {
    const split = arrays.splits[node++]!;
    const candidates = naiveSplits(here, options.minLeaf);
    if (split === LEAF) {
      const value = arrays.values[leaf++]!;
      assert.ok(Math.abs(value - meanOf(here)) < 1e-9, `leaf ${value} is not the mean`);
      const done = errorOf(here) < 1e-9 || depth === options.maxDepth ||
        here.length < 2 * options.minLeaf || candidates.length === 0;
      // A random threshold may leave too few rows on one side even where another would not.
      assert.ok(done || (options.splits === "random" && options.minLeaf > 1), "leaf too early");
      return;
    }
    const feature = split & 0xffff;
    const threshold = split >>> 16;
    const left = here.filter((row) => row.features[feature]! <= threshold);
    const right = here.filter((row) => row.features[feature]! > threshold);
    assert.ok(left.length >= options.minLeaf && right.length >= options.minLeaf, "side too small");
    assert.ok(depth < options.maxDepth, "too deep");
    if (options.splits === "best") {
      const chosen = candidates.find((c) => c.feature === feature && c.threshold === threshold);
      const least = Math.min(...candidates.map((candidate) => candidate.error));
      assert.ok(chosen !== undefined, "the threshold is no midpoint of values that are present");
      assert.ok(chosen.error <= least + 1e-7, `error ${chosen.error}, but ${least} is possible`);
    }
    visit(left, depth + 1);
    visit(right, depth + 1);
  };
  for (let tree = 0; tree < arrays.trees; tree++) visit(rows, 0);
  assert.equal(node, arrays.splits.length);
  assert.equal(leaf, arrays.values.length);
}

const setArbitrary = fc.constantFrom<FeatureSet>("counts", "presence");

/** Rows of counts, one sample for all apps. */
const dataArbitrary = fc.integer({ min: 1, max: 4 }).chain((apps) =>
  fc.record({
    apps: fc.constant(apps),
    measured: fc.array(
      fc.record({
        row: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: apps, maxLength: apps }),
        target: fc.integer({ min: -128, max: 128 }).map((x) => x / 64),
        weight: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
).map(({ apps, measured }) => {
  const rows = measured.map(({ row }) => row);
  const sample: TreeSample = {
    counts: Uint8Array.from(rows.flat()),
    targets: Float64Array.from(measured, ({ target }) => target),
    weights: Float64Array.from(measured, ({ weight }) => weight),
  };
  return { apps, rows, sample };
});

Deno.test("trees split exactly as a naive search says, and leaves hold weighted means", () => {
  fc.assert(
    fc.property(
      dataArbitrary,
      setArbitrary,
      fc.constantFrom<"best" | "random">("best", "random"),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 2, 3, 20),
      fc.nat(),
      ({ apps, rows, sample }, set, splits, minLeaf, maxDepth, seed) => {
        const options = { ...OPTIONS, splits, minLeaf, maxDepth, seed };
        const trees = Trees.fit(set, Array(apps).fill(sample), options);
        const known = distinct(set, rows, sample);
        for (let app = 0; app < apps; app++) checkGrown(trees.arrays(app), known, options);
      },
    ),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("predict() is the mean over the trees that arrays() gives, and 0 for absent apps", () => {
  fc.assert(
    fc.property(dataArbitrary, setArbitrary, ({ apps, rows, sample }, set) => {
      const options = { ...OPTIONS, bootstrap: true, maxFeatures: 2, splits: "random" as const };
      const trees = Trees.fit(set, Array(apps).fill(sample), options);
      const predicted = trees.predict(sample.counts, rows.length);
      rows.forEach((row, at) => {
        const features = naiveFeatures(set, row);
        row.forEach((count, app) => {
          const expected = count === 0 ? 0 : naiveMean(trees.arrays(app), features);
          assert.equal(predicted[at * apps + app], expected);
        });
      });
    }),
    { numRuns: 100, seed: 2 },
  );
});

/** Mean over the trees of the leaf that the features lead to, by walking the preorder. */
function naiveMean(arrays: TreeArrays, features: readonly number[]): number {
  let node = 0;
  let leaf = 0;
  const visit = (taken: boolean): number => {
    const split = arrays.splits[node++]!;
    if (split === LEAF) return taken ? arrays.values[leaf++]! : (leaf++, 0);
    const goesLeft = features[split & 0xffff]! <= split >>> 16;
    const left = visit(taken && goesLeft);
    const right = visit(taken && !goesLeft);
    return goesLeft ? left : right;
  };
  let sum = 0;
  for (let tree = 0; tree < arrays.trees; tree++) sum += visit(true);
  return sum / arrays.trees;
}

Deno.test("whole spaces are predicted bit for bit as configuration by configuration", () => {
  fc.assert(
    fc.property(
      dataArbitrary,
      setArbitrary,
      fc.constantFrom<"best" | "random">("best", "random"),
      fc.integer({ min: 1, max: 9 }),
      ({ apps, sample }, set, splits, capacity) => {
        const trees = Trees.fit(set, Array(apps).fill(sample), { ...OPTIONS, splits });
        const configurations = configurationCount(apps, capacity);
        const names = Array.from({ length: apps }, (_, app) => `app-${app}`);
        const model = { kind: "test", apps: names, predict: trees.predict.bind(trees) };
        const simulator = Simulator.create({ model, capacity });
        const counts = simulator.configurationCounts(0, configurations);
        const expected = trees.predict(counts, configurations);
        assert.deepEqual(trees.predictSpace(capacity, configurations), expected);
        const told: number[] = [];
        const whole = trees.throughputSpace(capacity, configurations, (share) => told.push(share));
        assert.deepEqual(whole, simulator.table());
        assert.deepEqual(told, names.map((_, app) => (app + 1) / apps));
        simulator.dispose();
      },
    ),
    { numRuns: 60, seed: 3 },
  );
});

Deno.test("spaces of many apps, found by lists of their first half, are predicted bit for bit too", () => {
  const draws = new Random(8);
  for (const [apps, capacity] of [[5, 6], [9, 4], [12, 3]] as const) {
    const rows = 80;
    const counts = new Uint8Array(rows * apps);
    for (let row = 0; row < rows; row++) {
      for (let k = draws.below(capacity) + 1; k > 0; k--) counts[row * apps + draws.below(apps)]!++;
    }
    const sample = {
      counts,
      targets: Float64Array.from({ length: rows }, () => draws.below(64) / 64),
    };
    const trees = Trees.fit("presence", Array(apps).fill(sample), { ...OPTIONS, splits: "random" });
    const configurations = configurationCount(apps, capacity);
    const names = Array.from({ length: apps }, (_, app) => `app-${app}`);
    const model = { kind: "test", apps: names, predict: trees.predict.bind(trees) };
    const simulator = Simulator.create({ model, capacity });
    const all = simulator.configurationCounts(0, configurations);
    const predicted = trees.predict(all, configurations);
    assert.deepEqual(trees.predictSpace(capacity, configurations), predicted);
    assert.deepEqual(trees.throughputSpace(capacity, configurations), simulator.table());
    simulator.dispose();
  }
});

Deno.test("twenty apps have more features than fit one vector register, and are fitted alike", () => {
  const apps = 20;
  const rows = Array.from(
    { length: 60 },
    (_, row) =>
      Array.from({ length: apps }, (_, app) => (row * 7 + app * app * 3) % 5 === 0 ? 2 : 0),
  );
  const sample: TreeSample = {
    counts: Uint8Array.from(rows.flat()),
    targets: Float64Array.from(rows, (_, row) => (row * 37 % 23) / 32),
  };
  assert.equal(featureCount("presence", apps), 41);
  for (const splits of ["best", "random"] as const) {
    const options = { ...OPTIONS, splits };
    const trees = Trees.fit("presence", Array(apps).fill(sample), options);
    checkGrown(trees.arrays(19), distinct("presence", rows, sample), options);
  }
});

Deno.test("a weight of two counts as the measurement made twice", () => {
  const rows = [[1, 0], [2, 1], [3, 0], [1, 2], [4, 4]];
  const targets = [0.5, 1, 0.25, 0.75, 0.125];
  const once: TreeSample = {
    counts: Uint8Array.from(rows.flat()),
    targets: Float64Array.from(targets),
    weights: Float64Array.of(1, 2, 1, 1, 1),
  };
  const twice: TreeSample = {
    counts: Uint8Array.from([...rows, rows[1]!].flat()),
    targets: Float64Array.from([...targets, 1]),
  };
  const options = { ...OPTIONS, maxDepth: 1 };
  const weighted = Trees.fit("counts", [once, once], options).predictSpace(8, 45);
  assert.deepEqual(weighted, Trees.fit("counts", [twice, twice], options).predictSpace(8, 45));
  const unweighted: TreeSample = { counts: once.counts, targets: once.targets };
  const plain = Trees.fit("counts", [unweighted, unweighted], options).predictSpace(8, 45);
  assert.notDeepEqual(weighted, plain);
});

Deno.test("the same seed grows the same trees, another seed others", () => {
  const rows = Array.from({ length: 40 }, (_, row) => [row % 7, row % 5, row % 3]);
  const sample: TreeSample = {
    counts: Uint8Array.from(rows.flat()),
    targets: Float64Array.from(rows, (_, row) => Math.sin(row)),
  };
  const grow = (seed: number, change: Partial<TreeOptions>) =>
    Trees.fit("counts", Array(3).fill(sample), { ...OPTIONS, ...change, seed }).arrays(0);
  for (const change of [{ bootstrap: true }, { splits: "random" as const }, { maxFeatures: 1 }]) {
    assert.deepEqual(grow(5, change), grow(5, change));
    assert.notDeepEqual(grow(5, change), grow(6, change));
  }
});

Deno.test("a bootstrapped tree leaves about a third of the measurements out", () => {
  const rows = Array.from({ length: 200 }, (_, row) => [row]);
  const sample: TreeSample = {
    counts: Uint8Array.from(rows.flat()),
    targets: Float64Array.from(rows, (_, row) => row),
  };
  const options = { ...OPTIONS, trees: 200, maxDepth: 100, bootstrap: true };
  const leaves = Trees.fit("counts", [sample], options).arrays(0).values.length / 200;
  // Expected share of distinct rows: 1 - (1 - 1/200)^200 = 0.633; one tree varies by about 0.022.
  assert.ok(Math.abs(leaves / 200 - 0.633) < 0.01, `${leaves} of 200 rows used`);
});

Deno.test("impossible options, samples and broken trees are refused with a reason", () => {
  const sample: TreeSample = {
    counts: Uint8Array.of(1, 2),
    targets: Float64Array.of(1, 2),
  };
  const fit = (change: Partial<TreeOptions>, changed: Partial<TreeSample> = {}) => () =>
    Trees.fit("counts", [{ ...sample, ...changed }], { ...OPTIONS, ...change });
  assert.throws(fit({ trees: 0 }), /trees must be a whole number/);
  assert.throws(fit({ maxDepth: 1.5 }), /maxDepth must be a whole number/);
  assert.throws(fit({ seed: -1 }), /Seed must be/);
  assert.throws(fit({}, { targets: new Float64Array(0) }), /no measurement/);
  assert.throws(fit({}, { targets: Float64Array.of(1, NaN) }), /finite/);
  assert.throws(fit({}, { targets: Float64Array.of(1) }), /Wrong length of counts/);
  assert.throws(fit({}, { weights: Float64Array.of(1) }), /Wrong length of weights/);
  assert.throws(fit({}, { weights: Float64Array.of(1, 0) }), /Weights of app 0/);
  const trees = fit({})();
  assert.throws(() => trees.predict(Uint8Array.of(1), 2), /Wrong length of counts/);

  const sound = trees.arrays(0);
  const load = (change: Partial<TreeArrays>) => () =>
    Trees.load("counts", [{ ...sound, ...change }]);
  assert.deepEqual(load({})().arrays(0), sound);
  assert.deepEqual([...sound.splits], [65536, LEAF, LEAF, 65536, LEAF, LEAF, 65536, LEAF, LEAF]);
  assert.throws(load({ trees: 2 }), /3 nodes are left over/);
  assert.throws(load({ trees: 4 }), /tree 3 ends too early/);
  assert.throws(load({ trees: 1e9 }), /cannot be 1000000000 trees/);
  assert.throws(load({ splits: sound.splits.subarray(0, 8) }), /tree 2 ends too early/);
  assert.throws(load({ splits: sound.splits.with(0, 65537) }), /unknown feature/);
  assert.throws(load({ splits: sound.splits.with(0, 256 * 65536) }), /threshold above 255/);
  assert.throws(load({ values: sound.values.subarray(0, 5) }), /node 8 has no value/);
  assert.throws(load({ values: Float64Array.of(...sound.values, 1) }), /1 values are left over/);
  assert.throws(load({ values: sound.values.with(3, Infinity) }), /not a finite number/);
  const deep = new Uint32Array(2500).fill(65536);
  assert.throws(load({ trees: 1, splits: deep }), /deeper than 1000/);
});
