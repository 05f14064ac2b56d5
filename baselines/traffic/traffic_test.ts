import assert from "node:assert/strict";
import { checkPlacement, Random } from "../../domain/mod.ts";
import { runs } from "../../tools/_full.ts";
import { enumeratePlacements, randomTrafficProblem, valueOf } from "./_testing.ts";
import { runScheduler } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { annealing } from "../heuristics/annealing.ts";
import { optimalScheduler } from "../optimal/mod.ts";
import { TrafficSearch } from "./mod.ts";

Deno.test("the search finds the optimum of small problems with resources and all rules", () => {
  let solved = 0;
  for (let seed = 1; solved < runs(6, 25); seed++) {
    const { problem, model } = randomTrafficProblem(new Random(seed));
    const all = [...enumeratePlacements(problem)];
    if (all.length < 2 || model.pairs.length === 0) continue;
    solved++;
    const worst = all.reduce((a, b) => valueOf(model, b) < valueOf(model, a) ? b : a);
    const best = Math.max(...all.map((placement) => valueOf(model, placement)));
    const search = new TrafficSearch(problem, model, worst, new Random(7));
    const shares = [...search.annealInRounds({ moves: 25_000 })];
    assert.deepEqual(shares, [0.4, 0.8, 1]);
    checkPlacement(problem, search.placement());
    assert.ok(valueOf(model, search.placement()) > best - 1e-9, `seed ${seed}`);
  }
});

Deno.test("a search without time ends where it began", () => {
  const { problem, model } = randomTrafficProblem(new Random(5));
  const start = [...enumeratePlacements(problem)][0]!;
  const search = new TrafficSearch(problem, model, start, new Random(1));
  assert.deepEqual([...search.annealInRounds({ moves: 1e6, seconds: 0 })], []);
  assert.deepEqual(search.placement(), start);
});

Deno.test("annealing and optimal keep most traffic on one node, as trying all does", async () => {
  let solved = 0;
  for (let seed = 100; solved < runs(3, 10); seed++) {
    const { problem, model } = randomTrafficProblem(new Random(seed));
    let best = -1;
    for (const placement of enumeratePlacements(problem)) {
      best = Math.max(best, valueOf(model, placement));
    }
    if (best <= 0) continue;
    solved++;
    using simulator = Simulator.create({ model, capacity: 6 });
    for (const scheduler of [annealing, optimalScheduler]) {
      const { total } = await runScheduler(scheduler, { ...problem, simulator });
      assert.ok(
        Math.abs(total - best) < 1e-6,
        `${scheduler.name}, seed ${seed}: ${total}, ${best}`,
      );
    }
  }
});
