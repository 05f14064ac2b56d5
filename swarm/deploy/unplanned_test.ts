import assert from "node:assert/strict";
import { InputError } from "../../domain/mod.ts";
import { jumpingClock } from "../testing/_clock.ts";
import { carryOut, nothing, target, whatRuns } from "../testing/_deployments.ts";
import { FakeSwarm } from "../testing/_fake_engine.ts";
import { planDeployment } from "./deploy.ts";
import { describeChange } from "./describe.ts";
import { currentOfStack } from "./stack.ts";
import { stackStatus } from "./status.ts";

/** A stack of which the plan names three apps only. */
const REST = {
  db: { image: "db:1" },
  agent: { image: "agent:1", deploy: { mode: "global" } },
  migrate: { image: "migrate:1", deploy: { mode: "replicated-job" } },
  front: {
    image: "front:1",
    ports: ["80:80"],
    deploy: {
      replicas: 2,
      update_config: { parallelism: 2, order: "start-first" },
      placement: { preferences: [{ spread: "node.labels.zone" }] },
    },
  },
};
const ROWS = [[2, 0, 0], [0, 1, 0], [0, 0, 1]];
const WHOLE = { unplanned: "deployed" } as const;

/** A Swarm on which the whole stack runs. */
async function whole(rest: Readonly<Record<string, object>> = REST) {
  const swarm = new FakeSwarm();
  for (const node of swarm.nodes) node.labels["io.metis.slots"] = "8";
  const clock = jumpingClock(() => swarm.inFlight > 0);
  const engine = swarm.client();
  await carryOut(engine, target(engine, ROWS, "1", rest, WHOLE), clock);
  swarm.calls.length = 0;
  return { swarm, clock, engine };
}

Deno.test("services that the plan does not name are deployed as their file says", async () => {
  const { swarm } = await whole();
  assert.deepEqual(whatRuns(swarm), [
    "metis_agent agent:1 xGlobal metis",
    "metis_db db:1 x1 metis",
    "metis_front front:1 x2 metis",
    "metis_isr-n2 isr:1 x1 metis",
    "metis_migrate migrate:1 xReplicatedJob metis",
    "metis_mms-n3 mms:1 x1 metis",
    "metis_redis-n1 redis:1 x2 metis",
  ]);
  const { Spec } = [...swarm.services.values()].find(({ Spec }) => Spec.Name === "metis_front")!;
  assert.deepEqual(Spec.EndpointSpec, {
    Ports: [{ Protocol: "tcp", TargetPort: 80, PublishedPort: 80, PublishMode: "ingress" }],
  });
  assert.deepEqual(Spec.UpdateConfig, { Parallelism: 2, Order: "start-first" });
  assert.deepEqual(Spec.TaskTemplate.Placement, {
    Preferences: [{ Spread: { SpreadDescriptor: "node.labels.zone" } }],
  });
});

Deno.test("a second run changes nothing, and one change of the file is one change", async () => {
  const { swarm, engine, clock } = await whole();
  const again = await carryOut(engine, target(engine, ROWS, "1", REST, WHOLE), clock);
  assert.ok(again.changes.every(({ kind }) => kind === "keep"));
  for (
    const [rest, lines] of [
      [{ ...REST, db: { image: "db:2" } }, [
        "~ update metis_db: 1 container of db, where Swarm puts it (image db:1 -> db:2)",
      ]],
      [{ ...REST, db: { image: "db:1", deploy: { replicas: 3 } } }, [
        "~ scale  metis_db: 1 -> 3 containers of db, where Swarm puts them",
      ]],
      [{ ...REST, front: { ...REST.front, deploy: { replicas: 2 } } }, [
        "~ update metis_front: 2 containers of front, where Swarm puts them (options)",
      ]],
      // Swarm never makes a replicated service of a global one.
      [{ ...REST, agent: { image: "agent:1" } }, [
        "- remove metis_agent: a container of agent on every node",
        "+ create metis_agent: 1 container of agent, where Swarm puts it",
      ]],
      [{ ...REST, agent: undefined }, ["- remove metis_agent: a container of agent on every node"]],
    ] as const
  ) {
    const { changes } = await planDeployment(
      engine,
      target(engine, ROWS, "1", rest, WHOLE),
      { parallelism: 2 },
    );
    const real = changes.filter(({ kind }) => kind !== "keep");
    assert.deepEqual(real.map(describeChange), lines);
  }
  assert.equal(swarm.calls.filter((call) => call.startsWith("POST /services")).length, 0);
});

Deno.test("--only-planned leaves the other services as they are, also where a move needs stages", async () => {
  const { swarm, engine, clock } = await whole();
  const before = whatRuns(swarm);
  const others = { ...REST, db: { image: "db:9" } };
  const moved = target(engine, [[0, 0, 0], [2, 1, 0], [0, 0, 1]], "1", others);
  const report = await carryOut(engine, moved, clock);
  assert.ok(report.stages > 1);
  assert.deepEqual(
    whatRuns(swarm),
    before.map((line) => line.replace("redis-n1", "redis-n2")).sort(),
  );
});

Deno.test("the plan's apps move in stages though others of the stack change as well", async () => {
  const { engine, clock, swarm } = await whole();
  const others = { ...REST, db: { image: "db:2" } };
  const moved = target(engine, [[0, 0, 0], [2, 1, 0], [0, 0, 1]], "1", others, WHOLE);
  let fewest = Infinity;
  swarm.afterCall = () => fewest = Math.min(fewest, swarm.running("redis"));
  const report = await carryOut(engine, moved, clock);
  assert.ok(report.stages > 1);
  assert.equal(fewest, 2);
  assert.ok(whatRuns(swarm).includes("metis_db db:2 x1 metis"));
});

Deno.test("a service that fails though no plan names it takes everything back", async () => {
  const { swarm, engine, clock } = await whole();
  const before = whatRuns(swarm);
  swarm.taskState = ({ Spec }) =>
    Spec.TaskTemplate.ContainerSpec.Image === "agent:2"
      ? { State: "rejected", Err: "No such image: agent:2" }
      : null;
  const bad = { ...REST, agent: { image: "agent:2", deploy: { mode: "global" } } };
  await assert.rejects(
    carryOut(engine, target(engine, ROWS, "2", bad, WHOLE), clock),
    { name: "DeployError", message: /^metis_agent: No such image: agent:2; rolled back/ },
  );
  assert.deepEqual(whatRuns(swarm), before);
});

Deno.test("a global service that somebody removes on the way is missed, and made again", async () => {
  const { swarm, engine, clock } = await whole();
  const before = whatRuns(swarm);
  const newer = { ...REST, agent: { image: "agent:2", deploy: { mode: "global" } } };
  swarm.afterCall = (call) => {
    if (call !== "POST /services/{id}/update") return;
    for (const [id, { Spec }] of swarm.services) {
      if (Spec.Name === "metis_agent") swarm.services.delete(id);
    }
    swarm.afterCall = () => {};
  };
  await assert.rejects(
    carryOut(engine, target(engine, ROWS, "1", newer, WHOLE), clock),
    { message: /^metis_agent: somebody has removed it; rolled back/ },
  );
  assert.deepEqual(whatRuns(swarm), before);
});

Deno.test("status counts a container of a global service for each node that has one", async () => {
  const { swarm, engine } = await whole();
  const wanted = target(engine, ROWS, "1", REST, { ...WHOLE, evenUnavailable: true });
  const status = async () =>
    (await stackStatus(engine, "metis", wanted)).services
      .filter(({ node }) => node === null)
      .map(({ app, running, wanted, state }) => `${app} ${running}/${wanted} ${state}`);
  assert.deepEqual(await status(), [
    "agent 3/3 running",
    "db 1/1 running",
    "front 2/2 running",
    "migrate 1/1 running",
  ]);
  swarm.nodes[2]!.availability = "drain";
  assert.equal((await status())[0], "agent 2/2 running");
  assert.ok((await stackStatus(engine, "metis")).services.some(({ app }) => app === "agent"));
});

Deno.test("undeploy removes them, and replanning does not see them", async () => {
  const { swarm, engine, clock } = await whole();
  const { apps, demand } = await currentOfStack(engine, "metis");
  assert.deepEqual([apps, demand], [["isr", "mms", "redis"], [1, 1, 2]]);
  await carryOut(engine, nothing(), clock);
  assert.deepEqual(whatRuns(swarm), []);
});

Deno.test("a port of all nodes is refused where an app of the plan publishes it on one", async () => {
  const { engine, clock } = await whole({});
  const rest = { ...REST, isr: { ports: ["80:8080"] } };
  await assert.rejects(
    carryOut(engine, target(engine, ROWS, "1", rest, WHOLE), clock),
    new InputError("Port 80/tcp of all nodes is needed by metis_front and taken by metis_isr-n2"),
  );
});
