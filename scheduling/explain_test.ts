import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkPlacement,
  InfeasibleError,
  InvalidPlacementError,
  nodeCount,
  type Problem,
  type Rules,
} from "../domain/mod.ts";
import { clashText, explainInfeasible } from "./explain.ts";
import { requirementsOf } from "./requirements.ts";

/** Tries every placement; for problems of two apps on few small nodes. */
function hasPlacement(problem: Problem): boolean {
  const nodes = nodeCount(problem.cluster);
  const counts = new Uint8Array(nodes * 2);
  const left = [...problem.demand];
  const place = (at: number): boolean => {
    if (at === counts.length) {
      if (left.some((count) => count > 0)) return false;
      try {
        checkPlacement(problem, { nodes, apps: 2, counts });
        return true;
      } catch (error) {
        if (!(error instanceof InvalidPlacementError)) throw error;
        return false;
      }
    }
    for (let count = 0; count <= Math.min(3, left[at % 2]!); count++) {
      counts[at] = count;
      left[at % 2]! -= count;
      const found = place(at + 1);
      left[at % 2]! += count;
      counts[at] = 0;
      if (found) return true;
    }
    return false;
  };
  return place(0);
}

const oracle = (problem: Problem): Promise<boolean> => Promise.resolve(hasPlacement(problem));

function problemOf(
  demand: readonly number[],
  rules: Partial<Rules>,
  needs?: Problem["needs"],
): Problem {
  return {
    apps: ["api", "cache"],
    demand,
    cluster: {
      nodeClasses: [
        {
          name: "big",
          capacity: 3,
          count: 2,
          labels: { disk: "ssd" },
          failureDomain: "a",
          resources: { cpu: 3 },
        },
        {
          name: "small",
          capacity: 2,
          count: 1,
          labels: {},
          failureDomain: "b",
          resources: { cpu: 2 },
        },
      ],
    },
    rules: { maxPerNode: [], apart: [], fencedNodes: [], ...rules },
    ...(needs === undefined ? {} : { needs }),
  };
}

async function clashOf(problem: Problem): Promise<string[]> {
  const { requirements, irreducible } = await explainInfeasible(
    problem,
    requirementsOf(problem, (node) => `n${node}`),
    oracle,
    () => false,
  );
  assert.equal(irreducible, true);
  return requirements.map(({ text }) => text);
}

Deno.test("rules that clash are told, and rules that do not matter are not", async () => {
  // Together and apart at once: no node can hold an api. Two api fit per node otherwise.
  assert.deepEqual(
    await clashOf(problemOf([2, 2], {
      apart: [[0, 1]],
      together: [[0, 1]],
      maxPerNode: [2, null],
      require: [null, { disk: "ssd" }],
    })),
    [
      ...["api and cache apart", "every node with api holds cache"],
      ...["2 containers of api", "2 containers of cache"],
    ],
  );
  // Two nodes are left, of at most one api each.
  assert.deepEqual(
    await clashOf(problemOf([3, 1], { maxPerNode: [1, 2], fencedNodes: [1] })),
    ["at most 1 api on a node", "no containers on n1", "3 containers of api"],
  );
  // Seven cores are wanted on big nodes that have six.
  assert.deepEqual(
    await clashOf(
      problemOf([3, 1], { require: [{ disk: "ssd" }, { disk: "ssd" }] }, [{ cpu: 2 }, { cpu: 1 }]),
    ),
    ["api on nodes with disk=ssd", "the cpu that containers take", "3 containers of api"],
  );
  assert.deepEqual(
    await clashOf(
      problemOf([4, 0], {
        spread: [{ maxPerDomain: null, minDomains: 2, maxSkew: 1 }, null],
        fencedNodes: [2],
      }),
    ),
    ["api in at least 2 domains", "no containers on n2", "4 containers of api"],
  );
});

Deno.test("what is told clashes, and without any one of it there is a placement", async () => {
  const limit = fc.option(fc.nat(2), { nil: null });
  const rules = fc.record({
    maxPerNode: fc.tuple(limit, limit),
    apart: fc.constantFrom<Rules["apart"]>([], [[0, 1]]),
    together: fc.constantFrom<Rules["apart"]>([], [[0, 1]], [[1, 0]]),
    require: fc.constantFrom<NonNullable<Rules["require"]>>([], [{ disk: "ssd" }, null]),
    spread: fc.constantFrom<NonNullable<Rules["spread"]>>(
      [],
      [null, { maxPerDomain: 2, minDomains: null, maxSkew: 1 }],
      [{ maxPerDomain: null, minDomains: 2, maxSkew: null }, null],
    ),
    fencedNodes: fc.constantFrom([], [0], [2], [0, 1]),
  });
  const needs = fc.constantFrom([{}, {}], [{ cpu: 1.5 }, { cpu: 1 }]);
  await fc.assert(
    fc.asyncProperty(fc.tuple(fc.nat(4), fc.nat(4)), rules, needs, async (demand, given, takes) => {
      const problem = problemOf(demand, given, takes);
      fc.pre(!hasPlacement(problem));
      const all = requirementsOf(problem);
      const clash = await explainInfeasible(problem, all, oracle, () => false);
      const { requirements } = clash;
      const only = (kept: typeof requirements) =>
        all.filter((one) => !kept.includes(one)).reduce((rest, one) => one.without(rest), problem);
      assert.equal(hasPlacement(only(requirements)), false);
      for (const one of requirements) {
        assert.equal(hasPlacement(only(requirements.filter((other) => other !== one))), true);
      }
      // Others may clash beside them: then no one of these is enough.
      const isEnough = requirements.every((one) => hasPlacement(one.without(problem)));
      assert.equal(clash.irreducible, isEnough);
    }),
    { numRuns: 20 },
  );
});

Deno.test("where two things clash on their own, leaving out one of them is not said to be enough", async () => {
  const problem = problemOf([1, 3], { maxPerNode: [0, 0] });
  const clash = await explainInfeasible(problem, requirementsOf(problem), oracle, () => false);
  assert.equal(clash.requirements.length, 2);
  assert.doesNotMatch(clashText(clash), /without any one/);
});

Deno.test("where time ends or nothing is decided, what is told still clashes, and claims no more", async () => {
  const problem = problemOf([2, 2], { apart: [[0, 1]], together: [[0, 1]] });
  const all = requirementsOf(problem);
  const late = await explainInfeasible(problem, all, oracle, () => true);
  assert.deepEqual(late, { requirements: all, irreducible: false });
  const unsure = await explainInfeasible(problem, all, () => Promise.resolve(null), () => false);
  assert.deepEqual(unsure, { requirements: all, irreducible: false });
  assert.equal(
    clashText(late),
    "These clash: api and cache apart; every node with api holds cache; 2 containers of api; " +
      "2 containers of cache",
  );
  assert.equal(new InfeasibleError(clashText(late)).exitCode, 1);
});
