import assert from "node:assert/strict";
import fc from "fast-check";
import { demandTotal, Random } from "../../domain/mod.ts";
import { Chooser, EpisodePlayer } from "../../sim-wasm/mod.ts";
import { smallProblem, smallSimulator } from "../_surface.ts";
import {
  groupTree,
  HIGH_OBSERVATION,
  PlacementEnvironment,
  SUB_OBSERVATION,
  threefold,
} from "../environment/mod.ts";
import { forward } from "../learning/_forward.ts";
import { createPaperNetwork } from "../learning/network.ts";
import { evenSplit, publishedSubSchedulers, referenceSplit } from "../_testing.ts";
import { needsReference } from "../../reference/_needs.ts";
import { referenceDemands, referenceSimulator, type ReferenceSize } from "../../reference/data.ts";
import { networksFor, SUB_BRANCHING } from "./sub_schedulers.ts";

const simulator = smallSimulator();

Deno.test("EpisodePlayer observes, chooses and redirects as the plain environment does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.boolean(),
      fc.boolean(),
      (nodes, seed, remaining, flat) => {
        const draws = new Random(seed);
        const containers = 1 + draws.below(nodes * 4);
        const demand = [0, 0, 0];
        for (let at = 0; at < containers; at++) demand[draws.below(3)]!++;
        const branching = flat ? [nodes] : threefold(nodes);
        const tree = groupTree(nodes, branching);
        const capacities = new Array<number>(nodes).fill(4);
        const player = new EpisodePlayer({
          simulator,
          tree,
          capacities,
          hidden: 10,
          remaining,
        });
        const networks = branching.map((actions, level) =>
          createPaperNetwork(`level${level}`, player.inputsAt(level), actions, draws, 10)
        );
        const choosers = networks.map((network) => new Chooser(simulator, network));
        choosers.forEach((chooser, level) => player.setChooser(level, chooser));
        const mode = draws.below(2) === 0 ? "sample" : "greedy";
        const actions = player.play(demand, mode, seed);
        const total = player.total;
        const observed = branching.map((_, level) =>
          new Float32Array(containers * player.inputsAt(level))
        );
        player.observe(demand, actions, observed, 0);
        assert.equal(player.total, total, "the same choices lead to the same placement");

        const environment = new PlacementEnvironment({
          simulator,
          problem: smallProblem(nodes, demand),
          environments: 1,
          branching,
          observation: remaining ? SUB_OBSERVATION : HIGH_OBSERVATION,
          unavailable: "redirect",
        });
        environment.reset({ seed: 1 });
        actions.forEach((action, at) => {
          const level = at % branching.length;
          const inputs = player.inputsAt(level);
          const container = Math.floor(at / branching.length);
          const row = observed[level]!.subarray(container * inputs, (container + 1) * inputs);
          assert.deepEqual(row, environment.observations);
          if (mode === "greedy") {
            const logits = [...forward(networks[level]!, row, 1)].filter((_, child) =>
              environment.masks[child] === 1
            );
            assert.ok(
              logits[action]! >= Math.max(...logits) - 1e-4,
              "the largest logit was chosen",
            );
          }
          const { terminated, infos } = environment.step([action]);
          if (terminated[0]) {
            assert.equal(at, actions.length - 1);
            assert.ok(Math.abs(infos.throughput[0]! * demandTotal(demand) - total) < 1e-9);
          }
        });
        player.dispose();
        choosers.forEach((chooser) => chooser.dispose());
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("EpisodePlayer samples each choice as often as its probability says", () => {
  const tree = groupTree(3, [3]);
  const player = new EpisodePlayer({
    simulator,
    tree,
    capacities: [4, 4, 4],
    remaining: false,
  });
  const network = createPaperNetwork("a", 12, 3, new Random(5));
  const chooser = new Chooser(simulator, network);
  player.setChooser(0, chooser);
  const seen = [0, 0, 0];
  const episodes = 20_000;
  for (let seed = 0; seed < episodes; seed++) seen[player.play([1, 0, 0], "sample", seed)[0]!]!++;
  const observation = [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0];
  const powers = [...forward(network, observation, 1)].map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  const entropy = powers.reduce((all, p) => all - p / sum * Math.log(p / sum), 0);
  // Five standard deviations of a frequency: 5 x sqrt(0.25 / 20000) < 0.018.
  powers.forEach((power, at) => assert.ok(Math.abs(seen[at]! / episodes - power / sum) < 0.018));
  assert.ok(Math.abs(player.entropy - entropy) < 1e-5);
  player.dispose();
  chooser.dispose();
});

Deno.test("EpisodePlayer's external knowledge spreads containers and apps evenly", () => {
  const tree = groupTree(3, [3]);
  const player = new EpisodePlayer({
    simulator,
    tree,
    capacities: [4, 4, 4],
    remaining: false,
  });
  player.playUnrecorded([4, 2, 3], "spread", 9);
  const placed = player.placed();
  const totals = [0, 1, 2].map((leaf) =>
    placed[3 * leaf]! + placed[3 * leaf + 1]! + placed[3 * leaf + 2]!
  );
  assert.deepEqual(totals, [3, 3, 3]);
  for (const app of [0, 1, 2]) {
    const own = [0, 1, 2].map((leaf) => placed[3 * leaf + app]!);
    assert.ok(Math.max(...own) - Math.min(...own) <= 1);
  }
  player.dispose();
});

Deno.test("EpisodePlayer refuses a demand that exceeds the slots", () => {
  const tree = groupTree(2, [2]);
  const player = new EpisodePlayer({ simulator, tree, capacities: [4, 4], remaining: false });
  assert.throws(() => player.playUnrecorded([9, 0, 0], "spread", 1), /No room for 1 container:/);
  player.dispose();
});

Deno.test(needsReference({
  name: "the core reproduces the four published means to 1e-6",
  async fn() {
    const reference = await referenceSimulator();
    const { apps } = reference;
    const sub = await publishedSubSchedulers(apps);
    const tree = groupTree(27, SUB_BRANCHING);
    const capacities = new Array<number>(27).fill(8);
    const player = new EpisodePlayer({
      simulator: reference,
      tree,
      capacities,
      remaining: true,
    });
    const first = (size: ReferenceSize) => evenSplit(referenceDemands(size)[0]!, 3);
    const cases: [number[][], number][] = [
      [first(200), 1.178065],
      [first(300), 1.080345],
      [first(400), 1.020824],
      [referenceSplit(), 1.180307],
    ];
    for (const [shares, expected] of cases) {
      let total = 0;
      for (const share of shares) {
        const choosers = networksFor(sub, demandTotal(share)).map((network) =>
          new Chooser(reference, network)
        );
        choosers.forEach((chooser, level) => player.setChooser(level, chooser));
        player.playUnrecorded(share, "greedy");
        total += player.total;
        choosers.forEach((chooser) => chooser.dispose());
      }
      const mean = total / shares.reduce((sum, share) => sum + demandTotal(share), 0);
      assert.ok(Math.abs(mean - expected) <= 1e-6, `${mean}, published ${expected}`);
    }
  },
}));
