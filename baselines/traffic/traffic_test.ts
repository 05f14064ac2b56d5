import assert from "node:assert/strict";
import { checkPlacement, Random } from "../../domain/mod.ts";
import { enumeratePlacements, randomTrafficProblem, valueOf } from "./_testing.ts";
import { TrafficSearch } from "./mod.ts";

Deno.test("the search finds the optimum of small problems with resources and all rules", () => {
  let solved = 0;
  for (let seed = 1; solved < 12; seed++) {
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
  assert.deepEqual([...search.annealInRounds({ moves: 1e6, elapsed: () => 1 })], []);
  assert.deepEqual(search.placement(), start);
});
