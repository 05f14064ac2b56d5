import { spread } from "../baselines/heuristics/spread.ts";
import { isWorthTaking } from "../baselines/surer.ts";
import {
  type Demand,
  type InterferenceModel,
  type Profile,
  uniformCluster,
} from "../domain/mod.ts";
import { fitModel, TableModel, usualFit } from "../models/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { Planner, planValue } from "../profiling/plans.ts";
import { measuredKeys, RestrictedModel, ThroughputModel } from "../profiling/surface.ts";
import {
  forecastGain,
  forecastMean,
  type HeldConfiguration,
  heldConfigurations,
  problemOn,
} from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { drawDemands, NODES } from "./common/regret.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import {
  CAPACITY,
  sample,
  SMALL_CAPACITY,
  smallNode,
  truthNamed,
  TRUTHS,
} from "./common/truths.ts";

const TRUTH: Axis = {
  standard: TRUTHS.filter((name) => name !== "pool"),
  quick: ["synth0"],
  more: ["pool", "small"],
};
/** Random rows of the truth that are measured. */
const ROWS: Axis = {
  standard: ["10", "20", "40", "80"],
  quick: ["10"],
  more: ["12", "25", "50", "100"],
};
/** "usual" is what `metis schedule` does where nobody chooses: its model, and spread where that is not sure to do better. */
const MODEL: Axis = {
  standard: ["pooled", "auto", "extra-trees"],
  quick: ["usual"],
  more: ["gaussian", "boosting", "forest"],
};
const SEEDS = 8;
/** Seed of the small node before the first: each sample is of another one. */
const SMALL_BEFORE = 100;

/**
 * What plans from few rows are worth, and whether what they promise holds. A model of each kind plans demands of 200, 300
 * and 400 containers on 81 nodes by the linear relaxation, over the configurations that the truth has. The truth "small" is
 * another node of five random apps and six slots for every seed.
 * - regret: what is lost of the optimum under the truth; the mean, and the largest of all plans
 * - spread: share of the plans that are worth at least what the scheduler spread makes, and by how much they are worth more, mean;
 *   none where the truth does not have what spread uses; by spread: share of the plans that the usual choice left to spread
 * - promise: by how much plans promise more than they are worth, mean
 * - interval: share of the plans whose mean is within its 90 % interval, and of those that are not worth less than it says
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
      const only = name === "small" ? null : await worldOf(await truthNamed(name), CAPACITY);
      const worldFor = (seed: number) =>
        only ?? worldOf(smallNode(SMALL_BEFORE + seed), SMALL_CAPACITY);
      for (const size of chosen(ROWS, setting).map(Number)) {
        for (const fit of chosen(MODEL, setting)) {
          const outcomes: Outcome[] = [];
          for (let seed = 1; seed <= seeds; seed++) {
            const world = await worldFor(seed);
            outcomes.push(...await plansOf(seed, drawWhole(world.table, size, seed), fit, world));
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
        { title: "more than spread %", isNumber: true },
        { title: "by spread %", isNumber: true },
        { title: "promises more by %", isNumber: true },
        { title: "in the interval %", isNumber: true },
        { title: "not below it %", isNumber: true },
      ],
      rows,
    }];
  },
};

/** The columns of figures. */
function cellsOf(outcomes: readonly Outcome[]): string[] {
  const share = (values: readonly boolean[]) =>
    values.length === 0 ? "-" : `${Math.round(100 * mean(values.map(Number)))}`;
  const gains = outcomes.flatMap(({ gain }) => gain ?? []);
  return [
    percent(mean(outcomes.map(({ regret }) => regret))),
    percent(Math.max(...outcomes.map(({ regret }) => regret))),
    share(gains.map((gain) => gain >= 0)),
    gains.length === 0 ? "-" : percent(mean(gains)),
    share(outcomes.map(({ bySpread }) => bySpread)),
    percent(mean(outcomes.map(({ excess }) => excess))),
    share(outcomes.map(({ inside }) => inside)),
    share(outcomes.map(({ below }) => !below)),
  ];
}

interface Outcome {
  readonly regret: number;
  /** What it is worth more than spread's, as a share; null where that is not known. */
  readonly gain: number | null;
  readonly bySpread: boolean;
  readonly excess: number;
  readonly inside: boolean;
  readonly below: boolean;
}

/** A demand with its optimum, and what spread makes of it; null if it uses what the truth does not have. */
interface Reference {
  readonly demand: Demand;
  readonly best: number;
  readonly spread: PlacedBySpread | null;
}

/** What spread makes of a demand. */
interface PlacedBySpread {
  readonly held: readonly HeldConfiguration[];
  /** Its total under the truth. */
  readonly value: number;
}

/** A truth, and what is planned under it. */
interface World {
  readonly table: Profile;
  /** Slots of a node. */
  readonly capacity: number;
  /** All configurations by rank. */
  readonly counts: Uint8Array;
  /** Keys of those that may be used. */
  readonly keys: ReadonlySet<string>;
  /** Their throughput. */
  readonly truth: Float64Array;
  readonly references: readonly Reference[];
}

async function worldOf(table: Profile, capacity: number): Promise<World> {
  const counts = allConfigurations(table.apps.length, capacity);
  const keys = measuredKeys(table);
  const truth = throughputs(new TableModel(table), counts, keys);
  const references = await referencesOf(truth, table.apps, capacity);
  return { table, capacity, counts, keys, truth, references };
}

/** Throughput by rank of all configurations; far below 0 where they may not be used. */
function throughputs(
  model: InterferenceModel,
  counts: Uint8Array,
  keys: ReadonlySet<string>,
): Float64Array {
  const width = model.apps.length;
  const rps = new RestrictedModel(model, keys).predict(counts, counts.length / width);
  const all = new Float64Array(counts.length / width);
  counts.forEach((count, at) => all[Math.floor(at / width)]! += count === 0 ? 0 : count * rps[at]!);
  return all;
}

async function referencesOf(
  truth: Float64Array,
  apps: readonly string[],
  capacity: number,
): Promise<Reference[]> {
  using planner = new Planner(apps, capacity, NODES, truth);
  const simulator = Simulator.create({ model: new ThroughputModel(apps, truth), capacity });
  const references: Reference[] = [];
  for (const demand of drawDemands(3, 5, apps.length)) {
    const problem = problemOn(simulator, { cluster: uniformCluster(NODES, capacity), demand });
    const { placement } = await spread.schedule(problem, {});
    const best = planValue(await planner.plan(demand), truth);
    const value = simulator.evaluate(placement);
    const held = heldConfigurations(placement);
    references.push({ demand, best, spread: value > 0 ? { held, value } : null });
  }
  simulator.dispose();
  return references;
}

/** What the plans of a model of some rows are worth. */
async function plansOf(seed: number, rows: Profile, fit: string, world: World): Promise<Outcome[]> {
  const { table: { apps }, capacity, counts, keys, truth, references } = world;
  const width = apps.length;
  const model = fitModel(fit === "usual" ? usualFit(rows) : fit, rows, { seed });
  const expected = throughputs(model, counts, keys);
  using planner = new Planner(apps, capacity, NODES, expected);
  const outcomes: Outcome[] = [];
  for (const { demand, best, spread } of references) {
    const plan = await planner.plan(demand);
    const containers = demand.reduce((sum, count) => sum + count, 0);
    const planned = plan.shares.map(({ rank, nodes }) => ({
      counts: counts.slice(rank * width, (rank + 1) * width),
      nodes,
    }));
    const bySpread = fit === "usual" && spread !== null &&
      !isWorthTaking(forecastGain(model, rows, spread.held, planned)!);
    const value = bySpread ? spread.value : planValue(plan, truth);
    const { mean: promised, low, high } = forecastMean(
      model,
      rows,
      bySpread ? spread.held : planned,
    )!;
    const real = value / containers;
    outcomes.push({
      regret: 1 - value / best,
      gain: spread === null ? null : value / spread.value - 1,
      bySpread,
      excess: promised / real - 1,
      inside: real >= low && real <= high,
      below: real < low,
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
