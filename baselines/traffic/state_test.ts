import assert from "node:assert/strict";
import fc from "fast-check";
import { isSoundPlacement, Random } from "../../domain/mod.ts";
import { runs } from "../../tools/_full.ts";
import { enumeratePlacements, randomTrafficProblem, valueOf } from "./_testing.ts";
import { TrafficState } from "./state.ts";

Deno.test("moves change the throughput by what the definition says, and are taken back without a trace", () => {
  fc.assert(
    fc.property(fc.nat(1e9), (seed) => {
      const draws = new Random(seed);
      const { problem, model } = randomTrafficProblem(draws);
      const start = enumeratePlacements(problem).next().value;
      if (start === undefined) return;
      const state = new TrafficState(problem, model);
      let total = state.load(start);
      assert.ok(Math.abs(total - valueOf(model, start)) < 1e-9);
      for (let step = 0; step < 20; step++) {
        const before = state.placement();
        let gain = 0;
        for (let moves = 1 + draws.below(3); moves > 0; moves--) {
          const from = draws.below(state.nodes);
          const to = draws.below(state.nodes);
          if (from === to || state.appsOn.size(from) === 0) continue;
          const app = state.appsOn.at(from, draws.below(state.appsOn.size(from)));
          const count = 1 + draws.below(state.counts[from * state.apps + app]!);
          const expected = state.moveGain(app, from, to, count);
          const change = state.move(app, from, to, count);
          assert.ok(Math.abs(change - expected) < 1e-12);
          gain += change;
        }
        assert.ok(Math.abs(valueOf(model, state.placement()) - total - gain) < 1e-9);
        const sound = isSoundPlacement(problem, state.placement());
        assert.equal(state.isAllowed(), sound);
        if (sound && draws.below(2)) {
          state.keep();
          total += gain;
        } else {
          state.undo();
          assert.deepEqual(state.placement(), before);
          assert.ok(Math.abs(valueOf(model, state.placement()) - total) < 1e-9);
        }
      }
    }),
    { numRuns: runs(20, 100) },
  );
});
