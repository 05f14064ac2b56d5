/**
 * A lab that serves: configurations come and go on a node while its containers are asked more and less, a real Prometheus
 * records it, and `metis observe` learns from that; then `metis profile` measures the same configurations by a load of its
 * own, twice: once to place by, once as the truth.
 * @module
 */
import { type Profile, Random } from "../../domain/mod.ts";
import { readProfile } from "../../profiles/mod.ts";
import { everyConfiguration } from "../../swarm/measure/configurations.ts";
import { labDown } from "../../swarm/lab/down.ts";
import { labNodes, type LabPlan } from "../../swarm/lab/layout.ts";
import { labUp } from "../../swarm/lab/up.ts";
import { labEngine } from "../../swarm/lab/engines.ts";
import { APP_LABEL, STACK_LABEL } from "../../swarm/services/spec.ts";
import { startMetis } from "../../swarm/testing/_lab.ts";
import { startPrometheus } from "../../swarm/testing/_prometheus.ts";
import { blocksOf } from "../../tools/_docs.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-study",
  subnet: "10.92.0",
  nodes: 2,
  slots: 3,
};
const APPS = ["redis", "mms", "checksum"];
/** Containers of the node that serves. */
export const CAPACITY = 3;
const NODE = "n2";
const STACK = "shop";
/** Everything that containers may take, whoever measures. */
const LIMITS = ["--cpus", "0.5"];
/** Seconds between two changes of what users do. */
const MOOD = 15;
const USERS = 3;

/** What the lab gave. */
export interface LabProfiles {
  readonly observed: Profile;
  readonly profiled: Profile;
  readonly truth: Profile;
  /** What `metis observe --json` said. */
  readonly said: string;
}

/** Serves for so many seconds, then profiles. @throws {Error} where a command fails. */
export async function serveAndProfile(
  seconds: number,
  tell: (line: string) => void,
): Promise<LabProfiles> {
  const folder = await Deno.makeTempDir();
  await labDown(LAB.directory, tell);
  try {
    await labUp(LAB, tell, undefined, { cpus: { [NODE]: "1" }, priority: true });
    const metis = commandLine();
    await metis("workloads", "build", "--lab", LAB.directory);
    const observed = `${folder}/observed.csv`;
    const said = await serve(metis, folder, observed, seconds, tell);
    const profiles = [];
    for (const name of ["profiled", "truth"]) {
      tell(`profiling: ${name}`);
      const out = `${folder}/${name}.csv`;
      await metis(
        ...["profile", "--nodes", NODE, "--all", "--capacity", `${CAPACITY}`, "--apps", `${APPS}`],
        ...["--users", "2", "--wait", "0..0.1", "--warm-up", "3", "--duration", "6", "--out", out],
        ...["--generator-cpus", "0", "--generator-realtime", "--max-spread", "0.4", ...LIMITS],
      );
      profiles.push(await profileIn(out));
    }
    const [profiled, truth] = profiles;
    return { observed: await profileIn(observed), profiled: profiled!, truth: truth!, said };
  } finally {
    await labDown(LAB.directory, tell);
    await Deno.remove(folder, { recursive: true });
  }
}

type Metis = (...args: string[]) => Promise<string>;

/** The command line on the lab. */
function commandLine(): Metis {
  const env = {
    DOCKER_HOST: `unix://${labNodes(LAB)[0]!.socket}`,
    HOME: Deno.env.get("HOME") ?? "/root",
  };
  return async (...args) => {
    const { code, stdout, stderr } = await startMetis(args, env).output();
    const decoder = new TextDecoder();
    if (code === 0) return decoder.decode(stdout);
    throw new Error(`metis ${args.join(" ")}: ${decoder.decode(stderr).slice(-2000)}`);
  };
}

async function profileIn(path: string): Promise<Profile> {
  return (await readProfile(await Deno.readFile(path), path)).profile;
}

/** Deploys one configuration after another, has users ask, and learns. @returns What observe said. */
async function serve(
  metis: Metis,
  folder: string,
  out: string,
  seconds: number,
  tell: (line: string) => void,
): Promise<string> {
  const random = new Random(1);
  const began = Date.now();
  const spent = () => (Date.now() - began) / 1000;
  await using prometheus = await startPrometheus(await scrapeConfig());
  const configurations = everyConfiguration(APPS.length, CAPACITY);
  const each = Math.max(2 * MOOD, seconds / configurations.length - 12);
  for (const counts of random.shuffle([...configurations])) {
    const plan = `${folder}/plan.json`;
    await Deno.writeTextFile(plan, JSON.stringify({ apps: APPS, placement: [[...counts]] }));
    await metis(
      ...["deploy", plan, "--nodes", NODE, "--stack", STACK, "--monitor", "0", ...LIMITS],
    );
    tell(`${counts.join(",")} serves, ${spent().toFixed(0)} s so far`);
    await haveUsers(await addresses(), each, random);
  }
  const last = `${Math.ceil(spent())}`;
  const said = await metis(
    ...["observe", "--prometheus", prometheus.url, "--stack", STACK, "--last", last, "--out", out],
    ...["--interval", "8", "--settle", "8", "--json"],
  );
  await metis("undeploy", "--stack", STACK);
  return said;
}

/** The configuration of docs/observing.md, with this lab's engine. */
async function scrapeConfig(): Promise<string> {
  const page = await Deno.readTextFile(new URL("../../docs/observing.md", import.meta.url));
  const config = blocksOf(page).find(({ file }) => file === "prometheus.yml");
  if (config === undefined) throw new Error("docs/observing.md has no prometheus.yml");
  return config.code.replace("unix:///var/run/docker.sock", `unix://${labNodes(LAB)[0]!.socket}`)
    .replace("scrape_interval: 15s", "scrape_interval: 2s");
}

/** Where each container that serves answers. */
async function addresses(): Promise<string[]> {
  const [manager] = labNodes(LAB);
  const engine = await labEngine(manager!);
  try {
    const [nodes, services, tasks] = await Promise.all([
      engine.nodes(),
      engine.services({ [STACK_LABEL]: STACK }),
      engine.tasks({ [STACK_LABEL]: STACK }),
    ]);
    const address = new Map(nodes.map(({ ID, Status }) => [ID, Status.Addr]));
    const apps = new Map(services.map(({ ID, Spec }) => [ID, Spec.Labels?.[APP_LABEL]]));
    return tasks.filter(({ Status, DesiredState }) =>
      Status.State === "running" && DesiredState === "running"
    ).flatMap(({ ServiceID, NodeID, Status }) => {
      const port = (Status.PortStatus?.Ports ?? []).find(({ TargetPort }) => TargetPort === 8080);
      return port === undefined || apps.get(ServiceID) === undefined
        ? []
        : [`http://${address.get(NodeID)}:${port.PublishedPort}/`];
    });
  } finally {
    engine.close();
  }
}

/** Users of every container, who wait for answers, and a while between; how long changes with their mood. */
async function haveUsers(targets: readonly string[], seconds: number, random: Random) {
  const end = performance.now() + 1000 * seconds;
  await Promise.all(targets.flatMap((target) => {
    let wait = 0;
    const own = random.fork();
    const users = Array.from({ length: USERS }, async (_, user) => {
      for (let at = 0; performance.now() < end; at++) {
        // The first of a container's users sets the pace of all.
        if (user === 0 && at % 8 === 0) wait = 0.02 * 20 ** own.uniform();
        await fetch(target).then((answer) => answer.body?.cancel()).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 2000 * wait * own.uniform()));
      }
    });
    return users;
  }));
}
