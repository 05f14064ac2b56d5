import assert from "node:assert/strict";
import { carryOut, deployed, silent, target, whatRuns } from "../testing/_deployments.ts";

const NEW = [[1, 1, 0], [0, 2, 4], [2, 0, 1]];

Deno.test("an image that neither the manager nor its registry has is refused before anything is changed", async () => {
  const { swarm, clock } = await deployed([[2, 1, 0], [1, 0, 3]]);
  const before = whatRuns(swarm);
  swarm.localImages = new Set(["redis:2"]);
  swarm.registry = (image) => image === "isr:2" ? 200 : 404;
  swarm.calls.length = 0;
  await assert.rejects(
    carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock),
    /Neither its registry nor this manager has the image mms:2 of mms: push it, correct its name/,
  );
  assert.deepEqual(whatRuns(swarm), before);
  assert.ok(!swarm.calls.some((call) => /services\/(create|\{id\})/.test(call)), `${swarm.calls}`);
  const asked = swarm.calls.filter((call) => call === "GET /distribution/{name}/json");
  assert.equal(asked.length, 2);
  const forced = { checksImages: false };
  await carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock, forced);
  assert.ok(whatRuns(swarm).every((line) => / (redis|isr|mms):2 /.test(line)));
});

Deno.test("where nobody can tell whether there is an image, that is said and Swarm finds out", async () => {
  for (const status of [401, 403, 500, 503]) {
    const { swarm, clock } = await deployed([]);
    swarm.localImages = new Set(["redis:1", "isr:1"]);
    swarm.registry = () => status;
    const reporter = silent();
    await carryOut(swarm.client(), target(swarm.client(), NEW), clock, {}, reporter);
    const told = reporter.told.filter((text) => text.includes("Metis could not check"));
    assert.equal(told.length, 1);
    assert.match(told[0]!, /the image mms:1 \(registry: \d+\): nodes must have it/);
  }
});

Deno.test("images of services that stay as they are are not looked for", async () => {
  const { swarm, clock } = await deployed(NEW);
  swarm.localImages = new Set();
  swarm.registry = () => 404;
  swarm.calls.length = 0;
  await carryOut(swarm.client(), target(swarm.client(), NEW), clock);
  await carryOut(swarm.client(), target(swarm.client(), [[2, 1, 0], [0, 1, 4], [2, 0, 1]]), clock);
  assert.ok(!swarm.calls.includes("GET /images/json"), `${swarm.calls}`);
});
