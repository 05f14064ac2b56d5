import assert from "node:assert/strict";
import { Random } from "../../../domain/random.ts";
import { zeta, Zipfian, ZIPFIAN_SKEW } from "./zipfian.ts";

const ITEMS = 1000;
const DRAWS = 200_000;

Deno.test("Zipfian draws ranks as often as theory has it", () => {
  const zipfian = new Zipfian(ITEMS, new Random(1));
  const counts = new Float64Array(ITEMS);
  for (let draw = 0; draw < DRAWS; draw++) counts[zipfian.nextRank()]!++;
  const sum = zeta(ITEMS, ZIPFIAN_SKEW);
  const share = (below: number) => counts.subarray(0, below).reduce((a, b) => a + b, 0) / DRAWS;
  // Exact for the first two: 5 standard deviations of a share p of n draws are 5 sqrt(p (1 - p) / n).
  for (const below of [1, 2]) {
    const p = zeta(below, ZIPFIAN_SKEW) / sum;
    assert.ok(Math.abs(share(below) - p) < 5 * Math.sqrt(p * (1 - p) / DRAWS), `rank ${below}`);
  }
  // An approximation beyond, whose authors give no bound: its cumulated share is within 0.02 of the exact one.
  for (const below of [3, 10, 30, 100, 300, 1000]) {
    const p = zeta(below, ZIPFIAN_SKEW) / sum;
    assert.ok(
      Math.abs(share(below) - p) < 0.02,
      `${below} most popular: ${share(below)}, not ${p}`,
    );
  }
});

Deno.test("Zipfian spreads popular items over the keys, the same for every seed", () => {
  const popular = (seed: number) => {
    const zipfian = new Zipfian(ITEMS, new Random(seed));
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 20_000; draw++) {
      const item = zipfian.next();
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 2).map(([item]) => item);
  };
  assert.deepEqual(popular(1), popular(2));
  assert.notDeepEqual(popular(1), [0, 1]);
});
