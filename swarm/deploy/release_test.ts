import assert from "node:assert/strict";
import { uniformCluster } from "../../domain/mod.ts";
import { SPEC_LABEL } from "../services/spec.ts";
import { jumpingClock } from "../testing/_clock.ts";
import { APPS, carryOut, silent, target, whatRuns } from "../testing/_deployments.ts";
import { FakeSwarm } from "../testing/_fake_engine.ts";

/** Three containers of redis on three nodes, in a service each, and two in one service where a test asks for it. */
const ROWS = [[1, 0, 0], [1, 0, 0], [1, 0, 0]];

/** A Swarm that runs version 1, on nodes of so many slots. */
async function running(rows: readonly (readonly number[])[], slots: number, options: object = {}) {
  const swarm = new FakeSwarm();
  const clock = jumpingClock(() => swarm.inFlight > 0);
  swarm.now = clock.now;
  swarm.startMs = 500;
  const request = {
    problem: {
      apps: APPS,
      cluster: uniformCluster(3, slots),
      demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
      rules: { maxPerNode: [null, null, null], apart: [], fencedNodes: [] },
    },
  };
  const engine = swarm.client();
  const version = (image: string, deploy: object, more: object = {}) =>
    target(engine, rows, image, { redis: { deploy, ...more } }, request);
  await carryOut(engine, version("1", {}), clock, options);
  /** When the services of version 2 were sent, and how they are updated. */
  const sent: { readonly at: number; readonly service: string; readonly update: object }[] = [];
  const seen = new Set<string>();
  swarm.afterCall = (call) => {
    if (call !== "POST /services/{id}/update") return;
    for (const { ID, Spec } of swarm.services.values()) {
      if (Spec.TaskTemplate.ContainerSpec.Image !== "redis:2" || seen.has(ID)) continue;
      seen.add(ID);
      sent.push({ at: clock.now(), service: Spec.Name, update: Spec.UpdateConfig });
    }
  };
  return { swarm, clock, engine, version, sent };
}

const names = (sent: readonly { readonly service: string }[]) => sent.map(({ service }) => service);

Deno.test("update_config holds over the services of an app: one container after the other, with its delay", async () => {
  const { swarm, clock, engine, version, sent } = await running(ROWS, 8);
  let fewest = Infinity;
  const count = swarm.afterCall;
  swarm.afterCall = (call) => {
    count(call);
    fewest = Math.min(fewest, swarm.running("redis"));
  };
  const release = { update_config: { parallelism: 1, delay: "20s", monitor: "3s" } };
  const report = await carryOut(engine, version("2", release), clock);
  assert.equal(report.stages, 3);
  assert.equal(fewest, 2);
  assert.deepEqual(names(sent), ["metis_redis-n1", "metis_redis-n2", "metis_redis-n3"]);
  // Half a second to start, 3 s to keep running, 20 s of delay.
  for (const [at, one] of sent.entries()) {
    if (at > 0) assert.ok(one.at - sent[at - 1]!.at >= 23_500, `${one.at - sent[at - 1]!.at}`);
  }
});

Deno.test("parallelism counts containers, of several services or of one, but never all of them", async () => {
  for (
    const [parallelism, stages, perService] of [[1, 2, 1], [2, 1, 1], [4, 1, 2], [6, 1, 2], [
      0,
      2,
      0,
    ]] as const
  ) {
    const { clock, engine, version, sent } = await running([[3, 0, 0], [3, 0, 0], [0, 0, 0]], 8);
    const release = { update_config: { parallelism, max_failure_ratio: 0 } };
    const report = await carryOut(engine, version("2", release), clock);
    const updates = sent.map(({ update }) => (update as { Parallelism: number }).Parallelism);
    assert.deepEqual([report.stages, updates], [stages, [perService, perService]]);
  }
});

Deno.test("new containers start first where their node has room, and else second", async () => {
  const release = { update_config: { order: "start-first" } };
  for (
    const [slots, more, order] of [
      [2, {}, "start-first"],
      [1, {}, "stop-first"],
      // Two containers cannot hold one port of a node.
      [2, { ports: [{ target: 80, published: 8080 }] }, "stop-first"],
    ] as const
  ) {
    const { clock, engine, version, sent } = await running(ROWS, slots);
    await carryOut(engine, version("2", release, more), clock);
    const orders = sent.map(({ update }) => (update as { Order: string }).Order);
    assert.deepEqual(orders, [order, order, order]);
  }
});

Deno.test("one container alone is kept running where there is room for a second, and else refused", async () => {
  for (const slots of [2, 1]) {
    const { clock, engine, version, sent } = await running(
      [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
      slots,
    );
    const done = carryOut(engine, version("2", {}), clock, { keepRunning: { count: 1 } });
    if (slots === 1) {
      await assert.rejects(done, /^InfeasibleError: Cannot keep 1 of 1 container of redis running/);
      continue;
    }
    await done;
    assert.equal((sent[0]!.update as { Order: string }).Order, "start-first");
  }
});

/** Containers of version 2 that fail, on these nodes. */
function failing(swarm: FakeSwarm, nodes: readonly string[]): void {
  swarm.taskState = ({ Spec }) =>
    Spec.TaskTemplate.ContainerSpec.Image === "redis:2" &&
      nodes.some((node) => Spec.Name === `metis_redis-${node}`)
      ? { State: "failed", Err: "task: non-zero exit (1)" }
      : null;
}

Deno.test("the first failing container stops a release, and what has not changed goes on", async () => {
  for (
    const [action, left, message] of [
      [{}, "1", /^metis_redis-n1 on n1: task: non-zero exit \(1\); rolled back 1 changes/],
      [
        { failure_action: "rollback" },
        "1",
        /^metis_redis-n1 on n1: task: non-zero exit \(1\); rolled back 1 changes/,
      ],
      [
        { failure_action: "pause" },
        "2",
        /; 1 of 3 changes were made and are kept \(failure_action: pause\)/,
      ],
    ] as const
  ) {
    const { swarm, clock, engine, version, sent } = await running(ROWS, 8);
    failing(swarm, ["n1"]);
    await assert.rejects(
      carryOut(engine, version("2", { update_config: { parallelism: 1, ...action } }), clock),
      { name: "DeployError", message },
    );
    assert.deepEqual(names(sent), ["metis_redis-n1"]);
    assert.equal((sent[0]!.update as { FailureAction: string }).FailureAction, "pause");
    assert.deepEqual(whatRuns(swarm), [
      `metis_redis-n1 redis:${left} x1 metis`,
      "metis_redis-n2 redis:1 x1 metis",
      "metis_redis-n3 redis:1 x1 metis",
    ]);
  }
});

Deno.test("as many may fail as max_failure_ratio says, over all services of the app", async () => {
  const release = { update_config: { parallelism: 1, max_failure_ratio: 0.4 } };
  // 0.4 of three containers is one: the second ends it.
  const one = await running(ROWS, 8);
  failing(one.swarm, ["n1"]);
  await assert.rejects(
    carryOut(one.engine, one.version("2", release), one.clock),
    { name: "DeployError", message: /^Timed out after 60 s: .*waiting for metis_redis-n1/ },
  );
  assert.equal(one.sent.length, 3);
  const two = await running(ROWS, 8);
  failing(two.swarm, ["n1", "n2"]);
  await assert.rejects(
    carryOut(two.engine, two.version("2", release), two.clock),
    { name: "DeployError", message: /^metis_redis-n2 on n2: .*rolled back 2 changes/ },
  );
  assert.equal(two.sent.length, 2);
});

Deno.test("a release that was left halfway goes on with the same command, also within one service", async () => {
  const { swarm, clock, engine, version } = await running([[3, 0, 0], [0, 0, 0], [0, 0, 0]], 8);
  const release = { update_config: { parallelism: 1, failure_action: "pause" } };
  failing(swarm, ["n1"]);
  await assert.rejects(carryOut(engine, version("2", release), clock), {
    message: /kept \(failure_action: pause\)/,
  });
  // What failed can run now, but Swarm goes on with nothing that it gave up.
  swarm.taskState = () => null;
  await clock.sleep(60_000);
  const kinds = async () =>
    new Set((await engine.tasks()).map(({ Spec }) => Spec.ContainerSpec?.Labels?.[SPEC_LABEL]))
      .size;
  assert.equal(await kinds(), 2);
  await carryOut(engine, version("2", release), clock);
  assert.equal(await kinds(), 1);
  const again = await carryOut(engine, version("2", release), clock);
  assert.ok(again.changes.every(({ kind }) => kind === "keep"));
});

Deno.test("a way back does not go on with an update that Swarm paused", async () => {
  const { swarm, clock, engine, version } = await running(ROWS, 8);
  failing(swarm, ["n2"]);
  const changed: string[] = [];
  const count = swarm.afterCall;
  swarm.afterCall = (call) => {
    const before = new Map(changed.map((line) => [line.split(" ")[0], line]));
    count(call);
    if (call !== "POST /services/{id}/update") return;
    for (const { Spec, Version } of swarm.services.values()) {
      const line = `${Spec.Name} ${Version.Index} ${Spec.TaskTemplate.ContainerSpec.Image}`;
      if (before.get(Spec.Name) !== line) changed.push(line);
    }
  };
  const update_config = { parallelism: 1, order: "start-first" };
  const release = { update_config, rollback_config: update_config };
  await assert.rejects(carryOut(engine, version("2", release), clock), { exitCode: 3 });
  const ofSecond = changed.filter((line) => line.startsWith("metis_redis-n2"));
  assert.deepEqual(ofSecond.map((line) => line.split(" ")[2]), ["redis:1", "redis:2", "redis:1"]);
});

Deno.test("until what is down is up again, nothing of its app that answers changes", async () => {
  const { swarm, clock, engine, version, sent } = await running(
    [[1, 0, 0], [2, 0, 0], [0, 0, 0]],
    8,
  );
  let fewest = Infinity;
  const count = swarm.afterCall;
  swarm.afterCall = (call) => {
    count(call);
    fewest = Math.min(fewest, swarm.running("redis"));
  };
  // The two of one service are down, the other one answers.
  swarm.taskState = ({ Spec }) =>
    Spec.Name === "metis_redis-n2" && Spec.TaskTemplate.ContainerSpec.Image === "redis:1"
      ? { State: "failed", Err: "task: non-zero exit (1)" }
      : null;
  await carryOut(engine, version("2", {}), clock);
  assert.deepEqual(names(sent), ["metis_redis-n2", "metis_redis-n1"]);
  assert.equal(fewest, 1);
});

Deno.test("failure_action: continue goes through all of the app, whatever fails, and ends with the time-out", async () => {
  const { swarm, clock, engine, version, sent } = await running(ROWS, 8);
  failing(swarm, ["n1", "n2", "n3"]);
  const release = { update_config: { parallelism: 1, failure_action: "continue" } };
  await assert.rejects(carryOut(engine, version("2", release), clock), { message: /^Timed out/ });
  assert.equal(sent.length, 3);
});

Deno.test("rollback_config says how a release is taken back", async () => {
  const { swarm, clock, engine, version } = await running(ROWS, 8);
  failing(swarm, ["n3"]);
  const back: number[] = [];
  const count = swarm.afterCall;
  swarm.afterCall = (call) => {
    count(call);
    if (call === "POST /services/{id}/update") back.push(clock.now());
  };
  const deploy = {
    update_config: { parallelism: 2 },
    rollback_config: { parallelism: 1, order: "start-first" },
  };
  const reporter = silent();
  await assert.rejects(
    carryOut(engine, version("2", deploy), clock, {}, reporter),
    /rolled back 3/,
  );
  const { Spec } = [...swarm.services.values()].find(({ Spec }) => Spec.Name === "metis_redis-n2")!;
  assert.deepEqual(Spec.UpdateConfig, {
    Parallelism: 1,
    FailureAction: "pause",
    Order: "start-first",
  });
  // The one that fails is down already: until it is back, none that answers changes.
  assert.equal(new Set(back.slice(-3)).size, 3);
});
