import assert from "node:assert/strict";
import { contentionModel } from "../../datasets/mod.ts";
import {
  checkPlacement,
  type Cluster,
  drawArrivals,
  emptyPlacement,
  NO_RULES,
  Random,
  uniformCluster,
  UsageError,
} from "../../domain/mod.ts";
import { runScheduler, UndecidedError } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import type { Network } from "../learning/network.ts";
import { loadTensorFlow } from "../learning/tensorflow.ts";
import { ONLINE_OPTIONS } from "./config.ts";
import { drawEvents } from "./events.ts";
import { placeArrivals } from "./live.ts";
import { OnlinePlayer } from "./player.ts";
import { createOnlineNetworks } from "./policy.ts";
import { playByRule } from "./rules_of_thumb.ts";
import { metisOnlineScheduler } from "./scheduler.ts";
import { onlineLearner } from "./trainer.ts";

const simulator = Simulator.create({ model: contentionModel(), capacity: 8 });
const apps = simulator.apps;
const cluster = uniformCluster(9, 8);
const SMALL = {
  ...ONLINE_OPTIONS.defaults,
  hidden: 16,
  imitationUpdates: 3,
  gradientUpdates: 3,
  imitated: 2,
  orders: 1,
  samples: 3,
  annealing: 2000,
};

function untrained(): Network[] {
  return createOnlineNetworks(16, new Random(1));
}

function problemOf(demand: readonly number[], nodes: Cluster = cluster, rules = NO_RULES) {
  return { apps, cluster: nodes, demand, rules, simulator };
}

Deno.test("arrivals with departures end with the demand, within slots and rules", async () => {
  const scheduler = metisOnlineScheduler(() => Promise.resolve(untrained()));
  const unlike: Cluster = {
    nodeClasses: [
      { name: "small", capacity: 2, count: 6, labels: {}, failureDomain: null },
      { name: "large", capacity: 8, count: 6, labels: {}, failureDomain: null },
    ],
  };
  const rules = { maxPerNode: apps.map(() => 4), apart: [], fencedNodes: [1] };
  for (const rest of ["unknown", "known"]) {
    for (const departures of [0, 0.5]) {
      for (const seed of [1, 2, 3]) {
        const problem = problemOf(apps.map((_, app) => 2 + app), unlike, rules);
        const options = { seed, parameters: { rest, departures, compare: true } };
        const run = await runScheduler(scheduler, problem, options);
        checkPlacement(problem, run.placement);
        assert.equal(typeof run.details!["binpackMean"], "number");
        const again = await runScheduler(scheduler, problem, options);
        assert.deepEqual(again.placement, run.placement);
      }
    }
  }
});

/** Nodes of two classes, one of them fenced. */
const UNLIKE = problemOf(
  apps.map((_, app) => 1 + app % 4),
  {
    nodeClasses: [
      { name: "small", capacity: 3, count: 4, labels: {}, failureDomain: null },
      { name: "large", capacity: 8, count: 4, labels: {}, failureDomain: null },
    ],
  },
  { maxPerNode: apps.map(() => 3), apart: [], fencedNodes: [2] },
);

Deno.test("what a state holds counts as if it had come: the next containers go where they would have gone", () => {
  const [unknown] = untrained();
  const begin = (): OnlinePlayer => {
    const player = new OnlinePlayer(simulator, UNLIKE, "unknown");
    player.planner.setNetwork(unknown!.layers);
    return player;
  };
  const draws = new Random(5);
  for (let time = 0; time < 10; time++) {
    const order = drawArrivals(UNLIKE.demand, draws);
    using whole = begin();
    whole.arrivals.begin();
    const arrive = (player: OnlinePlayer, from: number, to: number): number[] =>
      [...order.subarray(from, to)].map((app) => player.arrivals.arrive(app, { temperature: 0 }));
    arrive(whole, 0, 8);
    whole.arrivals.write();
    using second = begin();
    second.arrivals.load(whole.state);
    assert.deepEqual(
      arrive(second, 8, order.length),
      arrive(whole, 8, order.length),
    );
  }
});

Deno.test("where no node may take a container, its app is named, and who could place it", () => {
  const [unknown] = untrained();
  const problem = problemOf(apps.map((_, app) => app === 0 ? 1 : 0), uniformCluster(1, 1));
  using player = new OnlinePlayer(simulator, problem, "unknown");
  player.planner.setNetwork(unknown!.layers);
  player.arrivals.begin();
  assert.equal(player.arrivals.arrive(0, { temperature: 0 }), 0);
  assert.throws(() => player.arrivals.arrive(1, { temperature: 0 }), {
    name: "InfeasibleError",
    message: new RegExp(`another container of ${apps[1]},.*\\(optimal\\)`),
  });
});

Deno.test("arrivals end at a time limit, and hear of an interruption between two of them", async () => {
  const scheduler = metisOnlineScheduler(() => Promise.resolve(untrained()));
  const problem = problemOf(apps.map(() => 4));
  await assert.rejects(scheduler.schedule(problem, { timeLimit: 1e-9 }), UndecidedError);
  const controller = new AbortController();
  let placed = 0;
  const onPlaced = (): void => {
    // Whoever is called back by the event loop would come too late, were it never let through.
    if (placed++ === 0) setTimeout(() => controller.abort());
    for (const end = performance.now() + 5; performance.now() < end;);
  };
  await assert.rejects(scheduler.schedule(problem, { signal: controller.signal, onPlaced }), {
    name: "InterruptedError",
  });
  assert.ok(placed < 28);
});

Deno.test("containers are added to what runs, which stays", () => {
  const networks = untrained();
  const nodes = 8;
  const running = emptyPlacement(nodes, apps.length);
  for (let node = 4; node < nodes; node++) running.counts[node * apps.length + 3] = 1;
  const placed = placeArrivals(UNLIKE, networks, running);
  checkPlacement(UNLIKE, placed);
  placed.counts.forEach((count, at) => assert.ok(count >= running.counts[at]!));
  assert.equal(placeArrivals(UNLIKE, networks, placed), placed);
});

Deno.test("guests come before they leave, all leave, and never take the slots of those that last", () => {
  for (let seed = 0; seed < 50; seed++) {
    const problem = problemOf(apps.map(() => 8));
    const lasting = 8 * apps.length;
    const events = drawEvents(problem, 72, 1, new Random(seed));
    const inside = new Set<number>();
    for (const { kind, container } of events) {
      if (kind === "arrive") assert.ok(!inside.has(container) && inside.add(container));
      else assert.ok(container >= lasting && inside.delete(container));
      assert.ok(inside.size <= 72);
    }
    assert.equal(inside.size, lasting);
    assert.ok(events.length > lasting);
  }
});

Deno.test("binpack fills node after node, spread evens them out", () => {
  const problem = problemOf(apps.map((_, app) => app === 0 ? 8 : 0));
  const events = drawEvents(problem, 72, 0, new Random(1));
  using packed = simulator.clusterState(problem);
  playByRule(packed, events, "binpack");
  assert.equal(packed.placement().counts[0], 8);
  using even = simulator.clusterState(problem);
  playByRule(even, events, "spread");
  assert.equal(Math.max(...even.placement().counts), 1);
});

Deno.test("online training resumes bit for bit through both of its phases", async () => {
  const tensorflow = await loadTensorFlow();
  const create = () => onlineLearner.create(tensorflow, { simulator, cluster }, SMALL, 5);
  const whole = create();
  while (!whole.done) {
    const stats = whole.update();
    assert.ok(stats.episodes > 0 && Number.isFinite(stats.loss));
  }
  const half = create();
  for (let update = 0; update < 2; update++) half.update();
  const resumed = create();
  resumed.restore(half.state());
  while (!resumed.done) resumed.update();
  assert.deepEqual(resumed.networks(), whole.networks());
  for (const trainer of [whole, half, resumed]) trainer.dispose();
});

Deno.test("unsound parameters are refused", async () => {
  const scheduler = metisOnlineScheduler(() => Promise.resolve(untrained()));
  for (const parameters of [{ rest: "perhaps" }, { departures: -1 }]) {
    const run = runScheduler(scheduler, problemOf(apps.map(() => 1)), { parameters });
    await assert.rejects(run, UsageError);
  }
});
