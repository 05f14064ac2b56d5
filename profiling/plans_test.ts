import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../datasets/mod.ts";
import {
  configurationCount,
  demandTotal,
  multinomialDemands,
  type Profile,
  Random,
  selectRows,
  uniformCluster,
} from "../domain/mod.ts";
import { spread } from "../baselines/heuristics/spread.ts";
import { fitModel, usualFit } from "../models/mod.ts";
import { forecastMean, problemOn } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { fullOnly } from "../tools/_full.ts";
import { allConfigurations } from "./active.ts";
import { Planner, planValue } from "./plans.ts";
import { ThroughputModel } from "./surface.ts";

/** The size of node that intervals are calibrated for. */
const [APPS, CAPACITY, NODES, NOISE] = [7, 8, 81, 0.02];
const SIZES = [12, 25];
/** Seeds of synthetic nodes. The calibration before held for 83 % of the plans on these three, and fails here. */
const SOME = [3, 6, 7];
const ALL = [...SOME, 1, 2, 4, 5, 8, 9, 10];

/** All configurations of a synthetic node, with noise that is part of the truth. */
function truthOf(seed: number): Profile {
  const apps = randomApps(APPS, seed);
  const random = new Random(seed);
  const counts = allConfigurations(APPS, CAPACITY);
  const rps = contentionModel(apps).predict(counts, counts.length / APPS).map((value, at) => {
    const held = counts.subarray(at - at % APPS, at - at % APPS + APPS);
    const lone = held.reduce((sum, count) => sum + count, 0) === 1;
    return counts[at] === 0 ? 0 : lone ? 1 : value * (1 + NOISE * random.normal());
  });
  return { apps: apps.map(({ name }) => name), rows: counts.length / APPS, counts, rps };
}

/** Random rows in which every app is. */
function sampleOf(truth: Profile, size: number, random: Random): Profile {
  while (true) {
    const order = random.shuffle(Array.from({ length: truth.rows - 1 }, (_, row) => row + 1));
    const rows = selectRows(truth, order.slice(0, size));
    const has = (app: number) => rows.counts.some((count, at) => at % APPS === app && count > 0);
    if (rows.apps.every((_, app) => has(app))) return rows;
  }
}

function throughputs(counts: Uint8Array, rps: Float64Array): Float64Array {
  const all = new Float64Array(configurationCount(APPS, CAPACITY));
  counts.forEach((count, at) => all[Math.floor(at / APPS)]! += count * rps[at]!);
  return all;
}

/** What a plan promises, and what it is worth. */
interface Outcome {
  readonly promised: number;
  readonly low: number;
  readonly high: number;
  readonly real: number;
  /** What it is worth more than spread's, as a share. */
  readonly gain: number;
}

/** Plans by the usual model of few random rows. */
async function plansFromFewRows(nodes: readonly number[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const seed of nodes) {
    const truth = truthOf(seed);
    const { apps, counts } = truth;
    const real = throughputs(counts, truth.rps);
    using simulator = Simulator.create({
      model: new ThroughputModel(apps, real),
      capacity: CAPACITY,
    });
    const random = new Random(100 + seed);
    const demands = [200, 300, 400].map((total) => multinomialDemands(APPS, total, total)(random));
    for (const size of SIZES) {
      const rows = sampleOf(truth, size, random);
      const model = fitModel(usualFit(rows), rows, { seed });
      using planner = new Planner(
        apps,
        CAPACITY,
        NODES,
        throughputs(counts, model.predict(counts, truth.rows)),
      );
      for (const demand of demands) {
        const plan = await planner.plan(demand);
        const held = plan.shares.map(({ rank, nodes }) => ({
          counts: counts.slice(rank * APPS, (rank + 1) * APPS),
          nodes,
        }));
        const { mean: promised, low, high } = forecastMean(model, rows, held)!;
        const value = planValue(plan, real);
        const cluster = uniformCluster(NODES, CAPACITY);
        const { placement } = await spread.schedule(problemOn(simulator, { cluster, demand }), {});
        const gain = value / simulator.evaluate(placement) - 1;
        outcomes.push({ promised, low, high, real: value / demandTotal(demand), gain });
      }
    }
  }
  return outcomes;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

// studies/coverage_test.ts is the sample of this one.
fullOnly(
  "plans from 12 and 25 rows are worth what their interval says, and on average more than spread's",
  async () => {
    const plans = await plansFromFewRows(ALL);
    const inside = mean(plans.map(({ low, high, real }) => low <= real && real <= high ? 1 : 0));
    const width = mean(plans.map(({ promised, low, high }) => (high - low) / promised));
    const gain = mean(plans.map((plan) => plan.gain));
    assert.ok(inside >= 0.85, `${inside} of the plans`);
    assert.ok(width < 0.2, `${width} of the promise`);
    assert.ok(gain > 0, `${gain}`);
  },
);
