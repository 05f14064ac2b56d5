import assert from "node:assert/strict";
import { placementFromRows, UsageError } from "../domain/mod.ts";
import type { Scheduler } from "./contract.ts";
import { SchedulerRegistry } from "./registry.ts";
import { groupConfigurations, valuePlacement } from "./value.ts";

const nothing: Scheduler = {
  name: "greedy",
  summary: "",
  supports: { rules: true, nodeClasses: true, denseOnly: false },
  schedule: () => Promise.reject(new Error("never called")),
};

Deno.test("SchedulerRegistry refuses a second scheduler of one name, and suggests the nearest known name", () => {
  const registry = new SchedulerRegistry().register(nothing);
  assert.throws(() => registry.register(nothing), UsageError);
  assert.equal(registry.get("greedy"), nothing);
  assert.throws(
    () => registry.get("gredy"),
    /Unknown scheduler gredy: did you mean greedy\? Known: greedy/,
  );
  assert.throws(() => registry.get("paragon"), /Unknown scheduler paragon. Known: greedy/);
});

Deno.test("groupConfigurations lists each configuration once with its nodes", () => {
  const groups = groupConfigurations(placementFromRows([[1, 0], [0, 2], [1, 0]]));
  assert.deepEqual(groups.map(({ counts, nodes }) => [[...counts], nodes]), [
    [[1, 0], [0, 2]],
    [[0, 2], [1]],
  ]);
});

Deno.test("valuePlacement gives total, mean, mean per app and the slowest container", () => {
  const model = {
    kind: "test",
    apps: ["a", "b", "c"],
    // A container runs at 1 / (containers on its node).
    predict: (counts: Uint8Array, rows: number) =>
      Float64Array.from({ length: rows * 3 }, (_, at) => {
        const row = counts.subarray(at - at % 3, at - at % 3 + 3);
        return counts[at] ? 1 / row.reduce((sum, count) => sum + count, 0) : 0;
      }),
  };
  const value = valuePlacement({ model }, placementFromRows([[1, 0, 0], [1, 3, 0], [1, 0, 0]]));
  // Nodes are worth 1, 4 x 1/4 and 1; app a runs at 1, 1/4, 1; app b at 1/4; c is not there.
  assert.equal(value.total, 3);
  assert.equal(value.mean, 3 / 6);
  assert.deepEqual(value.perApp, [2.25 / 3, 0.25, null]);
  assert.equal(value.worst, 0.25);
  assert.equal(valuePlacement({ model }, placementFromRows([[0, 0, 0]])).worst, null);
});
