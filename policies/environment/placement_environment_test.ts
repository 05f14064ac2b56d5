import assert from "node:assert/strict";
import fc from "fast-check";
import { checkPlacement, demandTotal, InfeasibleError, Random } from "../../domain/mod.ts";
import { valuePlacement } from "../../scheduling/mod.ts";
import { smallProblem, smallSimulator } from "../_surface.ts";
import { checkEnvironment } from "./check_environment.ts";
import { AUTORESET_MODES } from "./contract.ts";
import { MaskedActionError, ResetNeededError } from "./errors.ts";
import { threefold } from "./group_tree.ts";
import { HIGH_OBSERVATION, SUB_OBSERVATION } from "./observation.ts";
import { PlacementEnvironment, type PlacementEnvironmentOptions } from "./placement_environment.ts";
import { RandomPlayer } from "./random_player.ts";

const simulator = smallSimulator();
/** 1 to 8 containers. */
const someDemand = (draws: Random) => [1 + draws.below(4), draws.below(3), draws.below(3)];

function environment(options: Partial<PlacementEnvironmentOptions> = {}): PlacementEnvironment {
  return new PlacementEnvironment({
    simulator,
    problem: smallProblem(6, [4, 3, 2]),
    environments: 3,
    branching: [3, 2],
    observation: SUB_OBSERVATION,
    ...options,
  });
}

Deno.test("PlacementEnvironment keeps the contract, however it is made", () => {
  const ruled = smallProblem(6, [4, 3, 2], { maxPerNode: [1, 2, 2], fencedNodes: [1] });
  for (const autoreset of AUTORESET_MODES) {
    for (const unavailable of ["mask", "redirect"] as const) {
      for (const branching of [[3, 2], [6], [2, 2, 2]]) {
        for (
          const more of [
            {},
            { demands: someDemand, reward: "final" as const, observation: HIGH_OBSERVATION },
            { problem: ruled, environments: 1 },
          ]
        ) {
          const options = { unavailable, autoreset, branching, ...more };
          for (const { name, fault } of checkEnvironment(() => environment(options))) {
            assert.equal(fault, null, `${name}, with ${JSON.stringify(options)}`);
          }
        }
      }
    }
  }
});

Deno.test("PlacementEnvironment shows counts raised by the arriving app, its index and what is to come", () => {
  const env = environment({ environments: 1 });
  env.reset({ seed: 1 });
  // Three groups of two nodes, all empty; app 0 arrives, so each shows 1, 0, 0; still to come 3, 3, 2.
  assert.deepEqual([...env.observations], [1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 3, 3, 2]);
  env.step([1]);
  // Two single nodes; the third place of the row is not there.
  assert.deepEqual([...env.observations], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 3, 2]);
  assert.deepEqual([...env.masks], [1, 1, 0]);
  env.step([0]);
  assert.deepEqual([...env.observations], [1, 0, 0, 2, 0, 0, 1, 0, 0, 0, 2, 3, 2]);
});

Deno.test("PlacementEnvironment chooses among all nodes, and shows everything, where nothing else is said", () => {
  const env = new PlacementEnvironment({ simulator, problem: smallProblem(2, [1, 1, 0]) });
  assert.deepEqual(env.actionSpace, { type: "discrete", n: 2 });
  // Nodes of 4 slots show 5 at most, an app is one-hot, and 8 slots leave at most 8 to come.
  assert.deepEqual(env.observationSpace.high, [5, 5, 5, 5, 5, 5, 1, 1, 1, 8, 8, 8]);
  env.reset();
  assert.deepEqual([...env.observations], [1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0]);
});

Deno.test("PlacementEnvironment rewards each container with the change of throughput, or all at the end", () => {
  const problem = smallProblem(2, [1, 1, 0]);
  const observation = HIGH_OBSERVATION;
  const options = { problem, environments: 1, branching: [2], observation };
  // a alone is worth 1; a and b on one node 1.5 + 1.2; per container of the demand: 0.5, then 0.85.
  const cases = [["change", 0, [0.5, 0.85]], ["final", 0, [0, 1.35]], ["change", 1, [0.5, -0.15]]];
  for (const [reward, baseline, expected] of cases as ["change" | "final", number, number[]][]) {
    const env = environment({ ...options, reward, baseline: () => baseline });
    env.reset({ seed: 1 });
    const rewards = [0, 0].map((action) => env.step([action]).rewards[0]!);
    rewards.forEach((value, at) => assert.ok(Math.abs(value - expected[at]!) < 1e-12, `${value}`));
    assert.ok(Math.abs(env.finished(0)!.throughput - 1.35) < 1e-12);
  }
});

Deno.test("PlacementEnvironment never places what slots or rules forbid, and its return is the mean of the placement", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(...AUTORESET_MODES),
      (nodes, seed, redirect, ruled, autoreset) => {
        const draws = new Random(seed);
        const problem = smallProblem(nodes, [0, 0, 0], ruled ? { maxPerNode: [2, null, 2] } : {});
        const demands = (own: Random) => [
          1 + own.below(nodes),
          own.below(nodes + 1),
          own.below(nodes + 1),
        ];
        const env = environment({
          problem,
          environments: 2,
          branching: draws.below(2) === 0 ? threefold(nodes) : [nodes],
          unavailable: redirect ? "redirect" : "mask",
          reward: draws.below(2) === 0 ? "change" : "final",
          autoreset,
          demands,
        });
        const player = new RandomPlayer(env, seed);
        player.reset(seed);
        const returns = [0, 0];
        const ended = [0, 0];
        while (ended.includes(0)) {
          const { rewards, infos } = player.step();
          player.ended.forEach((flag, at) => {
            returns[at]! += rewards[at]!;
            if (flag === 0) return;
            const { demand, placement, throughput, unplaced } = env.finished(at)!;
            assert.equal(unplaced, 0);
            checkPlacement({ ...problem, demand }, placement);
            const { mean } = valuePlacement(simulator, placement);
            assert.ok(Math.abs(throughput - mean) < 1e-12);
            assert.ok(Math.abs(returns[at]! - mean) < 1e-12);
            assert.equal(
              env.finished(at)!.throughput,
              infos.throughput[at],
            );
            returns[at] = 0;
            ended[at]!++;
          });
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("PlacementEnvironment refuses masked actions, steps before a reset and steps after the end", () => {
  const env = environment({
    environments: 1,
    autoreset: "disabled",
    problem: smallProblem(6, [1, 0, 0]),
  });
  assert.throws(() => env.step([0]), ResetNeededError);
  env.reset({ seed: 1 });
  env.step([0]);
  assert.throws(() => env.step([2]), (error: Error) => {
    assert.ok(error instanceof MaskedActionError);
    assert.equal(error.message, "Action 2 of environment 0 is masked or does not exist");
    return true;
  });
  assert.deepEqual([...env.step([1]).terminated], [1]);
  assert.throws(() => env.step([0]), /The episode of environment 0 has ended: reset it/);
});

Deno.test("PlacementEnvironment starts a new episode on the next step, whose action it ignores", () => {
  const env = environment({ environments: 1, branching: [6], problem: smallProblem(6, [2, 0, 0]) });
  env.reset();
  const start = env.observations.slice();
  env.step([0]);
  assert.deepEqual([...env.step([0]).terminated], [1]);
  // The last observation: two containers on node 0, nobody arrives, nothing is to come, any action will do.
  assert.deepEqual([...env.observations].indexOf(2), 0);
  assert.equal(env.observations.reduce((sum, value) => sum + value, 0), 2);
  assert.deepEqual([...env.masks], [1, 1, 1, 1, 1, 1]);
  const { rewards, terminated } = env.step([5]);
  assert.deepEqual([rewards[0], terminated[0]], [0, 0]);
  assert.deepEqual(env.observations, start);
});

Deno.test("PlacementEnvironment shows the last observation beside the first of the next where it resets at once", () => {
  const options = { environments: 1, branching: [6], problem: smallProblem(6, [2, 0, 0]) };
  const late = environment(options);
  const early = environment({ ...options, autoreset: "same-step" });
  for (const env of [late, early]) {
    env.reset();
    env.step([3]);
  }
  const start = environment(options);
  start.reset();
  late.step([3]);
  const { infos, terminated } = early.step([3]);
  assert.deepEqual([...terminated], [1]);
  assert.deepEqual(infos.finalObservations, late.observations);
  assert.deepEqual(early.observations, start.observations);
  early.step([0]);
  assert.ok(infos.finalObservations.every((value) => value === 0), "no episode ended in this step");
});

Deno.test("PlacementEnvironment ends an episode where choices under rules lead to a dead end", () => {
  // b may not be beside a: once each node has an a, no node is left for b.
  const problem = smallProblem(2, [2, 1, 0], { apart: [[0, 1]] });
  for (const reward of ["change", "final"] as const) {
    const env = environment({ problem, environments: 1, branching: [2], reward });
    env.reset({ seed: 1 });
    const first = env.step([0]).rewards[0]!;
    const { rewards, terminated, infos } = env.step([1]);
    assert.deepEqual([terminated[0], infos.unplaced[0]], [1, 1]);
    // Two containers of a alone are worth 1 each; b counts as 0: 2 / 3.
    assert.ok(Math.abs(first + rewards[0]! - 2 / 3) < 1e-12);
    assert.ok(Math.abs(infos.throughput[0]! - 2 / 3) < 1e-12);
    assert.equal(env.step([0]).infos.unplaced[0], 0);
  }
});

Deno.test("PlacementEnvironment draws a demand for each episode from the base seed plus its index", () => {
  const together = environment({ demands: someDemand, environments: 3 });
  together.reset({ seed: 5 });
  const alone = environment({ demands: someDemand, environments: 1 });
  alone.reset({ seed: 7 });
  const size = alone.observations.length;
  assert.deepEqual([...together.observations.subarray(2 * size)], [...alone.observations]);
});

Deno.test("PlacementEnvironment places a demand that is given, and refuses one that cannot be placed", () => {
  const env = environment({ branching: [6] });
  env.reset({ seed: 1, demand: [0, 0, 1] });
  const before = env.observations.slice();
  for (const [demand, error] of [[[0, 0, 0], /at least one/], [[1, 2], /2 numbers/]] as const) {
    assert.throws(() => env.reset({ seed: 2, demand }), error);
  }
  assert.throws(() => env.reset({ demand: [25, 0, 0] }), InfeasibleError);
  assert.deepEqual(env.observations, before, "what is refused changes nothing");
  assert.deepEqual([...env.step([0, 1, 2]).terminated], [1, 1, 1]);
  assert.equal(demandTotal(env.finished(2)!.demand), 1);
  assert.deepEqual([...env.finished(2)!.placement.counts].indexOf(1), 2 * 3 + 2);
});
