import { contentionModel, randomApps } from "../datasets/mod.ts";
import { drawEvenDemand, NO_RULES, Random, uniformCluster } from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { BenchmarkRow } from "./measure.ts";

/** Apps, slots of a node, and nodes. */
const SIZES = [
  [12, 16, 40],
  [20, 16, 40],
  [30, 8, 40],
  [40, 16, 60],
  [100, 16, 1000],
] as const;

/** Share of the slots that containers fill. */
const FILL = 0.8;

/** Most nodes where containers come one by one: each looks at all that differ. */
const MOST_ARRIVING = 100;

/** Seconds that each scheduler has. */
const LIMIT = 60;

function onlyOne(apps: number): number[] {
  return Array.from({ length: apps }, (_, app) => app === 0 ? 1 : 0);
}

/** Many apps, too many configurations for a table: seconds, gap to the proven bound, and the memory of the core. */
export async function benchMany(): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const [apps, capacity, nodes] of SIZES) {
    const model = contentionModel(randomApps(apps, 1));
    // The smallest fits a table: it is to be evaluated as the others are.
    using simulator = Simulator.create({ model, capacity, denseLimit: 0 });
    const problem = {
      apps: simulator.apps,
      cluster: uniformCluster(nodes, capacity),
      demand: drawEvenDemand(apps, Math.round(FILL * capacity * nodes), new Random(1)),
      rules: NO_RULES,
      simulator,
    };
    const workload = `${apps} apps x ${capacity} slots x ${nodes} nodes`;
    const row = (what: string, ours: number, unit: string): void => {
      rows.push({ suite: "many", workload: `${what}: ${workload}`, ours, unit, better: "lower" });
    };
    const run = async (name: string, parameters: Record<string, string | boolean> = {}) =>
      await runScheduler(defaultRegistry().get(name), problem, { timeLimit: LIMIT, parameters });
    // A policy is loaded once.
    await runScheduler(defaultRegistry().get("metis"), { ...problem, demand: onlyOne(apps) });
    const optimal = await run("optimal");
    const bound = optimal.boundTotal ?? Infinity;
    row("optimal", optimal.seconds, "s");
    row("optimal, gap to its bound", 100 * (1 - optimal.total / bound), "%");
    for (const name of ["greedy", "local-search", "annealing", "metis"]) {
      const other = await run(name);
      row(name, other.seconds, "s");
      row(`${name}, below optimal's`, 100 * (1 - other.total / optimal.total), "%");
    }
    for (const rest of nodes > MOST_ARRIVING ? [] : ["unknown", "known"]) {
      const online = await run("metis-online", { rest, compare: true });
      const label = `metis-online, rest ${rest}`;
      const greedy = problem.demand.reduce((sum, count) => sum + count, 0) *
        Number(online.details?.["greedyMean"]);
      row(label, online.seconds, "s");
      row(`${label}, below optimal's`, 100 * (1 - online.total / optimal.total), "%");
      row("greedy in that order, below optimal's", 100 * (1 - greedy / optimal.total), "%");
    }
    row("memory of the core", simulator.memoryBytes / 1e6, "MB");
  }
  return rows;
}
