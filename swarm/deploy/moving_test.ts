/**
 * Containers of a stack that runs already move in stages: whatever is cut off, fails or is killed on the way, as many of
 * each app keep running as are to.
 */
import assert from "node:assert/strict";
import { MetisError } from "../../domain/errors.ts";
import { runs } from "../../tools/_full.ts";
import { APPS, carryOut, deployed, silent, target, whatRuns } from "../testing/_deployments.ts";
import type { Fault } from "../testing/_fake_engine.ts";
import { realChanges } from "./changes.ts";
import { planDeployment } from "./deploy.ts";

/** Every container of redis and isr moves, one of mms stays. */
const OLD = [[2, 1, 0], [0, 2, 1], [0, 0, 0]];
const NEW = [[0, 0, 0], [1, 1, 1], [1, 2, 0]];

/** A Swarm where containers take two seconds to start, and the fewest of each app that ran since. */
async function slowly(rows: readonly (readonly number[])[]) {
  const { swarm, clock } = await deployed(rows);
  swarm.now = () => clock.now();
  swarm.startMs = 2000;
  const fewest = APPS.map((app) => swarm.running(app));
  const look = () =>
    APPS.forEach((app, at) => fewest[at] = Math.min(fewest[at]!, swarm.running(app)));
  swarm.afterCall = look;
  return { swarm, clock, fewest, look };
}

Deno.test("containers start where they go, run, and only then stop where they were", async () => {
  const { swarm, clock, fewest } = await slowly(OLD);
  const reporter = silent();
  await carryOut(swarm.client(), target(swarm.client(), NEW), clock, {}, reporter);
  assert.deepEqual(fewest, [2, 3, 1]);
  assert.match(reporter.told.join("\n"), /stage 2 of \d/);
  const after = await deployed(NEW);
  assert.deepEqual(whatRuns(swarm), whatRuns(after.swarm));
});

Deno.test("without room for both, the fewest stop first and the others keep running", async () => {
  const { swarm, clock, fewest } = await slowly([[2, 0, 0], [0, 2, 0]]);
  const engine = swarm.client();
  const full = (rows: number[][]) =>
    target(engine, rows, "1", {}, {
      problem: {
        apps: APPS,
        cluster: { nodeClasses: [{ ...NODE, count: 2, capacity: 2 }] },
        demand: [2, 2, 0],
        rules: { maxPerNode: [null, null, null], apart: [], fencedNodes: [] },
      },
    });
  await carryOut(engine, full([[0, 2, 0], [2, 0, 0]]), clock);
  assert.equal(Math.min(fewest[0]!, fewest[1]!), 1);
  await assert.rejects(
    carryOut(engine, full([[2, 0, 0], [0, 2, 0]]), clock, { keepRunning: { share: 1 } }),
    /No order found keeps 2 of 2 containers of \w+ running/,
  );
});

const NODE = { name: "node", labels: {}, failureDomain: null };

Deno.test("a new image comes to as many at once as leave something running, and moves come after it", async () => {
  const { swarm, clock, fewest } = await slowly([[2, 1, 0], [1, 2, 1], [0, 0, 0]]);
  const plan = target(swarm.client(), [[0, 0, 1], [2, 1, 0], [1, 2, 0]], "2");
  await carryOut(swarm.client(), plan, clock, { keepRunning: { count: 1 } });
  assert.deepEqual(fewest, [2, 2, 1]);
  assert.ok(whatRuns(swarm).every((line) => line.includes(":2 ")));
});

Deno.test("what is shown beforehand is what is done, stage by stage", async () => {
  const { swarm, clock } = await slowly(OLD);
  const engine = swarm.client();
  const { stages } = await planDeployment(engine, target(engine, NEW, "2"), { parallelism: 2 });
  const shown = stages.map(({ changes }) =>
    realChanges(changes).map((change) =>
      `${change.kind} ${change.kind === "create" ? change.to.name : change.from.name} ${
        change.kind === "remove" ? 0 : change.to.replicas
      }`
    )
  );
  const done: string[][] = [];
  const reporter = {
    ...silent(),
    note: (text: string) => {
      if (text.startsWith("stage ")) done.push([]);
    },
    change: (change: Parameters<ReturnType<typeof silent>["change"]>[0]) => {
      done.at(-1)!.push(
        `${change.kind} ${change.kind === "create" ? change.to.name : change.from.name} ${
          change.kind === "remove" ? 0 : change.to.replicas
        }`,
      );
    },
  };
  await carryOut(engine, target(engine, NEW, "2"), clock, {}, reporter);
  assert.ok(shown.length > 3);
  assert.deepEqual(done.map((stage) => stage.sort()), shown.map((stage) => stage.sort()));
});

Deno.test("a container that cannot start where it goes stops the move, and all go back", async () => {
  const { swarm, clock, fewest } = await slowly(OLD);
  const before = whatRuns(swarm);
  swarm.taskState = ({ Spec }) =>
    Spec.Name === "metis_isr-n3" ? { State: "rejected", Err: "No such image: isr:1" } : null;
  const moving = carryOut(swarm.client(), target(swarm.client(), NEW), clock, { parallelism: 1 });
  await assert.rejects(moving, (error: MetisError) => {
    assert.equal(error.exitCode, 3);
    assert.match(error.message, /metis_isr-n3 on n3: No such image.*rolled back/);
    return true;
  });
  assert.deepEqual(whatRuns(swarm), before);
  assert.deepEqual(fewest, [2, 3, 1]);
});

Deno.test("who loses the lock on the way takes nothing back: the stack is another's", async () => {
  const { swarm, clock } = await slowly(OLD);
  let seen: string[] = [];
  swarm.afterCall = (call) => {
    if (call !== "POST /services/create" || seen.length > 0) return;
    swarm.configs.delete("metis-lock-metis");
    seen = ["lost"];
  };
  await assert.rejects(
    carryOut(swarm.client(), target(swarm.client(), NEW), clock, { parallelism: 1 }),
    (error: MetisError) => {
      assert.equal(error.exitCode, 5);
      assert.match(error.message, /lock of the stack was lost.*another deployment owns the stack/);
      return true;
    },
  );
  const calls = swarm.calls.filter((call) => call === "DELETE /services/{id}");
  assert.deepEqual(calls, [], "nothing was taken back");
});

Deno.test("a way back that a call refuses ends there, and what answers goes on answering", async () => {
  const { swarm, clock, fewest } = await slowly(OLD);
  // Nothing can start again where it has stopped.
  swarm.interfere = (call) =>
    call === "POST /services/create" && swarm.calls.includes("DELETE /services/{id}")
      ? "refused"
      : null;
  const moving = carryOut(swarm.client(), target(swarm.client(), NEW), clock, { parallelism: 1 });
  await assert.rejects(moving, (error: MetisError) => {
    assert.equal(error.exitCode, 5);
    assert.match(error.message, /refused POST.*rollback failed as well: .*refused POST.*by hand/);
    return true;
  });
  swarm.interfere = () => null;
  await carryOut(swarm.client(), target(swarm.client(), NEW), clock);
  assert.deepEqual(whatRuns(swarm), whatRuns((await deployed(NEW)).swarm));
  assert.deepEqual(fewest, [2, 3, 1]);
});

Deno.test("killed at any call, a second run ends the move, and no app ever lacks a container", async () => {
  const clean = await slowly(OLD);
  await carryOut(clean.swarm.client(), target(clean.swarm.client(), NEW), clean.clock, {
    parallelism: 1,
  });
  const after = whatRuns(clean.swarm);
  const calls = clean.swarm.calls.length;
  assert.ok(calls > 40);
  for (let at = 0; at < calls; at += runs(5, 1)) {
    const { swarm, clock, fewest } = await slowly(OLD);
    const plan = (engine = swarm.client()) => target(engine, NEW);
    await carryOut(swarm.client(at), plan(), clock, { parallelism: 1 }).catch(() => {});
    await carryOut(swarm.client(), plan(), clock, { parallelism: 1 });
    assert.deepEqual(whatRuns(swarm), after, `killed after ${at} calls`);
    assert.deepEqual(fewest, [2, 3, 1], `killed after ${at} calls`);
    assert.equal(swarm.configs.size, 0);
  }
});

Deno.test("whatever fails at whichever call of a move, no app ever lacks a container", async () => {
  const faults: readonly Fault[] = ["refused", "cut-before", "cut-after", "no-leader", "garbage"];
  const clean = await slowly(OLD);
  const way = { parallelism: 1 };
  await carryOut(clean.swarm.client(), target(clean.swarm.client(), NEW), clean.clock, way);
  const after = whatRuns(clean.swarm);
  const before = whatRuns((await slowly(OLD)).swarm);
  const counts = Map.groupBy(clean.swarm.calls, (call) => call);
  for (
    const call of [
      "GET /services",
      "GET /tasks",
      "POST /services/{id}/update",
      "POST /services/create",
      "DELETE /services/{id}",
    ]
  ) {
    const times = counts.get(call)?.length ?? 0;
    assert.ok(times > 1, call);
    for (let from = 1; from <= times; from += runs(Math.max(1, Math.ceil(times / 3)), 1)) {
      for (const fault of faults) {
        const { swarm, clock, fewest } = await slowly(OLD);
        swarm.script = [{ call, from, fault }];
        const name = `${fault} at ${call} ${from} of ${times}`;
        const end = await carryOut(swarm.client(), target(swarm.client(), NEW), clock, way)
          .then(() => 0, (error) => error instanceof MetisError ? error.exitCode : -1);
        assert.equal(swarm.fired, 1, `void: ${name}`);
        assert.ok([0, 1, 3].includes(end), `${name}: ${end}`);
        assert.deepEqual(whatRuns(swarm), end === 0 ? after : before, name);
        swarm.script = [];
        await carryOut(swarm.client(), target(swarm.client(), NEW), clock, way);
        assert.deepEqual(whatRuns(swarm), after, name);
        assert.deepEqual(fewest, [2, 3, 1], name);
      }
    }
  }
});
