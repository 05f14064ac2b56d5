/**
 * Nodes that are lost on the way: what they carry is undone, all else goes on, and of no app fewer answer than do already.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MetisError, uniformCluster } from "../../domain/mod.ts";
import { runs } from "../../tools/_full.ts";
import { APPS, carryOut, deployed, target, whatRuns } from "../testing/_deployments.ts";
import type { FakeSwarm } from "../testing/_fake_engine.ts";
import { withStandIns } from "./stand_ins.ts";

type Rows = readonly (readonly number[])[];

/** A Swarm on which containers take two seconds to start, and the fewest of each app that ran since. */
async function slowly(rows: Rows) {
  const { swarm, clock } = await deployed(rows);
  swarm.now = () => clock.now();
  swarm.startMs = 2000;
  const fewest = APPS.map((app) => swarm.running(app));
  const look = () =>
    APPS.forEach((app, at) => fewest[at] = Math.min(fewest[at]!, swarm.running(app)));
  swarm.afterCall = look;
  return { swarm, clock, fewest, look };
}

/** A plan on nodes of so many slots. */
function plan(swarm: FakeSwarm, rows: Rows, slots: number, fencedNodes: readonly number[] = []) {
  return target(swarm.client(), rows, "1", {}, {
    problem: {
      apps: APPS,
      cluster: uniformCluster(rows.length, slots),
      demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
      rules: { maxPerNode: [null, null, null], apart: [], fencedNodes },
    },
  });
}

/** The node goes when a service of this name is made. */
function loseWhen(swarm: FakeSwarm, node: string, name: string, look: () => void): void {
  let gone = false;
  swarm.afterCall = () => {
    if (!gone && [...swarm.services.values()].some(({ Spec }) => Spec.Name === name)) {
      gone = true;
      swarm.nodes.find((one) => one.name === node)!.state = "down";
    }
    look();
  };
}

async function failure(work: Promise<unknown>): Promise<MetisError> {
  const error = await work.then(() => null, (reason) => reason);
  assert.ok(error instanceof MetisError, `${error}`);
  return error;
}

/** Containers of each app by node, as "redis-n1 2". */
const counts = (swarm: FakeSwarm) =>
  whatRuns(swarm).map((line) => line.replace(/^metis_(\S+) \S+ x(\d+) .*/, "$1 $2"));

Deno.test("what should have moved to a lost node stays where it is, other moves are made", async () => {
  const { swarm, clock, fewest, look } = await slowly([[2, 1, 0], [0, 0, 0], [0, 0, 1]]);
  const wanted = () => target(swarm.client(), [[0, 0, 1], [2, 0, 0], [0, 1, 0]]);
  loseWhen(swarm, "n2", "metis_redis-n2", look);
  const error = await failure(carryOut(swarm.client(), wanted(), clock));
  assert.equal(error.exitCode, 5);
  assert.match(
    error.message,
    /node n2 is down; .*, with 2 containers kept elsewhere instead: run/,
  );
  assert.deepEqual(counts(swarm), ["isr-n3 1", "mms-n1 1", "redis-n1 2"]);
  assert.deepEqual(fewest, [2, 1, 1]);
  // How many there should be in the end is still known: nobody replans for what happens to be there.
  assert.deepEqual([...swarm.configs.keys()], ["metis-goal-metis"]);
  swarm.nodes[1]!.state = "ready";
  await carryOut(swarm.client(), wanted(), clock);
  assert.deepEqual(counts(swarm), ["isr-n3 1", "mms-n1 1", "redis-n2 2"]);
  assert.deepEqual(fewest, [2, 1, 1]);
  assert.equal(swarm.configs.size, 0);
});

Deno.test("what leaves a lost node has left it: nothing of it comes back with the node", async () => {
  const { swarm, clock, look } = await slowly([[0, 0, 0], [2, 1, 0], [0, 0, 1]]);
  loseWhen(swarm, "n2", "metis_redis-n1", look);
  await carryOut(swarm.client(), target(swarm.client(), [[2, 1, 0], [0, 0, 0], [0, 0, 1]]), clock);
  assert.deepEqual(counts(swarm), ["isr-n1 1", "mms-n3 1", "redis-n1 2"]);
});

Deno.test("containers stay on a node that is emptied, where the one that they go to is lost", async () => {
  const { swarm, clock, fewest, look } = await slowly([[2, 1, 0], [0, 0, 0], [0, 0, 1]]);
  loseWhen(swarm, "n2", "metis_redis-n2", look);
  const emptied = plan(swarm, [[0, 0, 0], [2, 0, 0], [0, 1, 1]], 8, [0]);
  assert.match(
    (await failure(carryOut(swarm.client(), emptied, clock))).message,
    /2 containers kept/,
  );
  assert.deepEqual(counts(swarm), ["isr-n3 1", "mms-n3 1", "redis-n1 2"]);
  assert.deepEqual(fewest, [2, 1, 1]);
});

Deno.test("without room for what would have to stay, all stays as it is at that moment", async () => {
  const { swarm, clock, fewest, look } = await slowly([[2, 0, 0], [0, 2, 0], [0, 0, 0]]);
  // isr goes to n3, and redis, with one slot too few, where isr was.
  const wanted = plan(swarm, [[0, 0, 0], [2, 0, 0], [0, 2, 0]], 2);
  loseWhen(swarm, "n3", "metis_isr-n3", look);
  const error = await failure(carryOut(swarm.client(), wanted, clock));
  assert.equal(error.exitCode, 5);
  assert.match(
    error.message,
    /no room for what would have to stay .*: nothing more was changed after 1 change, run/,
  );
  assert.deepEqual(fewest, [2, 2, 0]);
});

Deno.test("nodes that are lost one after the other are gone on without, one after the other", async () => {
  const { swarm, clock } = await slowly([[1, 1, 1], [1, 1, 1], [1, 1, 1]]);
  const release = { deploy: { update_config: { parallelism: 1, delay: "5s" } } };
  const wanted = () =>
    target(swarm.client(), [[1, 1, 1], [1, 1, 1], [1, 1, 1]], "2", {
      redis: release,
      isr: release,
      mms: release,
    });
  let updates = 0;
  swarm.afterCall = (call) => {
    if (!call.endsWith("{id}/update")) return;
    updates++;
    if (updates === 2) swarm.nodes[1]!.state = "down";
    if (updates === 6) swarm.nodes[2]!.state = "down";
  };
  const error = await failure(carryOut(swarm.client(), wanted(), clock));
  assert.match(error.message, /what n2, n3 was to carry is as before, all else is as planned/);
  const version = (node: string, tag: string) =>
    whatRuns(swarm).filter((line) => line.includes(`-${node} `) && line.includes(`:${tag} `))
      .length;
  assert.deepEqual([version("n1", "2"), version("n2", "1"), version("n3", "1")], [3, 3, 3]);
});

Deno.test("where another container fails as well, all is taken back, but for what stays for a lost node", async () => {
  const { swarm, clock, fewest, look } = await slowly([[0, 2, 0], [2, 0, 0], [0, 0, 1]]);
  // redis has left n2 for n1 and n3 when n2 goes; then mms cannot start.
  const wanted = () => target(swarm.client(), [[1, 0, 0], [0, 2, 0], [1, 0, 2]]);
  swarm.taskState = ({ Spec }) => {
    const { Replicas } = Spec.Mode.Replicated;
    if (Spec.Name !== "metis_mms-n3" || Replicas < 2) return null;
    return swarm.nodes[1]!.state === "down" ? { State: "rejected", Err: "No such image" } : null;
  };
  let downAfter = 0;
  swarm.afterCall = (call) => {
    if (call === "DELETE /services/{id}" && ++downAfter === 1) swarm.nodes[1]!.state = "down";
    if (swarm.nodes[1]!.state !== "down") look();
  };
  const error = await failure(carryOut(swarm.client(), wanted(), clock));
  assert.equal(error.exitCode, 5);
  assert.match(error.message, /No such image; rolled back 5 changes, but for containers that stay/);
  assert.deepEqual(counts(swarm), [
    "isr-n1 2",
    "mms-n3 1",
    "redis-n1 1",
    "redis-n2 2",
    "redis-n3 1",
  ]);
  assert.deepEqual(fewest, [2, 2, 1]);
});

Deno.test("what a node ran that is away from the beginning is replaced, or taken back where that cannot start", async () => {
  for (const fails of [false, true]) {
    const { swarm, clock } = await slowly([[1, 0, 0], [2, 0, 0], [0, 1, 0]]);
    const before = counts(swarm);
    swarm.nodes[1]!.state = "down";
    swarm.taskState = ({ Spec }) =>
      fails && Spec.Name === "metis_redis-n3" ? { State: "rejected", Err: "No such image" } : null;
    const wanted = target(swarm.client(), [[1, 0, 0], [2, 1, 0]], "1", {}, {
      selection: { names: ["n1", "n3"] },
    });
    const end = carryOut(swarm.client(), wanted, clock);
    if (!fails) {
      await end;
      assert.deepEqual(counts(swarm), ["isr-n3 1", "redis-n1 1", "redis-n3 2"]);
      continue;
    }
    const error = await failure(end);
    assert.deepEqual([error.exitCode, counts(swarm)], [3, before], error.message);
  }
});

Deno.test("stand-ins: as many of each app as there were, where they were, and within the slots", async () => {
  const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 20 }), async (from, to, slots) => {
      const { swarm } = await deployed([]);
      const wanted = plan(swarm, to, slots);
      const engine = swarm.client();
      const state = {
        nodes: await engine.nodes(),
        current: [],
        others: [],
        tasks: [],
        hostOf: new Map(),
      };
      const goal = await wanted.desire(state);
      const ground = await wanted.ground!(state);
      const base = from.flatMap((row, node) =>
        row.map((replicas, app) => ({ app: APPS[app]!, node: `n${node + 1}`, replicas }))
      );
      const lost = new Set(["n2"]);
      const result = withStandIns(goal, base, ground, lost);
      const total = (all: Rows, app: number, nodes: readonly number[]) =>
        nodes.reduce((sum, node) => sum + all[node]![app]!, 0);
      const needed = APPS.map((_, app) =>
        Math.max(
          total(to, app, [0, 2]),
          Math.min(total(from, app, [0, 2]), total(to, app, [0, 1, 2])),
        )
      );
      if (result === null) {
        // Where each node has room for all that could stay on it, there is room for what has to.
        const isFull = [0, 2].some((node) => {
          const planned = to[node]!.reduce((a, b) => a + b);
          const more = from[node]!.reduce(
            (sum, count, app) => sum + Math.max(0, count - to[node]![app]!),
            0,
          );
          return planned + more > Math.max(slots, planned);
        });
        assert.ok(isFull);
        return;
      }
      for (const [node, name] of [[0, "n1"], [2, "n3"]] as const) {
        const own = APPS.map((app) =>
          result.filter((one) => one.app === app && one.node === name)
            .reduce((sum, { replicas }) => sum + replicas, 0)
        );
        const planned = to[node]!.reduce((a, b) => a + b);
        assert.ok(own.reduce((a, b) => a + b) <= Math.max(slots, planned));
        own.forEach((count, app) => {
          assert.ok(count >= to[node]![app]!);
          assert.ok(count <= Math.max(to[node]![app]!, from[node]![app]!));
        });
      }
      for (const [app, name] of APPS.entries()) {
        const count: number = result.filter((one) => one.app === name)
          .reduce((sum, { replicas }) => sum + replicas, 0);
        assert.equal(count, needed[app]);
      }
      assert.ok(result.every(({ node }) => node !== "n2"));
    }),
    { numRuns: runs(100, 2000) },
  );
});
