import assert from "node:assert/strict";
import { readProblemFile } from "../../scheduling/problem_file/mod.ts";
import { memoryContext } from "../_testing.ts";
import { runCli } from "../run.ts";

const GI = 2 ** 30;

async function imported(line: string, files: Record<string, unknown>) {
  const context = memoryContext({
    args: `problem import ${line}`.trim().split(" "),
    files: Object.fromEntries(
      Object.entries(files).map((
        [name, value],
      ) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    env: { REPLICAS: "4" },
  });
  const exitCode = await runCli(context);
  return { exitCode, text: context.output(), talk: context.talk() };
}

const STACK = `
version: "3.9"
services:
  api:
    image: shop/api
    deploy:
      replicas: \${REPLICAS}
      resources:
        reservations: { cpus: "0.5", memory: 512M }
        limits: { cpus: "2", memory: 1G }
      placement:
        max_replicas_per_node: 2
        constraints: ["node.labels.disk == ssd", "node.role != manager", "node.role == worker"]
  cache:
    image: redis
    deploy:
      resources: { limits: { memory: 4g } }
  agent:
    image: agent
    deploy: { mode: global, resources: { reservations: { cpus: "0.25" } } }
`;

/** A node as \`docker node inspect\` prints it. */
function swarmNode(name: string, cpus: number, labels: Record<string, string>, more: object = {}) {
  return {
    ID: name,
    Spec: { Labels: labels, Role: "worker", Availability: "active", ...more },
    Description: {
      Hostname: name,
      Platform: { Architecture: "x86_64", OS: "linux" },
      Resources: { NanoCPUs: cpus * 1e9, MemoryBytes: 8 * GI },
      Engine: { EngineVersion: "20.10.24" },
    },
    Status: { State: "ready", Addr: "10.0.0.1" },
  };
}

Deno.test("a stack file and its Swarm's nodes become a problem file", async () => {
  const nodes = [
    swarmNode("alpha", 4, { disk: "ssd", zone: "z1" }),
    swarmNode("beta", 4, { disk: "ssd", zone: "z1" }),
    swarmNode("gamma", 8, { zone: "z2" }, { Availability: "drain" }),
  ];
  const { exitCode, text, talk } = await imported(
    "--stack stack.yml --docker-nodes nodes.json --domain-label zone",
    { "stack.yml": STACK, "nodes.json": nodes },
  );
  assert.equal(exitCode, 0, talk);
  const problem = readProblemFile(text, "p.yaml");
  assert.deepEqual(problem.apps, ["api", "cache"]);
  assert.deepEqual(problem.demand, [4, 1]);
  // Reservations before limits; Docker's M and g are powers of 1024.
  assert.deepEqual(problem.needs, [{ cpu: 0.5, memory: GI / 2 }, { memory: 4 * GI }]);
  assert.deepEqual(
    problem.cluster.nodeClasses.map(({ count, labels, failureDomain, resources }) => ({
      count,
      labels,
      failureDomain,
      resources,
    })),
    [
      // A quarter of a core goes to the agent of each node.
      {
        count: 2,
        labels: { disk: "ssd", "node.role": "worker" },
        failureDomain: "z1",
        resources: { cpu: 3.75, memory: 8 * GI },
      },
      {
        count: 1,
        labels: { "node.role": "worker" },
        failureDomain: "z2",
        resources: { cpu: 7.75, memory: 8 * GI },
      },
    ],
  );
  assert.deepEqual(problem.rules.maxPerNode, [2, null]);
  assert.deepEqual(problem.rules.require, [{ disk: "ssd", "node.role": "worker" }, null]);
  assert.deepEqual(problem.rules.fencedNodes, [2]);
  assert.equal(problem.nodeNames.nameOf(2), "gamma");
  for (const left of [/agent runs on every node/, /api: the constraint node\.role != manager/]) {
    assert.match(talk, left);
    assert.match(text, left);
  }
});

Deno.test("a stack file goes with equal nodes or classes of nodes too", async () => {
  const files = {
    "stack.yml": STACK,
    "cluster.json": [
      { capacity: 8, count: 2, labels: { disk: "ssd" }, resources: { cpu: 8, memory: 8 * GI } },
    ],
  };
  const plain = await imported("--stack stack.yml --nodes 3 --capacity 8", {
    "stack.yml": "services: { api: { image: a, deploy: { replicas: 2 } } }\n",
  });
  assert.equal(plain.exitCode, 0, plain.talk);
  const problem = readProblemFile(plain.text, "p");
  assert.deepEqual(problem.demand, [2]);
  assert.equal(problem.nodeNames.hasNames, false);
  const classes = await imported("--stack stack.yml --cluster cluster.json", files);
  assert.equal(classes.exitCode, 0, classes.talk);
  assert.match(classes.talk, /left out: api: the constraint node\.role == worker/);
  // Nodes without memory cannot be said to hold what takes some.
  const bare = await imported("--stack stack.yml --nodes 3 --capacity 8", files);
  assert.equal(bare.exitCode, 1);
  assert.match(
    bare.talk,
    /no class of nodes says how much cpu its nodes have: add it to their resources of --cluster FILE, or give --docker-nodes FILE/,
  );
});

Deno.test("what to import is asked for, and files of other things are refused by how they are made", async () => {
  for (
    const [line, files, code, reason] of [
      ["", {}, 2, /--stack FILE or --kubernetes FILE/],
      ["--stack s.yml", { "s.yml": STACK }, 2, /--docker-nodes FILE/],
      ["--stack s.yml --kubernetes k.json", {}, 2, /cannot be used with option/],
      [
        "--stack s.yml --docker-nodes n.json",
        { "s.yml": STACK, "n.json": [{ Hostname: "a" }] },
        1,
        /docker node inspect/,
      ],
      [
        "--kubernetes k.json",
        { "k.json": { kind: "List" } },
        1,
        /kubectl get nodes,pods -A -o json/,
      ],
      ["--kubernetes k.json", { "k.json": { items: [] } }, 1, /has no app/],
      [
        "--stack s.yml --nodes 1 --capacity 1",
        { "s.yml": "services: { a: { deploy: { replicas: 1.5 } } }" },
        1,
        /services\.a\.deploy\.replicas/,
      ],
    ] as const
  ) {
    const { exitCode, talk } = await imported(line, files);
    assert.equal(exitCode, code, `${line}: ${talk}`);
    assert.match(talk, reason);
  }
});

interface PodParts {
  readonly name: string;
  readonly app: string;
  readonly kind?: string;
  readonly spec?: object;
  readonly namespace?: string;
  readonly requests?: Record<string, string>;
  readonly phase?: string;
}

/** A pod as \`kubectl\` prints it, of a Deployment if nothing else is said. */
function pod(
  {
    name,
    app,
    kind = "ReplicaSet",
    spec = {},
    namespace = "shop",
    requests = {},
    phase = "Running",
  }: PodParts,
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: { app, ...(kind === "ReplicaSet" ? { "pod-template-hash": "5d4f" } : {}) },
      ownerReferences: [{
        kind,
        name: kind === "ReplicaSet" ? `${app}-5d4f` : app,
        controller: true,
      }],
    },
    spec: { containers: [{ name: "main", resources: { requests } }], ...spec },
    status: { phase },
  };
}

function kubernetesNode(name: string, zone: string, more: { labels?: object; spec?: object } = {}) {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "topology.kubernetes.io/zone": zone,
        ...more.labels,
      },
    },
    spec: more.spec ?? {},
    status: {
      allocatable: { cpu: "3920m", memory: "8Gi", pods: "110", "ephemeral-storage": "90G" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

const HOST_TERM = (app: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [
    { labelSelector: { matchLabels: { app } }, topologyKey: "kubernetes.io/hostname" },
  ],
});

const API = {
  nodeSelector: { disk: "ssd" },
  affinity: { podAntiAffinity: HOST_TERM("api"), podAffinity: HOST_TERM("cache") },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { app: "api" } },
    },
    { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ],
};

Deno.test("a cluster of Kubernetes becomes a problem file", async () => {
  const ssd = { labels: { disk: "ssd" } };
  const items = [
    kubernetesNode("a1", "za", ssd),
    kubernetesNode("a2", "za", ssd),
    kubernetesNode("b1", "zb", ssd),
    kubernetesNode("gpu", "zb", { spec: { taints: [{ key: "gpu", effect: "NoSchedule" }] } }),
    kubernetesNode("old", "zb", { spec: { unschedulable: true } }),
    ...["1", "2"].map((at) =>
      pod({ name: `api-${at}`, app: "api", spec: API, requests: { cpu: "500m", memory: "512Mi" } })
    ),
    pod({
      name: "cache-0",
      app: "cache",
      kind: "StatefulSet",
      requests: { cpu: "1", memory: "1G" },
      spec: { affinity: { podAntiAffinity: HOST_TERM("train") } },
    }),
    pod({
      name: "train-1",
      app: "train",
      spec: { tolerations: [{ key: "gpu", operator: "Exists" }] },
    }),
    pod({ name: "done", app: "job", kind: "Job", phase: "Succeeded" }),
    pod({
      name: "agent-a1",
      app: "agent",
      kind: "DaemonSet",
      requests: { cpu: "0.1" },
      spec: { nodeName: "a1" },
    }),
    pod({
      name: "dns",
      app: "dns",
      namespace: "kube-system",
      requests: { cpu: "0.2", memory: "1Gi" },
      spec: { nodeName: "b1" },
    }),
    { apiVersion: "v1", kind: "Event" },
  ];
  const { exitCode, text, talk } = await imported("--kubernetes k.json --namespace shop", {
    "k.json": { kind: "List", items },
  });
  assert.equal(exitCode, 0, talk);
  const { apps, demand, needs, rules, cluster, nodeNames } = readProblemFile(text, "p.yaml");
  assert.deepEqual(apps, ["api", "cache", "train"]);
  assert.deepEqual(demand, [2, 1, 1]);
  assert.deepEqual(needs, [{ cpu: 0.5, memory: GI / 2 }, { cpu: 1, memory: 1e9 }, {}]);
  const untainted = { "no-taint/gpu:NoSchedule": "true" };
  assert.deepEqual(rules, {
    maxPerNode: [1, null, null],
    apart: [[1, 2]],
    together: [[0, 1]],
    require: [{ disk: "ssd", ...untainted }, untainted, null],
    spread: [{ maxSkew: 1, maxPerDomain: null, minDomains: null }, null, null],
    fencedNodes: [4],
  });
  const byName = new Map<string, unknown>();
  let node = 0;
  for (const { count, resources, failureDomain } of cluster.nodeClasses) {
    for (let at = 0; at < count; at++) {
      byName.set(nodeNames.nameOf(node++), { ...resources, failureDomain });
    }
  }
  // What stays on a node is taken off it.
  assert.deepEqual(Object.fromEntries(byName), {
    a1: { cpu: 3.82, memory: 8 * GI, failureDomain: "za" },
    a2: { cpu: 3.92, memory: 8 * GI, failureDomain: "za" },
    b1: { cpu: 3.72, memory: 7 * GI, failureDomain: "zb" },
    gpu: { cpu: 3.92, memory: 8 * GI, failureDomain: "zb" },
    old: { cpu: 3.92, memory: 8 * GI, failureDomain: "zb" },
  });
  for (
    const left of [
      /agent \(DaemonSet\): what its pods take is taken off their nodes/,
      /pods of the namespace kube-system/,
      /api: spread over kubernetes\.io\/hostname where it can be had/,
    ]
  ) assert.match(talk, left);
});

Deno.test("a taint that no app tolerates fences its nodes, and apps of one name get their namespaces", async () => {
  const items = [
    kubernetesNode("n", "z"),
    kubernetesNode("m", "z", {
      spec: { taints: [{ key: "role", value: "master", effect: "NoSchedule" }] },
    }),
    pod({ name: "w-1", app: "web", namespace: "one" }),
    pod({ name: "w-2", app: "web", namespace: "two" }),
  ];
  const { text } = await imported("--kubernetes k.json --capacity 8", { "k.json": { items } });
  const { apps, rules, cluster, nodeNames } = readProblemFile(text, "p.yaml");
  assert.deepEqual(apps, ["one/web", "two/web"]);
  assert.equal(rules.require, undefined);
  assert.deepEqual(rules.fencedNodes.map(nodeNames.nameOf), ["m"]);
  assert.deepEqual(cluster.nodeClasses.map(({ capacity }) => capacity), [8]);
});
