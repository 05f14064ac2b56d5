import assert from "node:assert/strict";
import { NO_RULES, placementRows, uniformCluster } from "../../domain/mod.ts";
import { runScheduler, type SchedulingProblem } from "../../scheduling/mod.ts";
import { testScheduler } from "../../scheduling/_conformance.ts";
import { ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { annealing } from "./annealing.ts";
import { binpack } from "./binpack.ts";
import { greedy } from "./greedy.ts";
import { localSearch } from "./local_search.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round_robin.ts";
import { spread } from "./spread.ts";

for (const scheduler of [roundRobin, random, spread, binpack, greedy, localSearch]) {
  testScheduler(scheduler);
}
testScheduler(annealing, { options: { parameters: { moves: 50_000 } } });

const simulator = Simulator.create({ model: ruggedModel(2, 9), capacity: 4 });

function problemOf(demand: number[], nodes: number): SchedulingProblem {
  return {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, 4),
    demand,
    rules: NO_RULES,
    simulator,
  };
}

Deno.test("round-robin puts container i on node i mod nodes", async () => {
  const { placement } = await runScheduler(roundRobin, problemOf([4, 3], 3));
  // Containers 0-3 of the first app on nodes 0 1 2 0, 4-6 of the second on nodes 1 2 0.
  assert.deepEqual(placementRows(placement), [[2, 1], [1, 1], [1, 1]]);
});

Deno.test("spread keeps containers of one app apart before it looks at the load", async () => {
  const { placement } = await runScheduler(spread, problemOf([2, 3], 3));
  assert.deepEqual(placementRows(placement), [[1, 1], [1, 1], [0, 1]]);
});

Deno.test("binpack uses as few nodes as the slots allow", async () => {
  const { placement } = await runScheduler(binpack, problemOf([5, 2], 4));
  assert.deepEqual(placementRows(placement), [[4, 0], [1, 2], [0, 0], [0, 0]]);
});

Deno.test("random depends on its seed", async () => {
  const problem = problemOf([9, 9], 9);
  const [first, second] = await Promise.all(
    [1, 2].map((seed) => runScheduler(random, problem, { seed })),
  );
  assert.notDeepEqual(first!.placement, second!.placement);
});

Deno.test("each search is at least as good as what it starts from", async () => {
  const problem = problemOf([9, 9], 6);
  const mean = async (scheduler: typeof greedy): Promise<number> =>
    (await runScheduler(scheduler, problem)).mean;
  const start = await mean(greedy);
  assert.ok(await mean(localSearch) >= start - 1e-12);
  assert.ok(await mean(annealing) >= start - 1e-12);
});

Deno.test("an expired time limit still gives a whole placement", async () => {
  for (const scheduler of [localSearch, annealing]) {
    await runScheduler(scheduler, problemOf([9, 9], 6), { timeLimit: 0 });
  }
});
