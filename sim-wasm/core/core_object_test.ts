import assert from "node:assert/strict";
import { DisposedError, NO_RULES, type Problem, Random, uniformCluster } from "../../domain/mod.ts";
import { contentionModel } from "../../datasets/mod.ts";
import { ruggedModel } from "../_naive.ts";
import { ImplicitPricing } from "../implicit/pricing.ts";
import { Arrivals } from "../metis/arrivals.ts";
import { groupInputs, LevelPlanner } from "../metis/levels.ts";
import { Planner, plannerInputs } from "../metis/planner.ts";
import { Scorer } from "../metis/scorer.ts";
import { Cholesky } from "../models/cholesky.ts";
import { GaussianProcess } from "../models/gaussian.ts";
import { Trees } from "../models/trees.ts";
import { Chooser } from "../paper/chooser.ts";
import { EpisodePlayer } from "../paper/episodes.ts";
import { EpisodeGradient } from "../paper/gradient.ts";
import { CoreNetwork } from "../paper/network.ts";
import { ShareChoosers } from "../paper/shares.ts";
import { CorePricing } from "../space/pricing.ts";
import { Simulator } from "../space/simulator.ts";
import { Core } from "./core.ts";
import { type CoreObject, coreOf } from "./core_object.ts";
import type { Layer } from "./layer.ts";

const APPS = 3;
const CAPACITY = 4;

/** An object and what it needs around it, to be used and disposed of together. */
interface Made {
  readonly object: Core | CoreObject;
  /** Disposed of after the object. */
  readonly around?: readonly CoreObject[];
  use(): unknown;
}

/** How each class that owns memory of a core is made and used: a new class belongs here. */
const RECIPES: Readonly<Record<string, (simulator: Simulator) => Made>> = {
  Core: () => {
    const object = new Core("core");
    return { object, use: () => object.memoryBytes };
  },
  Simulator: () => {
    const object = makeSimulator();
    return { object, use: () => object.throughput([1, 0, 0]) };
  },
  ClusterState: (simulator) => {
    const object = simulator.clusterState({
      ...problemOf(simulator),
      rules: { ...NO_RULES, apart: [[0, 1]] },
    });
    return { object, use: () => object.total };
  },
  CorePricing: (simulator) => {
    const options = { capacity: CAPACITY, limits: [2, 4, 4], apart: [[0, 1]] as const };
    const object = new CorePricing(simulator, options);
    return { object, use: () => object.lowest() };
  },
  ImplicitPricing: (simulator) => {
    const limits = simulator.apps.map(() => CAPACITY);
    const options = { capacity: CAPACITY, limits, apart: [[0, 1]] as const };
    const object = new ImplicitPricing(simulator, options);
    return { object, use: () => object.best(new Float64Array(limits.length)) };
  },
  Planner: (simulator) => {
    const { planner, state } = makePlanner(simulator);
    return { object: planner, around: [state], use: () => planner.placement() };
  },
  LevelPlanner: (simulator) => {
    const { planner, state } = makePlanner(simulator);
    const layers = layersOf(groupInputs(planner.inputs), 4);
    const object = new LevelPlanner(simulator, planner, state, [layers, layers], 10);
    return { object, around: [planner, state], use: () => object.write() };
  },
  Arrivals: (simulator) => {
    const { planner, state } = makePlanner(simulator);
    const object = new Arrivals(simulator, planner, state);
    return { object, around: [planner, state], use: () => object.begin() };
  },
  Scorer: (simulator) => {
    const layers = layersOf(5, 8);
    const object = new Scorer(coreOf(simulator), layers);
    return { object, use: () => object.load(layers) };
  },
  Chooser: (simulator) => {
    const object = makeChooser(simulator);
    return { object, use: () => object.assign(network(2 * APPS + APPS, 2)) };
  },
  EpisodePlayer: (simulator) => {
    const { player, chooser } = makePlayer(simulator);
    return { object: player, around: [chooser], use: () => player.play([1, 1, 0], "greedy", 1) };
  },
  EpisodeGradient: (simulator) => {
    const { player, chooser } = makePlayer(simulator);
    const object = new EpisodeGradient(player);
    const add = () => object.add([2, 1, 1], Uint8Array.of(0, 1, 0, 1), 1, 0.1);
    add();
    return { object, around: [player, chooser], use: add };
  },
  ShareChoosers: (simulator) => {
    const { player, chooser } = makePlayer(simulator);
    player.playUnrecorded([1, 0, 1], "greedy");
    const object = new ShareChoosers(simulator, [[chooser]], 10);
    return { object, around: [player, chooser], use: () => object.place(player, 0, player) };
  },
  CoreNetwork: () => {
    const object = new CoreNetwork(network(6, 3));
    return { object, use: () => object.run(new Float32Array(6), 1) };
  },
  Trees: () => {
    const object = Trees.load("counts", [{
      trees: 1,
      splits: Uint32Array.of(0xffff),
      values: Float64Array.of(0.5),
    }]);
    return { object, use: () => object.predict(Uint8Array.of(1), 1) };
  },
  Cholesky: () => {
    const object = new Cholesky(2);
    return { object, use: () => object.factor(Float64Array.of(2, 0, 1, 2)) };
  },
  GaussianProcess: () => {
    const sample = { points: Uint8Array.of(0, 1), targets: Float64Array.of(0, 1) };
    const chosen = { logLengths: [0], logNoise: -2 };
    const object = new GaussianProcess([[0, 1]], sample, chosen);
    return { object, use: () => object.predict(Uint8Array.of(1), 1, true) };
  },
};

/** What has a core of its own. */
const OWN_CORE = ["Core", "Simulator", "CoreNetwork", "Trees", "GaussianProcess", "Cholesky"];

function makeSimulator(): Simulator {
  return Simulator.create({ model: ruggedModel(APPS, 1), capacity: CAPACITY });
}

/** The simulator that a class lives in: of a table, or of a formula where it works without a table. */
function makeSimulatorFor(name: string): Simulator {
  if (name !== "ImplicitPricing") return makeSimulator();
  return Simulator.create({ model: contentionModel(), capacity: CAPACITY, denseLimit: 0 });
}

function problemOf(simulator: Simulator): Problem {
  const { apps } = simulator;
  return { apps, cluster: uniformCluster(4, CAPACITY), demand: [2, 2, 2], rules: NO_RULES };
}

function layersOf(inputs: number, hidden: number): Layer[] {
  const draws = new Random(1);
  const dense = (inputs: number, outputs: number, activation: Layer["activation"]): Layer => ({
    inputs,
    outputs,
    activation,
    kernel: Float32Array.from({ length: inputs * outputs }, () => draws.normal()),
    bias: new Float32Array(outputs),
  });
  return [dense(inputs, hidden, "relu"), dense(hidden, 1, "linear")];
}

function network(inputs: number, outputs: number) {
  const [first, second] = layersOf(inputs, 6);
  const kernel = new Float32Array(6 * outputs).fill(0.1);
  const bias = new Float32Array(outputs);
  return {
    name: "a",
    layers: [{ ...first!, activation: "tanh" as const }, { ...second!, outputs, kernel, bias }],
  };
}

function makePlanner(simulator: Simulator) {
  const problem = problemOf(simulator);
  const state = simulator.clusterState(problem);
  const options = { temperatures: [0.01, 0.1], ordered: true, informed: true, recordLimit: 50 };
  const planner = new Planner(simulator, problem, state, options);
  planner.setNetwork(layersOf(plannerInputs(2), 8));
  planner.price(problem.demand);
  planner.plan(problem.demand, { temperature: 0 });
  return { planner, state };
}

function makeChooser(simulator: Simulator): Chooser {
  return new Chooser(simulator, network(2 * APPS + APPS, 2));
}

function makePlayer(simulator: Simulator) {
  const player = new EpisodePlayer({
    simulator,
    tree: {
      leaves: 2,
      branching: [2],
      groups: [
        [{ first: 0, size: 2, firstChild: 0, children: 2 }],
        [
          { first: 0, size: 1, firstChild: 0, children: 0 },
          { first: 1, size: 1, firstChild: 0, children: 0 },
        ],
      ],
    },
    capacities: [CAPACITY, CAPACITY],
    hidden: 6,
    remaining: false,
  });
  const chooser = makeChooser(simulator);
  player.setChooser(0, chooser);
  player.play([2, 1, 1], "greedy", 1);
  return { player, chooser };
}

/** Every class with `dispose` that a module of sim-wasm exports. */
async function disposableClasses(folder: URL): Promise<string[]> {
  const found = new Set<string>();
  for await (const entry of Deno.readDir(folder)) {
    const { name } = entry;
    if (entry.isDirectory && !["assembly", "build"].includes(name)) {
      for (const each of await disposableClasses(new URL(`${name}/`, folder))) found.add(each);
    }
    if (!entry.isFile || !/^[^_].*(?<!_test)\.ts$/.test(name)) continue;
    const exports: Record<string, unknown> = await import(new URL(name, folder).href);
    for (const [exported, value] of Object.entries(exports)) {
      if (typeof value === "function" && "dispose" in (value.prototype ?? {})) found.add(exported);
    }
  }
  return [...found];
}

/** Blocks of 16 to 500 bytes. Fails where two share a byte. */
function allocateApart(core: Core, blocks: number): void {
  const draws = new Random(5);
  const taken = Array.from({ length: blocks }, () => {
    const bytes = 16 + draws.below(485);
    return { from: core.allocate("u8", bytes), bytes };
  });
  const inOrder = taken.toSorted((a, b) => a.from - b.from);
  inOrder.slice(1).forEach(({ from }, at) =>
    assert.ok(inOrder[at]!.from + inOrder[at]!.bytes <= from, "two blocks overlap")
  );
  for (const { from } of taken) core.free(from);
}

Deno.test("every class that owns memory of a core has a recipe in this test", async () => {
  const classes = await disposableClasses(new URL("../", import.meta.url));
  // The base itself cannot be made.
  assert.deepEqual(
    classes.filter((name) => name !== "CoreObject").toSorted(),
    Object.keys(RECIPES).toSorted(),
  );
});

for (const [name, make] of Object.entries(RECIPES)) {
  Deno.test(`${name}: disposed of twice, it leaves the core sound, and says so where it is used`, () => {
    using simulator = makeSimulatorFor(name);
    const { object, around = [], use } = make(simulator);
    use();
    object.dispose();
    object.dispose();
    object[Symbol.dispose]();
    assert.ok(object.disposed);
    assert.throws(use, DisposedError);
    allocateApart(coreOf(simulator), 200);
    for (const each of around) each.dispose();
    allocateApart(coreOf(simulator), 200);
  });

  Deno.test(`${name}: a hundred lives take no more memory than five`, () => {
    using simulator = makeSimulatorFor(name);
    const live = () => {
      const { object, around = [], use } = make(simulator);
      use();
      object.dispose();
      for (const each of around) each.dispose();
    };
    for (let at = 0; at < 5; at++) live();
    const before = simulator.memoryBytes;
    for (let at = 0; at < 95; at++) live();
    assert.equal(simulator.memoryBytes, before);
  });

  Deno.test(`${name}: what lives in a simulator ends with it`, () => {
    const simulator = makeSimulatorFor(name);
    const { object, around = [], use } = make(simulator);
    const within = !OWN_CORE.includes(name);
    simulator.dispose();
    if (within) {
      assert.throws(use, { name: "DisposedError", message: /^This simulator is disposed/ });
    } else use();
    object.dispose();
    for (const each of around) each.dispose();
  });
}

Deno.test("objects of different simulators are not mixed", () => {
  using one = makeSimulator();
  using other = makeSimulator();
  const { player } = makePlayer(one);
  assert.throws(() => player.setChooser(0, makeChooser(other)), {
    name: "InputError",
    message: /^This chooser belongs to another simulator/,
  });
  const { planner } = makePlanner(one);
  const state = other.clusterState(problemOf(other));
  assert.throws(() => planner.plan([1, 1, 1], { temperature: 0, target: state }), {
    message: /^This cluster state belongs to another simulator/,
  });
});
