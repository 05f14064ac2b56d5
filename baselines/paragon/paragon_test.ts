import assert from "node:assert/strict";
import {
  type InterferenceConstraint,
  NO_RULES,
  placedDemand,
  uniformCluster,
  UsageError,
} from "../../domain/mod.ts";
import { testScheduler } from "../../scheduling/_conformance.ts";
import { runScheduler, type SchedulingProblem } from "../../scheduling/mod.ts";
import { ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import { batchDemand, PAPER_APPS, paperConstraints } from "../constraints/_testing.ts";
import { violationModel } from "../constraints/mod.ts";
import { paragon } from "./mod.ts";
import { interferenceOf } from "./tolerance.ts";

testScheduler(paragon);

const atMost = (subject: number, other: number, threshold: number): InterferenceConstraint => ({
  subject,
  other,
  kind: "at-most",
  threshold,
  weight: 1,
});

Deno.test("tolerance is threshold / capacity, what is not tolerated is caused, and sensitivity softens both", () => {
  const { tolerates, causes } = interferenceOf([atMost(0, 1, 2)], 2, 8, 3);
  // App 0 tolerates app 1 to 2 / 8: (0.25 + 2) / 3 = 0.75. App 1 causes app 0 the rest: 0.75 / 3 = 0.25.
  assert.deepEqual([...tolerates], [1, 0.75, 1, 1]);
  assert.deepEqual([...causes], [0, 0, 0.25, 0]);
  const hard = interferenceOf([atMost(0, 1, 2)], 2, 8, 1);
  assert.deepEqual([...hard.tolerates], [1, 0.25, 1, 1]);
  assert.deepEqual([...hard.causes], [0, 0, 0.75, 0]);
});

Deno.test("affinity plays no part", () => {
  const helps: InterferenceConstraint = { ...atMost(0, 1, 2), kind: "at-least" };
  assert.deepEqual([...interferenceOf([helps], 2, 8, 3).causes], [0, 0, 0, 0]);
});

const SIMULATOR = Simulator.create({ model: ruggedModel(2, 5), capacity: 4 });
function problemOf(demand: number[], constraints: InterferenceConstraint[]): SchedulingProblem {
  return {
    apps: SIMULATOR.apps,
    cluster: uniformCluster(3, 4),
    demand,
    rules: NO_RULES,
    simulator: SIMULATOR,
    constraints,
  };
}

Deno.test("without interference, every container is tolerated", async () => {
  // Nothing is caused, so |D1 + D2| is the same everywhere and ties are drawn: every container is tolerated.
  const { details } = await runScheduler(paragon, problemOf([4, 4], []));
  assert.equal(details!.untolerated, 0);
});

Deno.test("a container goes where it is tolerated, and to the least loaded node where it is not", async () => {
  // App 1 bears none of app 0 and app 0 none of itself, unsoftened: causes are 1 and tolerances 0.
  const constraints = [atMost(0, 0, 0)];
  const parameters = { sensitivity: 1 };
  const { placement, details } = await runScheduler(paragon, problemOf([4, 0], constraints), {
    parameters,
  });
  // D2 = tolerance 0 - what the node causes: only an empty node is tolerated, and each has one after three;
  // D1 on an empty node is 1 - 1 = 0. The fourth is not tolerated anywhere.
  assert.equal(details!.untolerated, 1);
  const loads = Array.from({ length: 3 }, (_, node) => placement.counts[node * 2]!).sort();
  assert.deepEqual(loads, [1, 1, 2]);
});

Deno.test("ties are drawn by the seed", async () => {
  const placements = new Set<string>();
  for (let seed = 1; seed <= 10; seed++) {
    const { placement } = await runScheduler(paragon, problemOf([1, 0], []), { seed });
    placements.add([...placement.counts].join());
  }
  assert.equal(placements.size, 3);
});

Deno.test("every decision can be told, with the sources that ruled out nodes", async () => {
  const decisions: string[] = [];
  await runScheduler(paragon, problemOf([4, 1], [atMost(0, 0, 0)]), {
    parameters: { sensitivity: 1 },
    onDecision: (text) => decisions.push(text),
  });
  assert.equal(decisions.length, 5);
  assert.match(decisions[0]!, /3 nodes with room; closest fit .* drawn from 3: node \d \(empty\)/);
  assert.match(decisions[3]!, /rules out 3; no node tolerates it: least loaded/);
});

Deno.test("a sensitivity below 1 is refused", async () => {
  await assert.rejects(
    runScheduler(paragon, problemOf([1, 0], []), { parameters: { sensitivity: 0 } }),
    (error) => error instanceof UsageError,
  );
});

Deno.test(needsReference({
  name: "paragon places the paper's largest demand: 3000 containers on 729 nodes",
  async fn() {
    const constraints = paperConstraints();
    const model = violationModel(PAPER_APPS, constraints);
    const demand = batchDemand(3000, 0);
    const { placement } = await runScheduler(paragon, {
      apps: PAPER_APPS,
      cluster: uniformCluster(729, 8),
      demand,
      rules: NO_RULES,
      simulator: Simulator.create({ model, capacity: 8 }),
      constraints,
    });
    assert.deepEqual(placedDemand(placement), demand);
  },
}));
