import assert from "node:assert/strict";
import {
  checkPlacement,
  drawEvenDemand,
  NO_RULES,
  Random,
  uniformCluster,
} from "../../domain/mod.ts";
import { fitExtraTrees } from "../../models/mod.ts";
import { makeProfile } from "../../models/_testing.ts";
import { forbid, runScheduler } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { solveWithinFamily } from "./family.ts";
import { optimalScheduler, proveBound, solveToOptimality } from "./mod.ts";

const MODEL = fitExtraTrees(makeProfile({ apps: 5, rows: 120 }), { seed: 1, trees: 20 });

/** A small problem whose simulator has no table. */
function smallProblem(simulator: Simulator, seed: number) {
  return {
    apps: MODEL.apps,
    cluster: uniformCluster(5, 4),
    demand: drawEvenDemand(5, 16, new Random(seed)),
    rules: { ...NO_RULES, maxPerNode: [3, null, null, null, null], apart: [[1, 2] as const] },
    simulator,
  };
}

Deno.test("what is proven within a family is what a table proves where all other configurations are forbidden", async () => {
  for (const kinds of [2, 3]) {
    using table = Simulator.create({ model: MODEL, capacity: 4 });
    using family = forbid(
      table,
      (rank) => table.unrank(rank).filter((count) => count > 0).length > kinds,
    );
    using simulator = Simulator.create({ model: MODEL, capacity: 4, denseLimit: 0 });
    const problem = smallProblem(simulator, 3);
    const expected = await solveToOptimality({ ...problem, simulator: family });
    const answer = await solveWithinFamily(problem, { timeLimit: 20 }, kinds);
    assert.ok(expected.proven && answer.within.proven);
    assert.ok(Math.abs(answer.within.total - expected.total) < 1e-9 * expected.total);
    const most = (counts: Uint8Array) =>
      Math.max(
        ...Array.from({ length: 5 }, (_, node) =>
          counts.subarray(node * 5, node * 5 + 5).filter((count) => count > 0).length),
      );
    assert.ok(most(answer.within.placement.counts) <= kinds);
    // What is placed may be of other configurations, and is worth at least as much.
    assert.ok(answer.total >= answer.within.total - 1e-9);
    checkPlacement(problem, answer.placement);
    assert.ok(Math.abs(table.evaluate(answer.placement) - answer.total) < 1e-9 * answer.total);
  }
});

Deno.test("optimal says within which family it has proven something, and claims no bound on all placements", async () => {
  using simulator = Simulator.create({ model: MODEL, capacity: 4, denseLimit: 0 });
  const problem = smallProblem(simulator, 1);
  const run = await runScheduler(optimalScheduler, problem, { timeLimit: 20 });
  assert.equal(run.boundTotal, undefined);
  const { proven, provenWithin, withinMean, withinBound } = run.details ?? {};
  assert.equal(proven, false);
  assert.equal(provenWithin, "configurations of at most 4 different apps on a node");
  assert.ok(Number(withinBound) >= Number(withinMean));
  await assert.rejects(
    proveBound(problem, { effort: "lp" }),
    /UnsupportedError: A proof needs a table/,
  );
});

Deno.test("where no placement is of the family, that is said instead of that there is none", async () => {
  using simulator = Simulator.create({ model: MODEL, capacity: 4, denseLimit: 0 });
  const problem = {
    ...smallProblem(simulator, 1),
    cluster: uniformCluster(1, 4),
    demand: [0, 1, 0, 2, 1],
  };
  await assert.rejects(
    solveWithinFamily(problem, { timeLimit: 20 }, 2),
    /^UnsupportedError: No placement is within configurations of at most 2 different apps on a node/,
  );
});
