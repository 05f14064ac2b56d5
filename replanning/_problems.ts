/**
 * Random small problems on clusters where something runs.
 * @module
 */
import { NO_RULES, nodeCount, type Placement, Random, uniformCluster } from "../domain/mod.ts";
import { drawGeneral, unlikeSurfaces } from "../scheduling/_general.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { ReplanProblem } from "./problem.ts";

/** What runs: random containers on random nodes, within slots; no rule is kept. */
function drawCurrent({ apps, cluster, demand }: SchedulingProblem, draws: Random): Placement {
  const capacities = cluster.nodeClasses.flatMap(({ count, capacity }) =>
    new Array<number>(count).fill(capacity)
  );
  const counts = new Uint8Array(nodeCount(cluster) * apps.length);
  demand.forEach((wanted, app) => {
    const running = Math.max(0, wanted + draws.below(3) - 1);
    for (let at = 0; at < running; at++) {
      const node = draws.below(capacities.length);
      if (capacities[node]! === 0) continue;
      capacities[node]!--;
      counts[node * apps.length + app]!++;
    }
  });
  return { nodes: capacities.length, apps: apps.length, counts };
}

/** A problem without domains or resources: four apps, up to nine alike nodes. */
function drawPlain(draws: Random, simulator: Simulator): SchedulingProblem {
  return {
    apps: simulator.apps,
    cluster: uniformCluster(4 + draws.below(6), 3),
    demand: simulator.apps.map(() => 1 + draws.below(4)),
    rules: {
      ...NO_RULES,
      maxPerNode: draws.below(2) === 0 ? [] : [1, null, 2, null],
      apart: draws.below(3) === 0 ? [[0, 2]] : [],
      fencedNodes: draws.below(4) === 0 ? [1] : [],
    },
    simulator,
  };
}

/** Problems of two kinds: with domains, resources and unlike surfaces, and of four apps on alike nodes. */
export function* problems(
  count: number,
): Generator<{ readonly seed: number; readonly problem: ReplanProblem }> {
  using unlike = unlikeSurfaces();
  using plain = Simulator.create({ model: ruggedModel(4, 9), capacity: 3 });
  for (let seed = 0; seed < count; seed++) {
    const draws = new Random(1000 + seed);
    const problem = seed % 2 === 0 ? drawGeneral(draws, unlike, 4) : drawPlain(draws, plain);
    yield { seed, problem: { ...problem, current: drawCurrent(problem, draws) } };
  }
}
