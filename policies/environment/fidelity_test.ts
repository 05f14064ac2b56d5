import assert from "node:assert/strict";
import { demandTotal, NO_RULES, uniformCluster } from "../../domain/mod.ts";
import { forward } from "../learning/_forward.ts";
import { networksFor, SUB_BRANCHING, type SubSchedulers } from "../paper/sub_schedulers.ts";
import { evenSplit, publishedSubSchedulers, referenceSplit } from "../_testing.ts";
import { needsReference } from "../../reference/_needs.ts";
import { referenceDemands, referenceSimulator, type ReferenceSize } from "../../reference/data.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { SUB_OBSERVATION } from "./observation.ts";
import { PlacementEnvironment } from "./placement_environment.ts";

function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[best]!) best = at;
  return best;
}

/** Total throughput of one share placed greedily by the networks of its size class. */
function placeShare(
  simulator: Simulator,
  sub: SubSchedulers,
  share: readonly number[],
): number {
  const cluster = uniformCluster(27, 8);
  const problem = { apps: simulator.apps, cluster, demand: share, rules: NO_RULES };
  const environment = new PlacementEnvironment({
    simulator,
    problem,
    environments: 1,
    branching: SUB_BRANCHING,
    observation: SUB_OBSERVATION,
    unavailable: "redirect",
  });
  const networks = networksFor(sub, demandTotal(share));
  let level = environment.reset({ seed: 1 }).infos.levels[0]!;
  while (true) {
    const logits = forward(networks[level]!, environment.observations, 1);
    const { terminated, infos } = environment.step([argmax(logits)]);
    level = infos.levels[0]!;
    if (terminated[0]) return infos.throughput[0]! * demandTotal(share);
  }
}

Deno.test(needsReference({
  name: "the environment reproduces the four published means to 1e-6",
  async fn() {
    const simulator = await referenceSimulator();
    const sub = await publishedSubSchedulers(simulator.apps);
    const first = (size: ReferenceSize) => evenSplit(referenceDemands(size)[0]!, 3);
    const cases: [string, number[][], number][] = [
      ["even split of 200", first(200), 1.178065],
      ["even split of 300", first(300), 1.080345],
      ["even split of 400", first(400), 1.020824],
      ["the split that the 2020 run found", referenceSplit(), 1.180307],
    ];
    for (const [name, shares, expected] of cases) {
      const containers = shares.reduce((sum, share) => sum + demandTotal(share), 0);
      const total = shares.reduce((sum, share) => sum + placeShare(simulator, sub, share), 0);
      assert.ok(
        Math.abs(total / containers - expected) <= 1e-6,
        `${name}: ${total / containers}, published ${expected}`,
      );
    }
  },
}));
