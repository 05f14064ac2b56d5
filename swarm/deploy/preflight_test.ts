import assert from "node:assert/strict";
import { target } from "../testing/_deployments.ts";
import { FakeSwarm } from "../testing/_fake_engine.ts";
import { readServices } from "../services/compose.ts";
import { planDeployment } from "./deploy.ts";
import type { Target } from "./deployment.ts";

/** One container of redis on the first node, one of isr on the second. */
const ROWS = [[1, 0, 0], [0, 1, 0], [0, 0, 0]];

/** What a dry run says of a stack file. @param redis What is said of the service besides. @param rest Services that no plan names. */
async function dryRun(
  redis: object,
  rest: Readonly<Record<string, object>> = {},
  change: (swarm: FakeSwarm) => void = () => {},
): Promise<number> {
  const swarm = new FakeSwarm();
  change(swarm);
  const engine = swarm.client();
  const wanted = target(engine, ROWS, "1", { redis, ...rest }, { unplanned: "deployed" });
  const { changes } = await planDeployment(engine, wanted, { parallelism: 4 });
  assert.ok(swarm.calls.every((call) => call.startsWith("GET ")), `${swarm.calls}`);
  return changes.length;
}

Deno.test("a constraint that does not hold on the node of the plan is found before anything changes", async () => {
  const bound = (constraint: string) => ({ deploy: { placement: { constraints: [constraint] } } });
  for (const fine of ["node.hostname == N1", "node.hostname!=n2", "node.labels.disk==ssd"]) {
    await dryRun(bound(fine), {}, (swarm) => void (swarm.nodes[0]!.labels.disk = "ssd"));
  }
  // What Metis does not know of a node is left to Swarm.
  await dryRun(bound("engine.labels.gpu==yes"));
  for (const wrong of ["node.hostname==n2", "node.labels.disk == ssd", "node.role==other"]) {
    await assert.rejects(
      dryRun(bound(wrong)),
      { message: new RegExp(`^The plan puts redis on n1, where its constraint ${wrong} does not`) },
    );
  }
});

Deno.test("networks, configs and volumes of others that are not there are found in a dry run", async () => {
  const on = (network: object) => ({ networks: ["front"], ...network });
  await assert.rejects(dryRun(on({})), /The Swarm has no network front: make it by/);
  // A network of one engine is none of the Swarm.
  const add = (Scope: string) => (swarm: FakeSwarm) =>
    void swarm.networks.push({ Id: "1", Name: "front", Scope });
  await assert.rejects(dryRun(on({}), {}, add("local")), /no network front/);
  await dryRun(on({}), {}, add("swarm"));
  await assert.rejects(dryRun({ configs: ["site"] }), /The Swarm has no config site/);
  await assert.rejects(dryRun({}, { db: { image: "db", secrets: ["key"] } }), /no secret key/);
  const mounted = { volumes: ["prod:/data"] };
  await assert.rejects(dryRun(mounted), /n1 has no volume prod, which metis_redis-n1 takes as it/);
  await dryRun(mounted, {}, (swarm) => void swarm.volumes.push("prod"));
  // Of other nodes the engine cannot tell.
  await dryRun(mounted, {}, (swarm) => void (swarm.info.NodeID = "id-n3"));
});

Deno.test("a port of nodes that a service without a plan cannot have is found before anything changes", async () => {
  const port = { ports: [{ target: 80, published: 8080, mode: "host" }] };
  const rest = (deploy: object) => ({ proxy: { image: "proxy", ...port, deploy } });
  // redis has the port on n1.
  assert.equal(await dryRun(port, rest({ replicas: 2 })), 3);
  const bound = { placement: { constraints: ["node.hostname==n1"] } };
  const apart = { placement: { constraints: ["node.hostname!=n1"] } };
  for (const deploy of [{ replicas: 3 }, { mode: "global" }, bound]) {
    await assert.rejects(
      dryRun(port, rest(deploy)),
      /Port 8080\/tcp is needed by metis_proxy on \d of \d nodes, and on n1 taken by metis_redis-n1/,
    );
  }
  await dryRun(port, rest({ mode: "global", ...apart }));
  const two = { ...rest({ mode: "global" }), other: { image: "other", ...port } };
  await assert.rejects(dryRun({}, two), /needed by metis_other .* taken by metis_proxy/);
});

Deno.test("a network with too few addresses is found before anything changes, or made large enough where nobody says how large", async () => {
  const swarm = new FakeSwarm();
  const engine = swarm.client();
  const many = (counts: number[], subnet: string | null) => {
    const back = subnet === null ? "" : `ipam: { config: [{ subnet: ${subnet} }] }`;
    const file = "services: { redis: { image: redis, networks: [back] } }\n" +
      `networks: { back: { ${back} } }`;
    return target(engine, counts.map((count) => [count, 0, 0]), "1", {}, {
      services: readServices(file, "stack.yaml"),
    });
  };
  const plan = (wanted: Target) => planDeployment(engine, wanted, { parallelism: 4 });
  const made = async (wanted: Target) => {
    await wanted.prepare!(engine, (await plan(wanted)).desired);
    return (await engine.networks()).at(-1)!.IPAM?.Config?.[0]?.Subnet;
  };
  await assert.rejects(
    plan(many([40, 20], "10.9.0.0/26")),
    /metis_back has 61 addresses \(\/26\), and 62 are needed/,
  );
  await plan(many([39, 20], "10.9.0.0/26"));
  const file = "services: { redis: { image: redis, networks: [shared] } }\n" +
    "networks: { shared: { external: true } }";
  const services = readServices(file, "stack.yaml");
  swarm.networks.push({ Id: "s", Name: "shared", IPAM: { Config: [{ Subnet: "10.5.0.0/28" }] } });
  await assert.rejects(
    plan(target(engine, [[12, 0, 0], [8, 0, 0]], "1", {}, { services })),
    /shared has 13 addresses \(\/28\), and 22 are needed/,
  );
  swarm.networks.pop();
  // What is there already is left clear of, and has to do.
  swarm.networks.push({
    Id: "other",
    Name: "other",
    IPAM: { Config: [{ Subnet: "10.200.1.0/24" }] },
  });
  assert.equal(await made(many([150, 101], null)), undefined);
  swarm.networks.pop();
  assert.equal(await made(many([150, 102], null)), "10.201.0.0/23");
  await plan(many([255, 252], null));
  await assert.rejects(
    plan(many([255, 252, 1], null)),
    /metis_back has 509 addresses \(\/23\), and 511 are needed.*under another name/,
  );
});
