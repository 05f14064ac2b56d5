import assert from "node:assert/strict";
import type { InterferenceModel } from "../domain/mod.ts";
import { arrangeModel } from "./arranged.ts";
import type { UncertainModel } from "./uncertain.ts";

/** App at index i runs at 1 / (total containers) + i. */
const model: InterferenceModel = {
  kind: "made-up",
  apps: ["a", "b", "c"],
  predict(counts, rows) {
    return Float64Array.from({ length: rows * 3 }, (_, at) => {
      const row = Math.floor(at / 3);
      const total = counts[row * 3]! + counts[row * 3 + 1]! + counts[row * 3 + 2]!;
      return counts[at] === 0 ? 0 : 1 / total + at % 3;
    });
  },
};

Deno.test("an arranged model answers for its apps in their order, at their speed", () => {
  const arranged = arrangeModel(model, { apps: ["c", "a"], speed: { a: 2 } });
  assert.deepEqual(arranged.apps, ["c", "a"]);
  assert.equal(arranged.kind, "made-up");
  // Two c and one a: 1/3 + 2, and twice 1/3. One a alone: twice 1.
  assert.deepEqual([...arranged.predict(Uint8Array.of(2, 1, 0, 1), 2)], [1 / 3 + 2, 2 / 3, 0, 2]);
  assert.throws(() => arranged.predict(Uint8Array.of(1, 1, 1), 1), /counts/);
});

Deno.test("a model that is as wanted already is left alone", () => {
  assert.equal(arrangeModel(model, {}), model);
  assert.equal(arrangeModel(model, { apps: ["a", "b", "c"], speed: { a: 1 } }), model);
  assert.equal(arrangeModel(model, { apps: ["a"] }).apps.length, 1);
});

Deno.test("an arranged model is as unsure as its model, at its speed", () => {
  const uncertain: UncertainModel = {
    ...model,
    predictUncertain: (counts, rows) => ({
      rps: model.predict(counts, rows),
      deviations: Float64Array.from(counts, (count) => count === 0 ? 0 : 0.1),
    }),
  };
  const arranged = arrangeModel(uncertain, { apps: ["b"], speed: { b: 3 } }) as UncertainModel;
  const { rps, deviations } = arranged.predictUncertain(Uint8Array.of(1), 1);
  assert.deepEqual([...rps], [6]);
  assert.ok(Math.abs(deviations[0]! - 0.3) < 1e-12);
});
