import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../datasets/mod.ts";
import { configurationCount, type Profile, Random, selectRows } from "../domain/mod.ts";
import { RankedSpace } from "../sim-wasm/space/pricing.ts";
import { fitAppMeans } from "./app_means.ts";
import { usualFit } from "./fit.ts";
import { fitGaussian } from "./gaussian.ts";
import { patternSearch } from "./pattern_search.ts";
import { fitPooled } from "./pooled.ts";
import { scoreModel } from "./score.ts";
import { makeProfile } from "./_testing.ts";

const [APPS, CAPACITY, NOISE] = [5, 5, 0.02];

/** All configurations of a synthetic node in random order. */
function truth(seed: number): Profile {
  const space = new RankedSpace(APPS, CAPACITY);
  const random = new Random(seed);
  const ranks = random.shuffle(
    Array.from({ length: configurationCount(APPS, CAPACITY) - 1 }, (_, at) => at + 1),
  );
  const counts = new Uint8Array(ranks.length * APPS);
  ranks.forEach((rank, row) => space.unrank(rank, counts, row * APPS));
  const apps = randomApps(APPS, seed);
  const rps = contentionModel(apps).predict(counts, ranks.length).map((value, at) =>
    counts[at] === 0 ? NaN : value * (1 + NOISE * random.normal())
  );
  return { apps: apps.map(({ name }) => name), rows: ranks.length, counts, rps };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

Deno.test("from few rows, a pooled process errs less than one per app, and far less than means", () => {
  let [pooled, single, means] = [0, 0, 0];
  for (const seed of [1, 2, 3, 4, 5]) {
    const all = truth(seed);
    const train = selectRows(all, range(0, 20));
    const test = selectRows(all, range(20, all.rows));
    pooled += scoreModel(fitPooled(train, { seed }), test).maePresent / 5;
    single += scoreModel(fitGaussian(train, { seed }), test).maePresent / 5;
    means += scoreModel(fitAppMeans(train), test).maePresent / 5;
  }
  assert.ok(pooled < 0.95 * single, `${pooled} and ${single}`);
  assert.ok(pooled < 0.6 * means, `${pooled} and ${means}`);
});

Deno.test("more containers of an app never make it faster, unless some pair of rows says so", () => {
  // Two of `a` beside `b` are told to be slow, and a full node of `b` fast: a line through them would rise.
  const rows = [[1, 1, 0.9, 0.8], [2, 1, 0.5, 0.7], [0, 2, NaN, 0.9], [1, 4, 0.95, 0.95]];
  const profile = (more: readonly (readonly number[])[]): Profile => {
    const all = [...rows, ...more];
    return {
      apps: ["a", "b"],
      rows: all.length,
      counts: Uint8Array.from(all.flatMap(([a, b]) => [a!, b!])),
      rps: Float64Array.from(all.flatMap(([, , a, b]) => [a!, b!])),
    };
  };
  const speeds = (model: ReturnType<typeof fitPooled>) =>
    range(1, 6).map((own) => model.predict(Uint8Array.of(own, 1), 1)[0]!);
  const falling = speeds(fitPooled(profile([]), { seed: 1 }));
  falling.slice(1).forEach((value, at) => assert.ok(value <= falling[at]!, `${falling}`));
  const rising = speeds(fitPooled(profile([[4, 1, 1.4, 0.9], [5, 1, 1.6, 0.9]]), { seed: 1 }));
  assert.ok(rising[4]! > rising[1]! + 0.3, `${rising}`);
});

Deno.test("what neighbours speed up is shared by more containers than were ever measured so", () => {
  const profile = (more: readonly (readonly number[])[]): Profile => {
    const all = [[1, 1, 2, 0.9], [1, 2, 1.9, 0.8], [3, 0, 0.95, NaN], [0, 3, NaN, 0.8], ...more];
    return {
      apps: ["a", "b"],
      rows: all.length,
      counts: Uint8Array.from(all.flatMap(([a, b]) => [a!, b!])),
      rps: Float64Array.from(all.flatMap(([, , a, b]) => [a!, b!])),
    };
  };
  const speed = (model: ReturnType<typeof fitPooled>, own: number) =>
    model.predict(Uint8Array.of(own, 1), 1)[0]!;
  const few = fitPooled(profile([]), { seed: 1 });
  const lift = speed(few, 1) - 1;
  assert.ok(lift > 0.7, `${lift}`);
  for (const own of [2, 4]) assert.ok(speed(few, own) <= 1 + lift / own + 1e-12, `${own}`);
  // A row says that two of them are as fast; three are not measured.
  const told = fitPooled(profile([[2, 1, 1.95, 0.9]]), { seed: 1 });
  assert.ok(speed(told, 2) > 1.7, `${speed(told, 2)}`);
  assert.ok(speed(told, 4) <= 1 + (speed(told, 2) - 1) / 2 + 1e-12);
});

Deno.test("two of three sums of new measurements are within their deviation, and errors add up", () => {
  let [inside, sums] = [0, 0];
  for (const seed of [1, 2, 3, 4]) {
    const all = truth(seed);
    const model = fitPooled(selectRows(all, range(0, 30)), { seed });
    for (let first = 30; first + 8 <= all.rows; first += 8) {
      const part = selectRows(all, range(first, first + 8));
      const weights = Float64Array.from(part.counts, (count) => count / 24);
      const predicted = model.predict(part.counts, part.rows);
      let error = 0;
      weights.forEach((weight, at) => {
        if (weight > 0) error += weight * (predicted[at]! - part.rps[at]!);
      });
      if (Math.abs(error) <= model.sumDeviation(part.counts, part.rows, weights)) inside++;
      sums++;
    }
  }
  // 68 % of a normal distribution; errors within one fit go together, so shares of few fits scatter.
  assert.ok(inside / sums > 0.5 && inside / sums < 0.95, `${inside} of ${sums}`);
  const all = truth(1);
  const model = fitPooled(selectRows(all, range(0, 30)), { seed: 1 });
  const one = selectRows(all, [40]);
  const { deviations } = model.predictUncertain(one.counts, 1);
  const app = one.counts.findIndex((count) => count > 0);
  const weights = new Float64Array(APPS);
  weights[app] = 3;
  const sum = model.sumDeviation(one.counts, 1, weights);
  assert.ok(Math.abs(sum - 3 * deviations[app]!) < 1e-9, `${sum} and ${3 * deviations[app]!}`);
});

Deno.test("what is known for sure does not scatter, and a known hyperparameter is kept", () => {
  const profile = makeProfile({ rows: 30 });
  const first = fitPooled(profile, { seed: 1 });
  const again = fitPooled(profile, { seed: 2, hyperparameters: first.hyperparameters });
  assert.deepEqual(
    again.predict(profile.counts, profile.rows),
    first.predict(profile.counts, profile.rows),
  );
  assert.equal(first.sumDeviation(Uint8Array.of(0, 1, 0), 1, Float64Array.of(0, 5, 0)), 0);
  assert.throws(() => first.sumDeviation(new Uint8Array(3), 1, new Float64Array(2)), {
    name: "ShapeError",
  });
});

Deno.test("the error on held-out rows is that of processes without them", () => {
  // One container of an app at most: nothing is held to physical sense.
  const rows = [[0, 1], [0, 2], [1, 2], [0, 3], [2, 3], [0, 1, 2], [1, 2, 3], [0, 1, 2, 3]];
  const random = new Random(4);
  const counts = Uint8Array.from(
    rows.flatMap((held) => range(0, 4).map((app) => held.includes(app) ? 1 : 0)),
  );
  const profile: Profile = {
    apps: ["a", "b", "c", "d"],
    rows: rows.length,
    counts,
    rps: Float64Array.from(counts, (count) => count === 0 ? NaN : 0.5 + random.uniform()),
  };
  const model = fitPooled(profile, { seed: 1 });
  const { hyperparameters } = model;
  const squares = rows.map((held, row) => {
    const others = range(0, rows.length).filter((other) => other !== row);
    const without = fitPooled(selectRows(profile, others), { seed: 1, hyperparameters });
    const one = selectRows(profile, [row]);
    const predicted = without.predict(one.counts, 1);
    const error = held.reduce((sum, app) => sum + one.rps[app]! - predicted[app]!, 0);
    return (error / held.length) ** 2;
  });
  const expected = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / rows.length);
  assert.ok(expected > 0.05 && Math.abs(model.heldOutError() - expected) < 1e-9, `${expected}`);
  const lone = {
    ...profile,
    rows: 4,
    counts: Uint8Array.from(range(0, 16), (at) => at % 5 ? 0 : 1),
  };
  const known = { ...lone, rps: Float64Array.from(lone.counts) };
  assert.equal(fitPooled(known, { seed: 1, hyperparameters }).heldOutError(), 0);
});

Deno.test("nobody's choice is a pooled process where it can learn from all rows and predict all configurations", () => {
  assert.equal(usualFit(makeProfile({ rows: 100 })), "pooled");
  assert.equal(usualFit(makeProfile({ rows: 1000, apps: 5 })), "extra-trees");
  assert.equal(usualFit(makeProfile({ rows: 300, apps: 20 })), "extra-trees");
});

Deno.test("from pairs alone, full nodes are unsure, since nobody measured any", () => {
  const all = truth(2);
  const total = (row: number) =>
    all.counts.subarray(row * APPS, (row + 1) * APPS).reduce((sum, count) => sum + count, 0);
  const train = selectRows(all, range(0, all.rows).filter((row) => total(row) <= 2));
  const model = fitPooled(train, { seed: 1 });
  const { rps, deviations } = model.predictUncertain(
    Uint8Array.of(1, 1, 0, 0, 0, 4, 4, 0, 0, 0),
    2,
  );
  assert.ok(rps.every(Number.isFinite));
  assert.ok(deviations[5]! > 3 * deviations[0]!, `${deviations}`);
});

Deno.test("a pattern search finds the least of a bent valley", () => {
  const valley = ([x, y]: readonly number[]) => (1 - x!) ** 2 + 5 * (y! - x! ** 2) ** 2;
  const best = patternSearch(valley, [-1, 2], [1, 1], 3000);
  assert.ok(valley(best) < 0.05, `${best}`);
});
