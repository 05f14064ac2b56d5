/**
 * Profiles and verifications on real engines, in a lab of their own. Run by
 * `METIS_LAB=1 deno test -A swarm/measure/lab_test.ts` as root, with Debian's docker.io, iproute2, iptables and
 * busybox-static.
 */
import assert from "node:assert/strict";
import { labEngine } from "../lab/engines.ts";
import { findCgroups, run } from "../lab/host.ts";
import { importEverywhere } from "../lab/images.ts";
import { cgroupPrefix, labNodes, type LabPlan } from "../lab/layout.ts";
import { ended, labTest, type Ran, startMetis, testImage } from "../testing/_lab.ts";
import { readJournal } from "./journal.ts";
import type { Run } from "./records.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-load-test",
  subnet: "10.80.0",
  nodes: 2,
  slots: 4,
};
const [n1] = labNodes(LAB);
const env = { DOCKER_HOST: `unix://${n1!.socket}` };
/** Short, and out of the way of what else the machine does. */
const QUICK = [
  ...["--warm-up", "0.2", "--duration", "1", "--wait", "0..0"],
  ...["--attempts", "6", "--generator-realtime"],
];

labTest("a profile survives kill -9, and plans are verified", LAB, scenarios);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const write = async (name: string, value: unknown): Promise<string> => {
    await Deno.writeTextFile(`${folder}/${name}`, JSON.stringify(value));
    return `${folder}/${name}`;
  };
  const web = (port: number, more: object = {}) => ({
    image: "metis-test:1",
    command: ["httpd", "-f", "-p", `${port}`, "-h", "/www"],
    stop_grace_period: "1s",
    ports: [{ target: port }],
    deploy: { resources: { limits: { cpus: "0.5", memory: "32M" } } },
    ...more,
  });
  const services = await write("services.json", {
    services: {
      plain: web(8080),
      asked: web(9000, { "x-metis": { request: { path: "/index.html" }, port: 9000 } }),
      helper: web(7000, {
        ports: [{ target: 7000, published: 11211 }],
        "x-metis": { support: true },
      }),
    },
  });
  const metis = (...args: string[]) => ended(startMetis(args, env));
  const done = (ran: Ran, code: number) => {
    assert.equal(ran.code, code, `${ran.output}\n${ran.talk}`);
    return ran;
  };
  const out = `${folder}/p.csv`;
  const profile = [
    ...["profile", "--nodes", "n2", "--services", services, "--out", out],
    ...["--series", "1-2 1-1-0-2 2-2-2-2", ...QUICK],
  ];
  const engine = await labEngine(n1!);
  const running = async () => (await engine.services()).map(({ Spec }) => Spec.Name).sort();
  const runs = async (): Promise<Run[]> => {
    const bytes = await Deno.readFile(`${out}.journal`).catch(() => new Uint8Array());
    const journal = readJournal(bytes, "journal");
    return (journal?.entries ?? []).filter((entry) => entry.kind === "run");
  };
  const goodOf = (all: readonly Run[]) =>
    all.filter(({ verdict, containers }) => verdict === "good" && containers.length > 1)
      .map(({ counts }) => counts.join());

  const isUp = await t.step("a lab comes up whose containers have CPUs of their own", async () => {
    const args = ["lab", "up", "--nodes", "2", "--slots", "4", "--directory", LAB.directory];
    done(await metis(...args, "--subnet", LAB.subnet, "--cpus", "n1=0,n2=0", "--priority"), 0);
    await importEverywhere(LAB, await testImage(), "metis-test:1");
  });
  if (!isUp) return;

  await t.step(
    "SIGKILL in the middle: what was measured is kept, and the rest goes on",
    async () => {
      const child = startMetis(profile, env);
      await until(async () => goodOf(await runs()).length > 0);
      child.kill("SIGKILL");
      await ended(child);
      const before = await runs();
      // What it had launched still runs, on the CPU that it was given.
      const groups = (await findCgroups(`${cgroupPrefix(LAB)}n2/`)).map((path) =>
        `${path}/cpuset.cpus`
      );
      const cpus = await run("sh", "-c", 'cat "$@" 2>/dev/null || true', "sh", ...groups);
      assert.deepEqual([...new Set(cpus.trim().split("\n"))], ["0"]);
      const refused = done(await metis(...profile), 1);
      assert.match(refused.talk, /--resume/);
      const ran = done(await metis(...profile, "--resume", "--json"), 0);
      const { measured, missing } = JSON.parse(ran.output);
      assert.deepEqual([measured, missing], [3, 0]);
      const after = await runs();
      assert.deepEqual(after.slice(0, before.length), before);
      const counts = ["1,1", "2,1", "0,4"];
      // Unsteady ones may count as well, where the machine is busy: none may be good twice.
      const good = goodOf(after);
      assert.equal(new Set(good).size, good.length);
      const rows = (await Deno.readTextFile(out)).trim().split("\n").slice(1);
      for (const each of counts) {
        assert.equal(
          rows.filter((row) => row.startsWith(`${each},`)).length,
          1,
        );
      }
      assert.deepEqual(await running(), []);
      const again = done(await metis(...profile, "--resume", "--json"), 0);
      assert.match(again.talk, /3 of 3 were measured before/);
      assert.equal((await runs()).length, after.length);
    },
  );

  await t.step("Ctrl-C ends it cleanly: exit code 130, nothing left, --resume named", async () => {
    const other = `${folder}/other.csv`;
    const child = startMetis(profile.map((word) => word === out ? other : word), env);
    await until(async () => (await running()).length > 1);
    child.kill("SIGINT");
    const ran = done(await ended(child), 130);
    assert.match(ran.talk, /other\.csv\.journal: resume with --resume/);
    assert.deepEqual(await running(), []);
    assert.deepEqual(await engine.configs("metis-lock"), []);
  });

  await t.step("two nodes measure side by side, and none does what the other did", async () => {
    const both = `${folder}/both.csv`;
    const args = [...profile.map((word) => word === out ? both : word), "--no-one-at-a-time"];
    const nodes = args.map((word) => word === "n2" ? "n1,n2" : word);
    const ran = done(await metis(...nodes, "--json"), 0);
    assert.deepEqual([JSON.parse(ran.output).measured, JSON.parse(ran.output).missing], [3, 0]);
    const journal = readJournal(await Deno.readFile(`${both}.journal`), "journal")!;
    const spans = journal.entries.flatMap((entry) =>
      entry.kind !== "run" ? [] : [{
        node: entry.node,
        from: Date.parse(entry.at) - 1000 * entry.seconds,
        to: Date.parse(entry.at),
      }]
    );
    assert.deepEqual([...new Set(spans.map(({ node }) => node))].sort(), ["n1", "n2"]);
    const sideBySide = spans.some((one) =>
      spans.some((other) => one.node !== other.node && one.from < other.to && other.from < one.to)
    );
    assert.ok(sideBySide, JSON.stringify(spans));
    assert.deepEqual(await running(), []);
  });

  await t.step("verify measures two plans, says which won, and leaves nothing", async () => {
    const apps = ["plain", "asked"];
    const few = await write("few.json", {
      ...{ apps, mean: 0.9, placement: [[1, 0], [0, 1]] },
      ...{ measuredShare: 1, nearShare: 0, extrapolatedShare: 0, meanLow: 0, meanHigh: 100 },
    });
    const many = await write("many.json", {
      ...{ apps, placement: [[3, 1], [0, 0]] },
      ...{
        measuredShare: 0,
        nearShare: 0.25,
        extrapolatedShare: 0.75,
        meanLow: 100,
        meanHigh: 101,
      },
    });
    await engine.createService({
      Name: "bystander",
      Labels: {},
      TaskTemplate: { ContainerSpec: { Image: "metis-test:1", Args: ["sleep", "1000"] } },
      Mode: { Replicated: { Replicas: 1 } },
    });
    const args = ["--services", services, "--solo", `${out}.journal`, "--json", ...QUICK];
    const journal = `${folder}/verify.jsonl`;
    const kept = async () => (await Deno.readTextFile(journal)).trim().split("\n");
    const verify = ["verify", few, many, ...args, "--journal", journal];
    const killed = startMetis(verify, env);
    await until(async () => (await kept()).length > 1);
    killed.kill("SIGKILL");
    await ended(killed);
    const before = await kept();
    const ran = done(await metis(...verify, "--resume"), 0);
    assert.deepEqual((await kept()).slice(0, before.length), before);
    assert.equal((await kept()).length, 3, "a header, and each plan once");
    const { plans, winner } = JSON.parse(ran.output);
    assert.deepEqual(plans.map(({ predicted }: { predicted: number }) => predicted), [0.9, null]);
    assert.deepEqual(
      plans.map(({ measured }: { measured: { containers: number } }) => measured.containers),
      [2, 4],
    );
    assert.deepEqual(
      plans.map(({ withinInterval, measuredShare, meanLow }: Record<string, unknown>) => [
        withinInterval,
        measuredShare,
        meanLow,
      ]),
      [[true, 1, 0], [false, 0, 100]],
    );
    for (const { measured } of plans) {
      assert.equal(measured.repeats.length, 3);
      assert.ok(measured.mean > 0 && measured.spread >= 0);
    }
    // Four containers share the CPU of a node, or one has it alone.
    assert.equal(winner.plan, few);
    assert.deepEqual(await running(), ["bystander"]);
  });
  engine.close();
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 900; tried++) {
    if (await done().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("waited 90 seconds for nothing");
}
