/**
 * A voting app of five services on real engines, deployed by its stack file, whose containers find each other by name while they
 * move and are released; then as Docker deploys it, adopted. Run by `METIS_LAB=1 deno task test swarm/voting_lab_test.ts` as
 * root, with what the other labs need and `redis-server`.
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

labTest(
  "a voting app is deployed, works through a rebalance and releases, by name, and is adopted from Docker",
  LAB,
  scenarios,
  REDIS,
);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const lab = await VotingLab.up(LAB, folder);
  const file = await lab.serve("one");
  const [adopted, next] = [`${folder}/shop`, `${folder}/next.json`];
  const how = ["--stack", "shop", "--services", file, "--monitor", "1"];
  const open = { Labels: { [SLOTS_LABEL]: "8" }, Availability: "active" };
  const closed = { Labels: {}, Availability: "pause" };
  const isUp = await t.step(
    "its file is deployed on two nodes, and votes are counted",
    async () => {
      await lab.setNode("n3", closed);
      // The store and the client are of the file, and not of the plan.
      const plan = await lab.plan([[1, 1, 1, 0], [2, 0, 0, 1]]);
      await lab.metis("deploy", plan, "--nodes", "n1,n2", ...how);
      await until(async () => (await lab.tally() ?? 0) > 5);
    },
  );
  if (!isUp) return lab.engine.close();

  await t.step("containers move to a node that joins, and no other is started again", async () => {
    await lab.setNode("n3", open);
    await rebalance(lab, VOTING_APPS);
  });

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

  await t.step("every vote was accepted, and all that were are counted", () => noneIsLost(lab));

  await t.step("as docker stack deploy makes it, it is adopted without a restart", async () => {
    await lab.metis("undeploy", "--stack", "shop");
    await lab.serve("one");
    await lab.setNode("n3", closed);
    assert.ok(await lab.dockerDeploy(file, "shop"));
    await until(async () => (await lab.tally() ?? 0) > 5);
    const first = await lab.containers("shop");
    await lab.setNode("n3", open);
    await lab.metis("adopt", "shop", "--out", adopted, "--take-over");
    assert.deepEqual(await lab.containers("shop"), first);
    // Now the store and the client are of the plan, and bound by their constraints. The file is Docker's.
    await rebalance(lab, [...first.keys()], "--problem", `${adopted}-problem.yaml`);
    await noneIsLost(lab);
  });
  lab.engine.close();
}

/** Moves the apps to the node that joined. @param from Where their containers are known from, besides the stack. */
async function rebalance(
  lab: VotingLab,
  apps: readonly string[],
  ...from: string[]
): Promise<void> {
  const [table, next] = [`${lab.folder}/table.csv`, `${lab.folder}/next.json`];
  const first = await lab.containers("shop");
  await Deno.writeTextFile(table, tableText([...apps].sort(), LAB.slots));
  const by = ["--table", table, "--pin", "redis", ...from, "--out", next];
  await lab.metis("replan", "--stack", "shop", ...by);
  const how = ["--stack", "shop", "--services", `${lab.folder}/voting.json`, "--monitor", "1"];
  await lab.metis("deploy", next, ...how);
  const now = await lab.containers("shop");
  for (const app of ["ask", "db", "redis"]) assert.deepEqual(now.get(app), first.get(app), app);
  const { n3 } = await lab.perNode("shop");
  assert.ok(n3! > 0, `${n3}`);
  const again = await lab.metis("deploy", next, ...how, "--json");
  assert.equal(JSON.parse(again.output).changed, 0);
}

async function noneIsLost(lab: VotingLab): Promise<void> {
  await until(async () => (await lab.counts()).asked > 50);
  const { asked, accepted, again, lost, silence } = await lab.counts();
  console.log(`${asked} votes, ${again} given again, ${lost} lost, longest wait ${silence} s`);
  assert.equal(lost, 0);
  await until(async () => (await lab.tally() ?? 0) >= accepted);
}
