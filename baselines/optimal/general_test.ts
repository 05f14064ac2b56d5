import assert from "node:assert/strict";
import { InfeasibleError, nodeCount, Random } from "../../domain/mod.ts";
import { bestByStarts } from "../../scheduling/_every_placement.ts";
import { drawGeneral, unlikeSurfaces } from "../../scheduling/_general.ts";
import { runs } from "../../tools/_full.ts";
import { HighsSolver } from "../milp/mod.ts";
import { proveBound, solveToOptimality } from "./mod.ts";

Deno.test("optimal finds what trying all placements finds, with resources, labels, company, domains and unlike surfaces", async () => {
  const simulator = unlikeSurfaces();
  const solver = new HighsSolver();
  const seen = { feasible: 0, infeasible: 0 };
  try {
    for (let seed = 0; seed < runs(150, 1000); seed++) {
      const problem = drawGeneral(new Random(seed), simulator);
      const expected = Math.max(...bestByStarts(problem).values());
      if (expected === -Infinity) {
        seen.infeasible++;
        await assert.rejects(solveToOptimality(problem, {}, solver), InfeasibleError, `${seed}`);
        continue;
      }
      seen.feasible++;
      const answer = await solveToOptimality(problem, {}, solver);
      assert.ok(answer.proven, `problem ${seed}`);
      assert.ok(
        Math.abs(answer.total - expected) <= 1e-9,
        `problem ${seed}: ${answer.total} for ${expected}`,
      );
      const { boundTotal } = await proveBound(problem, { effort: "lp" });
      assert.ok(boundTotal >= expected - 1e-9, `problem ${seed}: ${boundTotal} below ${expected}`);
    }
  } finally {
    solver.close();
  }
  assert.ok(seen.feasible > 20 && seen.infeasible > 20, JSON.stringify(seen));
});

Deno.test("classes of one kind are one class: the same optimum, whatever they are called", async () => {
  const simulator = unlikeSurfaces();
  for (let seed = 0; seed < 20; seed++) {
    const problem = { ...drawGeneral(new Random(seed), simulator), demand: [2, 1, 1] };
    const [first] = problem.cluster.nodeClasses;
    const one = { ...first!, capacity: 3, resources: { cpu: 4, memory: 3 } };
    const rules = { ...problem.rules, fencedNodes: [], spread: [] };
    const totalOn = async (counts: readonly number[]): Promise<number | null> => {
      const nodeClasses = counts.map((count, at) => ({ ...one, name: `class-${at}`, count }));
      const cluster = { nodeClasses };
      assert.equal(nodeCount(cluster), 4);
      try {
        return (await solveToOptimality({ ...problem, cluster, rules })).total;
      } catch (error) {
        if (error instanceof InfeasibleError) return null;
        throw error;
      }
    };
    const [whole, split] = [await totalOn([4]), await totalOn([1, 2, 1])];
    assert.ok(whole === split || Math.abs(whole! - split!) <= 1e-9, `problem ${seed}`);
  }
});
