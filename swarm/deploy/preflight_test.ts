import assert from "node:assert/strict";
import { target } from "../testing/_deployments.ts";
import { FakeSwarm } from "../testing/_fake_engine.ts";
import { readServices } from "../services/compose.ts";
import { planDeployment } from "./deploy.ts";

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

Deno.test("a network of the stack without an address for each container is found before anything changes", async () => {
  const engine = new FakeSwarm().client();
  const many = (subnet: string | null) => {
    const back = subnet === null ? "" : `ipam: { config: [{ subnet: ${subnet} }] }`;
    const file = "services: { redis: { image: redis, networks: [back] } }\n" +
      `networks: { back: { ${back} } }`;
    const wanted = target(engine, [[150, 0, 0], [102, 0, 0]], "1", {}, {
      services: readServices(file, "stack.yaml"),
    });
    return planDeployment(engine, wanted, { parallelism: 4 });
  };
  await assert.rejects(
    many(null),
    /metis_back has 253 addresses \(\/24\) for 252 containers on 2 nodes/,
  );
  await assert.rejects(many("10.9.0.0/26"), /metis_back has 61 addresses \(\/26\)/);
  assert.equal((await many("10.9.0.0/23")).changes.length, 2);
});
