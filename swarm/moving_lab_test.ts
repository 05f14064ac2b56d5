/**
 * Containers move on real engines while a client asks for them: a node joins, is drained, and returns. Run by
 * `METIS_LAB=1 deno task test swarm/moving_lab_test.ts` as root, with Debian's docker.io, iproute2, iptables and
 * busybox-static.
 */
import assert from "node:assert/strict";
import type { Engine } from "./engine/engine.ts";
import { labEngine } from "./lab/engines.ts";
import { importEverywhere } from "./lab/images.ts";
import { labNodes, type LabPlan, SLOTS_LABEL } from "./lab/layout.ts";
import { APP_LABEL, STACK_LABEL } from "./services/spec.ts";
import { ended, labTest, type Ran, startMetis, testImage } from "./testing/_lab.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-moves",
  subnet: "10.82.0",
  nodes: 3,
  slots: 8,
};
const [n1] = labNodes(LAB);
const env = { DOCKER_HOST: `unix://${n1!.socket}` };
const APPS = ["web", "db"];

labTest("nodes join, are drained and return under load, and no request is lost", LAB, scenarios);

async function scenarios(t: Deno.TestContext, folder: string): Promise<void> {
  const write = async (name: string, text: string): Promise<string> => {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  const app = {
    image: "metis-test:1",
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"],
    stop_grace_period: "1s",
    ports: [{ target: 8080 }],
  };
  const services = await write(
    "services.json",
    JSON.stringify({ services: { web: app, db: app } }),
  );
  const table = await write("table.csv", tableText());
  const plan = await write(
    "plan.json",
    JSON.stringify({ apps: APPS, placement: [[4, 2], [4, 2]] }),
  );
  const how = ["--services", services, "--monitor", "1", "--parallelism", "8"];
  const metis = (...args: string[]) => ended(startMetis(args, env));
  const done = (ran: Ran) => {
    assert.equal(ran.code, 0, `${ran.output}\n${ran.talk}`);
    return ran;
  };
  const engine = await labEngine(n1!);
  /** Containers of the stack on each node. */
  const perNode = async () => {
    const counts: Record<string, number> = { n1: 0, n2: 0, n3: 0 };
    for (const { node } of await endpoints(engine)) counts[node]!++;
    return counts;
  };
  const setNode = async (name: string, spec: Record<string, unknown>) => {
    const nodes = await engine.nodes();
    const node = nodes.find(({ Description }) => Description.Hostname === name)!;
    await engine.updateNode(node, { Labels: node.Spec.Labels, ...spec });
  };

  const isUp = await t.step("twelve containers run on two of three nodes", async () => {
    const place = ["--directory", LAB.directory, "--subnet", LAB.subnet];
    done(await metis("lab", "up", "--nodes", "3", "--slots", "8", ...place));
    await importEverywhere(LAB, await testImage(), "metis-test:1");
    await setNode("n3", { Labels: {} });
    done(await metis("deploy", plan, ...how));
    assert.deepEqual(await perNode(), { n1: 6, n2: 6, n3: 0 });
  });
  if (!isUp) return engine.close();
  const client = new Client(engine);

  await t.step("a node joins: some move to it, stage by stage", async () => {
    await setNode("n3", { Labels: { [SLOTS_LABEL]: "8" } });
    const next = `${folder}/next.json`;
    done(await metis("replan", "--stack", "metis", "--table", table, "--out", next));
    done(await metis("deploy", next, ...how));
    assert.deepEqual(await perNode(), { n1: 4, n2: 4, n3: 4 });
  });

  await t.step("it is drained: a kill -9 in the middle is taken up by a second run", async () => {
    const drain = ["drain", "n2", "--table", table, ...how];
    const killed = startMetis(drain, env);
    await until(async () => (await perNode()).n1! + (await perNode()).n3! > 8);
    killed.kill("SIGKILL");
    await ended(killed);
    done(await metis(...drain));
    const counts = await perNode();
    assert.deepEqual([counts.n2, counts.n1! + counts.n3!], [0, 12]);
  });

  await t.step(
    "it returns: a watch brings containers back to it, and then has nothing to do",
    async () => {
      await setNode("n2", { Availability: "active" });
      const once = ["--once", "--act", "--settle", "0", "--hold", "0", "--moves-per-hour", "12"];
      const journal = ["--journal", `${folder}/watch.jsonl`];
      const watch = ["watch", "--table", table, ...how, ...once, ...journal];
      assert.match(done(await metis(...watch)).output, /acts: starts .*brings/);
      assert.deepEqual(await perNode(), { n1: 4, n2: 4, n3: 4 });
      assert.match(done(await metis(...watch)).output, /stays: nothing is better/);
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

/** Where each container that runs can be reached. */
async function endpoints(
  engine: Engine,
): Promise<{ readonly app: string; readonly node: string; readonly address: string }[]> {
  const [tasks, nodes] = await Promise.all([
    engine.tasks({ [STACK_LABEL]: "metis" }),
    engine.nodes(),
  ]);
  const of = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
  const addresses = new Map(labNodes(LAB).map(({ name, address }) => [name, address]));
  return tasks.flatMap(({ NodeID, Status, DesiredState, Spec }) => {
    const port = Status.PortStatus?.Ports?.[0]?.PublishedPort;
    if (Status.State !== "running" || DesiredState !== "running" || !port) return [];
    const node = of.get(NodeID)!;
    const app = Spec.ContainerSpec?.Labels?.[APP_LABEL] ?? "";
    return [{ app, node, address: `http://${addresses.get(node)}:${port}/` }];
  });
}

/**
 * Asks each app again and again, one container after the other. As load balancers do, it goes to the next one where
 * a container has just stopped; a request that none of them answers is lost.
 */
class Client {
  asked = 0;
  lost = 0;
  turnedAway = 0;
  #ended = false;
  readonly #running: Promise<unknown>;

  constructor(readonly engine: Engine) {
    this.#running = Promise.all(APPS.map((app) => this.#ask(app)));
  }

  async end(): Promise<this> {
    this.#ended = true;
    await this.#running;
    return this;
  }

  async #ask(app: string): Promise<void> {
    for (let turn = 0; !this.#ended; turn++) {
      const own = (await endpoints(this.engine)).filter((one) => one.app === app);
      const inTurn = own.map((_, at) => own[(turn + at) % own.length]!);
      this.asked++;
      let isAnswered = false;
      for (const { address } of inTurn) {
        isAnswered = await answers(address);
        if (isAnswered) break;
        this.turnedAway++;
      }
      if (!isAnswered) this.lost++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(5000) });
    return await response.text() === "hello\n";
  } catch {
    return false;
  }
}

/** Every configuration of up to eight containers: the more there are on a node, the slower they are. */
function tableText(): string {
  const rows = [];
  for (let web = 0; web <= 8; web++) {
    for (let db = 0; web + db <= 8; db++) {
      if (web + db === 0) continue;
      const speed = 1 / (1 + 0.1 * (web + db - 1));
      rows.push([web, db, web > 0 ? speed : "", db > 0 ? speed : ""].join(","));
    }
  }
  return `web,db,rps:web,rps:db\n${rows.join("\n")}\n`;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 600; tried++) {
    if (await done().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("waited a minute for nothing");
}
