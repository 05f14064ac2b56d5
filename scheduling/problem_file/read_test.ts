import assert from "node:assert/strict";
import { CONTRACT } from "./_contract.ts";
import { inspectProblemFile, readProblemFile } from "./read.ts";

const GI = 2 ** 30;

Deno.test("a problem file says apps, nodes, rules and surfaces", () => {
  const problem = readProblemFile(CONTRACT, "shop/problem.yaml");
  const { apps, demand, needs, floors, weights, cluster, rules, surfaces, objective } = problem;
  assert.deepEqual({ apps, demand, needs, floors, weights, objective }, {
    apps: ["api", "cache"],
    demand: [8, 3],
    needs: [{ cpu: 0.5, memory: GI / 2 }, { cpu: 1, memory: 4 * GI }],
    floors: [0.6, null],
    weights: [1, 1],
    objective: "throughput",
  });
  assert.deepEqual(cluster.nodeClasses, [
    {
      name: "big",
      capacity: 8,
      count: 4,
      labels: { disk: "ssd" },
      failureDomain: "zone-a",
      resources: { cpu: 8, memory: 32 * GI },
    },
    {
      name: "small",
      capacity: 4,
      count: 6,
      labels: {},
      failureDomain: "zone-b",
      resources: { cpu: 4, memory: 8 * GI },
      surface: 1,
    },
  ]);
  assert.deepEqual(rules, {
    maxPerNode: [2, null],
    apart: [[0, 1]],
    fencedNodes: [7],
    together: [[0, 1]],
    require: [null, { disk: "ssd" }],
    spread: [{ maxPerDomain: 3, minDomains: 2, maxSkew: 1 }, null],
  });
  // Paths are relative to the file.
  assert.deepEqual(surfaces.map(({ source, speed }) => ({ ...source, speed })), [
    { kind: "profile", file: "shop/big.csv", speed: { api: 1.4 } },
    { kind: "profile", file: "shop/profile.csv", speed: {} },
  ]);
  assert.deepEqual(problem.notices, []);
});

Deno.test("JSON says the same as YAML", () => {
  const yaml = readProblemFile(
    "apps: { a: { containers: 1 } }\nnodes: [{ count: 2, slots: 3 }]\n",
    "p",
  );
  const json = readProblemFile(
    `{"apps":{"a":{"containers":1}},"nodes":[{"count":2,"slots":3}]}`,
    "p.json",
  );
  assert.deepEqual({ ...json, file: "", nodeNames: 0 }, { ...yaml, file: "", nodeNames: 0 });
  assert.deepEqual(json.cluster.nodeClasses[0]!.name, "class-0");
});

/** A file of two apps and one class of nodes, with some keys more. */
function fileOf({ app = "", node = "count: 3, slots: 4", more = "" }): string {
  return `apps:\n  a: { containers: 2${app} }\n  b: { containers: 3 }\nnodes:\n  - { ${node} }\n${more}`;
}

function faultsOf(parts: Parameters<typeof fileOf>[0]): readonly string[] {
  return inspectProblemFile(fileOf(parts), "p.yaml").faults;
}

Deno.test("unknown keys are refused by name, with the nearest known one", () => {
  for (
    const [parts, message] of [
      [
        { app: ", flor: 0.5" },
        /^p\.yaml: apps\.a\.flor: .* did you mean floor\? Known: containers, /,
      ],
      [{ node: "count: 3, slot: 4" }, /^p\.yaml: nodes\[0\]\.slot: .* did you mean slots\?/],
      [{ more: "rule: {}" }, /^p\.yaml: rule: .* did you mean rules\?/],
      [{ more: "rules: { apart: [], seperate: [] }" }, /^p\.yaml: rules\.seperate: /],
      [
        { more: "rules: { spread: { a: { maxskew: 1 } } }" },
        /rules\.spread\.a\.maxskew: .* maxSkew\?/,
      ],
      [
        { more: "surface: { profil: p.csv }" },
        /^p\.yaml: surface\.profil: .* did you mean profile\?/,
      ],
    ] as const
  ) {
    const faults = faultsOf(parts);
    assert.match(faults[0]!, message);
  }
});

Deno.test("every fault names file, place and remedy", () => {
  for (
    const [parts, message] of [
      [
        { app: ", resources: { memory: 4X } " },
        "apps.a.resources.memory: must be a number, or a size such as 512MiB: got 4X",
      ],
      [
        { app: ", resources: { cpu: lots }" },
        "apps.a.resources.cpu: must be cores such as 0.5 or 500m: got lots",
      ],
      [
        { app: ", resources: { gpu: 1 }" },
        "apps.a.resources.gpu: no class of nodes says how much gpu its nodes have: add it to their resources",
      ],
      [
        { app: ", resources: { slots: 1 }", node: "count: 2, slots: 4, resources: { slots: 4 }" },
        "apps.a.resources.slots: is no resource: every container takes one slot of its node",
      ],
      [
        { more: "rules: { spread: { a: {} } }" },
        "rules.spread.a: says no limit: maxPerDomain, minDomains or maxSkew",
      ],
      [{ more: "rules: { require: { a: {} } }" }, "rules.require.a: names no label"],
      [{ app: ", weight: 0" }, "apps.a.weight: must be a number above 0: got 0"],
      [{ node: "slots: 4" }, "nodes[0]: say how many nodes there are: count, or names"],
      [{ node: "count: 2" }, "nodes[0]: say how much a node holds: slots, resources, or both"],
      [
        { node: "count: 2, slots: 256" },
        "nodes[0].slots: must be a whole number from 1 to 255: got 256",
      ],
      [
        { node: "count: 2, slots: 4, names: [x]" },
        "nodes[0].names: must be as many as count: got 1 for 2 nodes",
      ],
      [
        { node: "slots: 4, names: [x, x]" },
        "nodes[0].names[1]: two nodes are called x: give each a name of its own",
      ],
      [
        { more: "rules: { maxPerNode: { c: 1 } }" },
        "rules.maxPerNode.c: there is no app c: did you mean a? Known: a, b",
      ],
      [{ more: "rules: { apart: [[a]] }" }, "rules.apart[0]: must be two or more apps: got a list"],
      [
        { more: "rules: { together: [[a, a]] }" },
        "rules.together[0]: must be different apps: got a, a",
      ],
      [
        { more: "rules: { fence: [n3] }" },
        "rules.fence[0]: there is no node n3: nodes are called n0 to n2, or by number 0 to 2",
      ],
      [
        { more: "surface: { profile: p.csv, table: t.csv }" },
        "surface: give only one of profile and table",
      ],
      [
        { more: "surface: { fit: pooled }" },
        "surface: say what values a placement: one of profile, table, model, traffic",
      ],
      [
        { more: "surface: { table: t.csv, fit: pooled }" },
        "surface.fit: goes with profile only, not with table",
      ],
      [
        { more: "objective: speed" },
        'objective: must be one of throughput, fair, worst: got "speed"',
      ],
      [
        { node: "count: 3, slots: 4, surface: { speed: { a: 2 } }" },
        "nodes[0].surface: says how fast apps are beside the surface of all nodes, but there is none: add a key surface",
      ],
    ] as const
  ) {
    assert.ok(faultsOf(parts).includes(`p.yaml: ${message}`), `${message}\n${faultsOf(parts)}`);
  }
});

Deno.test("all faults are told, and a reader that stops says how many more there are", () => {
  const parts = {
    app: ", flor: 1, weight: -1",
    node: "count: 0, slots: 4",
    more: "objektive: fair",
  };
  assert.equal(faultsOf(parts).length, 4);
  assert.throws(
    () => readProblemFile(fileOf(parts), "p.yaml"),
    /p\.yaml: .* \(and 3 more: see metis problem check p\.yaml\)$/,
  );
  assert.match(inspectProblemFile("apps: [", "p.yaml").faults[0]!, /^p\.yaml: line 1, .* not YAML/);
  assert.match(inspectProblemFile("", "p.yaml").faults[0]!, /^p\.yaml: /);
  assert.match(inspectProblemFile("{", "p.json").faults[0]!, /^p\.json: not JSON/);
});

Deno.test("faults of form do not hide faults of names, and bring none that are not there", () => {
  const { problem, faults } = inspectProblemFile(
    `
apps:
  api: { containers: two, resources: { gpu: 1 } }
  cache: 3
  log: { containers: 1, colour: red }
nodes:
  - { class: big, count: -3, slots: 4, resources: { cpu: 8 } }
  - { class: big, count: 2, slot: 4 }
  - { class: small, count: 1, slots: 2, surface: { speed: { logg: 2 } } }
rules:
  apart: [[api], [api, cahce]]
  maxPerNode: { lgo: 2, cache: many }
  spread: { log: {} }
  fence: [n99]
surface: { profile: a.csv, table: b.csv }
objective: best
`,
    "p",
  );
  assert.equal(problem, null);
  const places = faults.map((fault) => /^p: ([^ ]+): /.exec(fault)![1]).sort();
  assert.deepEqual(places, [
    "apps.api.containers",
    "apps.cache",
    "apps.log.colour",
    "nodes[0].count",
    "nodes[1].class",
    "nodes[1].slot",
    "nodes[2].surface.speed.logg",
    "objective",
    "rules.apart[0]",
    "rules.apart[1][1]",
    "rules.maxPerNode.cache",
    "rules.maxPerNode.lgo",
    "rules.spread.log",
    "surface",
  ]);
});

Deno.test("lists, texts and nothing are refused where keys with values are wanted, and the other way round", () => {
  const wanted = (value: string) => new RegExp(`^p: .*must be keys with values: got ${value}$`);
  for (
    const [text, message] of [
      ["", wanted("null")],
      ["[]", wanted('"a list"')],
      ["text", wanted('"text"')],
      [fileOf({ more: "rules: []" }), wanted('"a list"')],
      [fileOf({ more: "rules: [maxPerNode]" }), wanted('"a list"')],
      [fileOf({ more: "rules: { spread: { a: [1] } }" }), wanted('"a list"')],
      [fileOf({ more: "surface: profile.csv" }), wanted('"profile.csv"')],
      [fileOf({ more: "rules: { fence: n1 }" }), /^p: rules\.fence: must be a list: got "n1"$/],
      ["nodes: []", /^p: apps: is missing/],
      ['apps: { a: { containers: "2" } }\nnodes: [{ count: 1, slots: 1 }]', /got "2"$/],
    ] as const
  ) assert.match(inspectProblemFile(text, "p").faults[0] ?? "", message, text);
});

Deno.test("slots that are left out are what fits by the smallest needs, at most all containers", () => {
  const slots = (resources: string, needs = "cpu: 0.5, memory: 1GiB") => {
    const { problem } = inspectProblemFile(
      fileOf({ app: `, resources: { ${needs} }`, node: `count: 2, resources: { ${resources} }` })
        .replace("b: { containers: 3", `b: { containers: 3, resources: { cpu: 2, memory: 512MiB }`),
      "p.yaml",
    );
    return problem!.cluster.nodeClasses[0]!.capacity;
  };
  // The smallest needs are 0.5 cores and 512 MiB.
  assert.equal(slots("cpu: 2, memory: 100GiB"), 4);
  assert.equal(slots("cpu: 100, memory: 1.5GiB"), 3);
  assert.equal(slots("cpu: 100, memory: 100GiB"), 5); // all containers
  assert.equal(slots("cpu: 0.1, memory: 100GiB"), 1);
  const { notices } = readProblemFile(
    fileOf({ app: ", resources: { cpu: 1 }", node: "class: big, count: 2, resources: { cpu: 2 }" }),
    "p.yaml",
  );
  assert.deepEqual(notices, [
    "p.yaml: nodes[0] (big) says no slots: 5 fit by the smallest needs",
  ]);
});

Deno.test("a surface that values no node is noticed", () => {
  const noticesOf = (surface: string) =>
    readProblemFile(
      fileOf({
        node: `count: 2, slots: 4, surface: ${surface}`,
        more: "surface: { profile: all.csv }",
      }),
      "p.yaml",
    ).notices;
  assert.deepEqual(noticesOf("{ profile: own.csv }"), [
    "p.yaml: surface values no node: all classes of nodes have one of their own",
  ]);
  assert.deepEqual(noticesOf("{ speed: {} }"), []);
});

Deno.test("nodes are fenced by name, number or range, and given names win over numbered ones", () => {
  const fenced = (fence: string, node = "count: 9, slots: 4") =>
    readProblemFile(fileOf({ node, more: `rules: { fence: [${fence}] }` }), "p").rules.fencedNodes;
  assert.deepEqual(fenced("n7, 2, 4-6, n4"), [2, 4, 5, 6, 7]);
  assert.deepEqual(fenced("n0, worker", "slots: 4, names: [worker, n0]"), [0, 1]);
  assert.match(
    faultsOf({ node: "slots: 4, names: [x, y]", more: "rules: { fence: [n0] }" })[0]!,
    /there is no node n0: nodes are called x to y/,
  );
});

Deno.test("an app's own floor comes before that of all, and 0 is none", () => {
  const { floors } = readProblemFile(fileOf({ app: ", floor: 0", more: "floor: 0.5" }), "p");
  assert.deepEqual(floors, [null, 0.5]);
});

Deno.test("labels may be numbers and truths, and classes may share a surface", () => {
  const { cluster, surfaces } = readProblemFile(
    fileOf({
      node: "count: 1, slots: 1, labels: { gpu: true, rack: 3 }, domain: 7",
      more:
        "  - { class: other, count: 1, slots: 1, surface: { profile: p.csv } }\nsurface: { profile: p.csv }",
    }),
    "p.yaml",
  );
  assert.deepEqual(cluster.nodeClasses[0]!.labels, { gpu: "true", rack: "3" });
  assert.equal(cluster.nodeClasses[0]!.failureDomain, "7");
  assert.equal(surfaces.length, 1);
  assert.equal(cluster.nodeClasses[1]!.surface ?? 0, 0);
});
