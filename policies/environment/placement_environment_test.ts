import assert from "node:assert/strict";
import fc from "fast-check";
import { checkPlacement, InfeasibleError, InputError, Random } from "../../domain/mod.ts";
import { smallProblem, smallSimulator } from "../_surface.ts";
import { checkEnvironment } from "./_check_environment.ts";
import { threefold } from "./group_tree.ts";
import { HIGH_OBSERVATION, SUB_OBSERVATION } from "./observation.ts";
import { PlacementEnvironment, type PlacementEnvironmentOptions } from "./placement_environment.ts";

const simulator = smallSimulator();

function environment(options: Partial<PlacementEnvironmentOptions> = {}): PlacementEnvironment {
  return new PlacementEnvironment({
    simulator,
    problem: smallProblem(6, [4, 3, 2]),
    episodes: 3,
    branching: [3, 2],
    observation: SUB_OBSERVATION,
    ...options,
  });
}

Deno.test("PlacementEnvironment keeps the contract, in both ways to treat full nodes and resets", () => {
  for (const unavailable of ["mask", "redirect"] as const) {
    for (const autoreset of ["disabled", "same-step"] as const) {
      checkEnvironment(environment({ unavailable, autoreset }));
    }
  }
});

Deno.test("PlacementEnvironment shows counts raised by the arriving app, its index and what is to come", () => {
  const env = environment({ episodes: 1 });
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

Deno.test("PlacementEnvironment rewards the last container with the mean throughput less the baseline", () => {
  const problem = smallProblem(2, [1, 1, 0]);
  const env = environment({
    problem,
    episodes: 1,
    branching: [2],
    observation: HIGH_OBSERVATION,
    baseline: () => 1,
  });
  env.reset({ seed: 1 });
  assert.deepEqual([...env.step([0]).rewards], [0]);
  const last = env.step([0]);
  // a and b on one node: (1.5 + 1.2) / 2 = 1.35.
  assert.ok(Math.abs(last.rewards[0]! - 0.35) < 1e-12);
  assert.ok(Math.abs(last.infos.throughput[0]! - 1.35) < 1e-12);
  assert.deepEqual([...last.terminated], [1]);
  assert.deepEqual([...env.step([0]).terminated], [0], "a finished episode rests");
});

Deno.test("PlacementEnvironment never places what slots or rules forbid, whatever is chosen", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.boolean(),
      fc.boolean(),
      (nodes, seed, redirect, ruled) => {
        const draws = new Random(seed);
        const demand = [draws.below(nodes + 1), draws.below(nodes + 1), draws.below(nodes + 1)];
        if (demand[0]! + demand[1]! + demand[2]! === 0) demand[0] = 1;
        const problem = smallProblem(nodes, demand, ruled ? { maxPerNode: [2, null, 2] } : {});
        const env = environment({
          problem,
          episodes: 2,
          branching: threefold(nodes),
          unavailable: redirect ? "redirect" : "mask",
        });
        env.reset({ seed });
        let ended = false;
        while (!ended) {
          const actions = [0, 1].map((episode) => {
            const mask = env.masks.subarray(episode * env.actions, (episode + 1) * env.actions);
            const open = [...mask.keys()].filter((action) => mask[action] === 1);
            return open[draws.below(open.length)]!;
          });
          ended = env.step(actions).terminated[0] === 1;
        }
        for (const episode of [0, 1]) {
          checkPlacement(problem, { nodes, apps: 3, counts: env.counts(episode) });
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("PlacementEnvironment refuses masked actions and steps before a reset", () => {
  const env = environment({ episodes: 1 });
  assert.throws(() => env.step([0]), InputError);
  env.reset({ seed: 1 });
  env.step([0]);
  assert.throws(() => env.step([2]), /Action 2 of episode 0 is masked/);
});

Deno.test("PlacementEnvironment says where choices under rules end in a dead end", () => {
  // b may not be beside a: once each node has an a, no node is left for b.
  const problem = smallProblem(2, [2, 1, 0], { apart: [[0, 1]] });
  const env = environment({ problem, episodes: 1, branching: [2], observation: HIGH_OBSERVATION });
  env.reset({ seed: 1 });
  env.step([0]);
  assert.throws(() => env.step([1]), (error: Error) => {
    assert.ok(error instanceof InfeasibleError);
    assert.match(error.message, /may take another b/);
    return true;
  });
});

Deno.test("PlacementEnvironment draws a demand for each episode from the base seed plus its index", () => {
  const demands = (draws: Random) => [1 + draws.below(4), draws.below(4), draws.below(4)];
  const together = environment({ demands, episodes: 3 });
  together.reset({ seed: 5 });
  const alone = environment({ demands, episodes: 1 });
  alone.reset({ seed: 7 });
  const size = together.observationSize;
  assert.deepEqual([...together.observations.subarray(2 * size)], [...alone.observations]);
});
