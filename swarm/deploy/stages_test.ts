import assert from "node:assert/strict";
import fc from "fast-check";
import { runs } from "../../tools/_full.ts";
import { APPS, carryOut, deployed, target } from "../testing/_deployments.ts";
import { realChanges } from "./changes.ts";
import { planDeployment } from "./deploy.ts";
import type { Stage } from "./stages.ts";

const NODES = ["n1", "n2", "n3"];
const SLOTS = 4;

/** A target of nodes with so many slots. */
function onSlots(engine: Parameters<typeof target>[0], rows: readonly (readonly number[])[]) {
  return target(engine, rows, "1", {}, {
    problem: {
      apps: APPS,
      cluster: {
        nodeClasses: [{ name: "node", capacity: SLOTS, count: 3, labels: {}, failureDomain: null }],
      },
      demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
      rules: { maxPerNode: [null, null, null], apart: [], fencedNodes: [] },
    },
  });
}

/** Containers of each app on each node once a stage is done. */
function countsAfter({ services }: Stage): number[][] {
  return NODES.map((node) =>
    APPS.map((app) =>
      services.filter((one) => one.app === app && one.node === node)
        .reduce((sum, { replicas }) => sum + replicas, 0)
    )
  );
}

const total = (rows: readonly (readonly number[])[], app: number) =>
  rows.reduce((sum, row) => sum + row[app]!, 0);

Deno.test("while a stage is under way no node holds more than its slots, and no app falls below its floor", async () => {
  // One slot of each node is free before and after: nothing has to stop first.
  const row = fc.array(fc.nat(3), { minLength: 3, maxLength: 3 })
    .filter((counts) => counts.reduce((sum, count) => sum + count, 0) < SLOTS);
  const rows = fc.array(row, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 3 }), async (old, next, most) => {
      const { swarm, clock } = await deployed([]);
      await carryOut(swarm.client(), onSlots(swarm.client(), old), clock);
      const plan = onSlots(swarm.client(), next);
      const { stages } = await planDeployment(swarm.client(), plan, { parallelism: most });
      let before = old;
      for (const stage of stages) {
        const after = countsAfter(stage);
        // What stops may be gone, and what starts not there yet; or the other way round.
        NODES.forEach((_, node) => {
          const held = APPS.map((_, app) => Math.max(before[node]![app]!, after[node]![app]!));
          assert.ok(held.reduce((sum, count) => sum + count, 0) <= SLOTS, "slots");
        });
        APPS.forEach((_, app) => {
          const least = NODES.map((_, node) => [Math.min(before[node]![app]!, after[node]![app]!)]);
          assert.ok(
            total(least, 0) >= Math.min(total(old, app), total(next, app)),
            `${APPS[app]} of ${JSON.stringify(old)} to ${JSON.stringify(next)}`,
          );
        });
        before = after;
      }
      assert.deepEqual(before, next);
    }),
    { numRuns: runs(30, 300) },
  );
});

Deno.test("what starts already is waited for before what it replaces stops", async () => {
  const { swarm } = await deployed([[1, 0, 0], [1, 0, 0]]);
  swarm.taskState = ({ Spec }) => Spec.Name === "metis_redis-n2" ? { State: "starting" } : null;
  const plan = target(swarm.client(), [[0, 0, 0], [1, 0, 0]]);
  const { stages } = await planDeployment(swarm.client(), plan, { parallelism: 1 });
  assert.deepEqual(stages.map(({ changes }) => realChanges(changes).map(({ kind }) => kind)), [
    [],
    ["remove"],
  ]);
  assert.deepEqual([...stages[0]!.waits], ["redis@n2"]);
});

Deno.test("what only grows, only shrinks, or starts from nothing is one stage", async () => {
  for (
    const [old, next] of [[[], [[3, 1, 0]]], [[[1, 1, 0]], [[3, 1, 2]]], [[[3, 1, 1]], [[1, 0, 1]]]]
  ) {
    const { swarm } = await deployed(old!);
    const plan = target(swarm.client(), next!);
    const { stages } = await planDeployment(swarm.client(), plan, { parallelism: 1 });
    assert.equal(stages.length, 1);
  }
});

Deno.test("apps that publish the same port do not meet on a node on their way", async () => {
  const more = { redis: { ports: ["80:80"] }, isr: { ports: ["80:81"] } };
  const { swarm, clock } = await deployed([]);
  const engine = swarm.client();
  await carryOut(engine, target(engine, [[1, 0, 0], [0, 1, 0], [0, 0, 0]], "1", more), clock);
  const plan = target(engine, [[0, 1, 0], [1, 0, 0], [0, 0, 0]], "1", more);
  const { stages } = await planDeployment(engine, plan, { parallelism: 4 });
  let held = [[1, 0], [0, 1], [0, 0]];
  for (const stage of stages) {
    const next = countsAfter(stage);
    // One of the two waits on the third node.
    held.forEach(([redis, isr], node) => {
      const both = Math.max(redis!, next[node]![0]!) + Math.max(isr!, next[node]![1]!);
      assert.ok(both <= 1, JSON.stringify(stages.map(countsAfter)));
    });
    held = next.map((row) => row.slice(0, 2));
  }
  assert.deepEqual(held, [[0, 1], [1, 0], [0, 0]]);
});

Deno.test("containers that are asked to keep running do, or nothing is changed: alone with a new image, or where there are no stages", async () => {
  const keep = { parallelism: 1, keepRunning: { count: 1 } };
  const { swarm } = await deployed([[1, 2, 0], [0, 2, 0]]);
  const engine = swarm.client();
  // Two containers cannot hold one port of a node: the new one cannot start first.
  const ports = [{ target: 80, published: 8080 }];
  const renewed = target(engine, [[1, 2, 0], [0, 2, 0]], "2", { redis: { ports } });
  await planDeployment(engine, renewed, { parallelism: 1 });
  await assert.rejects(
    planDeployment(engine, renewed, keep),
    /Cannot keep 1 of 1 container of redis running/,
  );
  const { ground: _, ...atOnce } = target(engine, [[0, 2, 0], [1, 2, 0]]);
  await planDeployment(engine, atOnce, { parallelism: 1 });
  await assert.rejects(
    planDeployment(engine, atOnce, keep),
    /Cannot keep 1 of 1 container of redis running/,
  );
  const { ground: __, ...grown } = target(engine, [[1, 2, 0], [1, 3, 0]]);
  assert.equal((await planDeployment(engine, grown, keep)).stages.length, 1);
});
