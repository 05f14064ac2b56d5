import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../../domain/mod.ts";
import { Chooser, EpisodeGradient, EpisodePlayer } from "../../sim-wasm/mod.ts";
import { smallSimulator } from "../_surface.ts";
import { groupTree, threefold } from "../environment/mod.ts";
import { createPaperNetwork } from "../learning/network.ts";
import { loadTensorFlow } from "../learning/tensorflow.ts";
import { TrainableNetwork } from "../learning/trainable_network.ts";
import { CoreGradients } from "./core_gradients.ts";
import { LevelGradients } from "./level_gradients.ts";

Deno.test("the core differentiates episodes as TensorFlow.js does, to 1e-5 of the largest slope", async () => {
  const tensorflow = await loadTensorFlow();
  const simulator = smallSimulator();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.boolean(),
      fc.boolean(),
      (nodes, seed, remaining, flat) => {
        const draws = new Random(seed);
        const branching = flat ? [nodes] : threefold(nodes);
        // Nodes without any slot as well: they are shown as others from the start.
        const capacities = Array.from({ length: nodes }, (_, at) => at === 0 ? 3 : draws.below(4));
        const slots = capacities.reduce((sum, capacity) => sum + capacity, 0);
        using player = new EpisodePlayer({
          simulator,
          tree: groupTree(nodes, branching),
          capacities,
          hidden: 10,
          remaining,
        });
        const networks = branching.map((actions, level) =>
          createPaperNetwork(`level${level}`, player.inputsAt(level), actions, draws, 10)
        );
        for (const { layers } of networks) {
          for (const { kernel, bias } of layers) {
            for (const array of [kernel, bias]) {
              array.forEach((_, at) => array[at] = draws.normal() / 3);
            }
          }
        }
        const choosers = networks.map((network) => new Chooser(simulator, network));
        choosers.forEach((chooser, level) => player.setChooser(level, chooser));
        const episodes = Array.from({ length: 3 }, (_, at) => {
          const demand = [0, 0, 0];
          for (let left = 1 + draws.below(slots); left > 0; left--) demand[draws.below(3)]!++;
          return {
            demand,
            actions: player.play(demand, "sample", seed + at),
            entropy: player.entropy,
            reward: draws.normal(),
          };
        });
        const trainable = networks.map((network) => new TrainableNetwork(tensorflow, network));
        const weight = draws.uniform();
        using core = new CoreGradients(player, 3);
        using reference = new LevelGradients(tensorflow, player);
        const expected = reference.of(trainable, episodes, weight);
        const again = core.of(trainable, episodes, weight);
        // Recorded while they are played: the same choices, and the same sums bit for bit.
        episodes.forEach(({ demand, actions, entropy }, at) => {
          const total = (player.replay(demand, actions), player.total);
          assert.deepEqual(core.play(at, demand, seed + at), actions);
          assert.equal(player.total, total);
          assert.equal(player.entropy, entropy);
        });
        const taped = episodes.map((episode, tape) => ({ ...episode, tape }));
        const found = core.of(trainable, taped, weight);
        assert.deepEqual(found, again);
        const largest = Math.max(...expected.arrays.flatMap((array) => [...array].map(Math.abs)));
        const near = (a: number, b: number, scale: number, what: string) =>
          assert.ok(Math.abs(a - b) <= 1e-5 * scale, `${what}: ${a} against ${b}`);
        near(found.loss, expected.loss, Math.max(1, Math.abs(expected.loss)), "loss");
        near(found.entropy, expected.entropy, 1, "entropy");
        assert.equal(found.arrays.length, expected.arrays.length);
        expected.arrays.forEach((array, which) => {
          assert.equal(found.arrays[which]!.length, array.length);
          array.forEach((value, at) =>
            near(found.arrays[which]![at]!, value, Math.max(1e-6, largest), `array ${which}[${at}]`)
          );
        });
        for (const owner of [...trainable, ...choosers]) owner.dispose();
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("players and gradients refuse choosers of another width than they have room for", () => {
  using simulator = smallSimulator();
  using player = new EpisodePlayer({
    simulator,
    tree: groupTree(4, [4]),
    capacities: [2, 2, 2, 2],
    hidden: 8,
    remaining: true,
  });
  const chooser = (hidden: number) =>
    new Chooser(
      simulator,
      createPaperNetwork("level1", player.inputsAt(0), 4, new Random(1), hidden),
    );
  using wide = chooser(12);
  assert.throws(() => player.setChooser(0, wide), /hidden units of a chooser/);
  using eight = chooser(8);
  using four = chooser(4);
  player.setChooser(0, eight);
  using gradients = new EpisodeGradient(player);
  gradients.play(0, [2, 1, 1], 1);
  player.setChooser(0, four);
  assert.throws(() => gradients.addRecorded(0, 1, 0), /hidden units of a chooser/);
  assert.throws(() => gradients.play(0, [2, 1, 1], 1), /hidden units of a chooser/);
});
