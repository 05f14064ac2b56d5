import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../datasets/mod.ts";
import {
  checkPlacement,
  InfeasibleError,
  NO_RULES,
  Random,
  uniformCluster,
} from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { bestByStarts } from "../scheduling/_every_placement.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { runs } from "../tools/_full.ts";
import { problems } from "./_problems.ts";
import { Climb } from "./climb.ts";
import { changeOf } from "./change.ts";
import { replan, replanFrontier } from "./mod.ts";
import { forcedStarts } from "./problem.ts";

Deno.test("greedy moves keep demand, rules and their limit, never beat trying all, and often equal it", () => {
  const seen = { reached: 0, best: 0 };
  for (const { seed, problem } of problems(runs(60, 300))) {
    const oracle = bestByStarts(problem, problem.current.counts);
    const starts = forcedStarts(problem) + seed % 5;
    const within = [...oracle].flatMap(([used, total]) => used <= starts ? [total] : []);
    const limits = { starts, startCost: 0, pinned: [], stop: () => false };
    try {
      const { placement, total, starts: used } = new Climb(problem, limits).run();
      checkPlacement(problem, placement);
      assert.equal(changeOf(problem, problem.current, placement).started, used);
      assert.ok(used <= starts && total <= Math.max(...within) + 1e-9, `problem ${seed}`);
      seen.reached++;
      if (total >= Math.max(...within) - 1e-9) seen.best++;
    } catch (error) {
      assert.ok(error instanceof InfeasibleError, `problem ${seed}: ${error}`);
    }
  }
  assert.ok(seen.reached > 15 && seen.best > seen.reached / 3, JSON.stringify(seen));
});

Deno.test("more configurations than a table holds are replanned within the limit, beside a bound", async () => {
  using simulator = Simulator.create({ model: contentionModel(randomApps(12, 1)), capacity: 16 });
  assert.ok(!simulator.dense);
  const draws = new Random(3);
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(10, 16),
    demand: simulator.apps.map(() => 4 + draws.below(6)),
    rules: NO_RULES,
    simulator,
  };
  const { placement: current, total: before } = await runScheduler(
    defaultRegistry().get("random"),
    problem,
  );
  const { placement, total, boundTotal, proven, change } = await replan(
    { ...problem, current },
    { maxMoves: 8, timeLimit: 10 },
  );
  checkPlacement(problem, placement);
  const { points } = await replanFrontier({ ...problem, current }, { maxMoves: 8, timeLimit: 5 });
  for (const [at, point] of points.entries()) {
    assert.ok(point.moves <= 8 && (at === 0 || point.total > points[at - 1]!.total));
  }
  assert.ok(points.length > 2);
  assert.ok(change.moves <= 8 && total > before && boundTotal >= total && !proven);
});
