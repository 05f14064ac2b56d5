/**
 * One address for an app on real engines, by Debian's HAProxy: a client asks at each node in turn while containers move and are
 * released. Run by `METIS_LAB=1 deno task test swarm/ingress_lab_test.ts` as root, with what the other labs need and `haproxy`.
 */
import assert from "node:assert/strict";
import { importEverywhere } from "./lab/images.ts";
import type { LabPlan } from "./lab/layout.ts";
import { labTest, programImage } from "./testing/_lab.ts";
import { answers, MovingLab } from "./testing/_moving.ts";
import { until } from "./testing/_lab_swarm.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-ingress",
  subnet: "10.84.0",
  nodes: 3,
  slots: 8,
};
const PROXY = "metis-haproxy:1";

labTest(
  "an app has one address, which answers while its containers move and are released",
  LAB,
  scenarios,
  "/usr/sbin/haproxy",
);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const lab = await MovingLab.up(LAB, folder);
  await importEverywhere(LAB, await programImage("/usr/sbin/haproxy"), PROXY);
  const web = (more: object = {}) =>
    lab.serve({
      ports: [{ target: 8080, published: 80 }],
      deploy: { update_config: { order: "start-first" } },
      ...more,
    });
  const deploy = async (placement: number[][]) =>
    await lab.metis("deploy", await lab.plan(placement), ...lab.how, "--ingress-proxy", PROXY);
  const addresses = lab.nodes.map(({ address }) => `http://${address}/`);

  const isUp = await t.step("three containers on two nodes answer at every node", async () => {
    await web();
    await deploy([[2, 0], [1, 0], [0, 1]]);
    for (const address of addresses) await until(() => answers(address));
  });
  if (!isUp) return lab.engine.close();

  let [asked, lost, ended] = [0, 0, false];
  const client = (async () => {
    while (!ended) {
      const address = addresses[asked++ % addresses.length]!;
      if (!await answers(address)) lost++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await t.step("all of them move, and then are released", async () => {
    await deploy([[0, 0], [1, 0], [2, 1]]);
    await web({ environment: { RELEASE: "2" } });
    await deploy([[0, 0], [1, 0], [2, 1]]);
  });
  await t.step("every request was answered", async () => {
    ended = true;
    await client;
    console.log(`${asked} requests, ${lost} lost`);
    assert.ok(asked > 100, `${asked}`);
    assert.equal(lost, 0);
  });
  lab.engine.close();
}
