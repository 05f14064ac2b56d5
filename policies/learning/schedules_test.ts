import assert from "node:assert/strict";
import { entropyWeightAfter, inverseRate } from "./schedules.ts";

Deno.test("inverseRate() is half and a third of the first after once and twice so many episodes, and stays where it never halves", () => {
  assert.equal(inverseRate(0.01, 0, 40_000), 0.01);
  assert.equal(inverseRate(0.01, 40_000, 40_000), 0.005);
  assert.equal(inverseRate(0.012, 80_000, 40_000), 0.004);
  assert.equal(inverseRate(0.01, 1_000_000, 0), 0.01);
});

Deno.test("entropyWeightAfter() halves the weight until its floor, and a floor above the weight does not raise it", () => {
  const schedule = { entropyWeight: 0.01, entropyHalvedEvery: 1000, entropyFloor: 0.002 };
  assert.equal(entropyWeightAfter(schedule, 999), 0.01);
  assert.equal(entropyWeightAfter(schedule, 2000), 0.0025);
  assert.equal(entropyWeightAfter(schedule, 3000), 0.002);
  assert.equal(entropyWeightAfter({ ...schedule, entropyFloor: 0.1 }, 5000), 0.01);
  assert.equal(entropyWeightAfter({ ...schedule, entropyHalvedEvery: 0 }, 5000), 0.01);
});
