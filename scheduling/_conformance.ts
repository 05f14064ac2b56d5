/**
 * One suite that every scheduler passes: `testScheduler(scheduler)` registers its tests.
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Cluster,
  InfeasibleError,
  InterruptedError,
  MetisError,
  NO_RULES,
  placedDemand,
  type Problem,
  Random,
  type Rules,
  uniformCluster,
  UnsupportedError,
  UsageError,
} from "../domain/mod.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { full } from "../tools/_full.ts";
import type { ScheduleOptions, Scheduler, SchedulingProblem } from "./contract.ts";
import { drawGeneral, unlikeSurfaces } from "./_general.ts";
import { forbidSlow, type LatencyForecast } from "./limits.ts";
import { runScheduler } from "./run.ts";

const RULES: Rules = { maxPerNode: [null, 2, null], apart: [[0, 2]], fencedNodes: [1] };
const MIXED: Cluster = {
  nodeClasses: [
    { name: "large", capacity: 4, count: 2, labels: { disk: "ssd" }, failureDomain: "rack-1" },
    { name: "small", capacity: 2, count: 3, labels: {}, failureDomain: "rack-2" },
  ],
};

/** What a scheduler needs besides the common options, and how often the random tests run. */
export interface ConformanceSetup {
  /** Options for every run, such as few moves or a small training. */
  readonly options?: ScheduleOptions;
  /** Random problems to try. @default 30, or 10 under `deno task test` */
  readonly runs?: number;
}

/** Registers the suite for one scheduler. */
export function testScheduler(scheduler: Scheduler, setup: ConformanceSetup = {}): void {
  const { options = {}, runs = full ? 30 : 10 } = setup;
  const simulator = Simulator.create({ model: ruggedModel(3, 5), capacity: 4 });
  const problemOf = (
    changes: Partial<Problem> = {},
    more: Partial<SchedulingProblem> = {},
  ): SchedulingProblem => ({
    apps: simulator.apps,
    cluster: uniformCluster(5, 4),
    demand: [5, 4, 3],
    rules: NO_RULES,
    simulator,
    ...changes,
    ...more,
  });
  const run = (problem: SchedulingProblem, more: ScheduleOptions = {}) =>
    runScheduler(scheduler, problem, { ...options, ...more });

  Deno.test(`${scheduler.name} places every container of random problems within slots and rules`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), async (seed) => {
        const draws = new Random(seed);
        const cluster = scheduler.supports.nodeClasses && draws.below(2)
          ? MIXED
          : uniformCluster(5, 4);
        const rules = scheduler.supports.rules && draws.below(2) ? RULES : NO_RULES;
        const demand = [draws.below(5), draws.below(4), draws.below(3)];
        try {
          const result = await run(problemOf({ cluster, rules, demand }), { seed });
          assert.deepEqual(placedDemand(result.placement), demand);
          const containers = demand.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(result.total - simulator.evaluate(result.placement)) < 1e-9);
          assert.ok(Math.abs(result.mean * containers - result.total) < 1e-9);
          if (result.boundTotal !== undefined) assert.ok(result.boundTotal >= result.total - 1e-6);
        } catch (error) {
          // A dead end under rules may be said, but only as what it is.
          if (!(error instanceof InfeasibleError) || rules === NO_RULES) throw error;
        }
      }),
      { numRuns: runs },
    );
  });

  Deno.test(`${scheduler.name} gives the same placement for the same seed, and leaves the problem as it was`, async () => {
    const problem = problemOf();
    const before = JSON.stringify({ ...problem, simulator: null });
    const first = await run(problem, { seed: 3 });
    const second = await run(problem, { seed: 3 });
    assert.deepEqual(first.placement, second.placement);
    assert.equal(JSON.stringify({ ...problem, simulator: null }), before);
  });

  Deno.test(`${scheduler.name} fills a cluster to its last slot, and places an empty demand`, async () => {
    const full = await run(problemOf({ demand: [10, 6, 4] }));
    assert.deepEqual(placedDemand(full.placement), [10, 6, 4]);
    const empty = await run(problemOf({ demand: [0, 0, 0] }));
    assert.equal(empty.mean, 0);
    assert.equal(empty.worst, null);
  });

  Deno.test(`${scheduler.name} places on one node with one slot`, async () => {
    const result = await run(problemOf({ cluster: uniformCluster(1, 1), demand: [0, 1, 0] }));
    assert.deepEqual([...result.placement.counts], [0, 1, 0]);
  });

  Deno.test(`${scheduler.name} says how many slots are short where the demand does not fit`, async () => {
    await assert.rejects(
      run(problemOf({ demand: [20, 1, 2] })),
      (error) => error instanceof InfeasibleError && /3 slots short/.test(error.message),
    );
  });

  Deno.test(`${scheduler.name} tells its decisions where it says so: each container once`, async () => {
    const told = new Uint8Array(5 * 3);
    const problem = problemOf();
    const quiet = await run(problem);
    const result = await run(problem, { onPlaced: (node, app) => told[node * 3 + app]!++ });
    assert.deepEqual(result.placement, quiet.placement);
    if (!scheduler.tellsDecisions) assert.ok(told.every((count) => count === 0));
    else if (told.some((count) => count > 0)) assert.deepEqual(told, result.placement.counts);
  });

  Deno.test(`${scheduler.name} refuses parameters that it does not know`, async () => {
    await assert.rejects(run(problemOf(), { parameters: { "no-such": 1 } }), UsageError);
  });

  Deno.test(`${scheduler.name} refuses what it does not support instead of breaking it`, async () => {
    const attempts: [boolean, Partial<Problem>][] = [
      [scheduler.supports.rules, { rules: RULES, demand: [2, 2, 1] }],
      [scheduler.supports.nodeClasses, { cluster: MIXED, demand: [3, 3, 2] }],
    ];
    for (const [supported, changes] of attempts) {
      if (supported) await run(problemOf(changes));
      else await assert.rejects(run(problemOf(changes)), /: try the scheduler optimal$/);
    }
  });

  Deno.test(`${scheduler.name} keeps resources, labels, company, domains and surfaces, or refuses them`, async () => {
    const simulator = unlikeSurfaces();
    const general = (changes: Partial<Problem>) => run(problemOf(changes, { simulator }));
    if (!scheduler.supports.general) {
      const classes = MIXED.nodeClasses.map((one) => ({ ...one, capacity: 3 }));
      const wishes: Partial<Problem>[] = [
        {
          needs: [{ cpu: 1 }, {}, {}],
          cluster: { nodeClasses: classes.map((one) => ({ ...one, resources: { cpu: 9 } })) },
        },
        { rules: { ...NO_RULES, require: [{ disk: "ssd" }, null, null] } },
        { rules: { ...NO_RULES, together: [[0, 1]] } },
        {
          rules: {
            ...NO_RULES,
            spread: [{ maxPerDomain: 2, minDomains: 1, maxSkew: 1 }, null, null],
          },
        },
        { cluster: { nodeClasses: classes.map((one, surface) => ({ ...one, surface })) } },
      ];
      for (const wish of wishes) {
        const problem = { cluster: { nodeClasses: classes }, demand: [2, 1, 1], ...wish };
        await assert.rejects(general(problem), UnsupportedError);
      }
      return;
    }
    let placed = 0;
    for (let seed = 0; seed < 8 * runs; seed++) {
      const problem = drawGeneral(new Random(seed), simulator);
      try {
        // What it breaks, runScheduler's check refuses.
        const result = await run(problem, { seed });
        placed++;
        const naive = result.placement.counts.reduce((total, _, at) => {
          if (at % 3 > 0) return total;
          const node = at / 3;
          const { count, surface } = problem.cluster.nodeClasses[0]!;
          const counts = result.placement.counts.subarray(at, at + 3);
          return total + simulator.throughput(counts, 0, node < count ? surface : 0);
        }, 0);
        assert.ok(Math.abs(result.total - naive) < 1e-9);
      } catch (error) {
        if (!(error instanceof InfeasibleError)) throw error;
      }
    }
    assert.ok(placed > runs, "most problems have a placement");
  });

  Deno.test(`${scheduler.name} keeps latency limits and objectives, or refuses them`, async () => {
    // Slower with every container of another app, but for c, which a helps: not closed downwards.
    const forecast: LatencyForecast = {
      predict: (counts, rows) => {
        const latencies = new Float64Array(rows * 3);
        for (let at = 0; at < rows * 3; at++) {
          if (counts[at] === 0) continue;
          const first = at - at % 3;
          const others = counts[first]! + counts[first + 1]! + counts[first + 2]! - counts[at]!;
          latencies[at] = at % 3 === 2 && counts[first]! > 0 ? 1 : 1 + others;
        }
        return latencies;
      },
    };
    const limited = forbidSlow(simulator, forecast, [3, 2, 1]);
    if (scheduler.supports.forbidden) {
      const { placement } = await run(problemOf({}, { simulator: limited }));
      const latencies = forecast.predict(placement.counts, placement.nodes);
      latencies.forEach((latency, at) => assert.ok(latency <= [3, 2, 1][at % 3]!));
      const free = await run(problemOf({}, { simulator: forbidSlow(simulator, forecast, []) }));
      assert.deepEqual(free.placement, (await run(problemOf())).placement);
    } else {
      await assert.rejects(run(problemOf({}, { simulator: limited })), UnsupportedError);
    }
    const known = scheduler.supports.objectives ?? ["throughput"];
    const worst = problemOf({}, { objective: "worst" });
    if (known.includes("worst")) {
      assert.ok((await run(worst)).worst! >= (await run(problemOf())).worst! - 1e-9);
    } else await assert.rejects(run(worst), /cannot maximise worst.*: try the scheduler optimal$/);
    const fair = problemOf({}, { objective: "fair" });
    const weighted = problemOf({}, { weights: [1, 2, 1] });
    if (known.includes("fair")) {
      // How fair it gets is a matter of the search (baselines/fairness_test.ts); what it tells must be so.
      const { placement, fairness, boundObjective = Infinity } = await run(fair);
      const rps = simulator.model.predict(placement.counts, placement.nodes);
      const logs = [...placement.counts].map((count, at) =>
        count === 0 ? 0 : count * Math.log(rps[at]!)
      );
      const geometric = Math.exp(logs.reduce((sum, value) => sum + value) / 12);
      assert.ok(Math.abs(fairness! - geometric) < 1e-12 && boundObjective >= geometric - 1e-9);
      assert.deepEqual(placedDemand((await run(weighted)).placement), [5, 4, 3]);
    } else {
      await assert.rejects(run(fair), UnsupportedError);
      await assert.rejects(run(weighted), UnsupportedError);
    }
  });

  Deno.test(`${scheduler.name} honours an abort signal: a valid placement or an InterruptedError`, async () => {
    try {
      const result = await run(problemOf(), { signal: AbortSignal.abort() });
      assert.deepEqual(placedDemand(result.placement), [5, 4, 3]);
    } catch (error) {
      assert.ok(error instanceof InterruptedError && error instanceof MetisError);
    }
  });
}
