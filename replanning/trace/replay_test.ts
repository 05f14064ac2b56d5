import assert from "node:assert/strict";
import {
  checkPlacement,
  demandTotal,
  InfeasibleError,
  InterruptedError,
  NO_RULES,
  type Placement,
  type Rules,
  uniformCluster,
} from "../../domain/mod.ts";
import { HighsSolver } from "../../baselines/milp/mod.ts";
import { changeOf } from "../change.ts";
import { NaiveSimulator, ruggedModel } from "../../sim-wasm/_naive.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { drawTrace } from "./draw.ts";
import { exchangePolicy } from "./moves.ts";
import {
  greedyPolicy,
  offlineOptimum,
  periodicPolicy,
  type TracePolicyOptions,
} from "./policies.ts";
import { replay, type TracePoint, type TracePolicy } from "./replay.ts";
import { partsOfReplay, summariseReplay } from "./summary.ts";
import { momentsOf, type Trace } from "./trace.ts";

const NODES = 6;
const CAPACITY = 4;
const RULES: Rules = { maxPerNode: [2, null, null, 1], apart: [[0, 2]], fencedNodes: [5] };

async function withPolicies(
  body: (options: TracePolicyOptions, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const solver = new HighsSolver();
  using simulator = Simulator.create({ model: ruggedModel(4, 3), capacity: CAPACITY });
  try {
    await body({ solver }, simulator);
  } finally {
    solver.close();
  }
}

function problemOf(simulator: Simulator, rules: Rules = NO_RULES) {
  return { apps: simulator.apps, cluster: uniformCluster(NODES, CAPACITY), rules, simulator };
}

function draw(seed: number, start = [3, 3, 2, 1]): Trace {
  const rates = {
    hours: 12,
    start,
    arrivals: [0.3, 0.3, 0.2, 0.1],
    stay: [8, 8, 8, 8],
    untilFailure: 15,
    untilReturn: 3,
  };
  return drawTrace(rates, NODES, seed);
}

/** What runs at a time. */
function at<Point extends TracePoint>(points: readonly Point[], hours: number): Point {
  return points.findLast((point) => point.hours <= hours)!;
}

/** A replay with its placements. */
async function replayed(...[problem, trace, policy]: Parameters<typeof replay>) {
  const placed: (TracePoint & { readonly placement: Placement })[] = [];
  const points = await replay(problem, trace, policy, {
    onPoint: (point, placement) => placed.push({ ...point, placement }),
  });
  assert.equal(placed.length, points.length);
  return placed;
}

Deno.test("every policy keeps demand and rules at every event, counts its moves, and none exceeds the offline optimum", () =>
  withPolicies(async (options, simulator) => {
    const naive = new NaiveSimulator(ruggedModel(4, 3));
    const seen = { failures: 0, moves: 0, below: 0, fenced: 0 };
    for (let seed = 0; seed < 4; seed++) {
      const rules = seed % 2 === 0 ? NO_RULES : RULES;
      const problem = problemOf(simulator, rules);
      const trace = draw(seed);
      const moments = momentsOf(trace, problem);
      const best = await replay(problem, trace, offlineOptimum(options));
      const policies: readonly TracePolicy[] = [
        greedyPolicy(options),
        periodicPolicy({ movesPerHour: 2, everyHours: 1 }, options),
        periodicPolicy({ movesPerHour: 0.5, everyHours: 4 }, options),
        offlineOptimum(options),
      ];
      for (const policy of policies) {
        const points = await replayed(problem, trace, policy);
        let before = new Uint8Array(NODES * simulator.apps.length);
        for (const point of points) {
          const { demand, down, waiting } = moments.findLast(({ hours }) => hours <= point.hours)!;
          const fencedNodes = [...rules.fencedNodes, ...down];
          checkPlacement({ ...problem, demand, rules: { ...rules, fencedNodes } }, point.placement);
          assert.equal(point.containers, demandTotal(demand));
          assert.equal(point.waiting, demandTotal(waiting));
          assert.ok(Math.abs(point.total - naive.evaluate(point.placement)) < 1e-9);
          // Containers, one by one: what starts is what a node did not run before, or lost.
          let [started, stopped, lost] = [0, 0, 0];
          point.placement.counts.forEach((count, index) => {
            const isDown = down.includes(Math.floor(index / simulator.apps.length));
            if (isDown) lost += before[index]!;
            else {
              started += Math.max(0, count - before[index]!);
              stopped += Math.max(0, before[index]! - count);
            }
          });
          assert.deepEqual([point.change.started, point.change.stopped, point.lost], [
            started,
            stopped,
            lost,
          ]);
          const optimum = at(best, point.hours);
          // Proven to a relative 1e-9: see OptimalAnswer.
          assert.ok(Math.abs(optimum.boundTotal! - optimum.total) <= 1e-7);
          assert.ok(point.total <= optimum.total + 1e-9, `seed ${seed}, ${point.hours} hours`);
          if (point.total < optimum.total - 1e-9) seen.below++;
          if (down.length > 0) seen.failures++;
          if (point.improved) seen.moves += point.change.moves;
          before = point.placement.counts.slice();
        }
        assert.equal(points.filter(({ improved }) => !improved).length, moments.length);
      }
      if (rules !== NO_RULES) seen.fenced++;
    }
    assert.ok(Math.min(...Object.values(seen)) > 1, JSON.stringify(seen));
  }));

Deno.test("replanning without moves is greedy, and with moves it makes at most so many an hour", () =>
  withPolicies(async (options, simulator) => {
    const problem = problemOf(simulator);
    for (let seed = 10; seed < 12; seed++) {
      const trace = draw(seed);
      const greedy = await replayed(problem, trace, greedyPolicy(options));
      const none = await replayed(
        problem,
        trace,
        periodicPolicy({ movesPerHour: 0, everyHours: 1 }, options),
      );
      for (const point of none) {
        assert.deepEqual(point.placement, at(greedy, point.hours).placement);
        assert.equal(point.change.moves, 0);
      }
      const some = await replay(
        problem,
        trace,
        periodicPolicy({ movesPerHour: 1.5, everyHours: 2 }, options),
      );
      const times = some.filter(({ improved }) => improved);
      // After 2, 4, 6, 8 and 10 of 12 hours.
      assert.deepEqual(times.map(({ hours }) => hours), [2, 4, 6, 8, 10]);
      assert.ok(times.every(({ change }) => change.moves <= 3 && change.forced === 0));
      assert.ok(times.some(({ change }) => change.moves > 0));
      for (const point of times) {
        const before = some[some.indexOf(point) - 1]!;
        assert.ok(point.total >= before.total - 1e-9);
      }
    }
  }));

Deno.test("a policy places the same again", () =>
  withPolicies(async (options, simulator) => {
    const problem = problemOf(simulator, RULES);
    const run = () =>
      replayed(problem, draw(3), periodicPolicy({ movesPerHour: 2, everyHours: 3 }, options));
    assert.deepEqual(await run(), await run());
  }));

Deno.test("greedy makes room in the fewest moves where rules leave no node for a container", () =>
  withPolicies(async (options, simulator) => {
    // Two nodes of four slots; app 3 at most once on a node, never beside app 0.
    const cluster = uniformCluster(2, CAPACITY);
    const rules = { maxPerNode: [null, null, null, 1], apart: [[0, 3]], fencedNodes: [] } as const;
    const problem = { apps: simulator.apps, cluster, rules, simulator };
    const trace: Trace = {
      hours: 3,
      events: [
        // Node 1 fills up while node 0 is down; then app 0 keeps app 3 away from node 0.
        { hours: 0, kind: "fail", node: 0 },
        { hours: 0, kind: "arrive", app: 1, count: 4 },
        { hours: 1, kind: "return", node: 0 },
        { hours: 1, kind: "arrive", app: 0, count: 1 },
        { hours: 2, kind: "arrive", app: 3, count: 1 },
        { hours: 2.5, kind: "arrive", app: 3, count: 1 },
      ],
    };
    await assert.rejects(
      replay(problem, trace, greedyPolicy(options)),
      (error) => error instanceof InfeasibleError && error.message.startsWith("At 2.5 hours: "),
    );
    const possible = { ...trace, events: trace.events.slice(0, -1) };
    const points = await replay(problem, possible, greedyPolicy(options));
    assert.deepEqual(points.map(({ change }) => change.moves), [0, 0, 1]);
  }));

Deno.test("a replay ends at a signal", () =>
  withPolicies((options, simulator) =>
    assert.rejects(
      replay(problemOf(simulator), draw(1), greedyPolicy(options), { signal: AbortSignal.abort() }),
      InterruptedError,
    )
  ));

Deno.test("the summary counts every point as long as it lasts", () => {
  const point = (hours: number, parts: Partial<TracePoint>): TracePoint => ({
    hours,
    improved: false,
    containers: 0,
    waiting: 0,
    down: 0,
    total: 0,
    boundTotal: null,
    worstApp: null,
    change: { started: 0, stopped: 0, forced: 0, moves: 0 },
    lost: 0,
    ...parts,
  });
  const points = [
    point(0, {}),
    point(1, {
      containers: 2,
      total: 3,
      boundTotal: 3,
      worstApp: { app: 0, mean: 1.5 },
      change: { started: 2, stopped: 0, forced: 2, moves: 0 },
    }),
    point(3, {
      containers: 4,
      waiting: 1,
      total: 4,
      boundTotal: 5,
      worstApp: { app: 1, mean: 0.5 },
      change: { started: 3, stopped: 1, forced: 2, moves: 1 },
      lost: 2,
    }),
  ];
  assert.deepEqual(summariseReplay(points, 7), {
    // (2 h x 3 + 4 h x 4) / (2 h x 2 + 4 h x 4)
    mean: 22 / 20,
    bound: 26 / 20,
    // (2 h x 1.5 + 4 h x 0.5) / 6 h
    worstApp: 5 / 6,
    leastWorstApp: 0.5,
    moves: 1,
    started: 5,
    stopped: 1,
    lost: 2,
    waitingHours: 4,
  });
  assert.equal(summariseReplay([point(0, {})], 1).mean, null);
  assert.equal(summariseReplay([point(0, { containers: 1, total: 1 })], 1).bound, null);
  assert.deepEqual(partsOfReplay(points, 8, 4), [
    // One of the two hours: 3 / 2.
    { hours: 2, mean: 1.5, worstApp: 1.5, moves: 0 },
    // An hour of 3 and 2 containers, an hour of 4 and 4.
    { hours: 4, mean: 7 / 6, worstApp: 1, moves: 1 },
    { hours: 6, mean: 1, worstApp: 0.5, moves: 1 },
    { hours: 8, mean: 1, worstApp: 0.5, moves: 1 },
  ]);
});

Deno.test("exchanges as soon as they pay keep the rules and the budget at every moment, and bring something", async () => {
  await withPolicies(async (options, simulator) => {
    let [moved, brought] = [0, 0];
    for (let seed = 1; seed <= 2; seed++) {
      for (const rules of [NO_RULES, { ...NO_RULES, maxPerNode: [2] }]) {
        const problem = problemOf(simulator, rules);
        const trace = draw(seed);
        const greedy = greedyPolicy(options);
        const policy = exchangePolicy(greedy, { movesPerHour: 1.5, leastGain: 0.01 });
        // Every placement is checked by the replay.
        const points = await replay(problem, trace, policy);
        let moves = 0;
        for (const { hours, change } of points) {
          if (change.moves > 0 && rules === NO_RULES) {
            assert.ok(moves + change.moves <= 1.5 * hours + 1e-6, `seed ${seed}, ${hours} hours`);
          }
          moves += change.moves;
        }
        moved += moves;
        brought += summariseReplay(points, 12).mean! -
          summariseReplay(await replay(problem, trace, greedy), 12).mean!;
      }
    }
    assert.ok(moved > 0 && brought > 0, `${moved} moves bring ${brought}`);
  });
});

Deno.test("an exchange goes over several nodes at once, and a container that has only just come moves for nothing", async () => {
  using simulator = Simulator.create({ model: ruggedModel(3, 12), capacity: 3 });
  const problem = {
    apps: simulator.apps,
    cluster: uniformCluster(3, 3),
    rules: NO_RULES,
    simulator,
    demand: [3, 3, 3],
    current: { nodes: 3, apps: 3, counts: Uint8Array.of(3, 0, 0, 0, 3, 0, 0, 0, 0) },
  };
  // Full nodes: only exchanges are left.
  const placement = { nodes: 3, apps: 3, counts: Uint8Array.of(3, 0, 0, 0, 3, 0, 0, 0, 3) };
  const placing: TracePolicy = { respond: () => Promise.resolve({ placement }) };
  const policy = exchangePolicy(placing, { movesPerHour: 1, leastGain: 0 });
  const worth = (moves: number) =>
    policy.respond(problem, { hours: moves, moves: 0 }).then((answer) => ({
      total: simulator.evaluate(answer.placement),
      moves: changeOf(problem, problem.current, answer.placement).moves,
    }));
  const totals: number[] = [];
  for (const moves of [0, 1, 2, 6]) {
    const after = await worth(moves);
    assert.ok(after.moves <= moves, `${after.moves} of ${moves}`);
    totals.push(after.total);
  }
  assert.ok(totals.slice(1).every((total) => total > totals[0]!), totals.join());
});
