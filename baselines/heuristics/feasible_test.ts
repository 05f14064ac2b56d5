import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkPlacement,
  InfeasibleError,
  NO_RULES,
  Random,
  type Rules,
  uniformCluster,
} from "../../domain/mod.ts";
import { runScheduler, type Scheduler, type SchedulingProblem } from "../../scheduling/mod.ts";
import { ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { runs } from "../../tools/_full.ts";
import { optimalScheduler } from "../optimal/mod.ts";
import { annealing } from "./annealing.ts";
import { localSearch } from "./local_search.ts";
import { repairPlacement } from "./repair.ts";

const SEARCHING: readonly (readonly [Scheduler, Record<string, number>])[] = [
  [localSearch, { restarts: 1 }],
  [annealing, { moves: 1000 }],
];

const simulator = Simulator.create({ model: ruggedModel(4, 3), capacity: 4 });

function problemOf(nodes: number, demand: readonly number[], rules: Rules): SchedulingProblem {
  return { apps: simulator.apps, cluster: uniformCluster(nodes, 4), demand, rules, simulator };
}

Deno.test("searching schedulers place two apps that may not share one of two nodes", async () => {
  const two = Simulator.create({ model: ruggedModel(2, 1), capacity: 2 });
  const problem: SchedulingProblem = {
    apps: two.apps,
    cluster: uniformCluster(2, 2),
    demand: [2, 2],
    rules: { ...NO_RULES, apart: [[0, 1]] },
    simulator: two,
  };
  for (const [scheduler, parameters] of SEARCHING) {
    const { placement } = await runScheduler(scheduler, problem, { parameters });
    // One node is the one's, the other the other's: there is nothing else.
    assert.deepEqual([...placement.counts].sort(), [0, 0, 2, 2], scheduler.name);
  }
  two.dispose();
});

Deno.test("searching schedulers find a placement exactly where optimal does, on random problems with rules", async () => {
  let [feasible, infeasible] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), async (seed) => {
      const draws = new Random(seed);
      const nodes = 2 + draws.below(3);
      const pairs = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] as const;
      const rules: Rules = {
        maxPerNode: [0, 1, 2, 3].map(() => draws.below(3) === 0 ? 1 + draws.below(3) : null),
        apart: pairs.filter(() => draws.below(2) === 0),
        fencedNodes: draws.below(4) === 0 ? [0] : [],
      };
      const demand = [0, 1, 2, 3].map(() => draws.below(2 + nodes));
      const problem = problemOf(nodes, demand, rules);
      const finds = async (scheduler: Scheduler, parameters = {}): Promise<boolean> => {
        try {
          await runScheduler(scheduler, problem, { seed, parameters });
          return true;
        } catch (error) {
          if (error instanceof InfeasibleError) return false;
          throw error;
        }
      };
      const exists = await finds(optimalScheduler);
      if (exists) feasible++;
      else infeasible++;
      for (const [scheduler, parameters] of SEARCHING) {
        assert.equal(await finds(scheduler, parameters), exists, scheduler.name);
      }
    }),
    { numRuns: runs(25, 300) },
  );
  assert.ok(feasible >= 3 && infeasible >= 3, `${feasible} feasible, ${infeasible} not`);
});

Deno.test("repairPlacement keeps slots and rules where a greedy order would end", () => {
  // Six apps of which each may not be with the next: a ring around every node.
  const apps = ["a", "b", "c", "d", "e", "f"];
  const problem = {
    apps,
    cluster: uniformCluster(44, 4),
    demand: apps.map(() => 26),
    rules: {
      maxPerNode: [2, null, null, 2, null, null],
      apart: apps.map((_, app) => [app, (app + 1) % 6] as const),
      fencedNodes: [3],
    },
  };
  const placement = repairPlacement(problem, new Random(7));
  assert.ok(placement !== null);
  checkPlacement(problem, placement);
  // Nothing fits where a limit is 0, and time may be over at once.
  const none = { ...problem, rules: { ...problem.rules, maxPerNode: [0, 0, 0, 0, 0, 0] } };
  assert.equal(repairPlacement(none, new Random(7)), null);
  assert.equal(repairPlacement(problem, new Random(7), () => true), null);
});
