import { strict as assert } from "node:assert";
import { configurationKey, profiledCapacity, UsageError } from "../domain/mod.ts";
import {
  contentionModel,
  PAPER_WORKLOADS,
  randomApps,
  synthesizeDemands,
  synthesizeProfile,
} from "./mod.ts";

const apps = PAPER_WORKLOADS;
const usual = { apps, capacity: 8, rows: 600, noise: 0.03, seed: 1 };

Deno.test("synthesizeProfile() measures unlike configurations, all of one and two containers among them", () => {
  const { counts, rows } = synthesizeProfile(usual);
  const keys = Array.from({ length: rows }, (_, row) => configurationKey(counts, row * 7, 7));
  assert.equal(new Set(keys).size, 600);
  const totals = keys.map((key) => key.split(",").reduce((sum, count) => sum + Number(count), 0));
  assert.equal(totals.filter((total) => total === 1).length, 7);
  assert.equal(totals.filter((total) => total === 2).length, 28);
  assert.ok(totals.every((total) => total >= 1 && total <= 8));
});

Deno.test("synthesizeProfile() can measure every configuration there is, and no more", () => {
  const three = { ...usual, apps: apps.slice(0, 3), capacity: 4, rows: 34 };
  const { counts } = synthesizeProfile(three);
  const keys = Array.from({ length: 34 }, (_, row) => configurationKey(counts, row * 3, 3));
  assert.equal(new Set(keys).size, 34);
  assert.throws(() => synthesizeProfile({ ...three, rows: 35 }), /from 1 to 34: got 35/);
});

Deno.test("synthesizeProfile() is the model times noise of the asked size, and 1 for a single container", () => {
  const { counts, rps, rows } = synthesizeProfile({ ...usual, rows: 3000 });
  const truth = contentionModel(apps).predict(counts, rows);
  const errors: number[] = [];
  rps.forEach((value, at) => {
    assert.equal(Number.isNaN(value), counts[at] === 0);
    const row = Math.floor(at / 7);
    if (row < 7 && counts[at] === 1) assert.equal(value, 1);
    else if (counts[at]! > 0) errors.push(value / truth[at]! - 1);
  });
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  // About 11,000 values: the standard error of both is below 0.0003.
  assert.ok(Math.abs(mean) < 0.001 && Math.abs(deviation - 0.03) < 0.001, `${mean} ${deviation}`);
});

Deno.test("synthesizeProfile() without noise is the truth, rounded to 4 decimals", () => {
  const { counts, rps, rows } = synthesizeProfile({ ...usual, rows: 100, noise: 0 });
  contentionModel(apps).predict(counts, rows).forEach((value, at) => {
    if (counts[at]! > 0) assert.equal(rps[at], Math.round(value * 1e4) / 1e4);
  });
});

Deno.test("synthesizeProfile() gives the same for the same seed, and works for other sizes", () => {
  assert.deepEqual(synthesizeProfile(usual), synthesizeProfile(usual));
  assert.notDeepEqual(synthesizeProfile(usual).rps, synthesizeProfile({ ...usual, seed: 2 }).rps);
  const large = synthesizeProfile({ ...usual, apps: randomApps(20, 1), capacity: 12, rows: 2000 });
  assert.equal(large.counts.length, 40_000);
  assert.equal(profiledCapacity(large), 12);
  const small = synthesizeProfile({ ...usual, apps: apps.slice(0, 1), capacity: 1, rows: 1 });
  assert.deepEqual([...small.rps], [1]);
});

Deno.test("synthesizeProfile() refuses options out of range", () => {
  for (
    const wrong of [{ capacity: 0 }, { capacity: 256 }, { rows: 0 }, { rows: 1.5 }, { noise: -1 }, {
      noise: NaN,
    }]
  ) {
    assert.throws(() => synthesizeProfile({ ...usual, ...wrong }), UsageError);
  }
});

Deno.test("synthesizeDemands() draws each container's app evenly, the same for the same seed", () => {
  const demands = synthesizeDemands(7, 700, 300, 5);
  assert.ok(demands.every((demand) => demand.reduce((sum, count) => sum + count, 0) === 700));
  for (let app = 0; app < 7; app++) {
    const mean = demands.reduce((sum, demand) => sum + demand[app]!, 0) / 300;
    // Each count is binomial (700, 1/7): standard deviation 9.3, of the mean of 300 of them 0.53.
    assert.ok(Math.abs(mean - 100) < 2.5, `${mean}`);
  }
  assert.deepEqual(synthesizeDemands(7, 700, 300, 5), demands);
});
