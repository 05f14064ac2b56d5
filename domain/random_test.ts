import assert from "node:assert/strict";
import { Random } from "./random.ts";

Deno.test("Random repeats with its seed and differs between seeds", () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.uint32());
  };
  assert.deepEqual(draw(5), draw(5));
  assert.notDeepEqual(draw(5), draw(6));
});

Deno.test("Random.below, uniform and normal have the distribution that they claim", () => {
  const random = new Random(1);
  const n = 60_000;
  const seen = new Array<number>(6).fill(0);
  let [sum, squares, mean] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    seen[random.below(6)]!++;
    const normal = random.normal();
    sum += normal;
    squares += normal * normal;
    mean += random.uniform();
  }
  // Five standard deviations: sqrt(n * 1/6 * 5/6) = 91, and 1 / sqrt(n) = 0.0041 for the means.
  for (const count of seen) assert.ok(Math.abs(count - n / 6) < 5 * 92);
  assert.ok(Math.abs(sum / n) < 0.021);
  assert.ok(Math.abs(squares / n - 1) < 0.03);
  assert.ok(Math.abs(mean / n - 0.5) < 0.006);
});

Deno.test("Random.shuffle keeps the items, and forks do not depend on each other", () => {
  const random = new Random(2);
  const items = Uint8Array.from({ length: 50 }, (_, i) => i);
  const shuffled = random.shuffle(items.slice());
  assert.notDeepEqual(shuffled, items);
  assert.deepEqual(shuffled.slice().sort(), items);
  const fork = random.fork();
  const next = random.uint32();
  for (let i = 0; i < 10; i++) fork.uint32();
  const again = new Random(2);
  again.shuffle(items.slice());
  again.fork();
  assert.equal(again.uint32(), next);
});
