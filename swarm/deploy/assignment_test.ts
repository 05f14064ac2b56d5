import assert from "node:assert/strict";
import fc from "fast-check";
import { assign } from "./assignment.ts";

/** Best total over all injections of rows into columns, -Infinity if there is none. */
function bestByTrying(
  scores: readonly (readonly number[])[],
  taken: readonly number[] = [],
): number {
  const row = taken.length;
  if (row === scores.length) return 0;
  return scores[row]!.reduce(
    (best, score, column) =>
      taken.includes(column) || score === -Infinity
        ? best
        : Math.max(best, score + bestByTrying(scores, [...taken, column])),
    -Infinity,
  );
}

const problems = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 })).chain(
  ([rows, spare]) =>
    fc.array(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(-Infinity)), {
        minLength: rows + spare,
        maxLength: rows + spare,
      }),
      { minLength: rows, maxLength: rows },
    ),
);

Deno.test("assign finds the best assignment, as trying all of them does", () => {
  fc.assert(
    fc.property(problems, (scores) => {
      const columns = scores[0]!.length;
      const found = assign(scores.length, columns, (row, column) => scores[row]![column]!);
      const best = bestByTrying(scores);
      if (found === null) return assert.equal(best, -Infinity);
      assert.equal(new Set(found).size, scores.length);
      assert.equal(found.reduce((sum, column, row) => sum + scores[row]![column]!, 0), best);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("assign leaves everything in its place where that is as good", () => {
  assert.deepEqual(assign(4, 6, () => 3), [0, 1, 2, 3]);
});

Deno.test("assign has no answer for more rows than columns", () => {
  assert.equal(assign(3, 2, () => 0), null);
});

Deno.test("assign takes thousands of nodes, row by row", () => {
  // 1200 x 1200 pairs are beyond the exact method.
  const found = assign(1200, 1200, (row, column) => row === 1199 - column ? 5 : 0)!;
  assert.equal(new Set(found).size, 1200);
  assert.ok(found.every((column, row) => column === 1199 - row));
});
