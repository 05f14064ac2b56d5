import assert from "node:assert/strict";
import { InputError, placementFromRows, placementRows, uniformCluster } from "../domain/mod.ts";
import { changeOf, currentOf } from "./change.ts";

const nodeClass = (name: string, count: number) => ({
  name,
  capacity: 4,
  count,
  labels: {},
  failureDomain: null,
});

Deno.test("what starts beyond what a demand forces are moves", () => {
  const current = placementFromRows([[2, 0], [0, 2]]);
  // One of the first app more is forced; the other start of it, and that of the second app, are moves.
  const next = placementFromRows([[1, 1], [2, 1]]);
  const demand = [3, 2];
  assert.deepEqual(changeOf({ apps: ["a", "b"], demand }, current, next), {
    started: 3,
    stopped: 2,
    forced: 1,
    moves: 2,
  });
});

Deno.test("alike nodes are not the same: swapping what they hold starts everything again", () => {
  const current = placementFromRows([[3, 0], [0, 2]]);
  const next = placementFromRows([[0, 2], [3, 0]]);
  const change = changeOf({ apps: ["a", "b"], demand: [3, 2] }, current, next);
  assert.deepEqual(change, { started: 5, stopped: 5, forced: 0, moves: 5 });
});

Deno.test("a node that left takes what it ran along; one that joined holds nothing", () => {
  const running = {
    apps: ["a", "b"],
    cluster: uniformCluster(3, 4),
    nodeNames: ["x", "y", "z"],
    placement: placementFromRows([[1, 2], [3, 0], [0, 4]]),
  };
  const current = currentOf(
    running,
    { apps: ["b", "c", "a"], cluster: uniformCluster(3, 4) },
    ["z", "new", "x"],
  );
  assert.deepEqual(placementRows(current.placement), [[4, 0, 0], [0, 0, 0], [2, 0, 1]]);
  assert.deepEqual(current.left, ["y"]);
  assert.deepEqual(current.lost, [0, 0, 3]);
  assert.deepEqual(current.joined, [1]);
  assert.deepEqual(current.dropped, []);
});

Deno.test("what runs of an app that is gone is told apart", () => {
  const running = {
    apps: ["a", "old"],
    cluster: uniformCluster(2, 4),
    placement: placementFromRows([[1, 2], [3, 0]]),
  };
  const { dropped, lost } = currentOf(running, { apps: ["a"], cluster: uniformCluster(2, 4) });
  assert.deepEqual(dropped, [{ app: "old", node: 0, count: 2 }]);
  assert.deepEqual(lost, [0]);
});

Deno.test("nodes without names are known by their number in their class", () => {
  const before = { nodeClasses: [nodeClass("small", 2), nodeClass("large", 1)] };
  const after = { nodeClasses: [nodeClass("small", 1), nodeClass("large", 2)] };
  const running = {
    apps: ["a"],
    cluster: before,
    placement: placementFromRows([[1], [2], [3]]),
  };
  const current = currentOf(running, { apps: ["a"], cluster: after });
  assert.deepEqual(placementRows(current.placement), [[1], [3], [0]]);
  assert.deepEqual(current.left, ["n1"]);
});

Deno.test("as many nodes, of which one side has names, are the same by position; others are refused", () => {
  const running = {
    apps: ["a"],
    cluster: uniformCluster(2, 4),
    placement: placementFromRows([[1], [2]]),
  };
  const two = currentOf(running, { apps: ["a"], cluster: uniformCluster(2, 4) }, ["x", "y"]);
  assert.deepEqual(placementRows(two.placement), [[1], [2]]);
  const refusal = (nodes: number, names: string[], nodeNames?: string[]) =>
    assert.throws(
      () =>
        currentOf(
          { ...running, nodeNames },
          { apps: ["a"], cluster: uniformCluster(nodes, 4) },
          names,
        ),
      InputError,
    );
  refusal(3, ["x", "y", "z"]);
  refusal(2, ["x", "y"], ["p", "q"]);
});
