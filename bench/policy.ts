import { contentionModel } from "../datasets/mod.ts";
import { drawEvenDemand, NO_RULES, Random, uniformCluster } from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { type BenchmarkRow, secondsOf } from "./measure.ts";

/** Nodes and containers. */
const SIZES = [[81, 400], [729, 3000]] as const;

/** The policy that comes with Metis, decoding greedily: milliseconds of a call once it is loaded, the check of its placement included. */
export async function benchPolicy(): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  using simulator = Simulator.create({ model: contentionModel(), capacity: 8 });
  const { apps } = simulator;
  for (const [nodes, containers] of SIZES) {
    const problem = {
      apps,
      cluster: uniformCluster(nodes, 8),
      demand: drawEvenDemand(apps.length, containers, new Random(1)),
      rules: NO_RULES,
      simulator,
    };
    const scheduler = defaultRegistry().get("metis");
    rows.push({
      suite: "policy",
      workload: `metis: ${containers} containers on ${nodes} nodes`,
      ours: 1000 * await secondsOf(() => runScheduler(scheduler, problem)),
      unit: "ms",
      better: "lower",
    });
  }
  return rows;
}
