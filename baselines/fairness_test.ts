import assert from "node:assert/strict";
import {
  InfeasibleError,
  type InterferenceModel,
  NO_RULES,
  Random,
  uniformCluster,
} from "../domain/mod.ts";
import { forbidStarving, runScheduler, type SchedulingProblem } from "../scheduling/mod.ts";
import { runs } from "../tools/_full.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { annealing } from "./heuristics/annealing.ts";
import { greedy } from "./heuristics/greedy.ts";
import { localSearch } from "./heuristics/local_search.ts";
import { spread } from "./heuristics/spread.ts";
import { solveFrontier } from "./optimal/frontier.ts";
import { optimalScheduler } from "./optimal/mod.ts";

const APPS = 3;
const CAPACITY = 3;
const NODES = 3;

/** What one container of an app is worth at a speed; null where it may not run so slowly. */
type Worth = (rps: number, app: number) => number | null;

/** The most that any placement is worth, by trying all of them; null if there is none. Knows nothing of tables and ranks. */
function tryAll(model: InterferenceModel, demand: readonly number[], worth: Worth): number | null {
  const nodes = allowedNodes(model, worth);
  const best = (count: number, left: readonly number[]): number | null => {
    if (count === 0) return left.every((missing) => missing === 0) ? 0 : null;
    let most: number | null = null;
    for (const { counts, value } of nodes) {
      if (counts.some((held, app) => held > left[app]!)) continue;
      const rest = best(count - 1, left.map((missing, app) => missing - counts[app]!));
      if (rest !== null && (most === null || value + rest > most)) most = value + rest;
    }
    return most;
  };
  return best(NODES, demand);
}

/** All that a node may hold, and what that is worth. */
function allowedNodes(
  model: InterferenceModel,
  worth: Worth,
): { counts: number[]; value: number }[] {
  const nodes: { counts: number[]; value: number }[] = [];
  for (let code = 0; code < (CAPACITY + 1) ** APPS; code++) {
    const counts = Array.from(
      { length: APPS },
      (_, app) => Math.floor(code / (CAPACITY + 1) ** app) % (CAPACITY + 1),
    );
    if (counts.reduce((sum, count) => sum + count) > CAPACITY) continue;
    const rps = model.predict(Uint8Array.from(counts), 1);
    const each = counts.map((count, app) => count === 0 ? 0 : worth(rps[app]!, app));
    if (each.includes(null)) continue;
    nodes.push({ counts, value: counts.reduce((sum, count, app) => sum + count * each[app]!, 0) });
  }
  return nodes;
}

function problemOf(simulator: Simulator, demand: readonly number[]): SchedulingProblem {
  return {
    apps: simulator.apps,
    cluster: uniformCluster(NODES, CAPACITY),
    demand,
    rules: NO_RULES,
    simulator,
  };
}

/** Demands and surfaces of trials. */
function* trials(
  count: number,
): Generator<{ model: InterferenceModel; demand: number[]; random: Random }> {
  const random = new Random(11);
  for (let trial = 0; trial < count; trial++) {
    const demand = Array.from({ length: APPS }, () => 1 + random.below(3));
    yield { model: ruggedModel(APPS, trial + 1), demand, random };
  }
}

Deno.test("optimal finds the most throughput above floors, or that there is none: as trying all does", async () => {
  let possible = 0;
  let tight = 0;
  for (const { model, demand, random } of trials(runs(10, 30))) {
    const floors = Array.from(
      { length: APPS },
      () => random.below(3) === 0 ? null : 0.5 + 0.5 * random.uniform(),
    );
    const expected = tryAll(model, demand, (rps, app) => rps < (floors[app] ?? 0) ? null : rps);
    using whole = Simulator.create({ model, capacity: CAPACITY });
    using simulator = forbidStarving(whole, floors);
    const problem = problemOf(simulator, demand);
    if (expected === null) {
      await assert.rejects(runScheduler(optimalScheduler, problem), InfeasibleError);
      continue;
    }
    possible++;
    const free = tryAll(model, demand, (rps) => rps)!;
    if (expected < free - 1e-9) tight++;
    const run = await runScheduler(optimalScheduler, problem);
    assert.ok(Math.abs(run.total - expected) < 1e-7, `${demand}: ${run.total}, not ${expected}`);
    assert.ok(Math.abs(run.boundTotal! - expected) < 1e-6);
    for (const scheduler of [greedy, localSearch, annealing]) {
      try {
        const { total } = await runScheduler(
          scheduler,
          problem,
          scheduler === annealing ? { parameters: { moves: 2000 } } : {},
        );
        assert.ok(total <= expected + 1e-9, scheduler.name);
      } catch (error) {
        // Container by container, not everything that is permitted can be reached.
        assert.ok(error instanceof InfeasibleError, `${error}`);
      }
    }
  }
  assert.ok(possible >= 3 && tight >= 2, `${possible} possible, ${tight} tight`);
});

Deno.test("the frontier climbs from the best mean to the fairest placement, each rung as good as trying all finds", async () => {
  let climbed = 0;
  for (const { model, demand } of trials(runs(3, 12))) {
    using simulator = Simulator.create({ model, capacity: CAPACITY });
    const front = await solveFrontier(problemOf(simulator, demand), { points: 5 });
    const { floor: fairest } = front.at(-1)!;
    // Where the best mean is the fairest too, nothing lies between.
    if (front.length === 2) {
      assert.equal(tryAll(model, demand, (rps) => rps)!.toFixed(9), front[1]!.total.toFixed(9));
    } else assert.equal(front.length, 5);
    if (front.length === 5) climbed++;
    for (const { floor, total, boundTotal } of front) {
      const expected = tryAll(model, demand, (rps) => rps < floor ? null : rps);
      assert.ok(
        Math.abs(total - expected!) < 1e-7,
        `${demand}, ${floor}: ${total}, not ${expected}`,
      );
      assert.ok(Math.abs(boundTotal - expected!) < 1e-6);
    }
    assert.equal(front[0]!.floor, 0);
    // Nothing can be placed above the last floor.
    assert.equal(tryAll(model, demand, (rps) => rps <= fairest ? null : rps), null);
  }
  assert.ok(climbed > 0);
});

const LOG = (rps: number) => Math.log(Math.max(0.001, rps));

Deno.test("optimal finds the fairest sum of logarithms and the most weighted throughput, above floors too: as trying all does", async () => {
  for (const { model, demand, random } of trials(runs(2, 30))) {
    using simulator = Simulator.create({ model, capacity: CAPACITY });
    const weights = Array.from({ length: APPS }, () => 0.25 + 2 * random.uniform());
    const weight = demand.reduce((sum, count, app) => sum + count * weights[app]!, 0);
    const containers = demand.reduce((sum, count) => sum + count);
    const floor = 0.45;
    using spared = forbidStarving(simulator, [floor, null, floor]);
    const asked = [
      [{ objective: "fair" }, LOG, containers],
      [{ objective: "fair", weights }, (rps, app) => weights[app]! * LOG(rps), weight],
      [{ weights }, (rps, app) => weights[app]! * rps, weight],
      [
        { weights, objective: "fair", simulator: spared },
        (rps, app) => app !== 1 && rps < floor ? null : weights[app]! * LOG(rps),
        weight,
      ],
    ] as const satisfies readonly (readonly [Partial<SchedulingProblem>, Worth, number])[];
    for (const [changes, worth, count] of asked) {
      const problem: SchedulingProblem = { ...problemOf(simulator, demand), ...changes };
      const most = tryAll(model, demand, worth);
      if (most === null) {
        await assert.rejects(runScheduler(optimalScheduler, problem), InfeasibleError);
        continue;
      }
      const expected = problem.objective === "fair" ? Math.exp(most / count) : most / count;
      const of = (
        { fairness, perApp }: { fairness: number | null; perApp: readonly (number | null)[] },
      ) =>
        problem.objective === "fair"
          ? fairness!
          : demand.reduce((sum, held, app) => sum + held * weights[app]! * perApp[app]!, 0) /
            weight;
      const run = await runScheduler(optimalScheduler, problem);
      assert.ok(Math.abs(of(run) - expected) < 1e-7, `${demand}: ${of(run)}, not ${expected}`);
      assert.ok(Math.abs(run.boundObjective! - expected) < 1e-6);
      assert.equal(run.boundTotal, undefined);
      for (const scheduler of [greedy, localSearch, annealing]) {
        const few = scheduler === annealing ? { parameters: { moves: 2000 } } : {};
        try {
          assert.ok(of(await runScheduler(scheduler, problem, few)) <= expected + 1e-9);
        } catch (error) {
          assert.ok(error instanceof InfeasibleError, `${error}`);
        }
      }
    }
  }
});

Deno.test("local search and annealing are as fair as can be where trying all is possible, most of the time", async () => {
  for (const scheduler of [localSearch, annealing]) {
    let reached = 0;
    for (const { model, demand } of trials(10)) {
      using simulator = Simulator.create({ model, capacity: CAPACITY });
      const problem = { ...problemOf(simulator, demand), objective: "fair" as const };
      const few = scheduler === annealing ? { parameters: { moves: 20000 } } : {};
      const { fairness } = await runScheduler(scheduler, problem, few);
      const containers = demand.reduce((sum, count) => sum + count);
      if (fairness! >= Math.exp(tryAll(model, demand, LOG)! / containers) - 1e-9) reached++;
    }
    assert.ok(reached >= 7, `${scheduler.name}: ${reached} of 10`);
  }
});

Deno.test("objectives and floors hold on every surface of a cluster of unlike nodes: as trying all does", async () => {
  const models = [ruggedModel(2, 5), ruggedModel(2, 6)];
  const demand = [3, 3];
  const cluster = {
    nodeClasses: [0, 1].map((surface) => ({
      name: `class-${surface}`,
      capacity: 3,
      count: 1,
      labels: {},
      failureDomain: null,
      surface,
    })),
  };
  using simulator = Simulator.create({ model: models[0]!, more: [models[1]!], capacity: 3 });
  /** Speeds of all containers, for every way to share the demand among the two nodes. */
  const all = [0, 1, 2, 3].map((a) => {
    const nodes = [[a, 3 - a], [3 - a, a]];
    return nodes.flatMap((counts, surface) => {
      const rps = models[surface]!.predict(Uint8Array.from(counts), 1);
      return counts.flatMap((count, app) => new Array<number>(count).fill(rps[app]!));
    });
  });
  // Two of the four ways keep this.
  const floor = all.map((speeds) => Math.min(...speeds)).sort((a, b) => a - b)[2]!;
  using spared = forbidStarving(simulator, [floor, floor]);
  const best = (worth: (speeds: number[]) => number, least = 0) =>
    Math.max(...all.filter((speeds) => speeds.every((rps) => rps >= least)).map(worth));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const fair = (speeds: number[]) => Math.exp(sum(speeds.map(Math.log)) / 6);
  const problem = { ...problemOf(simulator, demand), cluster };
  for (const scheduler of [optimalScheduler, localSearch]) {
    const run = (changes: Partial<SchedulingProblem>) =>
      runScheduler(scheduler, { ...problem, ...changes });
    const close = (a: number, b: number) =>
      assert.ok(Math.abs(a - b) < 1e-7, `${scheduler.name}: ${a}, ${b}`);
    close((await run({ objective: "fair" })).fairness!, best(fair));
    close((await run({ objective: "worst" })).worst!, best((speeds) => Math.min(...speeds)));
    if (scheduler === optimalScheduler) {
      close((await run({ simulator: spared })).total, best(sum, floor));
      const front = await solveFrontier(problem, { points: 4 });
      for (const { floor, total } of front) close(total, best(sum, floor));
    }
  }
});

Deno.test("schedulers that do not heed weights refuse them by name, and the slowest container has none", async () => {
  using simulator = Simulator.create({ model: ruggedModel(APPS, 1), capacity: CAPACITY });
  const problem = { ...problemOf(simulator, [1, 1, 1]), weights: [1, 2, 1] };
  await assert.rejects(runScheduler(spread, problem), /spread does not heed weights of apps/);
  await assert.rejects(
    runScheduler(optimalScheduler, { ...problem, objective: "worst" }),
    /Weights of apps go with the objectives throughput and fair, not with worst/,
  );
  // All alike are no weights.
  assert.ok((await runScheduler(spread, { ...problem, weights: [1, 1, 1] })).total > 0);
});
