/**
 * What plans from few rows are worth, and whether what they promise holds; the tables of docs/design/profiling.md:
 *   deno run --allow-read --allow-env studies/plans.ts rf20,rough-trees,rough-gaussian,synth0,synth3 12,25,50,100 SEEDS pooled,extra-trees
 * Of each truth (see truths.ts) that many random rows are measured. Each kind of model plans demands of 200, 300 and 400
 * containers on 81 nodes by the linear relaxation. "usual" is what `metis schedule` fits where nobody chooses.
 * - regret: what is lost of the optimum under the truth; the mean, and the largest of all plans
 * - spread: share of the plans that are worth at least what the scheduler spread makes
 * - promise: by how much plans promise more than they are worth, mean
 * - interval: share of the plans whose mean is within its 90 % interval
 * Lines of Markdown on standard output. Quick: one truth, 12, 3 seeds: some seconds.
 */
import { spread } from "../baselines/heuristics/spread.ts";
import { type Demand, type Profile, uniformCluster } from "../domain/mod.ts";
import { fitModel, TableModel, usualFit } from "../models/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { Planner, planValue } from "../profiling/plans.ts";
import { ThroughputModel } from "../profiling/surface.ts";
import { forecastMean, problemOn } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { CAPACITY, draw, mean, NODES, percent, sample, truthNamed } from "./truths.ts";

interface Outcome {
  readonly regret: number;
  readonly beatsSpread: boolean;
  readonly excess: number;
  readonly inside: boolean;
}

/** A truth, and what is planned under it. */
interface World {
  readonly apps: readonly string[];
  /** All configurations by rank. */
  readonly counts: Uint8Array;
  readonly ranks: number;
  /** Their throughput. */
  readonly truth: Float64Array;
  readonly references: Awaited<ReturnType<typeof referencesOf>>;
}

/** Throughput by rank of all configurations. */
function throughputs(counts: Uint8Array, rps: Float64Array, width: number): Float64Array {
  const all = new Float64Array(counts.length / width);
  counts.forEach((count, at) => all[Math.floor(at / width)]! += count === 0 ? 0 : count * rps[at]!);
  return all;
}

/** The demands with their optima, and what spread makes of them. */
async function referencesOf(
  truth: Float64Array,
  apps: readonly string[],
): Promise<{ demand: Demand; best: number; spread: number }[]> {
  using planner = new Planner(apps, CAPACITY, NODES, truth);
  const simulator = Simulator.create({
    model: new ThroughputModel(apps, truth),
    capacity: CAPACITY,
  });
  const references = [];
  for (const demand of draw(3, 5)) {
    const problem = problemOn(simulator, { cluster: uniformCluster(NODES, CAPACITY), demand });
    const { placement } = await spread.schedule(problem, {});
    const best = planValue(await planner.plan(demand), truth);
    references.push({ demand, best, spread: simulator.evaluate(placement) });
  }
  simulator.dispose();
  return references;
}

const [truths = "rf20", sizes = "12", seeds = "3", fits = "usual"] = Deno.args;
console.log(
  "| truth | rows | model | regret % | largest % | at least spread % | promises more by % | in the interval % |",
);
console.log("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |");

/** What the plans of a model of some rows are worth. */
async function plansOf(seed: number, rows: Profile, fit: string, world: World): Promise<Outcome[]> {
  const { apps, counts, ranks, truth, references } = world;
  const width = apps.length;
  const model = fitModel(fit === "usual" ? usualFit(rows) : fit, rows, { seed });
  const expected = throughputs(counts, model.predict(counts, ranks), width);
  using planner = new Planner(apps, CAPACITY, NODES, expected);
  const outcomes: Outcome[] = [];
  for (const { demand, best, spread } of references) {
    const plan = await planner.plan(demand);
    const containers = demand.reduce((sum, count) => sum + count, 0);
    const value = planValue(plan, truth);
    const held = plan.shares.map(({ rank, nodes }) => ({
      counts: counts.slice(rank * width, (rank + 1) * width),
      nodes,
    }));
    const { mean: promised, low, high } = forecastMean(model, rows, held)!;
    const real = value / containers;
    outcomes.push({
      regret: 1 - value / best,
      beatsSpread: value >= spread,
      excess: promised / real - 1,
      inside: real >= low && real <= high,
    });
  }
  return outcomes;
}

for (const name of truths.split(",")) {
  const table = await truthNamed(name);
  const width = table.apps.length;
  const counts = allConfigurations(width, CAPACITY);
  const ranks = counts.length / width;
  const truth = throughputs(counts, new TableModel(table).predict(counts, ranks), width);
  const references = await referencesOf(truth, table.apps);
  const world: World = { apps: table.apps, counts, ranks, truth, references };
  for (const size of sizes.split(",").map(Number)) {
    for (const fit of fits.split(",")) {
      const outcomes: Outcome[] = [];
      for (let seed = 1; seed <= Number(seeds); seed++) {
        outcomes.push(...await plansOf(seed, drawWhole(table, size, seed), fit, world));
      }
      const share = (of: (one: Outcome) => boolean) =>
        Math.round(100 * outcomes.filter(of).length / outcomes.length);
      console.log(
        `| ${name} | ${size} | ${fit} | ${percent(mean(outcomes.map((one) => one.regret)))} | ${
          percent(Math.max(...outcomes.map((one) => one.regret)))
        } | ${share((one) => one.beatsSpread)} | ${
          percent(mean(outcomes.map((one) => one.excess)))
        } | ${share((one) => one.inside)} |`,
      );
    }
  }
}

/** A sample in which every app is. */
function drawWhole(table: Profile, size: number, seed: number): Profile {
  for (let draw = 0;; draw++) {
    const rows = sample(table, size, 1000 * seed + 10_000_000 * draw + size);
    const width = rows.apps.length;
    const absent = (_: string, app: number) =>
      rows.counts.every((count, at) => at % width !== app || count === 0);
    if (!rows.apps.some(absent)) return rows;
  }
}
