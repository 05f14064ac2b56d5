import assert from "node:assert/strict";
import type { InterferenceModel } from "../../mod.ts";
import { effectOf } from "./moves.ts";
import { Replay, showingOrder } from "./replay.ts";

/** Containers of both apps on a node run at 1 / (containers on it): simple enough to check by hand. */
const model: InterferenceModel = {
  kind: "test",
  apps: ["a", "b"],
  predict(counts, rows) {
    return Float64Array.from({ length: rows * 2 }, (_, at) => {
      const row = Math.floor(at / 2) * 2;
      return counts[at] === 0 ? 0 : 1 / (counts[row]! + counts[row + 1]!);
    });
  },
};

Deno.test("Replay counts and values what is placed at any moment, forwards and backwards", () => {
  // a on node 0, b on node 1, b on node 0.
  const replay = new Replay(model, 2, 2, Uint32Array.of(0, 3, 1));
  const shown = [0, 1, 2, 3, 1, 0].map((placed) => {
    replay.seek(placed);
    return [[...replay.counts], [...replay.throughputs], replay.total];
  });
  assert.deepEqual(shown, [
    [[0, 0, 0, 0], [0, 0], 0],
    [[1, 0, 0, 0], [1, 0], 1],
    [[1, 0, 0, 1], [1, 1], 2],
    [[1, 1, 0, 1], [1, 1], 2],
    [[1, 0, 0, 0], [1, 0], 1],
    [[0, 0, 0, 0], [0, 0], 0],
  ]);
});

Deno.test("showingOrder shows every container once, app after app", () => {
  const counts = Uint8Array.of(2, 1, 0, 3);
  const steps = showingOrder({ nodes: 2, apps: 2, counts });
  const shown = new Uint8Array(4);
  for (const step of steps) shown[step]!++;
  assert.deepEqual(shown, counts);
  assert.deepEqual([...steps].map((step) => step % 2), [0, 0, 1, 1, 1, 1]);
});

Deno.test("effectOf says who gets faster and who slower by a move, and by an exchange", () => {
  const held = { apps: 2, counts: Uint8Array.of(2, 0, 0, 1) };
  const move = { from: 0, to: 1, app: 0, back: null };
  const predict = (counts: Uint8Array, rows: number) => model.predict(counts, rows);
  // Two of a share node 0 and run at 1/2; then one has it alone, the other shares node 1 with b.
  assert.deepEqual(effectOf(held, move, predict), {
    gain: 0,
    changes: [
      { node: 0, app: 0, containers: 1, before: 0.5, after: 1 },
      { node: 1, app: 0, containers: 1, before: null, after: 0.5 },
      { node: 1, app: 1, containers: 1, before: 1, after: 0.5 },
    ],
  });
  const exchange = effectOf(held, { ...move, back: 1 }, predict);
  assert.deepEqual(exchange.changes.map(({ node, app, containers }) => [node, app, containers]), [
    [0, 0, 1],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
  ]);
});
