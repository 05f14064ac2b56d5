/**
 * A voting app of five services on real engines, whose containers find each other by name while they move and are released. Run
 * by `METIS_LAB=1 deno task test swarm/voting_lab_test.ts` as root, with what the other labs need and `redis-server`.
 */
import assert from "node:assert/strict";
import { type LabPlan, SLOTS_LABEL } from "./lab/layout.ts";
import { ended, labTest } from "./testing/_lab.ts";
import { tableText, until } from "./testing/_lab_swarm.ts";
import { REDIS, VOTING_APPS, VotingLab } from "./testing/_voting.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-voting",
  subnet: "10.85.0",
  nodes: 3,
  slots: 8,
};
const STACK = ["--stack", "shop"];

labTest("a voting app works through a rebalance and releases, by name", LAB, scenarios, REDIS);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const lab = await VotingLab.up(LAB, folder);
  const file = await lab.serve("one");
  const how = [...STACK, "--services", file, "--monitor", "1"];
  const isUp = await t.step("five services run, and votes are counted", async () => {
    await lab.setNode("n3", { Labels: {} });
    await lab.metis("deploy", await lab.plan([[2, 1, 1, 0], [1, 0, 0, 1]]), ...how);
    await until(async () => (await lab.tally() ?? 0) > 5);
  });
  if (!isUp) return lab.engine.close();

  await t.step("a node joins: containers move to it", async () => {
    await lab.setNode("n3", { Labels: { [SLOTS_LABEL]: "8" } });
    const [table, next] = [`${folder}/table.csv`, `${folder}/next.json`];
    await Deno.writeTextFile(table, tableText(VOTING_APPS, LAB.slots));
    await lab.metis("replan", ...STACK, "--table", table, "--pin", "redis", "--out", next);
    await lab.metis("deploy", next, ...how);
    const { n3 } = await lab.perNode("shop");
    assert.ok(n3! > 0, `${n3}`);
  });
  const plan = `${folder}/next.json`;

  await t.step("a release reaches every container", async () => {
    await lab.serve("two");
    await lab.metis("deploy", plan, ...how);
    await until(async () => (await lab.counts()).release === "two");
  });

  await t.step("a release that fails stops at its first container, the others answer", async () => {
    await lab.serve("three", { command: ["sh", "-c", "sleep 0.2; exit 1"] });
    const { code, talk } = await ended(lab.start("deploy", plan, ...how));
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
