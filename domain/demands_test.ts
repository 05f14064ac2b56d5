import assert from "node:assert/strict";
import {
  demandTotal,
  drawArrivals,
  drawEvenDemand,
  drawMixedDemand,
  drawSharedDemand,
  drawVariedDemand,
  multinomialDemands,
  Random,
  similarDemands,
} from "./mod.ts";

/** Mean count of each app over many demands. */
function means(demands: readonly (readonly number[])[]): number[] {
  return demands[0]!.map((_, app) =>
    demands.reduce((sum, demand) => sum + demand[app]!, 0) / demands.length
  );
}

Deno.test("a seed gives the demands that it always gave", () => {
  // Recorded before the distributions came together here: policies and figures were made with these.
  const random = new Random(5);
  assert.deepEqual(drawEvenDemand(7, 20, random), [1, 5, 2, 2, 4, 5, 1]);
  assert.deepEqual(drawMixedDemand(7, 20, false, random), [4, 3, 4, 3, 3, 1, 2]);
  assert.deepEqual(drawMixedDemand(7, 20, true, random), [3, 0, 10, 2, 3, 2, 0]);
  assert.deepEqual(drawVariedDemand(7, 216, { wholeRange: 0.4, skewed: 0.3 }, random), [
    5,
    37,
    21,
    17,
    22,
    8,
    12,
  ]);
  assert.deepEqual(multinomialDemands(7, 10, 20)(random), [3, 0, 0, 1, 3, 2, 2]);
  assert.deepEqual([...drawArrivals([2, 0, 3], random)], [2, 0, 2, 0, 2]);
});

Deno.test("apps are as likely as asked: all alike, by shares, or all alike on average where shares are drawn", () => {
  const random = new Random(1);
  const draw = (one: () => number[]) => means(Array.from({ length: 300 }, one));
  const near = (found: number[], expected: number[], tolerance: number) =>
    found.forEach((mean, app) => assert.ok(Math.abs(mean - expected[app]!) < tolerance, `${mean}`));
  // Counts of 700 containers are binomial: of means of 300 of them, the standard deviation is at most 0.8.
  near(draw(() => drawEvenDemand(4, 700, random)), [175, 175, 175, 175], 4);
  near(draw(() => drawMixedDemand(4, 700, false, random)), [175, 175, 175, 175], 4);
  near(draw(() => drawSharedDemand([0, 0.5, 0.1, 0.4], 700, random)), [0, 350, 70, 280], 4);
  // Shares uniform on the simplex of 4 have a standard deviation of 0.19: 136 containers, of the mean 8.
  near(draw(() => drawMixedDemand(4, 700, true, random)), [175, 175, 175, 175], 40);
});

Deno.test("demands have as many containers as asked, and similar ones the same apps", () => {
  const random = new Random(1);
  const draw = multinomialDemands(5, 10, 20);
  const similar = similarDemands([[10, 0, 30], [5, 0, 15]]);
  for (let at = 0; at < 50; at++) {
    const total = demandTotal(draw(random));
    assert.ok(total >= 10 && total <= 20);
    const demand = similar(random);
    assert.equal(demand[1], 0);
    assert.ok([40, 20].includes(demandTotal(demand)));
    const varied = demandTotal(drawVariedDemand(3, 9, { wholeRange: 1, skewed: 1 }, random));
    assert.ok(varied >= 1 && varied <= 9);
  }
  assert.throws(() => multinomialDemands(3, 5, 4), { name: "InputError" });
});

Deno.test("arrivals hold every container of the demand once", () => {
  const arrivals = drawArrivals([3, 0, 2], new Random(9));
  assert.deepEqual([...arrivals].sort(), [0, 0, 0, 2, 2]);
});
