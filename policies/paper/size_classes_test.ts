import assert from "node:assert/strict";
import { uniformCluster } from "../../domain/mod.ts";
import { subLearner } from "./learners.ts";

/** Weights of the size classes of 27 nodes of 8 slots: by name, those above the least. */
function weights(nodes: number, demands: number[][], classes = [0, 19]): Map<string, number> {
  const [firstClass, lastClass] = classes as [number, number];
  const config = { ...subLearner.defaults, firstClass, lastClass };
  const pieces = subLearner.pieces(uniformCluster(27, 8), config, { nodes, demands })!;
  const sum = pieces.reduce((total, { weight }) => total + weight, 0);
  assert.ok(Math.abs(sum - 1) < 1e-12, `${sum}`);
  for (const { name, weight } of pieces) assert.ok(weight > 0, `${name} gets nothing`);
  const least = Math.min(...pieces.map(({ weight }) => weight));
  return new Map(
    pieces.filter(({ weight }) => weight > least).map(({ name, weight }) => [name, weight]),
  );
}

function assertWeights(found: Map<string, number>, expected: Record<string, number>): void {
  assert.deepEqual([...found.keys()], Object.keys(expected));
  for (const [name, weight] of found) {
    assert.ok(Math.abs(weight - expected[name]!) < 1e-12, `${name}: ${weight}`);
  }
}

Deno.test("size classes weigh the same where there are no demands at hand, or none that they hold", () => {
  assert.equal(weights(81, []).size, 0);
  assert.equal(weights(81, [[0, 0]]).size, 0);
  assert.equal(weights(81, [[150, 150]], [0, 5]).size, 0);
});

Deno.test("size classes are weighed by the shares of the demands at hand, and none goes without", () => {
  // 200 = 66 + 67 + 67 and 300 = 3 x 100 containers: classes of 61 to 70 and of 91 to 100; 90 % go by shares.
  assertWeights(weights(81, [[150, 50], [200, 100]]), { class60: 0.455, class90: 0.455 });
  // 400 = 133 + 133 + 134. Of 20 classes each has a twentieth of the other 10 %.
  assertWeights(weights(81, [[400, 0], [400, 0], [300, 0]]), { class90: 0.305, class130: 0.605 });
});

Deno.test("two levels of sub-clusters split a demand evenly, as one does", () => {
  // 1000 containers on 27 sub-clusters: 37 or 38 each.
  assertWeights(weights(729, [[500, 500]]), { class30: 0.905 });
});

Deno.test("what the largest class and small clusters cannot hold counts for the classes that there are", () => {
  assertWeights(weights(27, [[216, 0]]), { class190: 0.905 });
  const config = { ...subLearner.defaults };
  const atHand = { nodes: 7, demands: [[21, 0]] };
  const pieces = subLearner.pieces(uniformCluster(7, 3), config, atHand)!;
  assert.deepEqual(pieces.map(({ name }) => name), ["class0", "class10", "class20"]);
});
