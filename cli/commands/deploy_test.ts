/**
 * The commands on a Swarm, against a scripted manager behind a real socket.
 * @module
 */
import assert from "node:assert/strict";
import { FakeSwarm, serveSwarm } from "../../swarm/testing/_fake_engine.ts";
import { runCli } from "../run.ts";
import { type MemoryContext, memoryContext, type MemoryWorld } from "../_testing.ts";

const CANARY = "canary-5ecret";
const APPS = ["redis", "isr"];
const plan = (...placement: number[][]) => JSON.stringify({ apps: APPS, placement });
const services = (more: object = {}) =>
  JSON.stringify({
    services: {
      redis: { image: "redis:7", environment: { API_TOKEN: CANARY }, secrets: ["key"] },
      isr: { image: "isr:1", ...more },
    },
  });
const YAML = `
services:
  redis: { image: redis:7, environment: { API_TOKEN: ${CANARY} }, secrets: [key] }
  isr: { image: isr:1, build: . }
secrets: { key: { external: true } }
`;
/** Two apps on nodes of nine slots, as good as alone wherever they are. */
const TABLE = [
  "redis,isr,rps:redis,rps:isr",
  ...Array.from({ length: 100 }, (_, at) => [Math.floor(at / 10), at % 10])
    .filter(([redis, isr]) => redis! + isr! > 0 && redis! + isr! < 10)
    .map(([redis, isr]) => [redis, isr, redis! > 0 ? 1 : "", isr! > 0 ? 1 : ""].join(",")),
].join("\n");
/** With a network, a config and a secret of its own, and a volume of others. */
const OWN = `
services:
  redis: { image: redis:7, configs: [conf], secrets: [own], volumes: ["prod:/d"], networks: [back] }
  isr: { image: isr:1 }
networks: { back: { driver: overlay, attachable: true } }
configs: { conf: { file: ./app.conf } }
secrets: { own: { file: app.key } }
volumes: { prod: { external: true } }
`;
const FILES = {
  "plan.json": plan([2, 1], [0, 3]),
  "moved.json": plan([2, 0], [1, 3]),
  "services.json": services(),
  "table.csv": TABLE,
  "stack.yaml": YAML,
  "own.yaml": OWN,
  "without.yaml": OWN.replace(/^networks.*/m, "").replace("networks: [back]", "")
    .replace("app.conf", "new.conf").replace("app.key", "new.key"),
  "/here/app.conf": "a = 1",
  "/here/new.conf": "a = 2",
  "/here/app.key": CANARY,
  "/here/new.key": `${CANARY}-2`,
};
const SERVICES = "--services services.json";

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly talk: string;
  readonly files: MemoryContext["files"];
}

/** A Swarm, and the command line on it. */
async function withSwarm(
  work: (
    metis: (line: string, world?: MemoryWorld) => Promise<Ran>,
    swarm: FakeSwarm,
  ) => Promise<void>,
): Promise<void> {
  const swarm = new FakeSwarm();
  swarm.volumes.push("prod");
  swarm.secrets.push({ ID: "id-of-key", Spec: { Name: "key" } });
  const server = await serveSwarm(swarm);
  const heard: string[] = [];
  try {
    await work(async (line, world = {}) => {
      const context = memoryContext({
        ...world,
        args: line.split(" "),
        files: { ...FILES, ...world.files },
        env: { DOCKER_HOST: `unix://${server.path}`, ...world.env },
      });
      const code = await runCli(context);
      heard.push(context.output(), context.talk());
      return { code, output: context.output(), talk: context.talk(), files: context.files };
    }, swarm);
  } finally {
    await server.close();
  }
  assert.deepEqual(heard.filter((text) => text.includes(CANARY)), [], "a secret was printed");
}

const names = (swarm: FakeSwarm) =>
  [...swarm.services.values()].map(({ Spec }) => Spec.Name).sort();

Deno.test("deploy shows, deploys, changes nothing the second time, and undeploy removes it", async () => {
  await withSwarm(async (metis, swarm) => {
    const dry = await metis(`deploy plan.json ${SERVICES} --dry-run`);
    assert.equal(dry.code, 0, dry.talk);
    assert.match(dry.output, /\+ create metis_redis-n1: 2 containers of redis on n1/);
    assert.match(dry.output, /3 to create, 0 to update, 0 to scale, 0 to remove, 0 unchanged/);
    assert.equal(swarm.services.size, 0);

    const first = await metis(`deploy plan.json ${SERVICES} --monitor 0`);
    assert.equal(first.code, 0, first.talk);
    assert.match(first.output, /^metis: 6 containers run, 3 changes \(\d/);
    assert.match(first.talk, /API_TOKEN in the environment can be read by all/);
    assert.match(first.talk, /Creating service metis_isr-n2/);
    assert.deepEqual(names(swarm), ["metis_isr-n1", "metis_isr-n2", "metis_redis-n1"]);

    const again = await metis(`deploy plan.json ${SERVICES} --monitor 0 --json`);
    const { seconds, ...report } = JSON.parse(again.output);
    assert.equal(typeof seconds, "number");
    assert.deepEqual(report, {
      stack: "metis",
      outcome: "converged",
      changed: 0,
      changes: [],
      containers: 6,
    });

    const undeploy = await metis("undeploy");
    assert.equal(undeploy.code, 0, undeploy.talk);
    assert.equal(swarm.services.size, 0);
  });
});

Deno.test("plans of the bundled workloads bring what they need, at ports that neighbours know, and take it away", async () => {
  await withSwarm(async (metis, swarm) => {
    const files = { "plan.json": plan([2, 1], [0, 1]) };
    const { code, talk } = await metis("deploy plan.json --monitor 0", { files });
    assert.equal(code, 0, talk);
    assert.deepEqual(names(swarm), [
      "metis-support_file-server-n1",
      "metis-support_memcached-n1",
      "metis-support_memcached-n2",
      "metis_isr-n1",
      "metis_isr-n2",
      "metis_redis-n1-0",
      "metis_redis-n1-1",
    ]);
    const spec = (name: string) =>
      [...swarm.services.values()].find(({ Spec }) => Spec.Name === name)!.Spec;
    const ports = spec("metis_redis-n1-1").EndpointSpec.Ports as {
      TargetPort: number;
      PublishedPort?: number;
    }[];
    assert.equal(ports.find(({ TargetPort }) => TargetPort === 6379)?.PublishedPort, 6382);
    const template = JSON.stringify(spec("metis_isr-n2").TaskTemplate);
    assert.match(template, /FILE_SERVER=http:..10.0.0.1:8079/);
    assert.match(template, /"Limits":{"NanoCPUs":\d+,"MemoryBytes":\d+}/);
    const again = await metis("deploy plan.json --monitor 0 --json", { files });
    assert.equal(JSON.parse(again.output).changed, 0);
    assert.equal((await metis("undeploy")).code, 0);
    assert.equal(swarm.services.size, 0);
  });
});

Deno.test("terminate keeps what other nodes need, and removes it with the last", async () => {
  await withSwarm(async (metis, swarm) => {
    for (const node of ["n1", "n2"]) {
      const { code, talk } = await metis(`launch --node ${node} --monitor 0 4`);
      assert.equal(code, 0, talk);
    }
    assert.equal((await metis("terminate --node n2")).code, 0);
    assert.deepEqual(names(swarm), [
      "metis-launch_ycsb-a-n1-0",
      "metis-support_file-server-n1",
      "metis-support_memcached-n1",
    ]);
    assert.equal((await metis("terminate --all")).code, 0);
    assert.deepEqual(names(swarm), []);
  });
});

Deno.test("deploy takes a YAML stack file, the same as JSON, and says what it leaves aside", async () => {
  await withSwarm(async (metis) => {
    await metis(`deploy plan.json ${SERVICES} --monitor 0`);
    const { code, talk, output } = await metis(
      "deploy plan.json --services stack.yaml --monitor 0 --json",
    );
    assert.equal(code, 0, talk);
    assert.equal(JSON.parse(output).changed, 0);
    assert.match(talk, /stack.yaml: ignored, as `docker stack` or the plan has it: isr: build/);
  });
});

Deno.test("deploy --dry-run --json lists each change with what it is of", async () => {
  await withSwarm(async (metis) => {
    await metis(`deploy plan.json ${SERVICES} --monitor 0`);
    const files = { "new.json": services({ image: "isr:2" }) };
    const { output } = await metis(
      "deploy moved.json --services new.json --dry-run --json --nodes n1,n2",
      { files },
    );
    const changes = {
      remove: { kind: "remove", service: "metis_isr-n1", app: "isr", node: "n1", from: 1, to: 0 },
      update: {
        kind: "update",
        service: "metis_isr-n2",
        app: "isr",
        node: "n2",
        from: 3,
        to: 3,
        changed: ["image isr:1 -> isr:2"],
      },
      create: {
        kind: "create",
        service: "metis_redis-n2",
        app: "redis",
        node: "n2",
        from: 0,
        to: 1,
      },
    };
    assert.deepEqual(JSON.parse(output), {
      stack: "metis",
      changes: [changes.remove, changes.update, changes.create],
      stages: [[changes.update], [changes.create], [changes.remove]],
    });
  });
});

Deno.test("deploy ends with the exit code of what happened", async () => {
  const bad = { State: "rejected", Err: "No such image: isr:1" };
  await withSwarm(async (metis, swarm) => {
    swarm.taskState = ({ Spec }) => Spec.Name.includes("isr") ? bad : null;
    const rolledBack = await metis(`deploy plan.json ${SERVICES}`);
    assert.equal(rolledBack.code, 3);
    assert.match(rolledBack.talk, /^metis: metis_isr-n1 on n1: No such image: isr:1; rolled back/m);
    assert.equal(swarm.services.size, 0);

    const kept = await metis(`deploy plan.json ${SERVICES} --no-rollback`);
    assert.equal(kept.code, 1);
    assert.equal(swarm.services.size, 3);

    swarm.taskState = () => ({ State: "preparing" });
    const late = await metis(`deploy plan.json ${SERVICES} --timeout 0.5`);
    assert.equal(late.code, 4);
    assert.match(late.talk, /Timed out after 0.5 s: overall progress: 0 out of 6 tasks/);

    swarm.taskState = () => null;
    swarm.script = [{ call: "DELETE /services/{id}", from: 2, fault: "refused" }];
    const partly = await metis("undeploy --parallelism 1");
    assert.equal(partly.code, 5);
    assert.match(partly.talk, /refused DELETE \/services\/\{id\} \(400\): no; 1 of 3 changes/);

    swarm.script = [];
    const stop = new AbortController();
    swarm.afterCall = (call) => {
      if (call === "POST /services/create") stop.abort();
    };
    const interrupted = await metis(`deploy plan.json ${SERVICES} --parallelism 1`, {
      signal: stop.signal,
    });
    assert.equal(interrupted.code, 130);
    assert.match(interrupted.talk, /Interrupted/);
  });
});

Deno.test("wrong usage ends with exit code 2 before the Swarm is touched", async () => {
  await withSwarm(async (metis, swarm) => {
    for (
      const line of [
        "deploy",
        "deploy plan.json --stack A/B --services services.json",
        "deploy plan.json --nodes n1 --node-label disk",
        "deploy plan.json --timeout soon",
        "deploy plan.json --parallelism 0",
        "deploy plan.json --detach",
        "deploy plan.json --host unix:///a --context b",
        "deploy plan.json --host tcp://manager:2375",
        "status --stack ../x",
        "undeploy everything",
        "plan export plan.json",
        "plan export plan.json --nodes n1,n2 --format toml",
        "launch --node n1 --services services.json 0 9",
        "launch --node n1 --services services.json 0 0",
        "launch 1",
        "terminate",
        "terminate --all --node n1",
        "lab up --nodes 0",
        "lab up --subnet 10.300.0",
        "lab up --directory relative",
      ]
    ) {
      const { code, talk } = await metis(line);
      assert.equal(code, 2, `${line}: ${talk}`);
    }
    assert.deepEqual(swarm.calls.filter((call) => !call.startsWith("GET")), []);
  });
});

Deno.test("unusable input ends with exit code 1, one line, and nothing changed", async () => {
  await withSwarm(async (metis, swarm) => {
    const files = {
      "hostile.json": JSON.stringify({ apps: ["x; rm -rf /"], placement: [[1]] }),
      "four.json": plan([1, 0], [1, 0], [1, 0], [1, 0]),
      "cut.json": '{"apps":["redis"',
      "over.json": JSON.stringify({ apps: APPS, placement: [[9, 0]], capacity: 4 }),
      "other.json": '{"services":{"redis":{"image":"redis"}}}',
      "nokey.json":
        '{"services":{"redis":{"image":"redis","secrets":["none"]},"isr":{"image":"i"}}}',
      "ssh.json": services({ ports: ["22:22"], image: "isr" }),
      "twice.json": services({ ports: ["8080:80"] }),
    };
    for (
      const [line, complaint] of [
        ["deploy gone.json", /Cannot read gone.json/],
        ["deploy hostile.json", /hostile.json: an app's name must be/],
        [`deploy four.json ${SERVICES}`, /needs 4 nodes, the Swarm offers 3/],
        ["deploy cut.json", /cut.json: not JSON/],
        [`deploy over.json ${SERVICES}`, /over.json: /],
        ["deploy plan.json --services other.json", /other.json: no service for isr/],
        ["deploy plan.json --services nokey.json", /has no secret none: make it by `docker secret/],
        ["deploy plan.json --services ssh.json", /publishes 22\/tcp, by which a node is managed/],
        ["deploy plan.json --services twice.json", /the plan puts 3 containers of it on n2/],
        [`deploy plan.json ${SERVICES} --nodes n1,n7`, /The Swarm has no node n7/],
        [`deploy plan.json ${SERVICES} --node-label gpu`, /No node has the label gpu/],
        ["terminate --node n7", /The Swarm has no node n7/],
        ["launch --node n7 1", /The Swarm has no node n7/],
        ["lab status --directory /no/such/lab", /No lab in/],
      ] as const
    ) {
      const { code, talk } = await metis(line, { files });
      assert.equal(code, 1, `${line}: ${talk}`);
      assert.match(talk, complaint);
      assert.match(talk, /^metis: [^\n]*\n$/m);
    }
    assert.equal(swarm.services.size, 0);
  });
});

Deno.test("status shows what runs, and with the plan what differs", async () => {
  await withSwarm(async (metis, swarm) => {
    const empty = await metis("status");
    assert.equal(empty.output, "metis: nothing of Metis runs\n");
    await metis(`deploy plan.json ${SERVICES} --monitor 0`);
    const fine = await metis(`status plan.json ${SERVICES}`);
    assert.equal(fine.code, 0, fine.talk);
    assert.match(fine.output, /n1 +redis +2\/2 +0 +running/);
    assert.match(fine.output, /metis: everything is up to date/);
    const moved = await metis(`status moved.json ${SERVICES} --nodes n1,n2 --json`);
    const status = JSON.parse(moved.output);
    assert.equal(status.healthy, false);
    assert.deepEqual(
      status.services.map(({ service, state }: Record<string, string>) => `${service} ${state}`),
      [
        "metis_isr-n1 extra",
        "metis_redis-n1 running",
        "metis_isr-n2 running",
        "metis_redis-n2 missing",
      ],
    );
    assert.equal(moved.code, 1);
    assert.match(moved.talk, /metis: 2 of 4 services are not up to date/);
    const figures = await metis(`status plan.json ${SERVICES} --metrics`);
    assert.equal(figures.code, 0, figures.talk);
    assert.match(figures.output, /^metis_stack_healthy\{stack="metis"\} 1$/m);
    swarm.nodes[1]!.state = "down";
    const ill = await metis(`status plan.json ${SERVICES} --metrics`);
    assert.equal(ill.code, 1);
    assert.match(ill.output, /^# TYPE metis_service_containers_running gauge$/m);
    const labels = 'stack="metis",service="metis_isr-n2",app="isr",node="n2"';
    for (
      const [name, value] of [
        ["service_up_to_date", 0],
        ["service_containers_wanted", 3],
        ["service_containers_running", 0],
      ]
    ) assert.ok(ill.output.includes(`\nmetis_${name}{${labels}} ${value}\n`), ill.output);
    const sick = await metis(`status plan.json ${SERVICES}`);
    assert.equal(sick.code, 1);
    assert.match(sick.output, /n2 +isr +0\/3 +0 +node down/);
  });
});

Deno.test("what an engine calls its nodes, services and errors cannot steer the terminal", async () => {
  const odd = "\x1b[2Jn1\x07\u202e";
  await withSwarm(async (metis, swarm) => {
    await metis(`deploy plan.json ${SERVICES} --monitor 0`);
    swarm.taskState = () => ({ State: "failed", Err: odd });
    for (const { Spec } of swarm.services.values()) {
      if (!Spec.Name.includes("redis")) continue;
      Spec.Name += odd;
      for (const label of Object.keys(Spec.Labels)) {
        if (/\.(app|node)$/.test(label)) Spec.Labels[label] += odd;
      }
    }
    swarm.nodes[2]!.name = odd;
    let shown = 0;
    for (
      const line of [
        "status",
        "status --json",
        `status plan.json ${SERVICES}`,
        `deploy moved.json ${SERVICES} --dry-run`,
        `deploy moved.json ${SERVICES} --dry-run --json`,
        `deploy moved.json ${SERVICES} --nodes n1,n3 --dry-run`,
        "undeploy --dry-run",
        "undeploy --dry-run --json",
        "undeploy",
      ]
    ) {
      const { output, talk } = await metis(line);
      assert.doesNotMatch(output + talk, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u, JSON.stringify(line));
      if (/u\{202e\}|\\u202e/.test(output + talk)) shown++;
    }
    assert.ok(shown >= 5, `${shown} commands show the names at all`);
  });
});

Deno.test("launch fills slots by number or name, keeps what stays, and terminate empties the node", async () => {
  await withSwarm(async (metis, swarm) => {
    const launch = (slots: string) =>
      metis(`launch --node n2 ${SERVICES} --monitor 0 --json --first-port 9001 ${slots}`);
    const first = await launch("0 1 isr");
    assert.equal(first.code, 0, first.talk);
    assert.deepEqual(names(swarm), ["metis-launch_isr-n2-2", "metis-launch_redis-n2-1"]);
    const [redis] = [...swarm.services.values()].filter(({ Spec }) => Spec.Name.includes("redis"));
    assert.equal(redis!.Spec.EndpointSpec.Ports[0].PublishedPort, 9002);
    assert.deepEqual(redis!.Spec.TaskTemplate.Resources.Limits, {
      NanoCPUs: 2e9,
      MemoryBytes: 2 ** 33,
    });
    const second = await launch("2 1 2");
    assert.equal(JSON.parse(second.output).changed, 1);
    // As the scripts of 2020 were called: one word.
    assert.equal((await launch("0-1-2")).code, 0);
    const dry = await metis("terminate --all --dry-run");
    assert.match(dry.output, /2 to remove/);
    assert.equal((await metis("terminate --node n1")).code, 0);
    assert.equal(swarm.services.size, 2);
    assert.equal((await metis("terminate --node n2")).code, 0);
    assert.equal(swarm.services.size, 0);
  });
});

Deno.test("plan export needs no Swarm and puts references in the place of secrets", async () => {
  await withSwarm(async (metis, swarm) => {
    for (const format of ["swarm", "compose", "kubernetes"]) {
      const line = `plan export plan.json --nodes n1,n2 ${SERVICES} --format ${format}`;
      const { code, output, talk } = await metis(line);
      assert.equal(code, 0, talk);
      assert.match(
        output,
        format === "kubernetes" ? /secretKeyRef/ : /API_TOKEN: "\$\{API_TOKEN\}"/,
      );
      const saved = await metis(`${line} --out out.yaml`);
      assert.equal(saved.output, "");
      assert.equal(saved.files.get("out.yaml"), output);
    }
    const few = await metis(`plan export plan.json --nodes n1 ${SERVICES}`);
    assert.equal(few.code, 1);
    assert.match(few.talk, /node 1 holds containers, but --nodes names only 1 nodes/);
    assert.deepEqual(swarm.calls, []);
  });
});

Deno.test("the task for real Swarms may do what a deployment needs", async () => {
  const swarm = new FakeSwarm();
  swarm.secrets.push({ ID: "id-of-key", Spec: { Name: "key" } });
  const server = await serveSwarm(swarm);
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["plan.json", "services.json"] as const) {
      await Deno.writeTextFile(`${folder}/${name}`, FILES[name]);
    }
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["task", "--quiet", "cluster", "deploy", `${folder}/plan.json`, "--monitor", "0"],
        ...["--services", `${folder}/services.json`],
      ],
      cwd: new URL("../..", import.meta.url),
      env: { DOCKER_HOST: `unix://${server.path}`, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(swarm.services.size, 3);
  } finally {
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("each command makes the calls that docs/deploying.md documents, and no others", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/deploying.md", import.meta.url));
  const documented = new Map<string, Set<string>>();
  for (const row of page.matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` \|(.*)\|$/gm)) {
    const commands = [...row[2]!.matchAll(/`([a-z-]+(?: --dry-run)?)`/g)].map(([, name]) => name!);
    for (const command of commands) {
      documented.set(command, (documented.get(command) ?? new Set()).add(row[1]!));
    }
  }
  await withSwarm(async (metis, swarm) => {
    const made = new Map<string, Set<string>>();
    const note = async (command: string, line: string, codes = [0, 3]) => {
      swarm.calls.length = 0;
      const ran = await metis(line);
      assert.ok(codes.includes(ran.code), `${line}: ${ran.talk}`);
      const calls = made.get(command) ?? new Set();
      swarm.calls.forEach((call) => calls.add(call));
      made.set(command, calls);
    };
    const files = "--services services.json --monitor 0";
    await note("deploy --dry-run", `deploy plan.json ${SERVICES} --dry-run`);
    await note("deploy", "deploy plan.json --services own.yaml --monitor 0");
    await note("deploy", "deploy plan.json --services without.yaml --monitor 0");
    await note("deploy --dry-run", "deploy plan.json --services own.yaml --dry-run");
    // It was deployed from another file.
    await note("status", "status plan.json --services own.yaml", [1]);
    await note("undeploy", "undeploy");
    await note("deploy", `deploy plan.json ${files}`);
    await note("deploy", `deploy moved.json ${files} --nodes n1,n2 --monitor 4`);
    swarm.script = [{ call: "POST /services/{id}/update", fault: "out-of-sequence" }];
    await note("deploy", `deploy plan.json ${files} --nodes n2,n1`);
    swarm.script = [];
    swarm.localImages = new Set();
    await note("deploy", `deploy plan.json ${files} --nodes n3,n2`);
    swarm.localImages = null;
    await note("status", `status plan.json ${SERVICES}`);
    await note("replan", "replan --stack metis --table table.csv --slots 9");
    const journal = await Deno.makeTempFile();
    // What ran on a node that is down has to start elsewhere.
    swarm.nodes[2]!.state = "down";
    const once = `--once --act --settle 0 --journal ${journal}`;
    await note("watch", `watch ${once} --table table.csv --slots 9 ${files}`);
    await Deno.remove(journal);
    swarm.nodes[2]!.state = "ready";
    // All of isr is on the node that is drained: it has to be made elsewhere.
    await note("deploy", `deploy moved.json ${files} --nodes n1,n2`);
    await note("drain", `drain n2 --table table.csv --slots 9 ${files}`);
    await note("undeploy", "undeploy");
    await note("launch", `launch --node n1 ${files} 1 2`);
    await note("terminate", "terminate --node n1");
    // A lock is renewed every 3 seconds: the waits above outlast that in one case only.
    for (const [command, calls] of made) {
      const wanted = [...documented.get(command) ?? []];
      const optional = command === "deploy" ? [] : OPTIONAL;
      for (const call of calls) assert.ok(wanted.includes(call), `${command} makes ${call}`);
      const missing = wanted.filter((call) => !calls.has(call) && !optional.includes(call));
      assert.deepEqual(missing, [], `${command} does not make what is documented`);
    }
    assert.deepEqual([...documented.keys()].sort(), [...made.keys()].sort());
  });
});

Deno.test("a stack gets its own networks, configs and secrets, new ones for new contents, and leaves none behind", async () => {
  await withSwarm(async (metis, swarm) => {
    const wanted = (kind: "Secrets" | "Configs") =>
      [...swarm.services.values()].flatMap(({ Spec }) =>
        Spec.TaskTemplate.ContainerSpec[kind] ?? []
      );
    const first = await metis("deploy plan.json --services own.yaml --monitor 0");
    assert.equal(first.code, 0, first.talk);
    assert.deepEqual(swarm.networks.map(({ Name }) => Name).sort(), [
      "metis_back",
      "metis_default",
    ]);
    const [config] = wanted("Configs");
    assert.equal(config.File.Name, "conf");
    assert.match(config.ConfigName, /^metis_conf-[0-9a-f]{12}$/);
    const held = swarm.configs.get(config.ConfigName)!;
    assert.equal(held.ID, config.ConfigID);
    assert.equal(atob(held.Spec.Data as string), "a = 1");
    const again = await metis("deploy plan.json --services own.yaml --monitor 0");
    assert.match(again.output, /nothing changed/, again.output);

    const rotated = await metis("deploy plan.json --services without.yaml --monitor 0");
    assert.equal(rotated.code, 0, rotated.talk);
    const [next] = wanted("Configs");
    assert.notEqual(next.ConfigName, config.ConfigName);
    assert.deepEqual([...swarm.configs.keys()], [next.ConfigName]);
    assert.equal(swarm.secrets.filter(({ Spec }) => Spec.Name.startsWith("metis_own-")).length, 1);
    assert.deepEqual(swarm.networks.map(({ Name }) => Name), ["metis_default"]);

    const gone = await metis("undeploy");
    assert.equal(gone.code, 0, gone.talk);
    assert.deepEqual([swarm.networks.length, swarm.configs.size], [0, 0]);
    assert.deepEqual(swarm.secrets.map(({ Spec }) => Spec.Name), ["key"]);
  });
});

Deno.test("a network of others that the Swarm does not have is named before anything is made", async () => {
  await withSwarm(async (metis, swarm) => {
    const stack =
      "services: { redis: { image: a, networks: [n] }, isr: { image: a, configs: [c] } }\n" +
      "networks: { n: { external: true, name: prod_net } }\nconfigs: { c: { file: /here/app.conf } }";
    const files = { "n.yaml": stack };
    const refused = await metis("deploy plan.json --services n.yaml --monitor 0", { files });
    assert.equal(refused.code, 1);
    assert.match(refused.talk, /has no network prod_net: make it by `docker network create/);
    assert.deepEqual([swarm.services.size, swarm.configs.size, swarm.networks.length], [0, 0, 0]);
    swarm.networks.push({ Id: "p", Name: "prod_net" });
    const done = await metis("deploy plan.json --services n.yaml --monitor 0", { files });
    assert.equal(done.code, 0, done.talk);
    const redis = [...swarm.services.values()].find(({ Spec }) => /redis/.test(Spec.Name))!;
    assert.deepEqual(redis.Spec.TaskTemplate.Networks, [{
      Target: "prod_net",
      Aliases: ["redis"],
    }]);
  });
});

/** Made only where a deployment takes long, is raced or is taken back; `deploy` is brought to it above. */
const OPTIONAL = [
  "POST /networks/create",
  "DELETE /networks/{id}",
  "POST /secrets/create",
  "DELETE /secrets/{id}",
  "POST /configs/{id}/update",
  "GET /configs",
  "GET /networks",
  "GET /volumes",
  "GET /distribution/{name}/json",
  "GET /services/{id}",
  "POST /services/{id}/update",
  "POST /services/create",
  "DELETE /services/{id}",
];

Deno.test("deploy and verify refuse a plan that is no placement of the problem file", async () => {
  const problem = (limit: number) =>
    `apps: { redis: { containers: 2 }, isr: { containers: 4 } }
nodes: [{ count: 2, slots: 9 }]
rules: { maxPerNode: { isr: ${limit} } }
`;
  for (const command of ["deploy plan.json --dry-run", "verify plan.json"]) {
    const context = memoryContext({
      args: `${command} ${SERVICES} --problem p.yaml --quiet`.split(" "),
      files: { ...FILES, "p.yaml": problem(2) },
    });
    assert.equal(await runCli(context), 1);
    assert.match(
      context.talk(),
      /plan\.json is no placement of p\.yaml: Node 1 breaks a placement rule: it holds 3 of isr, at most 2/,
    );
  }
});
