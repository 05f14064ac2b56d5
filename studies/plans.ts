import { spread } from "../baselines/heuristics/spread.ts";
import { type Demand, type Profile, uniformCluster } from "../domain/mod.ts";
import { fitModel, TableModel, usualFit } from "../models/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { Planner, planValue } from "../profiling/plans.ts";
import { ThroughputModel } from "../profiling/surface.ts";
import { forecastMean, problemOn } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { drawDemands, NODES } from "./common/regret.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import { CAPACITY, sample, truthNamed, TRUTHS } from "./common/truths.ts";

const TRUTH: Axis = { standard: TRUTHS.filter((name) => name !== "pool"), quick: ["synth0"] };
/** Random rows of the truth that are measured. */
const ROWS: Axis = {
  standard: ["10", "20", "40", "80"],
  quick: ["10"],
  more: ["12", "25", "50", "100"],
};
/** "usual" is what `metis schedule` fits where nobody chooses. */
const MODEL: Axis = {
  standard: ["pooled", "auto", "extra-trees"],
  quick: ["usual"],
  more: ["gaussian", "boosting", "forest"],
};
const SEEDS = 8;

/**
 * What plans from few rows are worth, and whether what they promise holds. A model of each kind plans demands of 200, 300
 * and 400 containers on 81 nodes by the linear relaxation.
 * - regret: what is lost of the optimum under the truth; the mean, and the largest of all plans
 * - spread: share of the plans that are worth at least what the scheduler spread makes
 * - promise: by how much plans promise more than they are worth, mean
 * - interval: share of the plans whose mean is within its 90 % interval
 */
export const study: Study = {
  summary: "what plans from few random rows are worth, and whether what they promise holds",
  takes: { all: "8 minutes", quick: "3 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(TRUTH, ROWS, MODEL),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(TRUTH, setting)) {
      const table = await truthNamed(name);
      const world = await worldOf(table);
      for (const size of chosen(ROWS, setting).map(Number)) {
        for (const fit of chosen(MODEL, setting)) {
          const outcomes: Outcome[] = [];
          for (let seed = 1; seed <= seeds; seed++) {
            outcomes.push(...await plansOf(seed, drawWhole(table, size, seed), fit, world));
          }
          rows.push([name, `${size}`, fit, ...cellsOf(outcomes)]);
          tell(rows.at(-1)!.join(", "));
        }
      }
    }
    return [{
      title: "Plans from few rows",
      columns: [
        { title: "truth" },
        { title: "rows", isNumber: true },
        { title: "model" },
        { title: "regret %", isNumber: true },
        { title: "largest %", isNumber: true },
        { title: "at least spread %", isNumber: true },
        { title: "promises more by %", isNumber: true },
        { title: "in the interval %", isNumber: true },
      ],
      rows,
    }];
  },
};

/** The columns of figures. */
function cellsOf(outcomes: readonly Outcome[]): string[] {
  const share = (of: (one: Outcome) => boolean) =>
    `${Math.round(100 * outcomes.filter(of).length / outcomes.length)}`;
  return [
    percent(mean(outcomes.map(({ regret }) => regret))),
    percent(Math.max(...outcomes.map(({ regret }) => regret))),
    share(({ beatsSpread }) => beatsSpread),
    percent(mean(outcomes.map(({ excess }) => excess))),
    share(({ inside }) => inside),
  ];
}

interface Outcome {
  readonly regret: number;
  readonly beatsSpread: boolean;
  readonly excess: number;
  readonly inside: boolean;
}

/** A demand with its optimum, and what spread makes of it. */
interface Reference {
  readonly demand: Demand;
  readonly best: number;
  readonly spread: number;
}

/** A truth, and what is planned under it. */
interface World {
  readonly apps: readonly string[];
  /** All configurations by rank. */
  readonly counts: Uint8Array;
  readonly ranks: number;
  /** Their throughput. */
  readonly truth: Float64Array;
  readonly references: readonly Reference[];
}

async function worldOf(table: Profile): Promise<World> {
  const { apps } = table;
  const counts = allConfigurations(apps.length, CAPACITY);
  const ranks = counts.length / apps.length;
  const truth = throughputs(counts, new TableModel(table).predict(counts, ranks), apps.length);
  return { apps, counts, ranks, truth, references: await referencesOf(truth, apps) };
}

/** Throughput by rank of all configurations. */
function throughputs(counts: Uint8Array, rps: Float64Array, width: number): Float64Array {
  const all = new Float64Array(counts.length / width);
  counts.forEach((count, at) => all[Math.floor(at / width)]! += count === 0 ? 0 : count * rps[at]!);
  return all;
}

async function referencesOf(truth: Float64Array, apps: readonly string[]): Promise<Reference[]> {
  using planner = new Planner(apps, CAPACITY, NODES, truth);
  const simulator = Simulator.create({
    model: new ThroughputModel(apps, truth),
    capacity: CAPACITY,
  });
  const references: Reference[] = [];
  for (const demand of drawDemands(3, 5)) {
    const problem = problemOn(simulator, { cluster: uniformCluster(NODES, CAPACITY), demand });
    const { placement } = await spread.schedule(problem, {});
    const best = planValue(await planner.plan(demand), truth);
    references.push({ demand, best, spread: simulator.evaluate(placement) });
  }
  simulator.dispose();
  return references;
}

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
