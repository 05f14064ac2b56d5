import assert from "node:assert/strict";
import { type Achieved, achievedBy, winnerOf } from "./comparison.ts";
import type { DeployedContainer } from "./deployed.ts";

const container = (node: string, app: string, ...rates: number[]): DeployedContainer => ({
  node,
  app,
  slot: 0,
  repeats: rates.map((rps) => ({ rps, p50: 1, p99: 1, requests: 1, errors: {} })),
});

Deno.test("achievedBy divides each container by its app alone on its node", () => {
  // a alone makes 100 on n1 and 200 on n2, b alone 10 anywhere.
  const solo = (node: string, app: string) => app === "b" ? 10 : node === "n1" ? 100 : 200;
  const achieved = achievedBy([
    [container("n1", "a", 50, 60), container("n2", "a", 200, 200), container("n2", "b", 3, 1)],
    [container("n1", "a", 40, 40), container("n2", "a", 100, 100), container("n2", "b", 6, 6)],
  ], solo);
  // (0.5 + 1 + 0.3) / 3, (0.6 + 1 + 0.1) / 3, (0.4 + 0.5 + 0.6) / 3 twice.
  const wanted = [0.6, 1.7 / 3, 0.5, 0.5];
  achieved.repeats.forEach((value, at) => assert.ok(Math.abs(value - wanted[at]!) < 1e-12));
  assert.ok(Math.abs(achieved.mean - (0.6 + 1.7 / 3 + 1) / 4) < 1e-12);
  assert.ok(Math.abs(achieved.spread - 0.1) < 1e-12);
  assert.equal(achieved.containers, 3);
  assert.ok(Math.abs(achieved.worst - 0.2) < 1e-12);
  // a: 0.55, 1, 0.4, 0.5; b: 0.2, 0.6.
  assert.ok(Math.abs(achieved.perApp["a"]! - 0.6125) < 1e-12);
  assert.ok(Math.abs(achieved.perApp["b"]! - 0.4) < 1e-12);
});

Deno.test("winnerOf is clear only where the worst of the best beats the best of all others", () => {
  const plan = (...repeats: number[]): Achieved => ({
    mean: repeats.reduce((sum, one) => sum + one, 0) / repeats.length,
    repeats,
    spread: 0,
    containerDeviation: 0,
    worst: 0,
    containers: 1,
    perApp: {},
  });
  assert.equal(winnerOf([plan(1)]), null);
  const clear = winnerOf([plan(0.5, 0.52), plan(0.61, 0.6), plan(0.55, 0.56)])!;
  assert.deepEqual([clear.plan, clear.clear], [1, true]);
  assert.ok(Math.abs(clear.lead - (0.605 / 0.555 - 1)) < 1e-12);
  const close = winnerOf([plan(0.5, 0.62), plan(0.61, 0.63)])!;
  assert.deepEqual([close.plan, close.clear], [1, false]);
});
