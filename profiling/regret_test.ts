import assert from "node:assert/strict";
import type { InterferenceModel, Profile } from "../domain/mod.ts";
import { TableModel } from "../models/mod.ts";
import { renderHeatMap } from "./heat_map.ts";
import { RegretMeter } from "./regret.ts";
import { describePairs, interferenceMatrix } from "./report.ts";

/** Two apps, two slots: together they run at half speed, two of a kind at 0.9. */
const TRUTH: Profile = {
  apps: ["a", "b"],
  rows: 5,
  counts: Uint8Array.of(1, 0, 0, 1, 1, 1, 2, 0, 0, 2),
  rps: Float64Array.of(1, NaN, NaN, 1, 0.5, 0.5, 0.9, NaN, NaN, 0.9),
};

/** Believes that the two help each other. */
const WRONG: InterferenceModel = {
  kind: "wrong",
  apps: ["a", "b"],
  predict: (counts) =>
    Float64Array.from(counts, (count, at) => {
      const together = counts[at - at % 2]! > 0 && counts[at - at % 2 + 1]! > 0;
      return count === 0 ? 0 : together ? 2 : 1;
    }),
};

Deno.test("regret is 0 for the truth, and what a wrong model loses of the optimum", async () => {
  const meter = new RegretMeter(TRUTH, { demands: [[2, 2]], nodes: 2 });
  const { regret: none } = await meter.measure(new TableModel(TRUTH));
  assert.equal(none, 0);
  const { regret, regretMax, perDemand, restricted } = await meter.measure(WRONG);
  // The optimum puts two of a kind together: 4 x 0.9. The wrong model mixes them: 4 x 0.5.
  assert.ok(Math.abs(regret - (3.6 - 2) / 3.6) < 1e-6, `${regret}`);
  assert.equal(regretMax, regret);
  assert.deepEqual(perDemand, [regret]);
  assert.equal(restricted, false);
});

Deno.test("where the truth has gaps, optimum and choices keep to what it has", async () => {
  const gappy: Profile = {
    apps: ["a", "b"],
    rows: 4,
    counts: Uint8Array.of(1, 0, 0, 1, 2, 0, 0, 2),
    rps: Float64Array.of(1, NaN, NaN, 1, 0.9, NaN, NaN, 0.9),
  };
  const meter = new RegretMeter(gappy, { demands: [[2, 2]], nodes: 2 });
  const { regret, restricted } = await meter.measure(WRONG);
  assert.equal(restricted, true);
  // The mixture that the wrong model would love was never measured.
  assert.equal(regret, 0);
});

Deno.test("a demand that measured configurations cannot hold is refused, and no demand at all", async () => {
  const alone: Profile = {
    apps: ["a", "b"],
    rows: 2,
    counts: Uint8Array.of(1, 0, 0, 1),
    rps: Float64Array.of(1, NaN, NaN, 1),
  };
  const meter = new RegretMeter(alone, { demands: [[2, 2]], nodes: 2, capacity: 2 });
  await assert.rejects(meter.measure(WRONG), { name: "InfeasibleError" });
  assert.throws(() => new RegretMeter(TRUTH, { demands: [], nodes: 2 }), { name: "InputError" });
});

Deno.test("the interference matrix has the disturbed app in rows, and words for what matters", () => {
  const model: InterferenceModel = {
    kind: "stub",
    apps: ["store", "server<1>"],
    // A server beside a store is 2.4 times as fast; the store does not care; servers slow each other by 0.8.
    predict: (counts, rows) => {
      const rps = new Float64Array(2 * rows);
      for (let at = 0; at < 2 * rows; at += 2) {
        rps[at] = counts[at]! > 0 ? 1 : 0;
        rps[at + 1] = counts[at + 1]! === 0
          ? 0
          : counts[at]! > 0
          ? 2.4
          : counts[at + 1]! > 1
          ? 0.8
          : 1;
      }
      return rps;
    },
  };
  assert.deepEqual(interferenceMatrix(model, 1), [[1, 1], [2.4, 0.8]]);
  assert.deepEqual(describePairs(model, 3), [
    "store speeds server<1> up 2.4 x",
    "3 more server<1> slow server<1> down to 0.80 x",
  ]);
  const svg = renderHeatMap(model, 4);
  assert.ok(svg.startsWith("<svg ") && svg.endsWith("</svg>\n"));
  assert.ok(svg.includes(">2.40</text>"));
  assert.ok(svg.includes("server&lt;1&gt;") && !svg.includes("server<1>"));
});
