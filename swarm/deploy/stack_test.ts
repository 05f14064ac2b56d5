import assert from "node:assert/strict";
import { carryOut, deployed, target } from "../testing/_deployments.ts";
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
