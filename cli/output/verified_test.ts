import assert from "node:assert/strict";
import { readPlan } from "../../scheduling/plans/mod.ts";
import type { Achieved } from "../../swarm/measure/comparison.ts";
import { renderVerified, verifiedPlan } from "./verified.ts";

const LAYOUT = { width: 140 };

function planOf(fields: Record<string, unknown>) {
  const plan = { apps: ["a"], placement: [[2]], scheduler: "greedy", mean: 0.95, ...fields };
  return readPlan(JSON.stringify(plan), "p.json");
}

function measured(mean: number): Achieved {
  return {
    mean,
    repeats: [mean],
    spread: 0,
    containerDeviation: 0,
    worst: mean,
    containers: 2,
    perApp: { a: mean },
  };
}

const GROUNDS = {
  measuredShare: 0.5,
  nearShare: 0.25,
  extrapolatedShare: 0.25,
  meanLow: 0.9,
  meanHigh: 1,
};

Deno.test("verifiedPlan() says whether the measured mean is within the interval, its ends included", () => {
  const within = (mean: number) =>
    verifiedPlan("p.json", planOf(GROUNDS), measured(mean)).withinInterval;
  assert.deepEqual([0.89, 0.9, 0.95, 1, 1.01].map(within), [false, true, true, true, false]);
  const { measuredShare, nearShare, extrapolatedShare } = verifiedPlan(
    "p.json",
    planOf(GROUNDS),
    measured(1),
  );
  assert.deepEqual([measuredShare, nearShare, extrapolatedShare], [0.5, 0.25, 0.25]);
});

Deno.test("verifiedPlan() has null for what a plan does not say", () => {
  for (const fields of [{}, { measuredShare: null, meanLow: null, meanHigh: null }]) {
    const { measuredShare, meanLow, withinInterval } = verifiedPlan(
      "p.json",
      planOf(fields),
      measured(1),
    );
    assert.deepEqual([measuredShare, meanLow, withinInterval], [null, null, null]);
  }
});

Deno.test("renderVerified() puts interval and share beside what was measured, where a plan has them", () => {
  const known = verifiedPlan("p.json", planOf(GROUNDS), measured(0.8));
  const unknown = verifiedPlan("q.json", planOf({}), measured(0.9));
  const table = renderVerified([known, unknown], { plan: 1, lead: 0.125, clear: true }, LAYOUT);
  assert.match(table, /^p\.json .* 50 % .* 0\.9000 to 1\.0000 .* 0\.8000 .* no /m);
  assert.match(table, /^q\.json .* - .* 0\.9500 .* - .* 0\.9000 .* - /m);
  assert.match(table, /^q\.json won by 12\.50 %/m);
  const bare = renderVerified([unknown], null, LAYOUT);
  assert.doesNotMatch(bare, /Expected|measured configurations/);
});
