import { contentionModel } from "../datasets/mod.ts";
import type { Cluster, Resources, Rules, Spread } from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler, type SchedulingProblem } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { BenchmarkRow } from "./measure.ts";

/** Containers of each of the seven apps on 81 nodes in three zones. */
const DEMAND = [27, 32, 12, 37, 30, 34, 28];

/** What a container of each app takes: cores, and gigabytes of memory. */
const NEEDS: readonly Resources[] = [
  { cpu: 1, memory: 1 },
  { cpu: 0.5, memory: 4 },
  { cpu: 1, memory: 0.5 },
  { cpu: 0.5, memory: 2 },
  { cpu: 0.5, memory: 2 },
  { cpu: 2, memory: 2 },
  { cpu: 1.5, memory: 3 },
];

const EVEN: Spread = { maxPerDomain: null, minDomains: 3, maxSkew: 1 };

/**
 * Problems beyond slots: resources, labels, company and skew over three zones of unlike nodes. Seconds and proven gap of
 * `optimal`, and what the others leave of it.
 */
export async function benchRules(): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  const simulator = Simulator.create({ model: contentionModel(), capacity: 8 });
  for (const scale of [1, 9]) {
    const problem = zones(simulator, scale);
    const workload = `${81 * scale} nodes in 3 zones, resources, labels, together, skew`;
    const add = (name: string, ours: number, unit: BenchmarkRow["unit"]): void => {
      rows.push({ suite: "rules", workload: `${name}: ${workload}`, ours, unit, better: "lower" });
    };
    const optimal = await runScheduler(defaultRegistry().get("optimal"), problem, {
      timeLimit: 60,
    });
    const bound = optimal.boundTotal ?? Infinity;
    add("optimal", optimal.seconds, "s");
    add("optimal, proven gap", (1 - optimal.total / bound) * 100, "%");
    for (const name of ["annealing", "local-search", "greedy", "spread"]) {
      const run = await runScheduler(defaultRegistry().get(name), problem);
      add(`${name}, gap`, (1 - run.total / bound) * 100, "%");
    }
  }
  return rows;
}

function zones(simulator: Simulator, scale: number): SchedulingProblem {
  const nodeClasses: Cluster["nodeClasses"] = ["a", "b", "c"].map((zone, at) => ({
    name: zone,
    count: 27 * scale,
    capacity: zone === "b" ? 6 : 8,
    labels: { disk: zone === "a" ? "ssd" : "hdd" },
    failureDomain: zone,
    resources: { cpu: 4 + at, memory: 16 - 2 * at },
  }));
  const rules: Rules = {
    maxPerNode: [],
    apart: [],
    fencedNodes: [],
    together: [[3, 1]],
    require: [null, null, { disk: "ssd" }, null, null, null, null],
    spread: [EVEN, EVEN, null, null, EVEN, null, {
      ...EVEN,
      maxPerDomain: 15 * scale,
      maxSkew: null,
    }],
  };
  return {
    apps: simulator.apps,
    cluster: { nodeClasses },
    demand: DEMAND.map((count) => count * scale),
    needs: NEEDS,
    rules,
    simulator,
  };
}
