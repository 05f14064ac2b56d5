/**
 * A voting app of five services that Docker deployed is adopted on real engines: its containers find each other by name while they
 * move and are released. Run
 * by `METIS_LAB=1 deno task test swarm/voting_lab_test.ts` as root, with what the other labs need and `redis-server`.
 */
import assert from "node:assert/strict";
import { type LabPlan, SLOTS_LABEL } from "./lab/layout.ts";
import { ended, labTest } from "./testing/_lab.ts";
import { tableText, until } from "./testing/_lab_swarm.ts";
import { REDIS, VotingLab } from "./testing/_voting.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-voting",
  subnet: "10.85.0",
  nodes: 3,
  slots: 8,
};

labTest(
  "a voting app is adopted, and works through a rebalance and releases, by name",
  LAB,
  scenarios,
  REDIS,
);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const lab = await VotingLab.up(LAB, folder);
  const file = await lab.serve("one");
  const how = ["--stack", "shop", "--services", file, "--monitor", "1"];
  const [adopted, next] = [`${folder}/shop`, `${folder}/next.json`];
  const isUp = await t.step(
    "docker stack deploy brings five services up on two nodes",
    async () => {
      await lab.setNode("n3", { Labels: {}, Availability: "pause" });
      assert.ok(await lab.dockerDeploy(file, "shop"));
      await until(async () => (await lab.tally() ?? 0) > 5);
    },
  );
  if (!isUp) return lab.engine.close();
  const first = await lab.containers("shop");

  await t.step("a node joins, they are adopted, and none is started again", async () => {
    await lab.setNode("n3", { Labels: { [SLOTS_LABEL]: "8" }, Availability: "active" });
    await lab.metis("adopt", "shop", "--out", adopted, "--take-over");
    assert.deepEqual(await lab.containers("shop"), first);
  });

  await t.step(
    "containers move to it, and what stays is not started again",
    async () => {
      await lab.setNode("n3", { Labels: { [SLOTS_LABEL]: "8" }, Availability: "active" });
      const table = `${folder}/table.csv`;
      await Deno.writeTextFile(table, tableText([...first.keys()], LAB.slots));
      const by = ["--problem", `${adopted}-problem.yaml`, "--table", table, "--pin", "redis"];
      await lab.metis("replan", "--stack", "shop", ...by, "--out", next);
      // By the file that Docker was given.
      await lab.metis("deploy", next, ...how);
      const now = await lab.containers("shop");
      for (const app of ["ask", "db", "redis"]) assert.deepEqual(now.get(app), first.get(app), app);
      const { n3 } = await lab.perNode("shop");
      assert.ok(n3! > 0, `${n3}`);
      const again = await lab.metis("deploy", next, ...how, "--json");
      assert.equal(JSON.parse(again.output).changed, 0);
    },
  );

  await t.step("a release reaches every container", async () => {
    await lab.serve("two");
    await lab.metis("deploy", next, ...how);
    await until(async () => (await lab.counts()).release === "two");
  });

  await t.step("a release that fails stops at its first container, the others answer", async () => {
    await lab.serve("three", { command: ["sh", "-c", "sleep 0.2; exit 1"] });
    const { code, talk } = await ended(lab.start("deploy", next, ...how));
    assert.equal(code, 3, talk);
    assert.match(talk, /shop_vote-n\d on n\d: .*exit/);
    assert.equal((await lab.counts()).release, "two");
  });

  await t.step("every vote was accepted, and all that were are counted", async () => {
    const { asked, accepted, again, lost, silence } = await lab.counts();
    console.log(`${asked} votes, ${again} given again, ${lost} lost, longest wait ${silence} s`);
    assert.ok(asked > 50, `${asked}`);
    assert.equal(lost, 0);
    await until(async () => (await lab.tally() ?? 0) >= accepted);
  });
  lab.engine.close();
}
