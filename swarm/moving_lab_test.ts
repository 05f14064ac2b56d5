/**
 * Thirty containers move on real engines while a client asks for them: a node joins, is drained, and returns. Run by
 * `METIS_LAB=1 deno task test swarm/moving_lab_test.ts` as root, with Debian's docker.io, iproute2, iptables and
 * busybox-static. `deno task study moving` is the long form, beside Swarm's own rolling update.
 */
import assert from "node:assert/strict";
import { type LabPlan, SLOTS_LABEL } from "./lab/layout.ts";
import { ended, labTest } from "./testing/_lab.ts";
import { Client, MovingLab } from "./testing/_moving.ts";
import { until } from "./testing/_lab_swarm.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-moves",
  subnet: "10.82.0",
  nodes: 3,
  slots: 16,
};

labTest("nodes join, are drained and return under load, and no request is lost", LAB, scenarios);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const lab = await MovingLab.up(LAB, folder);
  const { how, table, engine } = lab;
  const isUp = await t.step("thirty containers run on two of three nodes", async () => {
    await lab.setNode("n3", { Labels: {} });
    await lab.metis("deploy", await lab.plan([[8, 7], [7, 8]]), ...how);
    assert.deepEqual(await lab.perNode(), { n1: 15, n2: 15, n3: 0 });
  });
  if (!isUp) return engine.close();
  const client = new Client(lab);

  await t.step("a node joins: some move to it, stage by stage", async () => {
    await lab.setNode("n3", { Labels: { [SLOTS_LABEL]: "16" } });
    const next = `${folder}/next.json`;
    await lab.metis("replan", "--stack", "metis", "--table", table, "--out", next);
    await lab.metis("deploy", next, ...how);
    assert.deepEqual(await lab.perNode(), { n1: 10, n2: 10, n3: 10 });
  });

  await t.step("it is drained: a kill -9 in the middle is taken up by a second run", async () => {
    const drain = ["drain", "n2", "--table", table, ...how];
    const killed = lab.start(...drain);
    await until(async () => (await lab.perNode()).n1! + (await lab.perNode()).n3! > 20);
    killed.kill("SIGKILL");
    await ended(killed);
    await lab.metis(...drain);
    const counts = await lab.perNode();
    assert.deepEqual([counts.n2, counts.n1! + counts.n3!], [0, 30]);
  });

  await t.step(
    "it returns: a watch brings containers back to it, and then has nothing to do",
    async () => {
      await lab.setNode("n2", { Availability: "active" });
      const once = ["--once", "--act", "--settle", "0", "--hold", "0", "--moves-per-hour", "12"];
      const journal = ["--journal", `${folder}/watch.jsonl`];
      const watch = ["watch", "--table", table, ...how, ...once, ...journal];
      assert.match((await lab.metis(...watch)).output, /acts: starts .*brings/);
      assert.deepEqual(await lab.perNode(), { n1: 10, n2: 10, n3: 10 });
      assert.match((await lab.metis(...watch)).output, /stays: nothing is better/);
    },
  );

  await t.step("every request of the client was answered", async () => {
    const { asked, lost, turnedAway } = await client.end();
    console.log(`${asked} requests, ${turnedAway} answered by the next container, ${lost} lost`);
    assert.ok(asked > 200, `${asked}`);
    assert.equal(lost, 0);
  });
  engine.close();
}
