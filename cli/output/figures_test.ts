import assert from "node:assert/strict";
import { clusterText } from "./figures.ts";

Deno.test("clusterText() counts nodes by their slots, whatever their classes are called", () => {
  const nodeClass = (name: string, capacity: number, count: number) => ({
    name,
    capacity,
    count,
    labels: {},
    failureDomain: null,
  });
  const text = (...classes: [string, number, number][]) =>
    clusterText({ nodeClasses: classes.map((one) => nodeClass(...one)) });
  assert.equal(text(["a", 4, 3]), "3 nodes (4 slots each)");
  assert.equal(text(["a", 4, 3], ["b", 2, 1]), "4 nodes (3 with 4 slots, 1 with 2 slots)");
  assert.equal(text(["a", 4, 3], ["b", 4, 2]), "5 nodes (4 slots each)");
  assert.equal(
    text(["a", 4, 1], ["b", 1, 2], ["c", 4, 1]),
    "4 nodes (2 with 4 slots, 2 with 1 slot)",
  );
});
