import assert from "node:assert/strict";
import { cumulative, estimate, studentQuantile } from "./statistics.ts";

Deno.test("quantiles of Student's t agree with tables", () => {
  for (const [degrees, quantile] of [[1, 12.706], [2, 4.303], [5, 2.571], [29, 2.045]] as const) {
    assert.ok(Math.abs(studentQuantile(degrees) / quantile - 1) < 0.001, `${degrees}`);
  }
});

Deno.test("an estimate has the mean and its 95 % interval", () => {
  // Standard deviation 1, standard error 1 / sqrt(3), times t for 2 degrees of freedom.
  const { mean, margin, least, most } = estimate([1, 2, 3])!;
  assert.equal(mean, 2);
  assert.ok(Math.abs(margin - 4.3027 / Math.sqrt(3)) < 1e-9);
  assert.deepEqual([least, most], [1, 3]);
  assert.equal(estimate([]), undefined);
  assert.equal(estimate([5])!.margin, 0);
});

Deno.test("a cumulative distribution ends at its largest value with all of the weight", () => {
  assert.deepEqual(cumulative([[2, 1], [1, 3]]), [
    { value: 1, share: 0.75 },
    { value: 2, share: 1 },
  ]);
  assert.deepEqual(cumulative([]), []);
  const thinned = cumulative(Array.from({ length: 10000 }, (_, at) => [at, 1] as const), 100);
  assert.ok(thinned.length <= 101);
  assert.deepEqual(thinned.at(-1), { value: 9999, share: 1 });
});
