import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { readServices } from "../services/compose.ts";
import { serviceBody } from "../services/spec.ts";
import { exportPlan } from "./export.ts";
import { type Json, toYaml } from "./yaml.ts";

const FILE = {
  services: {
    redis: {
      image: "redis:7",
      environment: { API_TOKEN: "canary-5ecret", MODE: "on", PRICE: "5$$" },
      ports: ["8081:8080", 53],
      secrets: ["key"],
      networks: ["front"],
      volumes: ["cache:/cache"],
      deploy: {
        labels: { tier: "back" },
        resources: { limits: { cpus: 0.5, memory: "64M" }, reservations: { memory: "32M" } },
        placement: { constraints: ["node.role==worker"] },
      },
    },
    isr: { image: "isr:1", command: ["run", "no", "1e3", "a: b"] },
  },
};
const services = readServices(JSON.stringify(FILE), "services.json", { variables: () => "" });
const SPOTS = [
  { app: "redis", node: "n1", replicas: 2 },
  { app: "isr", node: "node.two", replicas: 1 },
];
/** A port of a node is one container's only: where Kubernetes publishes it, each node has one. */
const ONE_EACH = SPOTS.map((spot) => ({ ...spot, replicas: 1 }));
const exported = (format: "compose" | "swarm" | "kubernetes", tell?: (text: string) => void) =>
  exportPlan(format, "metis", format === "kubernetes" ? ONE_EACH : SPOTS, services, tell);

Deno.test("a stack file pins each service, and names what must be there already", () => {
  const file = parse(exported("swarm"));
  assert.equal(file.version, "3.8");
  assert.deepEqual(Object.keys(file.services), ["redis-n1", "isr-node-two-" + hashOf(file)]);
  assert.deepEqual(file.services["redis-n1"], {
    image: "redis:7",
    environment: { API_TOKEN: "${API_TOKEN}", MODE: "on", PRICE: "5$$" },
    ports: [
      { target: 8080, published: 8081, protocol: "tcp", mode: "host" },
      { target: 53, protocol: "tcp", mode: "host" },
    ],
    networks: ["front"],
    secrets: ["key"],
    volumes: [{ type: "volume", source: "cache", target: "/cache" }],
    deploy: {
      replicas: 2,
      endpoint_mode: "dnsrr",
      labels: { tier: "back", "io.metis.app": "redis" },
      placement: { constraints: ["node.hostname == n1", "node.role==worker"] },
      resources: {
        limits: { cpus: "0.5", memory: `${2 ** 26}` },
        reservations: { memory: `${2 ** 25}` },
      },
      update_config: { order: "stop-first", failure_action: "rollback" },
    },
  });
  assert.deepEqual(file.networks, { front: { external: true } });
  assert.deepEqual(file.secrets, { key: { external: true } });
  assert.deepEqual(file.volumes, { cache: { external: true } });
});

/** Services on nodes whose names hold a dot have a hash in their own. */
function hashOf(file: { services: object }): string {
  return Object.keys(file.services)[1]!.slice(-8);
}

Deno.test("a Compose file has a name in place of the version", () => {
  const { version, name, services } = parse(exported("compose"));
  assert.deepEqual([version, name], [undefined, "metis"]);
  assert.deepEqual(services, parse(exported("swarm")).services);
});

Deno.test("what is exported can be deployed again, as the same service", () => {
  const again = readServices(exported("compose"), "out.yaml", {
    variables: (name) => name === "API_TOKEN" ? "canary-5ecret" : undefined,
  });
  const pinning = { stack: "metis", name: "x", app: "redis", node: "n1", replicas: 2 };
  const bodyOf = (service: Parameters<typeof serviceBody>[0]) => {
    const { TaskTemplate, EndpointSpec } =
      serviceBody(service, pinning, { secrets: new Map(), configs: new Map() }).body;
    const { Labels: _, ...container } = TaskTemplate.ContainerSpec as Record<string, unknown>;
    return { ...TaskTemplate, ContainerSpec: container, Placement: null, EndpointSpec };
  };
  assert.deepEqual(bodyOf(again.get("redis-n1")!), bodyOf(services.get("redis")!));
});

Deno.test("Kubernetes gets a Deployment for each service, bound to its node", () => {
  const [redis, isr] = parseAllDocuments(exported("kubernetes")).map((one) => one.toJS());
  assert.equal(redis.apiVersion, "apps/v1");
  assert.equal(redis.kind, "Deployment");
  assert.equal(redis.metadata.name, "metis-redis-n1");
  assert.equal(redis.spec.replicas, 1);
  assert.deepEqual(redis.spec.selector.matchLabels, {
    "app.kubernetes.io/instance": "metis-redis-n1",
  });
  const { affinity, containers } = redis.spec.template.spec;
  const [term] =
    affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  assert.deepEqual(term.matchExpressions, [
    { key: "kubernetes.io/hostname", operator: "In", values: ["n1"] },
  ]);
  assert.deepEqual(containers[0].env[0], {
    name: "API_TOKEN",
    valueFrom: { secretKeyRef: { name: "metis-secrets", key: "API_TOKEN" } },
  });
  assert.deepEqual(containers[0].resources, {
    limits: { cpu: "0.5", memory: `${2 ** 26}` },
    requests: { memory: `${2 ** 25}` },
  });
  assert.deepEqual(isr.spec.template.spec.containers[0].args, ["run", "no", "1e3", "a: b"]);
  for (const { metadata } of [redis, isr]) {
    assert.match(metadata.name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  }
});

Deno.test("Kubernetes refuses two containers that would publish one port of a node", () => {
  assert.throws(
    () => exportPlan("kubernetes", "metis", SPOTS, services),
    /redis: 2 containers on n1 cannot all publish port 8081: .*--max-per-node redis=1/,
  );
});

Deno.test("what Deployments are not given is told by app, and nothing where all is there", () => {
  const told: string[] = [];
  exported("kubernetes", (text) => told.push(text));
  // isr has nothing but an image and a command.
  assert.equal(told.length, 1, told.join("\n"));
  for (const key of ["volumes", "secrets", "networks", "deploy.labels", "placement.constraints"]) {
    assert.ok(told[0]!.startsWith("redis: ") && told[0]!.includes(key), `${key}: ${told[0]}`);
  }
  told.length = 0;
  exported("compose", (text) => told.push(text));
  assert.deepEqual(told, []);
});

Deno.test("no export holds a value that looks secret", () => {
  for (const format of ["compose", "swarm", "kubernetes"] as const) {
    assert.ok(!exported(format).includes("canary-5ecret"), format);
  }
});

Deno.test("toYaml is read back as the same value, by YAML 1.1 and 1.2", () => {
  const key = fc.oneof(fc.string(), fc.constantFrom("y", "no", "1", "a: b", "- x", "~", "<<"))
    .filter((text) => text !== "__proto__");
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        fc.string(),
        fc.constantFrom("yes", "0x1F", "1:30", "2001-01-01", " a ", "null", "-"),
      ),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(key, tie("tree"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      for (const version of ["1.1", "1.2"] as const) {
        assert.deepEqual(parse(toYaml(value), { version, merge: false }), value);
      }
    }),
    { numRuns: 300 },
  );
});
