import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../domain/mod.ts";
import { groupTree, threefold } from "./group_tree.ts";

Deno.test("groupTree() splits 27 leaves into groups of 9, 3 and 1", () => {
  const { groups } = groupTree(27, [3, 3, 3]);
  assert.deepEqual(groups.map((level) => level.length), [1, 3, 9, 27]);
  assert.deepEqual(groups[1]!.map(({ first, size }) => [first, size]), [[0, 9], [9, 9], [18, 9]]);
});

Deno.test("groupTree() splits 81 leaves into 3 x 27 and 729 into 27 x 27", () => {
  assert.deepEqual(groupTree(81, [3, 27]).groups.map((level) => level.length), [
    1,
    3,
    81,
  ]);
  assert.deepEqual(groupTree(729, [27, 27]).groups.map((g) => g.length), [1, 27, 729]);
});

Deno.test("groupTree() refuses levels that cannot reach all leaves", () => {
  assert.throws(() => groupTree(28, [3, 3, 3]), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /3 x 3 x 3 reaches 27 leaves, but there are 28/);
    return true;
  });
  assert.throws(() => groupTree(0, [3]), UsageError);
});

Deno.test("groupTree() covers any number of leaves, once, in groups that differ by one at most", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 250 }), (leaves) => {
    const tree = groupTree(leaves, threefold(leaves));
    tree.groups.forEach((level, depth) => {
      let next = 0;
      let child = 0;
      for (const group of level) {
        assert.equal(group.first, next);
        assert.ok(group.size >= 1);
        next += group.size;
        if (depth === tree.branching.length) continue;
        assert.equal(group.firstChild, child);
        assert.ok(group.children >= 1 && group.children <= tree.branching[depth]!);
        child += group.children;
        const sizes = tree.groups[depth + 1]!
          .slice(group.firstChild, group.firstChild + group.children).map(({ size }) => size);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }
      assert.equal(next, leaves);
    });
    assert.equal(tree.groups[tree.branching.length]!.length, leaves);
  }));
});
