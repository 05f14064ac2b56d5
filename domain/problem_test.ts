import assert from "node:assert/strict";
import {
  checkCluster,
  checkPlacement,
  checkProblem,
  InfeasibleError,
  InputError,
  InvalidPlacementError,
  MetisError,
  NO_RULES,
  nodeCapacities,
  nodeCount,
  placedDemand,
  placementFromRows,
  placementRows,
  type Problem,
  ShapeError,
  uniformCluster,
  UsageError,
} from "./mod.ts";

const sound: Problem = {
  apps: ["web", "cache"],
  cluster: {
    nodeClasses: [
      { name: "large", capacity: 4, count: 2, labels: { disk: "ssd" }, failureDomain: "a" },
      { name: "small", capacity: 1, count: 2, labels: {}, failureDomain: null },
    ],
  },
  demand: [3, 2],
  rules: { maxPerNode: [2, null], apart: [], fencedNodes: [3] },
};

Deno.test("checkProblem accepts a sound problem and nodes are numbered class after class", () => {
  checkProblem(sound);
  assert.equal(nodeCount(sound.cluster), 4);
  assert.deepEqual([...nodeCapacities(sound.cluster, sound.rules)], [4, 4, 1, 0]);
});

const unsound: [string, Partial<Problem>, RegExp][] = [
  ["no apps", { apps: [], demand: [] }, /at least one app/],
  ["an app of a reserved name", { apps: ["web", "__proto__"] }, /name __proto__ is reserved/],
  ["two apps of one name", { apps: ["web", "web"] }, /different names/],
  ["a demand of another length", { demand: [1] }, /1 numbers, but there are 2 apps/],
  ["a fractional demand", { demand: [1.5, 0] }, /Demand of web must be a whole number/],
  ["a negative demand", { demand: [1, -1] }, /Demand of cache/],
  ["limits of another length", { rules: { ...NO_RULES, maxPerNode: [1] } }, /1 limits/],
  ["a fractional limit", { rules: { ...NO_RULES, maxPerNode: [0.5, null] } }, /maxPerNode/],
  ["an app apart from itself", { rules: { ...NO_RULES, apart: [[1, 1]] } }, /two different apps/],
  ["an app apart that does not exist", { rules: { ...NO_RULES, apart: [[0, 2]] } }, /got 0, 2/],
  [
    "a fenced node that does not exist",
    { rules: { ...NO_RULES, fencedNodes: [4] } },
    /Fenced node 4/,
  ],
];
for (const [what, change, message] of unsound) {
  Deno.test(`checkProblem refuses ${what}`, () => {
    assert.throws(
      () => checkProblem({ ...sound, ...change }),
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}

Deno.test("checkProblem says how many slots are short, in all and for one app", () => {
  // Nodes of 4, 4, 1 and 0 slots: 9 in all; at most 2 web on a node: 2 + 2 + 1 = 5.
  assert.throws(
    () => checkProblem({ ...sound, demand: [5, 6] }),
    (error) =>
      error instanceof InfeasibleError &&
      /11 containers does not fit 9 slots: 2 slots short/.test(error.message),
  );
  assert.throws(
    () => checkProblem({ ...sound, demand: [7, 1] }),
    (error) =>
      error instanceof InfeasibleError && /7 web .* room for 5, 2 slots short/.test(error.message),
  );
});

Deno.test("checkCluster refuses capacities and counts out of range", () => {
  for (const capacity of [0, 256, 1.5]) {
    assert.throws(() => uniformCluster(1, capacity), InputError);
  }
  for (const count of [0, -1, 1.5]) assert.throws(() => uniformCluster(count, 1), InputError);
  assert.throws(() => checkCluster({ nodeClasses: [] }), InputError);
  const twice = uniformCluster(1, 1).nodeClasses[0]!;
  assert.throws(() => checkCluster({ nodeClasses: [twice, twice] }), /listed twice/);
});

Deno.test("checkPlacement names the node or app that is wrong", () => {
  const good = placementFromRows([[2, 1], [1, 1], [0, 0], [0, 0]]);
  checkPlacement(sound, good);
  assert.deepEqual(placedDemand(good), [3, 2]);
  assert.deepEqual(placementRows(good)[1], [1, 1]);
  const wrong: [number[][], RegExp][] = [
    [[[2, 1], [0, 1], [1, 1], [0, 0]], /Node 2 holds 2 containers, more than its 1 slots/],
    [[[2, 1], [0, 1], [0, 0], [1, 0]], /Node 3 holds 1/],
    [
      [[3, 1], [0, 1], [0, 0], [0, 0]],
      /Node 0 breaks a placement rule: it holds 3 of web, at most 2 may be$/,
    ],
    [[[2, 1], [0, 1], [0, 0], [0, 0]], /Placed 2 containers of web, the demand is 3/],
    [[[2, 1], [1, 1]], /Placement is 2 x 2, the problem 4 x 2/],
  ];
  for (const [rows, message] of wrong) {
    assert.throws(
      () => checkPlacement(sound, placementFromRows(rows)),
      (error) => error instanceof InvalidPlacementError && message.test(error.message),
    );
  }
  assert.throws(() => placementFromRows([[1, 2], [1]]), ShapeError);
});

Deno.test("checkPlacement says which rule or resource a node breaks", () => {
  const asked = (rules: Partial<Problem["rules"]>, more: Partial<Problem> = {}): Problem => ({
    apps: ["web", "db"],
    cluster: uniformCluster(2, 4),
    demand: [2, 1],
    rules: { ...NO_RULES, ...rules },
    ...more,
  });
  const [one] = uniformCluster(2, 4).nodeClasses;
  const cluster = { nodeClasses: [{ ...one!, resources: { memory: 3 * 2 ** 30 } }] };
  const cases: [Problem, number[][], RegExp][] = [
    [asked({ apart: [[0, 1]] }), [[2, 1], [0, 0]], /web and db are to be apart$/],
    [asked({ together: [[0, 1]] }), [[2, 0], [0, 1]], /web is without db$/],
    [asked({ require: [null, { disk: "ssd" }] }), [[2, 0], [0, 1]], /may not hold db$/],
    [
      asked({}, { cluster, needs: [{ memory: 2 ** 30 }, { memory: 2 * 2 ** 30 }] }),
      [[2, 1], [0, 0]],
      /takes 4GiB memory and has 3GiB$/,
    ],
  ];
  for (const [problem, rows, message] of cases) {
    assert.throws(() => checkPlacement(problem, placementFromRows(rows)), message);
  }
});

Deno.test("errors carry the exit code of the command line and their own name", () => {
  assert.equal(new InputError("x").exitCode, 1);
  assert.equal(new UsageError("x").exitCode, 2);
  assert.equal(new UsageError("x").name, "UsageError");
  assert.ok(new ShapeError("counts", 3, 2) instanceof MetisError);
});
