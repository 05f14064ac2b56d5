import assert from "node:assert/strict";
import { InputError } from "../../domain/mod.ts";
import { type Plan, planOfPlacement, planText, planVersion, readPlan } from "./plan.ts";

const PLAN: Plan = {
  format: "metis-plan",
  version: 1,
  scheduler: "greedy",
  seed: 1,
  parameters: {},
  apps: ["redis", "isr"],
  nodes: 2,
  capacity: 3,
  cluster: [{ name: "node", capacity: 3, count: 2, labels: {}, failureDomain: null }],
  demand: [3, 1],
  rules: { maxPerNode: { isr: 1 }, apart: [], fencedNodes: [] },
  surface: { kind: "table", source: "table.csv" },
  placement: [[2, 1], [1, 0]],
  mean: 1,
  total: 4,
  perApp: { redis: 1, isr: 1 },
  worst: 1,
  fairness: 1,
  bound: 1,
  gap: 0,
  proven: true,
  seconds: 0.1,
  details: {},
};

Deno.test("planText() is JSON that holds the whole plan, one node per line", () => {
  const text = planText(PLAN);
  assert.deepEqual(JSON.parse(text), PLAN);
  assert.ok(text.includes("\n    [2,1],\n    [1,0]\n"));
});

Deno.test("readPlan() reads back problem and placement", () => {
  const { problem, placement, scheduler } = readPlan(planText(PLAN), "plan.json");
  assert.equal(scheduler, "greedy");
  assert.deepEqual(problem, {
    apps: ["redis", "isr"],
    cluster: { nodeClasses: PLAN.cluster },
    demand: [3, 1],
    rules: { maxPerNode: [null, 1], apart: [], fencedNodes: [] },
  });
  assert.deepEqual([...placement.counts], [2, 1, 1, 0]);
});

Deno.test("readPlan() reads back what a plan rests on, and nothing of a plan that does not say", () => {
  const grounds = {
    measuredShare: 0.5,
    nearShare: 0.25,
    extrapolatedShare: 0.25,
    meanLow: 0.9,
    meanHigh: null,
    provenUnder: "model",
  } as const;
  const text = planText({ ...PLAN, ...grounds });
  assert.deepEqual(readPlan(text, "plan.json").grounds, grounds);
  assert.deepEqual(readPlan(planText(PLAN), "plan.json").grounds, {});
});

Deno.test("readPlan() needs only apps and placement of a plan by another program", () => {
  const { problem } = readPlan('{"apps":["a","b"],"placement":[[2,1],[0,0]]}', "plan.json");
  assert.deepEqual(problem.demand, [2, 1]);
  // Capacity is the fullest node's: 2 + 1.
  assert.equal(problem.cluster.nodeClasses[0]!.capacity, 3);
});

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ["no JSON", undefined, /^plan\.json: not JSON/],
  ["no object", [], /^plan\.json: /],
  ["another format", { ...PLAN, format: "other" }, /^plan\.json: format: /],
  ["a newer version", { ...PLAN, version: 4 }, /version 4 .* newer/],
  ["a row of another length", { ...PLAN, placement: [[1], [1, 0]] }, /placement\[0\] has 1 counts/],
  ["a fractional count", { ...PLAN, placement: [[1.5, 0], [1, 0]] }, /placement\.0\.0/],
  ["a count above 255", { ...PLAN, placement: [[256, 0], [1, 0]] }, /placement\.0\.0/],
  ["another number of nodes", { ...PLAN, nodes: 3 }, /nodes is 3, but placement has 2 rows/],
  ["apps of one name", { ...PLAN, apps: ["a", "a"] }, /different names/],
  ["a demand of another length", { ...PLAN, demand: [4] }, /demand has 1 numbers/],
  ["a rule on an unknown app", { ...PLAN, rules: { maxPerNode: { x: 1 } } }, /rules name x/],
  ["no apps", { ...PLAN, apps: undefined }, /: apps: is missing$/],
  ["apps that are no list", { ...PLAN, apps: "redis" }, /: apps: must be a list: got "redis"$/],
  [
    "a capacity that is a text",
    { ...PLAN, capacity: "3" },
    /: capacity: must be a number: got "3"$/,
  ],
  ["a key that nobody knows", { ...PLAN, placment: [] }, /: placment: this key is not known/],
  [
    "a rule that nobody knows",
    { ...PLAN, rules: { nearby: {} } },
    /: rules\.nearby: this key is not/,
  ],
  [
    "a capacity that is not the cluster's",
    { ...PLAN, capacity: 1 },
    /capacity is 1, .* has 3 slots/,
  ],
  [
    "a cluster of another size",
    { ...PLAN, cluster: [{ capacity: 3, count: 5 }] },
    /cluster has 5 nodes, but placement has 2 rows/,
  ],
  ["a demand that was not placed", { ...PLAN, demand: [3, 2] }, /asks for 2 of isr, .* holds 1/],
  ["a share above 1", { ...PLAN, measuredShare: 1.5 }, /: measuredShare: /],
  ["a mean below 0", { ...PLAN, mean: -1 }, /: mean: /],
  [
    "an interval that ends before it begins",
    { ...PLAN, meanLow: 0.9, meanHigh: 0.2 },
    /: meanLow is 0\.9, but meanHigh is 0\.2$/,
  ],
  [
    "shares of more than all containers",
    { ...PLAN, measuredShare: 0.9, nearShare: 0.2, extrapolatedShare: 0 },
    /add up to 1\.1, not to 1$/,
  ],
  ["an app of a reserved name", { apps: ["constructor"], placement: [[1]] }, /constructor is res/],
  ["no nodes", { ...PLAN, placement: [] }, /placement/],
];

Deno.test("readPlan() drops no name that objects give a meaning: it keeps it, or refuses it by name", () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    for (
      const text of [
        `{"apps":["a"],"placement":[[1]],"perApp":{"${name}":1}}`,
        `{"apps":["a"],"placement":[[1]],"rules":{"maxPerNode":{"${name}":1}}}`,
        `{"apps":["a"],"placement":[[1]],"${name}":1}`,
        `{"apps":["a"],"placement":[[1]],"cluster":[{"capacity":1,"count":1,"labels":{"${name}":"x"}}]}`,
        `{"apps":["a"],"placement":[[1]],"rules":{"apart":[["a","\\u005f_proto__"]],"${name}":{}}}`,
      ]
    ) {
      assert.throws(() => readPlan(text, "plan.json"), new RegExp(`the name ${name} is reserved`));
    }
  }
  const { problem } = readPlan(
    '{"apps":["toString","a"],"placement":[[1,0]],"rules":{"maxPerNode":{"toString":1},"apart":[["toString","a"]]}}',
    "plan.json",
  );
  assert.deepEqual(problem.rules, { maxPerNode: [1, null], apart: [[0, 1]], fencedNodes: [] });
});

for (const [name, value, message] of WRONG) {
  Deno.test(`readPlan() refuses ${name} in one line that names the file`, () => {
    const text = value === undefined ? '{"apps":\n' : JSON.stringify(value);
    assert.throws(() => readPlan(text, "plan.json"), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

/** Everything that version 2 has. */
const GENERAL: Plan = {
  ...PLAN,
  version: 2,
  cluster: [
    {
      name: "big",
      capacity: 3,
      count: 1,
      labels: { disk: "ssd" },
      failureDomain: "a",
      resources: { cpu: 4 },
      surface: 1,
    },
    { name: "small", capacity: 3, count: 1, labels: {}, failureDomain: "b", resources: { cpu: 1 } },
  ],
  needs: [{ cpu: 1 }, { cpu: 2 }],
  rules: {
    maxPerNode: {},
    apart: [],
    fencedNodes: [],
    together: [["isr", "redis"]],
    require: { isr: { disk: "ssd" } },
    spread: { redis: { maxPerDomain: 2, minDomains: 2, maxSkew: null } },
  },
  surfaces: [{ kind: "table", source: "table.csv" }, { kind: "pooled", source: "big.csv" }],
};

Deno.test("a plan keeps resources, surfaces and all rules", () => {
  const { problem, placement } = readPlan(planText(GENERAL), "plan.json");
  assert.deepEqual(problem, {
    apps: ["redis", "isr"],
    cluster: { nodeClasses: GENERAL.cluster },
    demand: [3, 1],
    needs: [{ cpu: 1 }, { cpu: 2 }],
    rules: {
      maxPerNode: [null, null],
      apart: [],
      fencedNodes: [],
      together: [[1, 0]],
      require: [null, { disk: "ssd" }],
      spread: [{ maxPerDomain: 2, minDomains: 2, maxSkew: null }, null],
    },
  });
  assert.equal(planVersion(problem), 2);
  const { version: _, ...fields } = { ...GENERAL, ...planOfPlacement(problem, placement) };
  assert.deepEqual(JSON.parse(planText({ ...fields, version: 2 })), GENERAL);
  for (
    const broken of [
      { needs: [{ cpu: 2 }, { cpu: 2 }] }, // 6 of 4 cores on the first node
      { rules: { ...GENERAL.rules, require: { redis: { disk: "ssd" } } } }, // one is on the other node
      { rules: { ...GENERAL.rules, together: [["redis", "isr"]] } },
      { rules: { ...GENERAL.rules, spread: { redis: { maxSkew: 0 } } } },
    ]
  ) {
    const text = JSON.stringify({ ...GENERAL, ...broken });
    assert.throws(() => readPlan(text, "plan.json"), /^InputError: plan\.json: /, text);
  }
});

Deno.test("plans that use nothing new are written as version 1 without new keys, and read as ever", () => {
  const { problem, placement } = readPlan(planText(PLAN), "plan.json");
  assert.equal(planVersion(problem), 1);
  const written = planOfPlacement({ ...problem, needs: [{}, {}] }, placement);
  assert.equal(planVersion({ ...problem, needs: [{}, {}] }), 1);
  assert.deepEqual(Object.keys(written), [
    ...["apps", "nodes", "capacity", "cluster", "demand", "rules", "placement"],
  ]);
  assert.deepEqual(Object.keys(written.rules), ["maxPerNode", "apart", "fencedNodes"]);
});

Deno.test("a plan keeps the names of its nodes, as version 3, and refuses names that are not one for each", () => {
  const { problem, placement, nodeNames } = readPlan(planText(PLAN), "plan.json");
  assert.equal(nodeNames, undefined);
  const names = Array.from({ length: placement.nodes }, (_, node) => `host-${node}`);
  assert.equal(planVersion(problem, names), 3);
  const named = { ...PLAN, version: 3, ...planOfPlacement(problem, placement, names) };
  assert.deepEqual(readPlan(planText(named), "plan.json").nodeNames, names);
  for (const wrong of [names.slice(1), names.with(0, names[1]!)]) {
    assert.throws(
      () => readPlan(planText({ ...named, nodeNames: wrong }), "plan.json"),
      /^InputError: plan\.json: nodeNames must be \d+ different names/,
    );
  }
});
