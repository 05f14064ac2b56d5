import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../../datasets/mod.ts";
import {
  checkPlacement,
  drawEvenDemand,
  type InterferenceModel,
  NO_RULES,
  Random,
  uniformCluster,
} from "../../domain/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { drawPairwise } from "../../sim-wasm/formula/_draw.ts";
import { HighsSolver } from "../milp/mod.ts";
import { proveBound, solveToOptimality } from "./mod.ts";

/** Models whose columns are priced without a table, by number of apps and seed. */
const DRAWN: Readonly<Record<string, (apps: number, seed: number) => InterferenceModel>> = {
  contention: (apps, seed) => contentionModel(randomApps(apps, seed)),
  pairs: (apps, seed) => drawPairwise(apps, seed),
};

for (const [kind, draw] of Object.entries(DRAWN)) {
  Deno.test(`without a table, optimal places by ${kind} nearly as well as with one, and its bound holds and is as tight`, async () => {
    const solver = new HighsSolver();
    try {
      for (let seed = 1; seed <= 6; seed++) {
        const apps = 4 + seed % 3;
        const model = draw(apps, seed);
        using table = Simulator.create({ model, capacity: 6 });
        using formula = Simulator.create({ model, capacity: 6, denseLimit: 0 });
        const cluster = {
          nodeClasses: [
            ...uniformCluster(4, 6).nodeClasses,
            { name: "small", capacity: 3, count: 2, labels: {}, failureDomain: null },
          ],
        };
        const rules = {
          ...NO_RULES,
          maxPerNode: model.apps.map((_, app) => app === 0 ? 2 : null),
          apart: [[0, 2] as const],
        };
        const demand = drawEvenDemand(apps, 17, new Random(seed));
        const problem = { apps: model.apps, cluster, demand, rules };
        const whole = await solveToOptimality({ ...problem, simulator: table }, {}, solver);
        const lp = await proveBound({ ...problem, simulator: table }, { effort: "lp" });
        const found = await solveToOptimality({ ...problem, simulator: formula }, {}, solver);
        checkPlacement(problem, found.placement);
        const expected = table.evaluate(found.placement);
        assert.ok(Math.abs(found.total - expected) <= 1e-9 * expected);
        assert.ok(found.total <= whole.total + 1e-9, `${seed}`);
        assert.ok(found.total >= 0.99 * whole.total, `${seed}: ${found.total} of ${whole.total}`);
        // The bound is that of the relaxation, to the precision of the proof: 1e-4 of a node's throughput.
        assert.ok(
          found.boundTotal >= lp.boundTotal * (1 - 1e-9),
          `${seed}: bound below the relaxation`,
        );
        assert.ok(
          found.boundTotal <= lp.boundTotal * (1 + 5e-4),
          `${seed}: ${found.boundTotal} above`,
        );
      }
    } finally {
      solver.close();
    }
  });
}

Deno.test("without table and formula, optimal says that it needs one of them", async () => {
  const model = contentionModel(randomApps(4, 1));
  const { formula: _, ...plain } = model;
  using simulator = Simulator.create({ model: plain, capacity: 4, denseLimit: 0 });
  const problem = {
    apps: model.apps,
    cluster: uniformCluster(2, 4),
    demand: [1, 1, 1, 1],
    rules: NO_RULES,
    simulator,
  };
  await assert.rejects(
    solveToOptimality(problem),
    /^UnsupportedError: A proof needs a table of all configurations, or a model whose formula it knows: 70 configurations are too many$/,
  );
});
