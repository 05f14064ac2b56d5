/**
 * The images of all workloads, built and asked on a real engine: a lab of two nodes of its own. Run by
 * `METIS_LAB=1 deno test --allow-all swarm/workloads/lab_test.ts` as root, with Debian's docker.io, iproute2, iptables and
 * the packages that the images are made of.
 */
import assert from "node:assert/strict";
import { labDown } from "../lab/down.ts";
import { labEngine } from "../lab/engines.ts";
import { labNodes, type LabPlan } from "../lab/layout.ts";
import { WORKLOAD_APPS } from "../services/workloads.ts";
import { ended, type Ran, startMetis, whyNoLab } from "../testing/_lab.ts";
import { PROGRAMS } from "./build/names.ts";
import { eventually, whyMissing } from "./testing/_servers.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-images",
  subnet: "10.79.0",
  nodes: 2,
  slots: 8,
};

const reason = whyNoLab() ?? whyMissing(...PROGRAMS);
const [n1, n2] = labNodes(LAB);
const env = { DOCKER_HOST: `unix://${n1!.socket}`, HOME: Deno.env.get("HOME") ?? "/root" };

Deno.test({
  name: `real lab: the images of all workloads are built, launched and asked${
    reason ? ` (${reason})` : ""
  }`,
  ignore: reason !== null,
  fn: async (t) => {
    await labDown(LAB.directory, () => {});
    try {
      await scenarios(t);
    } finally {
      await labDown(LAB.directory, () => {});
    }
  },
});

async function scenarios(t: Deno.TestContext): Promise<void> {
  const metis = (...args: string[]) => ended(startMetis(args, env));
  const done = (ran: Ran) => {
    assert.equal(ran.code, 0, `${ran.output}\n${ran.talk}`);
    return ran;
  };
  const lab = ["--directory", LAB.directory];
  const build = () => metis("workloads", "build", "--lab", LAB.directory, "--json");
  const launch = (...slots: string[]) =>
    metis("launch", "--node", "n2", "--monitor", "0", ...slots);

  await t.step("the images are built on one node, and are on all of them", async () => {
    done(await metis("lab", "up", "--nodes", `${LAB.nodes}`, ...lab, "--subnet", LAB.subnet));
    const { images } = JSON.parse(done(await build()).output);
    assert.deepEqual(
      images.map(({ name }: { name: string }) => name),
      [...WORKLOAD_APPS, "file-server", "memcached"],
    );
    const engine = await labEngine(n2!);
    for (const { reference, id } of images) assert.equal(await engine.imageId(reference), id);
    engine.close();
  });

  await t.step("a second build changes nothing and copies nothing", async () => {
    const { output, talk } = done(await build());
    const engine = await labEngine(n1!);
    for (const { reference, id } of JSON.parse(output).images) {
      assert.equal(await engine.imageId(reference), id);
    }
    engine.close();
    assert.doesNotMatch(talk, /Copying the images/);
  });

  await t.step("all seven work beside each other, with limits, and find the Redis", async () => {
    done(await launch("0", "2", "3", "4", "5", "6", "7", "1"));
    for (
      const [at, app] of ["mms", "checksum", "ycsb-a", "ycsb-b", "scene-detect", "isr"].entries()
    ) {
      const { workload, work } = await working(8082 + at);
      assert.equal(workload, app);
      if (app === "mms" || app === "checksum") assert.equal(work.source, "redis");
    }
    const { work } = await working(8088);
    assert.ok((work.requests as number) > 0);
    assert.match(await curl("8088/metrics"), /^metis_ready\{workload="redis"\} 1$/m);
    const engine = await labEngine(n1!);
    const services = await engine.services();
    engine.close();
    assert.equal(services.length, 7 + 2);
    const redis = services.find(({ Spec }) => Spec.Name === "metis-launch_redis-n2-7")!.Spec;
    const { Limits } = redis.TaskTemplate.Resources as { Limits: Record<string, number> };
    // A slot's share of the node.
    assert.equal(Limits.NanoCPUs, Math.floor(navigator.hardwareConcurrency / 8 * 100) / 100 * 1e9);
    assert.ok(Limits.MemoryBytes! > 0);
  });

  await t.step("without a Redis they take their data elsewhere", async () => {
    done(await launch("0", "2", "3"));
    const source = (port: number) =>
      eventually(async () => {
        const { source } = (await working(port)).work;
        assert.notEqual(source, "redis");
        return source;
      });
    assert.equal(await source(8082), "file-server");
    assert.equal(await source(8083), "memcached");
  });

  await t.step("the environment sizes the work", async () => {
    done(await launch("1", "--env", "REDIS_REQUESTS=7"));
    assert.equal((await working(8081)).work.requests, 3 * 7);
  });

  await t.step("terminate removes the support with the last that needs it", async () => {
    done(await metis("launch", "--node", "n1", "--monitor", "0", "4"));
    done(await metis("terminate", "--node", "n2"));
    const engine = await labEngine(n1!);
    const names = async () => (await engine.services()).map(({ Spec }) => Spec.Name).sort();
    assert.deepEqual(await names(), [
      "metis-launch_ycsb-a-n1-0",
      "metis-support_file-server-n1",
      "metis-support_memcached-n1",
    ]);
    done(await metis("terminate", "--all"));
    assert.deepEqual(await names(), []);
    engine.close();
  });
}

/** The answer of the workload at a port of the second node, once it is ready. */
async function working(
  port: number,
): Promise<{ workload: string; work: Record<string, unknown> }> {
  return await eventually(async () => {
    const answer = JSON.parse(await curl(`${port}/`));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  });
}

/** Asked by a process of its own: the tests themselves may not leave this machine's loopback. */
async function curl(path: string): Promise<string> {
  const code = `console.log(await (await fetch("http://${n2!.address}:${path}")).text())`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  return new TextDecoder().decode(stdout);
}
