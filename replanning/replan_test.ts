import assert from "node:assert/strict";
import {
  checkPlacement,
  InfeasibleError,
  NO_RULES,
  placementFromRows,
  uniformCluster,
} from "../domain/mod.ts";
import { HighsSolver, type MilpSolver } from "../baselines/milp/mod.ts";
import { solveToOptimality } from "../baselines/optimal/mod.ts";
import { bestByStarts } from "../scheduling/_every_placement.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { runs } from "../tools/_full.ts";
import { problems } from "./_problems.ts";
import { forcedStarts } from "./problem.ts";
import { replanFrontier, replanFrontierWith } from "./frontier.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { replan, replanWith } from "./replan.ts";

/** Runs with one solver for all problems. */
async function withSolver(body: (solver: MilpSolver) => Promise<void>): Promise<void> {
  const solver = new HighsSolver();
  try {
    await body(solver);
  } finally {
    solver.close();
  }
}

/** The best total with at most so many starts, by the oracle. */
function bestWithin(oracle: ReadonlyMap<number, number>, starts: number): number {
  return Math.max(...[...oracle].flatMap(([used, total]) => used <= starts ? [total] : []));
}

Deno.test("the frontier is what trying all placements finds at every number of moves", () =>
  withSolver(async (solver) => {
    const seen = { points: 0, infeasible: 0, freed: 0 };
    for (const { seed, problem } of problems(runs(60, 200))) {
      const oracle = bestByStarts(problem, problem.current.counts);
      const forced = forcedStarts(problem);
      if (oracle.size === 0) {
        seen.infeasible++;
        await assert.rejects(
          replanFrontierWith(problem, {}, solver),
          InfeasibleError,
          `problem ${seed}`,
        );
        continue;
      }
      const { points, complete } = await replanFrontierWith(problem, {}, solver);
      assert.ok(complete, `problem ${seed}`);
      assert.equal(points[0]!.moves, Math.min(...oracle.keys()) - forced, `problem ${seed}`);
      for (const { moves, total, boundTotal, proven, placement, change } of points) {
        checkPlacement(problem, placement);
        assert.ok(proven && change.moves <= moves, `problem ${seed}, ${moves} moves`);
        const expected = bestWithin(oracle, forced + moves);
        assert.ok(
          Math.abs(total - expected) <= 1e-9,
          `problem ${seed}, ${moves}: ${total} for ${expected}`,
        );
        assert.ok(Math.abs(boundTotal - expected) <= 1e-7);
        seen.points++;
      }
      const best = Math.max(...oracle.values());
      assert.ok(Math.abs(points.at(-1)!.total - best) <= 1e-9, `problem ${seed}`);
      const fewest = Math.min(
        ...[...oracle].flatMap(([starts, total]) => total >= best - 1e-9 ? [starts] : []),
      );
      assert.equal(points.at(-1)!.moves, fewest - forced, `problem ${seed}`);
      if (points[0]!.moves > 0) seen.freed++;
    }
    assert.ok(seen.points > 100 && seen.infeasible > 5 && seen.freed > 5, JSON.stringify(seen));
  }));

Deno.test("replan finds the best within a limit, the fewest moves that reach the best, and says where more are needed", () =>
  withSolver(async (solver) => {
    const seen = { limited: 0, refused: 0, costly: 0 };
    for (const { seed, problem } of problems(runs(40, 200))) {
      const oracle = bestByStarts(problem, problem.current.counts);
      if (oracle.size === 0) continue;
      const forced = forcedStarts(problem);
      const least = Math.min(...oracle.keys()) - forced;
      const best = Math.max(...oracle.values());
      const free = await replanWith(problem, {}, solver);
      checkPlacement(problem, free.placement);
      assert.ok(
        free.proven && free.fewest && Math.abs(free.total - best) <= 1e-9,
        `problem ${seed}`,
      );
      const fewest = Math.min(
        ...[...oracle].flatMap(([starts, total]) => total >= best - 1e-9 ? [starts] : []),
      );
      assert.equal(free.change.started, fewest, `problem ${seed}`);
      const maxMoves = seed % 4;
      if (maxMoves < least) {
        seen.refused++;
        await assert.rejects(
          replanWith(problem, { maxMoves }, solver),
          new RegExp(`at least ${least} are needed`),
        );
        continue;
      }
      const limited = await replanWith(problem, { maxMoves }, solver);
      const expected = bestWithin(oracle, forced + maxMoves);
      assert.ok(
        Math.abs(limited.total - expected) <= 1e-9,
        `problem ${seed}: ${limited.total}, ${expected}`,
      );
      assert.ok(limited.proven && limited.change.moves <= maxMoves);
      if (expected < best - 1e-9) seen.limited++;
      const frugal = await replanWith(problem, { fewestMoves: true }, solver);
      const atLeast = bestWithin(oracle, forced + least);
      assert.equal(frugal.change.moves, least, `problem ${seed}`);
      assert.ok(frugal.proven && Math.abs(frugal.total - atLeast) <= 1e-9, `problem ${seed}`);
      const moveCost = 0.1;
      const costly = await replanWith(problem, { moveCost }, solver);
      const worth = Math.max(...[...oracle].map(([starts, total]) => total - moveCost * starts));
      const reached = costly.total - moveCost * costly.change.started;
      assert.ok(Math.abs(reached - worth) <= 1e-9, `problem ${seed}: ${reached} for ${worth}`);
      // The bound is of totals less what their moves cost: what is forced costs nothing.
      assert.ok(Math.abs(costly.boundTotal - (worth + moveCost * forced)) <= 1e-6);
      if (costly.change.started < fewest) seen.costly++;
    }
    assert.ok(Math.min(...Object.values(seen)) > 1, JSON.stringify(seen));
  }));

Deno.test("pinned apps stay: none of theirs stops where the demand holds, and the rest is as good as can be", () =>
  withSolver(async (solver) => {
    let tight = 0;
    for (const { seed, problem } of problems(runs(60, 200))) {
      const { apps, current, demand, rules } = problem;
      const running = apps.map((_, app) =>
        current.counts.reduce((sum, count, at) => at % apps.length === app ? sum + count : sum, 0)
      );
      const stays = (node: number, counts: readonly number[]): boolean => {
        const now = current.counts[node * apps.length]!;
        return demand[0]! < running[0]! ? counts[0]! <= now : counts[0]! >= now;
      };
      const oracle = bestByStarts(problem, current.counts, stays);
      const pinned = apps.map((_, app) => app === 0);
      const runsFenced = rules.fencedNodes.some((node) => current.counts[node * apps.length]! > 0);
      if (oracle.size === 0 || runsFenced) {
        await assert.rejects(
          replanWith(problem, { pinned }, solver),
          InfeasibleError,
          `problem ${seed}`,
        );
        continue;
      }
      const expected = Math.max(...oracle.values());
      const { total, proven } = await replanWith(problem, { pinned }, solver);
      assert.ok(
        proven && Math.abs(total - expected) <= 1e-9,
        `problem ${seed}: ${total} for ${expected}`,
      );
      const free = Math.max(...bestByStarts(problem, current.counts).values());
      if (expected < free - 1e-9) tight++;
    }
    assert.ok(tight > 2, `${tight}`);
  }));

Deno.test("what was planned and runs needs no move; a demand that grows starts what it must", () =>
  withSolver(async (solver) => {
    using simulator = Simulator.create({ model: ruggedModel(4, 3), capacity: 4 });
    {
      const problem = {
        apps: simulator.apps,
        cluster: uniformCluster(12, 4),
        demand: [9, 8, 10, 7],
        rules: NO_RULES,
        simulator,
      };
      const { placement: current, total } = await solveToOptimality(problem, {}, solver);
      const again = await replanWith({ ...problem, current }, {}, solver);
      assert.deepEqual(again.change, { started: 0, stopped: 0, forced: 0, moves: 0 });
      assert.equal(again.total, total);
      const grown = { ...problem, demand: [10, 9, 10, 8], current };
      const still = await replanWith(grown, { maxMoves: 0 }, solver);
      assert.deepEqual(still.change, { started: 3, stopped: 0, forced: 3, moves: 0 });
      const shrunk = await replanWith(
        { ...problem, demand: [7, 8, 8, 5], current },
        { maxMoves: 0 },
        solver,
      );
      assert.deepEqual(shrunk.change, { started: 0, stopped: 6, forced: 0, moves: 0 });
      const { points } = await replanFrontierWith(grown, {}, solver);
      for (const [at, { total }] of points.entries()) {
        assert.ok(at === 0 || total >= points[at - 1]!.total);
      }
      assert.equal(points.at(-1)!.total, (await solveToOptimality(grown, {}, solver)).total);
    }
  }));

Deno.test("a search that runs out of time says the best that it has, with a bound", async () => {
  using simulator = Simulator.create({ model: ruggedModel(6, 4), capacity: 6 });
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(12, 6),
    demand: [11, 12, 10, 12, 11, 12],
    rules: NO_RULES,
    simulator,
  };
  const { placement: current, total: before } = await runScheduler(
    defaultRegistry().get("random"),
    problem,
  );
  const { placement, total, boundTotal, proven, change } = await replan(
    { ...problem, current },
    { maxMoves: 20, timeLimit: 0.3 },
  );
  checkPlacement(problem, placement);
  assert.ok(change.moves <= 20 && total > before && boundTotal >= total && !proven);
});

Deno.test("what is pinned where it may no longer run is refused by name", async () => {
  using simulator = Simulator.create({ model: ruggedModel(3, 4), capacity: 4 });
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(3, 4),
    demand: [4, 2, 2],
    rules: { ...NO_RULES, maxPerNode: [2, null, null] },
    simulator,
    current: placementFromRows([[3, 0, 0], [1, 2, 0], [0, 0, 2]]),
  };
  const pinned = [true, false, false];
  await assert.rejects(replan(problem, { pinned }), /app-0 should stay .* node 0 may no longer/);
  assert.equal((await replan(problem, { fewestMoves: true })).change.moves, 1);
});

Deno.test("a frontier says why it ends: at the limit of moves, or with the best there is", async () => {
  using simulator = Simulator.create({ model: ruggedModel(3, 4), capacity: 3 });
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(4, 3),
    demand: [3, 3, 3],
    rules: NO_RULES,
    simulator,
    current: placementFromRows([[3, 0, 0], [0, 3, 0], [0, 0, 3], [0, 0, 0]]),
  };
  const whole = await replanFrontier(problem);
  assert.deepEqual([whole.ended, whole.complete], ["best", true]);
  assert.ok(whole.points.length > 1);
  const limited = await replanFrontier(problem, { maxMoves: 0 });
  assert.deepEqual([limited.ended, limited.complete], ["limit", false]);
});
