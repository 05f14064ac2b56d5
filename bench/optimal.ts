import { contentionModel, randomApps } from "../datasets/mod.ts";
import { NO_RULES, uniformCluster } from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { type BenchmarkRow, runPeer } from "./measure.ts";

/** Seconds after which the peer's plain integer program is stopped. */
const PEER_LIMIT = 30;
/** Seconds after which it is killed: the peer does not always keep its own limit. */
const PEER_END = 45;

/** The scheduler `optimal`: seconds and proven gap against nodes and against the number of apps. */
export async function benchOptimal(): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  const sizes = [[81, 200], [81, 400], [729, 3000], [10_000, 40_000], [
    250_000,
    1_000_000,
  ]] as const;
  const seven = Simulator.create({ model: contentionModel(), capacity: 8 });
  for (const [nodes, containers] of sizes) rows.push(...await measure(seven, nodes, containers));
  for (const apps of [10, 14, 20]) {
    const model = contentionModel(randomApps(apps, 1));
    rows.push(...await measure(Simulator.create({ model, capacity: 8 }), 81, 400));
  }
  return rows;
}

async function measure(
  simulator: Simulator,
  nodes: number,
  containers: number,
): Promise<BenchmarkRow[]> {
  const apps = simulator.apps.length;
  const demand = Array.from({ length: apps }, (_, app) => Math.floor((containers + app) / apps));
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, 8),
    demand,
    rules: NO_RULES,
    simulator,
  };
  const run = await runScheduler(defaultRegistry().get("optimal"), problem, { timeLimit: 60 });
  const gap = 1 - run.total / (run.boundTotal ?? Infinity);
  const workload = `${containers} containers, ${nodes} nodes, ${apps} apps x 8 slots`;
  const peer = apps === 7 ? await runScipy(simulator, demand, nodes) : null;
  return [
    {
      suite: "optimal",
      workload,
      ours: run.seconds,
      unit: "s",
      better: "lower",
      ...(peer === null ? {} : {
        alternative: `scipy milp${peer.solved ? "" : " (stopped unsolved)"}`,
        theirs: peer.seconds,
      }),
    },
    {
      suite: "optimal",
      workload: `proven gap: ${workload}`,
      ours: gap * 100,
      unit: "%",
      better: "lower",
    },
  ];
}

async function runScipy(
  simulator: Simulator,
  demand: number[],
  nodes: number,
): Promise<{ seconds: number; solved: boolean } | null> {
  const apps = simulator.apps.length;
  const flat = simulator.configurationCounts(0, simulator.configurations);
  const counts = Array.from(
    { length: simulator.configurations },
    (_, rank) => [...flat.subarray(rank * apps, (rank + 1) * apps)],
  );
  const input = { counts, values: [...simulator.table()], demand, nodes, timeLimit: PEER_LIMIT };
  const script = new URL("peers/milp.py", import.meta.url).pathname;
  const started = performance.now();
  const words = [`${PEER_END}`, "/usr/bin/python3", script];
  const answer = await runPeer("/usr/bin/timeout", words, JSON.stringify(input));
  const elapsed = (performance.now() - started) / 1000;
  if (answer === null) return elapsed < PEER_LIMIT ? null : { seconds: elapsed, solved: false };
  const { seconds, status } = answer as { seconds: number; status: number };
  return { seconds, solved: status === 0 };
}
