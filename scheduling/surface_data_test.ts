import assert from "node:assert/strict";
import { ShapeError } from "../domain/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { surfaceData, SurfaceTable } from "./surface_data.ts";

const MODEL = {
  kind: "test",
  apps: ["a", "b", "c", "d"],
  predict: (counts: Uint8Array) =>
    Float64Array.from(
      counts,
      (count, at) => count === 0 ? 0 : 1 / (1 + count + at % 4),
    ),
};

Deno.test("A surface sent as data predicts what the model predicts, in every configuration", () => {
  for (const capacity of [1, 2, 5, 9]) {
    const simulator = Simulator.create({ model: MODEL, capacity });
    const data = surfaceData(simulator);
    const table = new SurfaceTable(data);
    const rows = simulator.configurations;
    const counts = simulator.configurationCounts(0, rows);
    assert.deepEqual(table.predict(counts, rows), MODEL.predict(counts));
    const other = Simulator.create({ model: table, capacity });
    assert.deepEqual(other.table(), simulator.table());
  }
});

Deno.test("A surface of another size than its data is refused", () => {
  const data = surfaceData(Simulator.create({ model: MODEL, capacity: 3 }));
  assert.throws(() => new SurfaceTable({ ...data, capacity: 4 }), ShapeError);
  assert.throws(() => new SurfaceTable(data).predict(new Uint8Array(5), 1), ShapeError);
});
