import assert from "node:assert/strict";
import fc from "fast-check";
import {
  checkPlacement,
  type Cluster,
  drawEvenDemand,
  InfeasibleError,
  InputError,
  InvalidPlacementError,
  NO_RULES,
  type Problem,
  Random,
  type Rules,
  uniformCluster,
} from "../../domain/mod.ts";
import { contentionModel, randomApps } from "../../datasets/mod.ts";
import { mayPlace, NaiveSimulator, ruggedModel } from "../_naive.ts";
import { Simulator } from "./simulator.ts";

const APPS = 4;
const CAPACITY = 5;
const model = ruggedModel(APPS, 11);
const naive = new NaiveSimulator(model);
const simulators = {
  "with transitions": Simulator.create({ model, capacity: CAPACITY }),
  "without transitions": Simulator.create({ model, capacity: CAPACITY, transitionLimit: 0 }),
  hashed: Simulator.create({ model, capacity: CAPACITY, denseLimit: 0, cacheEntries: 64 }),
};
const cluster: Cluster = {
  nodeClasses: [
    { name: "large", capacity: 5, count: 3, labels: {}, failureDomain: "a" },
    { name: "small", capacity: 2, count: 3, labels: {}, failureDomain: "b" },
  ],
};
const rules: Rules = { maxPerNode: [null, 2, null, 1], apart: [[0, 2]], fencedNodes: [1] };

function problemOf(demand: readonly number[], withRules: Rules = NO_RULES): Problem {
  return { apps: model.apps, cluster, demand, rules: withRules };
}

for (const [name, simulator] of Object.entries(simulators)) {
  Deno.test(`cluster state (${name}): every step's change equals the difference of full evaluations`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.boolean(), (seed, restricted) => {
        const draws = new Random(seed);
        const problem = problemOf([0, 0, 0, 0], restricted ? rules : NO_RULES);
        using state = simulator.clusterState(problem);
        let total = 0;
        for (let step = 0; step < 60; step++) {
          const before = state.placement();
          const [a, b] = [draws.below(6), draws.below(6)];
          const [p, q] = [draws.below(APPS), draws.below(APPS)];
          const kind = draws.below(5);
          let predicted: number | null = null;
          let change: number | null = null;
          if (kind <= 1) {
            predicted = state.placeGain(a, p);
            change = state.place(a, p);
            assert.equal(change !== null, mayPlace(problem, before, a, p));
          } else if (kind === 2) {
            change = predicted = state.remove(a, p);
            assert.equal(change !== null, before.counts[a * APPS + p]! > 0);
          } else if (kind === 3) {
            predicted = state.moveGain(a, b, p);
            change = state.move(a, b, p);
          } else {
            predicted = state.swapGain(a, p, b, q);
            change = state.swap(a, p, b, q);
          }
          assert.equal(change, predicted);
          const after = naive.evaluate(state.placement());
          assert.ok(Math.abs(after - total - (change ?? 0)) < 1e-9);
          assert.ok(Math.abs(state.total - after) < 1e-9);
          total = after;
        }
        const placement = state.placement();
        const demand = placement.counts.reduce(
          (sums, count, at) => (sums[at % APPS]! += count, sums),
          [0, 0, 0, 0],
        );
        checkPlacement({ ...problem, demand }, placement);
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`local search (${name}) ends where no single move or swap improves`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.boolean(), (seed, restricted) => {
        const draws = new Random(seed);
        const demand = [draws.below(4), draws.below(4), draws.below(3), draws.below(3)];
        const problem = problemOf(demand, restricted ? rules : NO_RULES);
        using state = simulator.clusterState(problem);
        try {
          state.greedy(demand, draws.shuffle([0, 1, 2, 3]));
        } catch (error) {
          if (error instanceof InfeasibleError && restricted) return;
          throw error;
        }
        const greedy = state.total;
        state.localSearch();
        assert.ok(state.total >= greedy - 1e-9);
        checkPlacement(problem, state.placement());
        assert.ok(Math.abs(naive.evaluate(state.placement()) - state.total) < 1e-9);
        for (let u = 0; u < 6; u++) {
          for (let v = 0; v < 6; v++) {
            for (let p = 0; p < APPS; p++) {
              assert.ok((state.moveGain(u, v, p) ?? 0) <= 2e-9);
              for (let q = 0; q < APPS; q++) assert.ok((state.swapGain(u, p, v, q) ?? 0) <= 2e-9);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`annealing (${name}) keeps demand, slots and rules, and repeats with its seed`, () => {
    const demand = [3, 2, 2, 1];
    for (const withRules of [NO_RULES, rules]) {
      const problem = problemOf(demand, withRules);
      const totals = [7, 7, 8].map((seed) => {
        using state = simulator.clusterState(problem);
        state.greedy(demand);
        state.anneal({ moves: 20_000, hot: 0.5, cold: 0.01, seed });
        checkPlacement(problem, state.placement());
        assert.ok(Math.abs(naive.evaluate(state.placement()) - state.total) < 1e-9);
        return state.placement().counts.join(",");
      });
      assert.equal(totals[0], totals[1]);
    }
  });
}

Deno.test("greedy takes the best node for each container, the first of equals", () => {
  const simulator = simulators["with transitions"];
  const problem = problemOf([3, 2, 2, 1], rules);
  using state = simulator.clusterState(problem);
  state.greedy(problem.demand);
  using plain = simulator.clusterState(problem);
  problem.demand.forEach((count, app) => {
    for (let left = count; left > 0; left--) {
      const gains = Array.from({ length: 6 }, (_, node) => plain.placeGain(node, app) ?? -Infinity);
      plain.place(gains.indexOf(Math.max(...gains)), app);
    }
  });
  assert.deepEqual(state.placement(), plain.placement());
  using inOrder = simulator.clusterState(problem);
  inOrder.greedyInOrder(Uint32Array.from([0, 0, 0, 1, 1, 2, 2, 3]));
  assert.deepEqual(inOrder.placement(), plain.placement());
});

Deno.test("annealing finds the optimum that trying every placement of a small problem finds", () => {
  const problem = { ...problemOf([2, 2, 1, 1]), cluster: uniformCluster(3, 3) };
  let best = -Infinity;
  using state = simulators["with transitions"].clusterState(problem);
  const place = (app: number, left: number): void => {
    if (app === APPS) {
      best = Math.max(best, naive.evaluate(state.placement()));
      return;
    }
    if (left === 0) return place(app + 1, problem.demand[app + 1] ?? 0);
    for (let node = 0; node < 3; node++) {
      if (state.place(node, app) === null) continue;
      place(app, left - 1);
      state.remove(node, app);
    }
  };
  place(0, problem.demand[0]!);
  state.greedy(problem.demand);
  state.anneal({ moves: 200_000, hot: 1, cold: 0.01, seed: 1 });
  state.localSearch();
  assert.ok(Math.abs(state.total - best) < 1e-9);
});

Deno.test("annealing that runs out of time cools down in what is left of it", () => {
  const problem = { ...problemOf([6, 6, 4, 4]), cluster: uniformCluster(8, CAPACITY) };
  const totals = [undefined, 5].map((roundsOfTime) => {
    using state = simulators.hashed.clusterState(problem);
    state.greedy(problem.demand);
    let rounds = 0;
    for (
      const _ of state.annealInRounds({
        moves: 40_000,
        hot: 3,
        cold: 0.001,
        seed: 4,
        ...(roundsOfTime ? { elapsed: () => rounds / roundsOfTime } : {}),
      })
    ) rounds++;
    assert.equal(rounds, roundsOfTime ?? 20);
    checkPlacement(problem, state.placement());
    return state.total;
  });
  // Left hot, it would end about where random placements are; cold, it is close to the long run.
  assert.ok(totals[1]! > 0.95 * totals[0]!, `${totals}`);
});

Deno.test("local search can be stopped between any two of its looks, which leaves a sound placement", () => {
  const nodes = 200;
  const problem = { ...problemOf([0, 0, 0, 0]), cluster: uniformCluster(nodes, CAPACITY) };
  const draws = new Random(5);
  using state = simulators.hashed.clusterState(problem);
  const counts = Uint8Array.from({ length: nodes * APPS }, () => draws.below(2));
  state.load({ nodes, apps: APPS, counts });
  const start = state.total;
  let asked = 0;
  const few = state.localSearch(() => ++asked === 1);
  assert.equal(asked, 1);
  const stopped = state.total;
  assert.ok(few > 0 && stopped > start);
  assert.ok(Math.abs(naive.evaluate(state.placement()) - stopped) < 1e-9);
  assert.ok(state.localSearch() > 0, "stopping left nothing to do: the test needs more nodes");
  assert.ok(state.total > stopped);
  assert.equal(state.localSearch(), 0);
});

Deno.test("a placement that breaks slots or rules is refused and the state stays as it was", () => {
  using state = simulators.hashed.clusterState(problemOf([0, 0, 0, 0], rules));
  state.place(0, 0);
  const before = state.placement();
  for (const at of [1 * APPS, 0 * APPS + 3]) {
    const counts = new Uint8Array(6 * APPS);
    counts[at] = 2;
    assert.throws(() => state.load({ nodes: 6, apps: APPS, counts }), InvalidPlacementError);
    assert.deepEqual(state.placement(), before);
  }
});

Deno.test("nodes and apps that do not exist are refused before the core sees them", () => {
  using state = simulators.hashed.clusterState(problemOf([0, 0, 0, 0]));
  for (const [node, app] of [[6, 0], [-1, 0], [0, 4], [0, -1], [0.5, 0], [NaN, 0]] as const) {
    assert.throws(() => state.place(node, app), InputError);
    assert.throws(() => state.move(0, node, app), InputError);
  }
});

Deno.test("states give their memory back: two hundred lives leave the memory as it was", () => {
  const simulator = simulators["with transitions"];
  const live = (): void => {
    using state = simulator.clusterState(problemOf([3, 2, 2, 1], rules));
    state.greedy([3, 2, 2, 1]);
    state.localSearch();
    state.anneal({ moves: 2000, hot: 0.5, cold: 0.01, seed: 1 });
  };
  for (let i = 0; i < 25; i++) live();
  const bytes = simulator.memoryBytes;
  for (let i = 0; i < 200; i++) live();
  assert.equal(simulator.memoryBytes, bytes);
});

Deno.test("a disposed state says so", () => {
  const state = simulators.hashed.clusterState(problemOf([0, 0, 0, 0]));
  state.dispose();
  state.dispose();
  assert.throws(() => state.place(0, 0), /disposed/);
});

Deno.test("local search by a contention formula ends where no single move or swap improves", () => {
  const apps = 10;
  const nodes = 8;
  const model = contentionModel(randomApps(apps, 3));
  using simulator = Simulator.create({ model, capacity: CAPACITY, denseLimit: 0 });
  for (const maxPerNode of [null, 2]) {
    const demand = drawEvenDemand(apps, nodes * CAPACITY - 6, new Random(2));
    const problem = {
      apps: simulator.apps,
      cluster: uniformCluster(nodes, CAPACITY),
      demand,
      rules: { ...NO_RULES, maxPerNode: demand.map(() => maxPerNode) },
    };
    using state = simulator.clusterState(problem);
    state.greedy(demand);
    assert.ok(state.localSearch() > 0);
    checkPlacement(problem, state.placement());
    assert.ok(Math.abs(simulator.evaluate(state.placement()) - state.total) < 1e-9);
    for (let u = 0; u < nodes; u++) {
      for (let v = 0; v < nodes; v++) {
        for (let p = 0; p < apps; p++) {
          assert.ok((state.moveGain(u, v, p) ?? 0) <= 2e-9);
          for (let q = 0; q < apps; q++) assert.ok((state.swapGain(u, p, v, q) ?? 0) <= 2e-9);
        }
      }
    }
  }
});
