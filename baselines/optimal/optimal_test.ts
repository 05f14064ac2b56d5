import assert from "node:assert/strict";
import fc from "fast-check";
import {
  allowsConfiguration,
  type Cluster,
  InfeasibleError,
  type InterferenceModel,
  InterruptedError,
  NO_RULES,
  nodeCapacities,
  type Problem,
  Random,
  type Rules,
  uniformCluster,
} from "../../domain/mod.ts";
import { runScheduler, type SchedulingProblem } from "../../scheduling/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import type { ReferenceName } from "../../reference/files.ts";
import { referenceText } from "../../reference/folder.ts";
import { testScheduler } from "../../scheduling/_conformance.ts";
import { ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { CorePricing } from "../../sim-wasm/space/pricing.ts";
import { HighsSolver } from "../milp/mod.ts";
import { runs } from "../../tools/_full.ts";
import { formulate, lagrangianBound } from "../columns/mod.ts";
import { optimalScheduler, proveBound, solveToOptimality } from "./mod.ts";

function csv(name: ReferenceName): string[][] {
  return referenceText(name).trim().split("\n").map((line) => line.split(","));
}

/** The best total of any placement, by trying all; undefined if there is none. */
function bruteForce(problem: SchedulingProblem): number | undefined {
  const { simulator, rules, demand, apps } = problem;
  const capacities = nodeCapacities(problem.cluster, rules);
  const configurations = Array.from(
    { length: simulator.configurations },
    (_, rank) => simulator.unrank(rank),
  ).filter((counts) => allowsConfiguration(rules, counts));
  const values = configurations.map((counts) => simulator.throughput(counts));
  const visit = (node: number, left: readonly number[]): number | undefined => {
    if (node === capacities.length) return left.every((count) => count === 0) ? 0 : undefined;
    let best: number | undefined;
    configurations.forEach((counts, at) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total > capacities[node]! || apps.some((_, app) => counts[app]! > left[app]!)) return;
      const rest = visit(node + 1, left.map((count, app) => count - counts[app]!));
      if (rest !== undefined) best = Math.max(best ?? -Infinity, rest + values[at]!);
    });
    return best;
  };
  return visit(0, demand);
}

const tinyProblems = fc.record({
  apps: fc.integer({ min: 2, max: 3 }),
  capacities: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 3 }),
  demand: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 }),
  limits: fc.array(fc.option(fc.integer({ min: 1, max: 2 }), { freq: 1 }), {
    minLength: 3,
    maxLength: 3,
  }),
  apart: fc.boolean(),
  fenced: fc.option(fc.integer({ min: 0, max: 1 }), { freq: 1 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
}).map(({ apps, capacities, demand, limits, apart, fenced, seed }): SchedulingProblem => {
  const model = ruggedModel(apps, seed);
  const cluster: Cluster = {
    nodeClasses: capacities.map((capacity, at) => ({
      name: `class${at}`,
      capacity,
      count: 1,
      labels: {},
      failureDomain: null,
    })),
  };
  const rules: Rules = {
    maxPerNode: limits.slice(0, apps),
    apart: apart ? [[0, 1]] : [],
    fencedNodes: fenced === null ? [] : [fenced],
  };
  const capacity = Math.max(...capacities);
  const simulator = Simulator.create({ model, capacity });
  return { apps: model.apps, cluster, demand: demand.slice(0, apps), rules, simulator };
});

Deno.test("optimal finds what brute force finds, infeasibility included", async () => {
  const solver = new HighsSolver();
  const seen = { feasible: 0, infeasible: 0 };
  try {
    await fc.assert(
      fc.asyncProperty(tinyProblems, async (problem) => {
        const expected = bruteForce(problem);
        if (expected === undefined) {
          seen.infeasible++;
          await assert.rejects(solveToOptimality(problem, {}, solver), InfeasibleError);
          return;
        }
        seen.feasible++;
        const answer = await solveToOptimality(problem, {}, solver);
        assert.ok(answer.proven);
        assert.ok(Math.abs(answer.total - expected) <= 1e-9, `${answer.total} for ${expected}`);
        assert.ok(answer.boundTotal >= expected - 1e-12);
      }),
      { numRuns: runs(100, 500), seed: 20 },
    );
  } finally {
    solver.close();
  }
  const [feasible, infeasible] = runs([40, 6], [200, 30]);
  assert.ok(seen.feasible >= feasible && seen.infeasible >= infeasible, JSON.stringify(seen));
});

Deno.test("the bound holds for any prices", () => {
  fc.assert(
    fc.property(tinyProblems, fc.integer({ min: 1, max: 1e6 }), (problem, seed) => {
      const optimum = bruteForce(problem);
      fc.pre(optimum !== undefined);
      const draws = new Random(seed);
      const prices = Float64Array.from(problem.apps, () => draws.uniform() * 4 - 2);
      const formulation = formulate(problem);
      const pricing = new CorePricing(problem.simulator, formulation.spaces[0]!);
      const { bestByTotal } = pricing.best(prices);
      const given = { prices, rowPrices: new Float64Array() };
      const { bound } = lagrangianBound(formulation, given, [bestByTotal]);
      pricing.dispose();
      assert.ok(bound >= optimum! - 1e-12, `${bound} below ${optimum}`);
    }),
    { numRuns: 200 },
  );
});

/** Optimum of the mean on rf20-table.csv by demand file (metis.md, section 7): nodes, then rows 0 to 4. */
const OPTIMA: readonly (readonly [ReferenceName, number, ...number[]])[] = [
  ["batch-200.csv", 81, 1.204404, 1.190643, 1.189586, 1.240139, 1.176680],
  ["batch-300.csv", 81, 1.121958, 1.132472, 1.116269, 1.145853, 1.135604],
  ["batch-400.csv", 81, 1.076031, 1.090010, 1.072480, 1.123876, 1.091035],
  ["batch-1000.csv", 729, 1.214649, 1.206916, 1.216474, 1.238970, 1.226878],
  ["batch-2000.csv", 729, 1.176921, 1.171591, 1.177428, 1.195115, 1.185023],
  ["batch-3000.csv", 729, 1.137006, 1.118489, 1.134791, 1.128098, 1.128016],
];

/** The surface of 2020: the rows of rf20-table.csv. */
function referenceModel(): InterferenceModel {
  const [header = [], ...rows] = csv("rf20-table.csv");
  const apps = header.slice(0, header.length / 2);
  const speeds = new Map(
    rows.map((row) => [row.slice(0, apps.length).join(), row.slice(apps.length).map(Number)]),
  );
  return {
    kind: "table",
    apps,
    predict: (counts, count) => {
      const rps = new Float64Array(count * apps.length);
      for (let row = 0; row < count; row++) {
        const held = counts.subarray(row * apps.length, (row + 1) * apps.length);
        rps.set(speeds.get(held.join())!, row * apps.length);
      }
      return rps;
    },
  };
}

function referenceProblem(
  simulator: Simulator,
  nodes: number,
  demand: number[],
): SchedulingProblem {
  return {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, 8),
    demand,
    rules: NO_RULES,
    simulator,
  };
}

Deno.test(needsReference({
  name: "optimal proves the known optima of the 2020 surface",
  async fn() {
    const simulator = Simulator.create({ model: referenceModel(), capacity: 8 });
    for (const [file, nodes, ...means] of OPTIMA) {
      const demands = csv(file).slice(1).map((row) => row.map(Number));
      for (const [row, mean] of means.slice(0, runs(1, 5)).entries()) {
        const run = await runScheduler(
          optimalScheduler,
          referenceProblem(simulator, nodes, demands[row]!),
        );
        assert.ok(
          Math.abs(run.mean - mean) <= 1e-6,
          `${file} row ${row}: ${run.mean}, not ${mean}`,
        );
        assert.equal(run.details?.["proven"], true);
        assert.ok(run.boundTotal! - run.total <= 1e-9 * run.total);
      }
    }
  },
}));

Deno.test(needsReference({
  name: "the relaxation bounds the known optima from above, closely",
  async fn() {
    const simulator = Simulator.create({ model: referenceModel(), capacity: 8 });
    const demand = csv("batch-300.csv")[1]!.map(Number);
    const { boundTotal, proven } = await proveBound(referenceProblem(simulator, 81, demand), {
      effort: "lp",
    });
    assert.equal(proven, false);
    assert.ok(boundTotal >= 300 * (1.121958 - 5e-7));
    assert.ok(boundTotal <= 300 * 1.121958 * 1.001);
  },
}));

/** Six apps that slow each other by different amounts, with a little of a pattern's noise. */
function denseProblem(nodes: number, perNode: number, rules: Rules = NO_RULES): SchedulingProblem {
  const apps = 6;
  const model: InterferenceModel = {
    kind: "synthetic",
    apps: Array.from({ length: apps }, (_, app) => `app${app}`),
    predict: (counts, rows) => {
      const rps = new Float64Array(rows * apps);
      for (let row = 0; row < rows; row++) {
        const held = counts.subarray(row * apps, (row + 1) * apps);
        held.forEach((count, app) => {
          if (count === 0) return;
          const harm = held.reduce(
            (sum, other, at) => sum + other * (0.02 + 0.05 * ((at * 5 + app * 3) % 7) / 7),
            0,
          );
          rps[row * apps + app] = 1.2 / (1 + harm) + 0.01 * Math.sin(harm * 977 + app);
        });
      }
      return rps;
    },
  };
  const simulator = Simulator.create({ model, capacity: 8 });
  const demand = model.apps.map((_, app) => Math.floor(nodes * perNode * (5 + app) / 45));
  return { apps: model.apps, cluster: uniformCluster(nodes, 8), demand, rules, simulator };
}

Deno.test("optimal places a million containers on 250,000 nodes with a gap below 0.01 %", async () => {
  const run = await runScheduler(optimalScheduler, denseProblem(250_000, 4), { timeLimit: 30 });
  assert.ok(run.boundTotal! >= run.total);
  assert.ok((run.boundTotal! - run.total) / run.total < 1e-4);
});

Deno.test("optimal stopped by a time limit of 0.05 s returns a placement with a valid bound", async () => {
  const problem = denseProblem(81, 5);
  const run = await runScheduler(optimalScheduler, problem, { timeLimit: 0.05 });
  const whole = await solveToOptimality(problem);
  assert.ok(run.total <= whole.total + 1e-9);
  assert.ok(run.boundTotal! >= whole.total - 1e-9);
});

Deno.test("optimal stops at a gap that is small enough for the caller", async () => {
  const run = await runScheduler(optimalScheduler, denseProblem(81, 5), { gap: 0.05 });
  assert.ok((run.boundTotal! - run.total) / run.boundTotal! <= 0.05);
});

Deno.test("the same problem and seed give the same placement", async () => {
  const problem = denseProblem(60, 4);
  const [one, two] = [await solveToOptimality(problem), await solveToOptimality(problem)];
  assert.deepEqual(one.placement, two.placement);
});

Deno.test("an aborted optimal returns what it has, or says that it was interrupted", async () => {
  const problem = denseProblem(200, 5);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  try {
    const run = await runScheduler(optimalScheduler, problem, { signal: abort.signal });
    assert.ok(run.boundTotal! >= run.total);
  } catch (error) {
    assert.ok(error instanceof InterruptedError);
  }
});

Deno.test("rules that leave too little room are infeasible, with the app and the slots that are short", async () => {
  // Two apps that may not meet, 3 nodes of 8 slots: 12 + 12 containers need 2 nodes each.
  const problem = denseProblem(3, 0, { ...NO_RULES, apart: [[0, 1]] });
  const demand = [12, 12, 0, 0, 0, 0];
  await assert.rejects(solveToOptimality({ ...problem, demand }), InfeasibleError);
  // At most 4 of either on a node, and not both: 3 nodes take 12 of the 16, in fractions too.
  const rules: Problem["rules"] = {
    ...NO_RULES,
    maxPerNode: [4, 4, null, null, null, null],
    apart: [[0, 1]],
  };
  await assert.rejects(
    proveBound({ ...problem, rules, demand: [8, 8, 0, 0, 0, 0] }, { effort: "lp" }),
    /at least 4 slots short, for app/,
  );
});

Deno.test("an empty demand is met by an empty cluster", async () => {
  const answer = await solveToOptimality({ ...denseProblem(3, 0), demand: [0, 0, 0, 0, 0, 0] });
  assert.equal(answer.total, 0);
  assert.ok(answer.proven);
  assert.ok(answer.placement.counts.every((count) => count === 0));
});

testScheduler(optimalScheduler, { runs: 8 });
