import assert from "node:assert/strict";
import { runs } from "../../tools/_full.ts";
import { APPS, carryOut, deployed, target } from "../testing/_deployments.ts";
import type { FakeSwarm } from "../testing/_fake_engine.ts";
import { currentOfStack } from "./stack.ts";

Deno.test("more containers of an app on a node than a placement can count are refused, not taken for few", async () => {
  const { swarm, clock } = await deployed([]);
  const engine = swarm.client();
  await carryOut(engine, target(engine, [[255, 0, 0]]), clock);
  const most = await currentOfStack(engine, "metis", { slots: 255 });
  assert.deepEqual([...most.placement.counts].filter((count) => count > 0), [255]);
  [...swarm.services.values()][0]!.Spec.Mode.Replicated.Replicas = 257;
  await assert.rejects(
    currentOfStack(engine, "metis", { slots: 255 }),
    /redis has 257 containers on n1: Metis counts up to 255/,
  );
});

Deno.test("a deployment that is killed between two changes, of one stage or several, leaves the demand that it was to reach", async () => {
  const [before, after] = [[[2, 1, 0], [0, 2, 1]], [[0, 2, 1], [2, 1, 0]]];
  const wanted = Object.fromEntries(
    APPS.map((app, index) => [app, after.reduce((sum, row) => sum + row[index]!, 0)]),
  );
  for (const hasStages of [false, true]) {
    const plan = (engine: ReturnType<FakeSwarm["client"]>) => {
      const { ground, ...plain } = target(engine, after);
      return hasStages ? { ...plain, ...(ground === undefined ? {} : { ground }) } : plain;
    };
    const clean = await deployed(before);
    await carryOut(clean.swarm.client(), plan(clean.swarm.client()), clean.clock);
    for (let at = 0; at < clean.swarm.calls.length; at += runs(3, 1)) {
      const { swarm, clock } = await deployed(before);
      await carryOut(swarm.client(at), plan(swarm.client()), clock).catch(() => {});
      const { apps, demand } = await currentOfStack(swarm.client(), "metis", { slots: 8 });
      assert.deepEqual(
        Object.fromEntries(apps.map((app, index) => [app, demand[index]])),
        wanted,
        `killed after ${at} calls`,
      );
    }
  }
});
