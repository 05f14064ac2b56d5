import { contentionModel } from "../datasets/mod.ts";
import { NO_RULES, uniformCluster } from "../domain/mod.ts";
import { medea } from "../baselines/medea/mod.ts";
import { deriveConstraints } from "../baselines/constraints/mod.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { BenchmarkRow } from "./measure.ts";

/** Seconds after which the published formulation is stopped. */
const LIMIT = 20;
/** Nodes up to which the published formulation is tried. */
const MOST_NODES = 81;

/**
 * Medea: seconds of the formulation over configurations beside the published one over containers, both by HiGHS,
 * and the former alone up to 100,000 nodes. Half of the slots are taken, by
 * more of each app than of the one before, so that some violations are unavoidable; constraints are those of the surface.
 */
export async function benchMedea(): Promise<BenchmarkRow[]> {
  const model = contentionModel();
  const simulator = Simulator.create({ model, capacity: 8 });
  const constraints = deriveConstraints({ apps: model.apps, model }, 8);
  const rows: BenchmarkRow[] = [];
  for (const nodes of [10, 27, 81, 729, 10_000, 100_000]) {
    const containers = 4 * nodes;
    const demand = shares(containers, model.apps.length);
    const problem = {
      apps: model.apps,
      cluster: uniformCluster(nodes, 8),
      demand,
      rules: NO_RULES,
      simulator,
      constraints,
    };
    const ours = await runScheduler(medea, problem, { timeLimit: 60 });
    const proven = ours.details!.violationsProven === true ? "" : " (not proven)";
    const workload = `${containers} containers, ${nodes} nodes: ${
      ours.details!.violations
    } violations${proven}`;
    const theirs = nodes > MOST_NODES ? null : await runScheduler(medea, problem, {
      timeLimit: LIMIT,
      parameters: { formulation: "container" },
    });
    rows.push({
      suite: "medea",
      workload,
      ours: ours.seconds,
      unit: "s",
      better: "lower",
      ...(theirs === null ? {} : {
        alternative: theirs.details!.violationsProven === true
          ? "container formulation"
          : `container formulation (stopped at ${theirs.details!.violations}, bound ${
            theirs.details!.violationBound
          })`,
        theirs: theirs.seconds,
      }),
    });
  }
  return rows;
}

/** Containers of each app in proportion to 1, 2, 3, ... */
function shares(containers: number, apps: number): number[] {
  const parts = apps * (apps + 1) / 2;
  const demand = Array.from(
    { length: apps },
    (_, app) => Math.floor(containers * (app + 1) / parts),
  );
  const placed = demand.reduce((sum, count) => sum + count, 0);
  demand[apps - 1]! += containers - placed;
  return demand;
}
