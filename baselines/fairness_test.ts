import assert from "node:assert/strict";
import {
  InfeasibleError,
  type InterferenceModel,
  NO_RULES,
  Random,
  uniformCluster,
} from "../domain/mod.ts";
import { forbidStarving, runScheduler, type SchedulingProblem } from "../scheduling/mod.ts";
import { runs } from "../tools/_full.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { annealing } from "./heuristics/annealing.ts";
import { greedy } from "./heuristics/greedy.ts";
import { localSearch } from "./heuristics/local_search.ts";
import { solveFrontier } from "./optimal/frontier.ts";
import { optimalScheduler } from "./optimal/mod.ts";

const APPS = 3;
const CAPACITY = 3;
const NODES = 3;

/** What one container of an app is worth at a speed; null where it may not run so slowly. */
type Worth = (rps: number, app: number) => number | null;

/** The most that any placement is worth, by trying all of them; null if there is none. Knows nothing of tables and ranks. */
function tryAll(model: InterferenceModel, demand: readonly number[], worth: Worth): number | null {
  const nodes = allowedNodes(model, worth);
  const best = (count: number, left: readonly number[]): number | null => {
    if (count === 0) return left.every((missing) => missing === 0) ? 0 : null;
    let most: number | null = null;
    for (const { counts, value } of nodes) {
      if (counts.some((held, app) => held > left[app]!)) continue;
      const rest = best(count - 1, left.map((missing, app) => missing - counts[app]!));
      if (rest !== null && (most === null || value + rest > most)) most = value + rest;
    }
    return most;
  };
  return best(NODES, demand);
}

/** All that a node may hold, and what that is worth. */
function allowedNodes(
  model: InterferenceModel,
  worth: Worth,
): { counts: number[]; value: number }[] {
  const nodes: { counts: number[]; value: number }[] = [];
  for (let code = 0; code < (CAPACITY + 1) ** APPS; code++) {
    const counts = Array.from(
      { length: APPS },
      (_, app) => Math.floor(code / (CAPACITY + 1) ** app) % (CAPACITY + 1),
    );
    if (counts.reduce((sum, count) => sum + count) > CAPACITY) continue;
    const rps = model.predict(Uint8Array.from(counts), 1);
    const each = counts.map((count, app) => count === 0 ? 0 : worth(rps[app]!, app));
    if (each.includes(null)) continue;
    nodes.push({ counts, value: counts.reduce((sum, count, app) => sum + count * each[app]!, 0) });
  }
  return nodes;
}

function problemOf(simulator: Simulator, demand: readonly number[]): SchedulingProblem {
  return {
    apps: simulator.apps,
    cluster: uniformCluster(NODES, CAPACITY),
    demand,
    rules: NO_RULES,
    simulator,
  };
}

/** Demands and surfaces of trials. */
function* trials(
  count: number,
): Generator<{ model: InterferenceModel; demand: number[]; random: Random }> {
  const random = new Random(11);
  for (let trial = 0; trial < count; trial++) {
    const demand = Array.from({ length: APPS }, () => 1 + random.below(3));
    yield { model: ruggedModel(APPS, trial + 1), demand, random };
  }
}

Deno.test("optimal finds the most throughput above floors, or that there is none: as trying all does", async () => {
  let possible = 0;
  let tight = 0;
  for (const { model, demand, random } of trials(runs(10, 30))) {
    const floors = Array.from(
      { length: APPS },
      () => random.below(3) === 0 ? null : 0.5 + 0.5 * random.uniform(),
    );
    const expected = tryAll(model, demand, (rps, app) => rps < (floors[app] ?? 0) ? null : rps);
    using whole = Simulator.create({ model, capacity: CAPACITY });
    using simulator = forbidStarving(whole, floors);
    const problem = problemOf(simulator, demand);
    if (expected === null) {
      await assert.rejects(runScheduler(optimalScheduler, problem), InfeasibleError);
      continue;
    }
    possible++;
    const free = tryAll(model, demand, (rps) => rps)!;
    if (expected < free - 1e-9) tight++;
    const run = await runScheduler(optimalScheduler, problem);
    assert.ok(Math.abs(run.total - expected) < 1e-7, `${demand}: ${run.total}, not ${expected}`);
    assert.ok(Math.abs(run.boundTotal! - expected) < 1e-6);
    for (const scheduler of [greedy, localSearch, annealing]) {
      try {
        const { total } = await runScheduler(
          scheduler,
          problem,
          scheduler === annealing ? { parameters: { moves: 2000 } } : {},
        );
        assert.ok(total <= expected + 1e-9, scheduler.name);
      } catch (error) {
        // Container by container, not everything that is permitted can be reached.
        assert.ok(error instanceof InfeasibleError, `${error}`);
      }
    }
  }
  assert.ok(possible >= 3 && tight >= 2, `${possible} possible, ${tight} tight`);
});

Deno.test("the frontier climbs from the best mean to the fairest placement, each rung as good as trying all finds", async () => {
  for (const { model, demand } of trials(runs(3, 12))) {
    using simulator = Simulator.create({ model, capacity: CAPACITY });
    const front = await solveFrontier(problemOf(simulator, demand), { points: 5 });
    assert.equal(front.length, 5);
    for (const { floor, total, boundTotal } of front) {
      const expected = tryAll(model, demand, (rps) => rps < floor ? null : rps);
      assert.ok(
        Math.abs(total - expected!) < 1e-7,
        `${demand}, ${floor}: ${total}, not ${expected}`,
      );
      assert.ok(Math.abs(boundTotal - expected!) < 1e-6);
    }
    assert.equal(front[0]!.floor, 0);
    // Nothing can be placed above the last floor.
    assert.equal(tryAll(model, demand, (rps) => rps <= front[4]!.floor ? null : rps), null);
  }
});
