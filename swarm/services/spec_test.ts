import assert from "node:assert/strict";
import fc from "fast-check";
import { readServices } from "./compose.ts";
import { canonical, serviceBody } from "./spec.ts";

const IDS = { secrets: new Map([["key", "id-of-key"]]), configs: new Map() };

function body(options: object, more: object = {}) {
  const file = { services: { web: { image: "web:1", ...options } } };
  const service = readServices(JSON.stringify(file), "services.json").get("web")!;
  const pinning = { stack: "metis", name: "metis_web-n1", app: "web", node: "n1", replicas: 2 };
  return serviceBody(service, { ...pinning, ...more }, IDS);
}

Deno.test("serviceBody says everything in the fields of the Engine API", () => {
  const { body: made, hash } = body({
    entrypoint: ["/bin/web"],
    command: ["-v"],
    environment: { B: 2, A: "x" },
    ports: ["8081:8080"],
    user: "1000:1000",
    working_dir: "/srv",
    init: true,
    read_only: true,
    stop_grace_period: "1m",
    labels: { a: "container" },
    networks: ["front"],
    secrets: ["key"],
    volumes: [{ type: "bind", source: "/data", target: "/data", read_only: true }],
    healthcheck: { test: ["CMD", "true"], interval: "500ms", retries: 3 },
    deploy: {
      labels: { b: "service" },
      resources: { limits: { cpus: 0.5, memory: "64m", pids: 9 }, reservations: { memory: "1g" } },
      restart_policy: { condition: "on-failure", delay: "2s", max_attempts: 4 },
      placement: { constraints: ["node.role == worker"], max_replicas_per_node: 3 },
    },
  });
  const identity = {
    "com.docker.stack.namespace": "metis",
    "io.metis.app": "web",
    "io.metis.node": "n1",
    "io.metis.spec": hash,
  };
  assert.deepEqual(JSON.parse(JSON.stringify(made)), {
    Name: "metis_web-n1",
    Labels: { b: "service", "com.docker.stack.image": "web:1", ...identity },
    TaskTemplate: {
      ContainerSpec: {
        Image: "web:1",
        Command: ["/bin/web"],
        Args: ["-v"],
        Env: ["A=x", "B=2"],
        User: "1000:1000",
        Dir: "/srv",
        Init: true,
        ReadOnly: true,
        StopGracePeriod: 60e9,
        Healthcheck: { Test: ["CMD", "true"], Interval: 5e8, Retries: 3 },
        Mounts: [{ Type: "bind", Source: "/data", Target: "/data", ReadOnly: true }],
        Secrets: [{
          File: { Name: "key", UID: "0", GID: "0", Mode: 0o444 },
          SecretID: "id-of-key",
          SecretName: "key",
        }],
        Labels: { a: "container", ...identity },
      },
      Resources: {
        Limits: { NanoCPUs: 5e8, MemoryBytes: 2 ** 26, Pids: 9 },
        Reservations: { MemoryBytes: 2 ** 30 },
      },
      RestartPolicy: { Condition: "on-failure", Delay: 2e9, MaxAttempts: 4 },
      Placement: {
        Constraints: ["node.hostname==n1", "node.role == worker"],
        MaxReplicas: 3,
      },
      Networks: [{ Target: "front", Aliases: ["web"] }],
    },
    Mode: { Replicated: { Replicas: 2 } },
    UpdateConfig: { Parallelism: 1, FailureAction: "continue", Order: "stop-first" },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 8080, PublishedPort: 8081, PublishMode: "host" }],
    },
  });
});

Deno.test("an image gets its tag, capabilities and variables without a value are as Docker has them", () => {
  const imageOf = (image: string) => body({ image }).body.TaskTemplate.ContainerSpec;
  for (
    const [given, made] of [
      ["web", "web:latest"],
      ["docker.io/library/web", "web:latest"],
      ["index.docker.io/team/web:2", "team/web:2"],
      ["localhost:5000/web", "localhost:5000/web:latest"],
      [`web@sha256:${"0".repeat(64)}`, `web@sha256:${"0".repeat(64)}`],
    ] as const
  ) assert.equal((imageOf(given) as { Image: string }).Image, made);
  const { Env, CapabilityAdd, CapabilityDrop } = body({
    environment: { GONE: null, A: "" },
    cap_add: ["sys_time", "CHOWN"],
    cap_drop: ["chown", "MKNOD"],
  }).body.TaskTemplate.ContainerSpec as Record<string, unknown>;
  assert.deepEqual(Env, ["A=", "GONE"]);
  assert.deepEqual([CapabilityAdd, CapabilityDrop], [["CAP_CHOWN", "CAP_SYS_TIME"], ["CAP_MKNOD"]]);
});

Deno.test("the hash is of everything but the number of containers", () => {
  const plain = body({}).hash;
  assert.equal(body({}, { replicas: 7 }).hash, plain);
  const changes = [
    { image: "web:2" },
    { command: ["x"] },
    { environment: { A: "1" } },
    { ports: [80] },
    { labels: { a: "b" } },
    { deploy: { labels: { a: "b" } } },
    { deploy: { resources: { limits: { cpus: 1 } } } },
  ].map((options) => body(options).hash);
  const moved = [{ node: "n2" }, { stack: "other" }, { slot: 1 }].map((more) =>
    body({}, more).hash
  );
  assert.equal(new Set([plain, ...changes, ...moved]).size, 1 + changes.length + moved.length);
});

Deno.test("lists that have no order give one hash in any order", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.stringMatching(/^[A-Z]{1,4}$/), { minLength: 2, maxLength: 5 }),
    fc.func(fc.integer()),
    (names, weight) => {
      const mixed = [...names].sort((a, b) => weight(a) - weight(b));
      const of = (list: string[]) =>
        body({
          environment: Object.fromEntries(list.map((name) => [name, name])),
          labels: Object.fromEntries(list.map((name) => [name, name])),
          networks: list,
          deploy: { placement: { constraints: list.map((name) => `node.labels.${name}==1`) } },
        }).hash;
      assert.equal(of(mixed), of(names));
    },
  ));
});

Deno.test("canonical is equal for equal values, and for no others", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    assert.equal(canonical(a), canonical(structuredClone(a)));
    const same = canonical(a) === canonical(b);
    assert.equal(same, JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
  }));
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, field]) => ["field", key, sorted(field)]);
}

Deno.test("a volume of others is mounted under its own name, and one of the stack under the stack's", () => {
  const file = {
    services: { web: { image: "web:1", volumes: ["data:/a", "mine:/b:nocopy", "loose:/c"] } },
    volumes: { data: { external: true, name: "prod-pg-data" }, mine: { driver: "nfs" } },
  };
  const service = readServices(JSON.stringify(file), "services.json").get("web")!;
  const pinning = { stack: "shop", name: "shop_web-n1", app: "web", node: "n1", replicas: 1 };
  const { TaskTemplate } = serviceBody(service, pinning, IDS).body;
  assert.deepEqual((TaskTemplate.ContainerSpec as { Mounts: unknown }).Mounts, [
    { Type: "volume", Source: "prod-pg-data", Target: "/a" },
    {
      Type: "volume",
      Source: "shop_mine",
      Target: "/b",
      VolumeOptions: {
        NoCopy: true,
        Labels: { "com.docker.stack.namespace": "shop" },
        DriverConfig: { Name: "nfs" },
      },
    },
    { Type: "volume", Source: "loose", Target: "/c" },
  ]);
});
