import assert from "node:assert/strict";
import {
  allowsOn,
  checkPlacement,
  type InterferenceModel,
  NO_RULES,
  type NodeClass,
  nodeKinds,
  type Placement,
  type Problem,
  problemInOrder,
  Random,
  uniformCluster,
} from "../../domain/mod.ts";
import { ruggedModel } from "../_naive.ts";
import type { Layer } from "../core/layer.ts";
import { Simulator } from "../space/simulator.ts";
import { type NaiveChoice, type NaiveKind, NaivePlanner } from "./_naive_planner.ts";
import { Arrivals } from "./arrivals.ts";
import { Planner, plannerInputs } from "./planner.ts";

const TEMPERATURES = [0.05, 0.2];

function randomNetwork(inputs: number, draws: Random): Layer[] {
  const dense = (inputs: number, outputs: number, activation: Layer["activation"]): Layer => ({
    inputs,
    outputs,
    activation,
    kernel: Float32Array.from({ length: inputs * outputs }, () => 0.3 * draws.normal()),
    bias: Float32Array.from({ length: outputs }, () => 0.1 * draws.normal()),
  });
  return [dense(inputs, 8, "relu"), dense(8, 1, "linear")];
}

function scoreOf(layers: readonly Layer[], features: NaiveChoice["features"]): number {
  let values = features.map(([, value]) => value);
  for (const { inputs, outputs, activation, kernel, bias } of layers) {
    values = Array.from({ length: outputs }, (_, output) => {
      let total = bias[output]!;
      for (let at = 0; at < inputs; at++) total += values[at]! * kernel[at * outputs + output]!;
      return activation === "relu" ? Math.max(0, total) : total;
    });
  }
  return values[0]!;
}

function randomProblem(draws: Random): { problem: Problem; capacity: number } {
  const apps = 2 + draws.below(2);
  const capacity = 3 + draws.below(2);
  const some = () => draws.below(2) === 0;
  const nodeClass = { labels: {}, failureDomain: null, resources: { cpu: 3 } };
  const nodeClasses: NodeClass[] = [
    { ...nodeClass, name: "large", capacity, count: 2 + draws.below(3) },
    ...(some() ? [{ ...nodeClass, name: "small", capacity: capacity - 1, count: 2 }] : []),
    ...(some() ? [{ ...nodeClass, name: "other", capacity, count: 2, surface: 1 }] : []),
    ...(some() ? [{ ...nodeClass, name: "tight", capacity, count: 2, resources: { cpu: 2 } }] : []),
  ];
  const slots = nodeClasses.reduce((all, { capacity, count }) => all + capacity * count, 0);
  const most = Math.floor(0.7 * slots / apps);
  return {
    problem: {
      apps: Array.from({ length: apps }, (_, app) => `app-${app}`),
      cluster: { nodeClasses },
      demand: Array.from({ length: apps }, () => 1 + draws.below(most)),
      rules: {
        ...NO_RULES,
        maxPerNode: some() ? [] : [2],
        together: draws.below(4) === 0 ? [[1, 0]] : [],
      },
      ...(some() ? { needs: [{ cpu: 1 }, { cpu: 0.5 }, {}].slice(0, apps) } : {}),
    },
    capacity,
  };
}

/** The kind of every node, by the check that placements go through. */
function naiveKinds(problem: Problem, simulator: Simulator): NaiveKind[] {
  const all = nodeKinds(problem);
  const kinds = all.kinds.map((kind) => ({
    slots: kind.capacity,
    throughput: (counts: readonly number[]) =>
      allowsOn(problem, all, kind, counts) ? simulator.throughput(counts, 0, kind.surface) : null,
  }));
  return [...all.ofNode].map((at) => kinds[at]!);
}

for (const ordered of [true, false]) {
  for (const informed of [true, false]) {
    const what = `${ordered ? "ordered" : "unordered"}, ${informed ? "informed" : "uninformed"}`;
    Deno.test(`the planner (${what}) sees and decides what the naive one does`, () => {
      let compared = 0;
      for (let seed = 1; seed <= 8; seed++) {
        const draws = new Random(seed);
        const { problem, capacity } = randomProblem(draws);
        const { demand } = problem;
        using simulator = Simulator.create({
          model: ruggedModel(demand.length, seed),
          more: [ruggedModel(demand.length, seed + 50)],
          capacity,
        });
        using state = simulator.clusterState(problem);
        const options = { temperatures: TEMPERATURES, ordered, informed, recordLimit: 5000 };
        using planner = new Planner(simulator, problem, state, options);
        const network = randomNetwork(planner.inputs, draws);
        planner.setNetwork(network);
        planner.price(demand);
        const order = demand.flatMap((count, app) => new Array<number>(count).fill(app));
        if (ordered) planner.plan(demand, { temperature: 0, recording: true });
        else {
          draws.shuffle(order);
          using arrivals = new Arrivals(simulator, planner, state);
          arrivals.begin();
          arrivals.arriveAll(Uint8Array.from(order), { temperature: 0, recording: true });
        }
        const record = planner.record();
        const naive = new NaivePlanner({
          nodes: naiveKinds(problem, simulator),
          demand,
          temperatures: TEMPERATURES,
          prices: planner.prices,
          ordered,
          informed,
        });
        let row = 0;
        let used = 0;
        for (const app of order) {
          const choices = naive.choices(app);
          if (choices.length < 2) {
            if (choices.length === 1) naive.place(app, choices[0]!);
            used += choices.length;
            continue;
          }
          const best = Math.max(...choices.map(({ features }) => scoreOf(network, features)));
          let chosen: NaiveChoice | undefined;
          for (let listed = choices.length; listed > 0; listed--) {
            assert.equal(record.times[row], used);
            const inputs = record.inputs.subarray(row * planner.inputs, (row + 1) * planner.inputs);
            const choice = nearest(choices, inputs);
            choices.splice(choices.indexOf(choice), 1);
            choice.features.forEach(([name, value], at) => {
              const tolerance = name.startsWith("moved") ? 0.02 : 0.001;
              assert.ok(
                distance(inputs[at]!, value) <= tolerance,
                `seed ${seed}, slot ${used}: ${name} (input ${at}) is ${inputs[at]}, not ${value}`,
              );
              compared++;
            });
            if (record.slopes[row]! < 0) chosen = choice;
            row++;
          }
          assert.ok(chosen !== undefined, "one choice of every decision was taken");
          assert.ok(
            scoreOf(network, chosen.features) >= best - 0.05,
            `seed ${seed}, slot ${used}: the best choice is taken`,
          );
          naive.place(app, chosen);
          used++;
        }
        assert.equal(row, record.rows);
      }
      assert.ok(compared > 1000);
    });
  }
}

Deno.test("apps that need others are planned behind them, as where the problem names them in that order", () => {
  const draws = new Random(4);
  const network = randomNetwork(plannerInputs(TEMPERATURES.length), draws);
  const [model, capacity] = [ruggedModel(3, 8), 3];
  const apps = ["app-2", "app-0", "app-1"];
  const from = apps.map((app) => model.apps.indexOf(app));
  const turned: InterferenceModel = {
    kind: "turned",
    apps,
    predict: (counts, rows) => {
      const straight = new Uint8Array(rows * 3);
      straight.forEach((_, at) => straight[at - at % 3 + from[at % 3]!] = counts[at]!);
      const rps = model.predict(straight, rows);
      return rps.map((_, at) => rps[at - at % 3 + from[at % 3]!]!);
    },
  };
  const plain: Problem = {
    apps: model.apps,
    cluster: uniformCluster(6, capacity),
    demand: [4, 3, 5],
    rules: { ...NO_RULES, together: [[0, 2]] },
  };
  const place = (problem: Problem, model: InterferenceModel): Placement => {
    using simulator = Simulator.create({ model, capacity });
    using state = simulator.clusterState(problem);
    const options = { temperatures: TEMPERATURES, ordered: true, informed: true };
    using planner = new Planner(simulator, problem, state, options);
    planner.setNetwork(network);
    planner.price(problem.demand);
    assert.ok(planner.plan(problem.demand, { temperature: 0 }) !== null);
    checkPlacement(problem, planner.placement());
    return planner.placement();
  };
  const straight = place(plain, model);
  const same = place(problemInOrder(plain, apps), turned);
  assert.deepEqual(
    straight.counts.map((_, at) => same.counts[at - at % 3 + apps.indexOf(model.apps[at % 3]!)]!),
    straight.counts,
  );
});

/** The naive choice that these inputs are those of, or else the most similar one. */
function nearest(choices: readonly NaiveChoice[], inputs: Float32Array): NaiveChoice {
  const far = ({ features }: NaiveChoice): number =>
    Math.max(...features.map(([, value], at) => distance(inputs[at]!, value)));
  assert.ok(choices.length > 0, "the core lists only what may take the container");
  return choices.reduce((best, choice) => far(choice) < far(best) ? choice : best);
}

function distance(found: number, value: number): number {
  return Math.abs(found - value) / (1 + Math.abs(value));
}
