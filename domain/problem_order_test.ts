import assert from "node:assert/strict";
import { problemInOrder } from "./problem_order.ts";

Deno.test("a problem in another order of apps asks the same of each app", () => {
  const problem = {
    apps: ["a", "b"],
    cluster: { nodeClasses: [] },
    demand: [1, 2],
    needs: [{ cpu: 1 }, { cpu: 2 }],
    rules: {
      maxPerNode: [3, null],
      apart: [[0, 1]] as const,
      fencedNodes: [4],
      together: [[1, 0]] as const,
      require: [null, { disk: "ssd" }],
      spread: [],
    },
  };
  assert.deepEqual(problemInOrder(problem, ["c", "b", "a"]), {
    apps: ["c", "b", "a"],
    cluster: { nodeClasses: [] },
    demand: [0, 2, 1],
    needs: [{}, { cpu: 2 }, { cpu: 1 }],
    rules: {
      maxPerNode: [null, null, 3],
      apart: [[2, 1]],
      fencedNodes: [4],
      together: [[1, 2]],
      require: [null, { disk: "ssd" }, null],
      spread: [],
    },
  });
  assert.deepEqual(problemInOrder(problem, problem.apps), problem);
});
