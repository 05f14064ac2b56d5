import assert from "node:assert/strict";
import { InfeasibleError, uniformCluster } from "../../domain/mod.ts";
import { problemOn } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { proveBound, upperBound } from "./bound.ts";

/** Alone each app runs at 1, with a neighbour at 0.5. */
const MODEL = {
  kind: "test",
  apps: ["a", "b"],
  predict(counts: Uint8Array, rows: number): Float64Array {
    const rps = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const held = counts[row * 2]! + counts[row * 2 + 1]!;
      for (let app = 0; app < 2; app++) {
        if (counts[row * 2 + app]! > 0) rps[row * 2 + app] = held === 1 ? 1 : 0.5;
      }
    }
    return rps;
  },
};

const simulator = Simulator.create({ model: MODEL, capacity: 2 });
const cluster = uniformCluster(3, 2);

Deno.test("upperBound() is the optimum where that is proven in time", async () => {
  // Two of four containers share a node: 1 + 1 + 2 x 0.5.
  const proven = await upperBound(problemOn(simulator, { cluster, demand: [2, 2] }), {
    effort: "optimal",
  });
  assert.ok(proven !== null && proven.proven);
  assert.ok(Math.abs(proven.boundTotal - 3) < 1e-9);
});

Deno.test("upperBound() of an empty demand is none", async () => {
  const problem = problemOn(simulator, { cluster, demand: [0, 0] });
  assert.equal(await upperBound(problem, { effort: "lp" }), null);
});

Deno.test("upperBound() says why there is none where the space is too large for a table", async () => {
  const hashed = Simulator.create({ model: MODEL, capacity: 2, denseLimit: 1 });
  const problem = problemOn(hashed, { cluster, demand: [1, 1] });
  const reasons: string[] = [];
  const onUnsupported = (reason: string) => void reasons.push(reason);
  assert.equal(await upperBound(problem, { effort: "optimal", onUnsupported }), null);
  assert.equal(reasons.length, 1);
  await assert.rejects(proveBound(problem, { effort: "optimal" }));
});

Deno.test("upperBound() does not hide that no placement exists", async () => {
  const problem = problemOn(simulator, { cluster, demand: [7, 0] });
  await assert.rejects(upperBound(problem, { effort: "lp" }), InfeasibleError);
});
