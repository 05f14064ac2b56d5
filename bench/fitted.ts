import { contentionModel, randomApps } from "../datasets/mod.ts";
import {
  drawEvenDemand,
  type InterferenceModel,
  NO_RULES,
  type Profile,
  Random,
  uniformCluster,
} from "../domain/mod.ts";
import { fitModel } from "../models/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { BenchmarkRow } from "./measure.ts";

/** Apps, slots of a node, and nodes. */
const SIZES = [[40, 8, 60], [40, 16, 60]] as const;
/** Rows that the models are fitted on, and the noise of each. */
const ROWS = 1000;
const NOISE = 0.03;
/** Kinds of models. */
const KINDS = ["pairwise", "extra-trees", "gaussian"] as const;
/** Share of the slots that containers fill. */
const FILL = 0.8;
/** Seconds that each scheduler has. */
const LIMIT = 20;

/**
 * Models fitted on a profile, too many configurations for a table: seconds of the searches where the core evaluates the
 * model, beside asking it through JavaScript for each configuration, and how good their placements are.
 */
export async function benchFitted(): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const [apps, capacity, nodes] of SIZES) {
    const profile = drawProfile(apps, capacity);
    for (const kind of KINDS) {
      const model = fitModel(kind, profile, { seed: 1 });
      const asked: InterferenceModel = {
        kind,
        apps: model.apps,
        predict: (counts, rows) => model.predict(counts, rows),
      };
      const workload = `${kind}, ${apps} apps x ${capacity} slots x ${nodes} nodes`;
      for (const name of ["local-search", "annealing"]) {
        const ours = await run(name, model, capacity, nodes);
        const theirs = await run(name, asked, capacity, nodes);
        rows.push({
          suite: "fitted",
          workload: `${name}: ${workload}`,
          ours: ours.seconds,
          unit: "s",
          better: "lower",
          alternative: "through JavaScript",
          theirs: theirs.seconds,
        }, {
          suite: "fitted",
          workload: `${name}, throughput: ${workload}`,
          ours: ours.total,
          unit: "",
          better: "higher",
          alternative: "through JavaScript",
          theirs: theirs.total,
        });
      }
    }
  }
  return rows;
}

async function run(name: string, model: InterferenceModel, capacity: number, nodes: number) {
  using simulator = Simulator.create({ model, capacity });
  const apps = simulator.apps.length;
  return await runScheduler(defaultRegistry().get(name), {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, capacity),
    demand: drawEvenDemand(apps, Math.round(FILL * capacity * nodes), new Random(1)),
    rules: NO_RULES,
    simulator,
  }, { timeLimit: LIMIT });
}

/** Random configurations of up to six apps on a synthetic node, with noise. */
function drawProfile(apps: number, capacity: number): Profile {
  const truth = contentionModel(randomApps(apps, 1));
  const draws = new Random(1);
  const counts = new Uint8Array(ROWS * apps);
  for (let row = 0; row < ROWS; row++) {
    const kinds = draws.shuffle(truth.apps.map((_, app) => app)).slice(0, 1 + draws.below(6));
    for (let left = 1 + draws.below(capacity); left > 0; left--) {
      counts[row * apps + kinds[draws.below(kinds.length)]!]!++;
    }
  }
  const rps = truth.predict(counts, ROWS).map((speed, at) =>
    counts[at] === 0 ? NaN : Math.max(0, speed * (1 + NOISE * draws.normal()))
  );
  return { apps: truth.apps, rows: ROWS, counts, rps };
}
