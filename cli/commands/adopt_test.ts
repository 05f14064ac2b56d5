import assert from "node:assert/strict";
import { FakeSwarm } from "../../swarm/testing/_fake_engine.ts";
import { memoryContext } from "../_testing.ts";
import { STACK_FILES } from "./_stack_files.ts";
import { command as adoptCommand } from "./adopt.ts";
import { command as deployCommand } from "./deploy.ts";

/** A Swarm whose nodes take four containers. */
function swarmOf(...names: string[]) {
  const swarm = new FakeSwarm(names);
  for (const node of swarm.nodes) node.labels["io.metis.slots"] = "4";
  const connect = () => Promise.resolve(swarm.client());
  const files: Record<string, string> = { ...STACK_FILES };
  const run = async (make: typeof adoptCommand, ...args: string[]) => {
    const context = memoryContext({ files });
    await make(context, connect).parseAsync(args, { from: "user" });
    for (const [name, text] of context.files) files[name] = String(text);
    return context.output();
  };
  /** What the containers of a service of Docker are made from: where that is another, Swarm restarts them. */
  const containersOf = (name: string) => {
    const service = [...swarm.services.values()].find(({ Spec }) => Spec.Name === name);
    const { Placement: _, ...template } = service!.Spec.TaskTemplate;
    return structuredClone(template);
  };
  return { swarm, files, run, containersOf };
}

/** What `docker stack deploy` makes. */
function dockerService(name: string, replicas: number, more: object = {}) {
  return {
    Name: `shop_${name}`,
    Labels: {
      "com.docker.stack.namespace": "shop",
      "com.docker.stack.image": `${name}:1`,
    },
    TaskTemplate: {
      ContainerSpec: {
        Image: `${name}:1@sha256:${"0".repeat(64)}`,
        Env: ["PRICE=$5", "MODE=a=b"],
        StopGracePeriod: 1_500_000_000,
        Labels: { "com.docker.stack.namespace": "shop" },
      },
      Resources: { Reservations: { MemoryBytes: 33_554_432 } },
      ...more,
    },
    Mode: { Replicated: { Replicas: replicas } },
    EndpointSpec: { Mode: "vip" },
  };
}

Deno.test("a stack of Metis is adopted into files by which nothing changes", async () => {
  const { run, files } = swarmOf("n1", "n2", "n3");
  const deploy = ["--services", "services.json", "--monitor", "0"];
  await run(deployCommand, "plan.json", "--nodes", "n1,n2,n3", "--stack", "shop", ...deploy);
  await run(adoptCommand, "shop");
  assert.deepEqual(JSON.parse(files["shop-plan.json"]!).apps, ["db", "web"]);
  const args = ["shop-plan.json", "--services", "shop-services.yaml", "--stack", "shop"];
  const { changes } = JSON.parse(await run(deployCommand, ...args, "--dry-run", "--json"));
  assert.deepEqual(
    changes.filter(({ kind }: { kind: string }) => kind !== "keep"),
    [],
  );
  await assert.rejects(
    run(adoptCommand, "shop"),
    /shop-services\.yaml is there already: --overwrite/,
  );
  await assert.rejects(run(adoptCommand, "other"), /There is no stack other: `docker stack ls`/);
});

Deno.test("a stack of Docker is taken over: what is on one node stays, what is on several is started again before it stops", async () => {
  const { swarm, run, files, containersOf } = swarmOf("n1", "n2");
  const engine = swarm.client();
  await engine.createService(dockerService("db", 1));
  await engine.createService(dockerService("web", 2));
  const before = containersOf("shop_db");
  const said = JSON.parse(await run(adoptCommand, "shop", "--take-over", "--json"));
  const [db, web] = said.taken;
  assert.deepEqual(db, { app: "db", node: "n1", isReplaced: false });
  assert.deepEqual(web, { app: "web", node: null, isReplaced: true });
  assert.deepEqual(containersOf("shop_db"), before);
  assert.match(files["shop-services.yaml"]!, /image: "?db:1"?\n/);
  assert.match(files["shop-services.yaml"]!, /PRICE: "?\$\$5"?\n/);
  assert.match(files["shop-services.yaml"]!, /stop_grace_period: "1\.5s"/);
  assert.match(
    files["shop-problem.yaml"]!,
    /db: \{ containers: 1, resources: \{ memory: 32MiB \} \}/,
  );

  const args = ["shop-plan.json", "--services", "shop-services.yaml", "--stack", "shop"];
  const deployed = await run(deployCommand, ...args, "--monitor", "0", "--json");
  assert.equal(JSON.parse(deployed).outcome, "converged");
  const names = [...swarm.services.values()].map(({ Spec }) => Spec.Name).sort();
  assert.deepEqual(names, ["shop_db", "shop_web-n1", "shop_web-n2"]);
  assert.deepEqual(containersOf("shop_db"), before);
  // The new containers of web were there before the old ones were asked to stop.
  const order = swarm.calls.filter((call) => /create|DELETE \/services/.test(call));
  assert.match(order.at(-1)!, /DELETE/);
  const again = JSON.parse(await run(deployCommand, ...args, "--dry-run", "--json"));
  assert.ok(again.changes.every(({ kind }: { kind: string }) => kind === "keep"));
  // Adopted once more, its files still say the same.
  await run(adoptCommand, "shop", "--overwrite");
  const later = JSON.parse(await run(deployCommand, ...args, "--dry-run", "--json"));
  assert.ok(later.changes.every(({ kind }: { kind: string }) => kind === "keep"));
});

/** Much of what a stack file can say of two services. */
const FULL = `
services:
  web:
    image: shop/web:1
    entrypoint: ["/run", "--now"]
    command: serve --port 80
    environment: { MODE: a=b, EMPTY: "", PRICE: "$$5" }
    user: "1000:1000"
    working_dir: /srv
    hostname: "web-{{.Node.Hostname}}"
    extra_hosts: ["a.example:10.0.0.1", "b.example:::1"]
    dns: [1.1.1.1]
    dns_search: [example.org]
    init: true
    tty: true
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    sysctls: { net.core.somaxconn: "1024" }
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    ulimits: { nproc: 65535, nofile: { soft: 20000, hard: 40000 } }
    read_only: true
    healthcheck: { test: wget -q localhost, interval: 5s, timeout: 2s, retries: 3, start_period: 10s }
    labels: { team: a }
    logging: { driver: json-file, options: { max-size: 10m } }
    networks: { front: { aliases: [shop] }, back: {}, zone: {} }
    volumes:
      - data:/data
      - shared:/shared:ro
      - /etc/hosts:/hosts:ro
      - { type: volume, source: cache, target: /cache, volume: { nocopy: true } }
      - { type: tmpfs, target: /tmp, tmpfs: { size: 64m } }
      - /anonymous
    ports: ["8080:80", { target: 443, published: 8443, protocol: tcp, mode: host }]
    deploy:
      replicas: 2
      labels: { route: web }
      resources:
        limits: { cpus: "0.5", memory: 64M, pids: 100 }
        reservations: { cpus: "0.25", memory: 32M }
      restart_policy: { condition: any, delay: 5s, max_attempts: 3, window: 2m }
      placement: { constraints: [node.labels.disk == ssd] }
  db:
    image: db:1
    healthcheck: { disable: true }
    init: false
    networks: [host]
    volumes: ["named:/var/lib/db"]
    secrets: [password, { source: token, target: /etc/token, uid: "7", mode: 256 }]
    configs: [settings]
    deploy: { endpoint_mode: dnsrr, restart_policy: { condition: on-failure } }
secrets:
  password: { file: ./password }
  token: { external: true, name: shop_of_others }
configs:
  settings: { file: ./settings, labels: { of: db } }
networks:
  host: { external: true, name: host }
  front: { driver: overlay, driver_opts: { encrypted: "true" } }
  back: { internal: true }
  zone: { name: a-zone }
volumes:
  data: { driver: local, driver_opts: { type: nfs }, labels: { keep: "yes" } }
  cache: {}
  shared: { external: true }
  named: { name: a-name-of-its-own }
`;

Deno.test("whatever a stack file says, the adopted files say the same: nothing is started again", async () => {
  const { run, files, swarm } = swarmOf("n1", "n2", "n3");
  for (const node of swarm.nodes) node.labels.disk = "ssd";
  Object.assign(files, {
    "full.yaml": FULL,
    "/here/password": "of the shop",
    "/here/settings": "of the db",
  });
  swarm.volumes.push("shared");
  await swarm.client().createSecret({ Name: "shop_of_others", Labels: {}, Data: "" });
  files["one.json"] = JSON.stringify({ apps: ["web", "db"], placement: [[1, 1], [1, 0], [0, 1]] });
  const deploy = ["--services", "full.yaml", "--monitor", "0"];
  await run(deployCommand, "one.json", "--nodes", "n1,n2,n3", "--stack", "shop", ...deploy);
  await run(adoptCommand, "shop");
  const args = ["shop-plan.json", "--services", "shop-services.yaml", "--stack", "shop"];
  const { changes } = JSON.parse(await run(deployCommand, ...args, "--dry-run", "--json"));
  assert.deepEqual(
    changes.filter(({ kind }: { kind: string }) => kind !== "keep"),
    [],
    files["shop-services.yaml"],
  );
});
