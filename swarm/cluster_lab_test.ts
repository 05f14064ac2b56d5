/**
 * Machines that are made one Swarm by ssh: real sshd, real sudo, Debian's own engine, in the namespaces of a lab. Run by
 * `METIS_LAB=1 deno task test swarm/cluster_lab_test.ts` as root, with Debian's openssh-server and sudo besides.
 */
import assert from "node:assert/strict";
import { labNodes, type LabPlan } from "./lab/layout.ts";
import { ended, labTest, type Ran, startMetis } from "./testing/_lab.ts";
import { broughtUp, until } from "./testing/_lab_swarm.ts";
import { Machines, SSHD } from "./testing/_machines.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-cluster",
  subnet: "10.87.0",
  nodes: 3,
  slots: 4,
};
const [n1, n2, n3] = labNodes(LAB) as [LabNode, LabNode, LabNode];
type LabNode = ReturnType<typeof labNodes>[number];

labTest("machines become a Swarm by ssh, and leave it", LAB, async (t, folder) => {
  (await broughtUp(LAB)).close();
  const machines = new Machines(LAB, folder);
  await machines.makeKeys();
  for (const node of [n1, n2, n3]) await machines.prepare(node);
  await machines.uninstall(n3);

  const manager = `root@${n1.address}`;
  const workers = [`root@${n2.address}`, `ada@${n3.address}:22`];
  const start = (verb: string, ...more: string[]) =>
    startMetis(
      ["cluster", verb, "--manager", manager, ...more],
      { HOME: folder },
    );
  const cluster = async (verb: string, ...more: string[]): Promise<Ran> =>
    await ended(start(verb, "--ssh-config", machines.config("good"), ...more));
  const all = ["--workers", workers.join(",")];
  const refused = async (reason: RegExp, ...given: [string, ...string[]]) => {
    const { code, output, talk } = await cluster(...given);
    assert.equal(code, 1, output + talk);
    assert.match(talk, reason);
    return talk;
  };
  const swarmState = (node: LabNode) =>
    machines.on(node, "docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null || echo none")
      .then((text) => text.trim());
  const nodes = async () =>
    (await machines.on(
      n1,
      "docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}'",
    ))
      .trim().split("\n").map((line) => line.trim()).sort();

  await t.step("host keys that ssh does not know are refused", async () => {
    await refused(
      /root@10\.87\.0\.1: ssh does not know its host key.*root@10\.87\.0\.2: ssh does not.*--accept-new/,
      ...["up", ...all] as const,
    );
  });

  await t.step("all that is in the way is named at once, and nothing is changed", async () => {
    const nobody = `${LAB.subnet}.9`;
    const eve = `eve@${n3.address}`;
    await refused(
      new RegExp(
        `eve@${n3.address}: an engine needs root.*root@${nobody}: ssh said: .*No route to host`,
      ),
      ...["up", "--accept-new", "--workers", `${eve},root@${nobody}`] as const,
    );
    await refused(
      /both called n2, and plans know nodes by that name/,
      ...["up", "--accept-new", "--workers", `root@${n2.address},ada@${n2.address}`] as const,
    );
    const bad = await ended(start("up", "--ssh-config", machines.config("bad"), ...all));
    assert.equal(bad.code, 1);
    assert.match(bad.talk, /root@10\.87\.0\.2: it takes none of the keys/);
    for (const node of [n1, n2, n3]) assert.equal(await swarmState(node), "none", node.name);
  });

  await t.step("a host key that changed is refused, whatever is accepted", async () => {
    const before = await Deno.readTextFile(machines.knownHosts);
    const other = await Deno.readTextFile(`${folder}/bad.pub`);
    await Deno.writeTextFile(machines.knownHosts, `${n2.address} ${other}`);
    await refused(
      /root@10\.87\.0\.2: its host key is not the one that ssh knows/,
      ...["up", "--accept-new", ...all] as const,
    );
    await Deno.writeTextFile(machines.knownHosts, before);
  });

  await t.step(
    "engines are installed and started, the Swarm made, joined and labelled",
    async () => {
      const given = ["--slots", "4", "--label", "n2:disk=ssd", "--label", "zone=a", "--json"];
      const { code, output, talk } = await cluster("up", "--accept-new", ...all, ...given);
      assert.equal(code, 0, talk);
      assert.match(talk, /ada@10\.87\.0\.3:22: installing its distribution's engine/);
      assert.deepEqual(
        JSON.parse(output).nodes.map((
          { machine, node, address, role, done }: Record<string, unknown>,
        ) => [machine, node, address, role, done]),
        [
          [manager, "n1", n1.address, "manager", ["started", "made a Swarm", "labelled"]],
          [workers[0], "n2", n2.address, "worker", ["started", "joined", "labelled"]],
          [workers[1], "n3", n3.address, "worker", ["installed", "started", "joined", "labelled"]],
        ],
      );
      assert.deepEqual(await nodes(), ["n1 Ready Leader", "n2 Ready", "n3 Ready"]);
      const labels = await machines.on(
        n1,
        "docker node inspect --format '{{json .Spec.Labels}}' n1 n2 n3",
      );
      assert.deepEqual(labels.trim().split("\n").map((line) => JSON.parse(line)), [
        { "io.metis.slots": "4", zone: "a" },
        { "io.metis.slots": "4", zone: "a", disk: "ssd" },
        { "io.metis.slots": "4", zone: "a" },
      ]);
    },
  );

  await t.step("a second run finds nothing to do", async () => {
    const { code, output, talk } = await cluster("up", ...all, "--slots", "4", "--quiet");
    assert.equal(code, 0, talk);
    assert.equal(output.match(/nothing to do/g)?.length, 3, output);
    assert.match(
      output,
      /export DOCKER_HOST=ssh:\/\/root@10\.87\.0\.1\n\nThat reads ~\/\.ssh\/config, and not .*config-good/,
    );
    assert.equal(talk, "");
  });

  await t.step("the engine that it names is a manager, reached by ssh", async () => {
    await Deno.mkdir(`${folder}/bin`);
    const own = `#!/bin/sh\nexec /usr/bin/ssh -F ${machines.config("good")} "$@"\n`;
    await Deno.writeTextFile(`${folder}/bin/ssh`, own, { mode: 0o755 });
    const PATH = `${folder}/bin:${Deno.env.get("PATH")}`;
    const status = await ended(startMetis(["status"], { PATH, DOCKER_HOST: `ssh://${manager}` }));
    assert.deepEqual(
      [status.code, status.output],
      [0, "metis: nothing of Metis runs\n"],
      status.talk,
    );
  });

  await t.step("a machine of another Swarm is named; one that left comes back once", async () => {
    await machines.on(n2, "docker swarm leave && docker swarm init --advertise-addr eth0");
    await refused(/root@10\.87\.0\.2: in another Swarm than the manager/, "up", ...all);
    await machines.on(n2, "docker swarm leave --force");
    await until(async () => (await nodes()).includes("n2 Down"), 120);
    const { code, output, talk } = await cluster("up", ...all, "--slots", "4", "--json");
    assert.equal(code, 0, talk);
    assert.deepEqual(
      JSON.parse(output).nodes.map(({ done }: { done: string[] }) => done),
      [[], ["joined", "labelled"], []],
    );
    assert.match(talk, /Forgot the node that n2 was before/);
    assert.deepEqual(await nodes(), ["n1 Ready Leader", "n2 Ready", "n3 Ready"]);
  });

  await t.step("Ctrl-C ends it while a machine does not answer", async () => {
    await machines.on(n2, "kill -STOP $(cat /run/sshd.pid)");
    const child = start("up", "--ssh-config", machines.config("good"), ...all);
    const reader = child.stderr.getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /Looking at 3 machines/);
    reader.releaseLock();
    child.kill("SIGINT");
    const { code, talk } = await ended(child, 20_000);
    assert.equal(code, 130, talk);
    assert.match(talk, /Interrupted: what was done stays, and the same command goes on/);
    await machines.on(n2, "kill -CONT $(cat /run/sshd.pid)");
  });

  await t.step("a manager's engine that stopped holds up down, not up", async () => {
    await machines.on(n1, "service docker stop >&2");
    await refused(
      /root@10\.87\.0\.1: the manager's engine does not answer: start it/,
      "down",
      ...all,
    );
    const down = await cluster("down", "--workers", workers[1]!, "--force", "--json");
    assert.equal(down.code, 0, down.talk);
    assert.match(down.talk, /root@10\.87\.0\.1: its engine does not answer: left as it is/);
    assert.deepEqual(
      JSON.parse(down.output).machines.map(({ left }: { left: boolean }) => left),
      [false, true],
    );
    // As an installation that was interrupted leaves it.
    await machines.on(n3, "dpkg --unpack $1/repository/docker.io.deb >&2", n3.folder);
    await machines.on(n3, "service docker stop >&2");
    const { code, output, talk } = await cluster("up", ...all, "--slots", "4", "--json");
    assert.equal(code, 0, talk);
    assert.deepEqual(
      JSON.parse(output).nodes.map(({ done }: { done: string[] }) => done),
      [["started"], [], ["started", "joined", "labelled"]],
    );
    const status = await machines.on(n3, "dpkg-query -W -f '${db:Status-Status}' docker.io");
    assert.equal(status, "installed");
  });

  await t.step("down refuses what would be lost, then leaves", async () => {
    await machines.on(
      n1,
      "docker service create --detach --no-resolve-image --name web --replicas 0 none:1",
    );
    await refused(/services end with the Swarm: web\. Remove them/, "down", ...all);
    await refused(/n3 would be left without enough managers/, "down", "--workers", workers[0]!);
    // A manager that the plan calls a worker leaves all the same.
    await machines.on(n1, "docker service rm web && docker node promote n2");
    await until(async () => (await nodes()).includes("n2 Ready Reachable"), 60);
    const down = await cluster("down", ...all, "--json");
    assert.equal(down.code, 0, down.talk);
    assert.deepEqual(
      JSON.parse(down.output).machines.map((
        { node, left }: Record<string, unknown>,
      ) => [node, left]),
      [["n1", true], ["n2", true], ["n3", true]],
    );
    for (const node of [n1, n2, n3]) assert.equal(await swarmState(node), "inactive", node.name);
    const again = await cluster("down", ...all);
    assert.equal(again.code, 0, again.talk);
    assert.equal(again.output, "None of the machines left a Swarm\n");
  });
}, SSHD);
