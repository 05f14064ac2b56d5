/**
 * Random small problems with all that goes beyond slots: resources, labels, company, failure domains, unlike surfaces.
 * @module
 */
import type { Problem, Random, Spread } from "../domain/mod.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { SchedulingProblem } from "./contract.ts";

/** Two surfaces over the apps of the problems. To be disposed of by the caller. */
export function unlikeSurfaces(): Simulator {
  return Simulator.create({ model: ruggedModel(3, 5), more: [ruggedModel(3, 6)], capacity: 3 });
}

/**
 * A problem on nodes of two classes in two domains; it may have no placement.
 * @param most Nodes of a class at most.
 */
export function drawGeneral(draws: Random, simulator: Simulator, most = 2): SchedulingProblem {
  const some = () => draws.below(2) === 0;
  const pair = (): [number, number] => {
    const a = draws.below(3);
    return [a, (a + 1 + draws.below(2)) % 3];
  };
  const spread = (): Spread | null =>
    some() ? null : {
      maxPerDomain: some() ? null : 1 + draws.below(3),
      minDomains: some() ? null : 1 + draws.below(2),
      maxSkew: some() ? null : 1 + draws.below(2),
    };
  const amounts = () => ({ cpu: 1 + draws.below(4), memory: 0.3 * (1 + draws.below(8)) });
  const problem: Problem = {
    apps: simulator.apps,
    cluster: {
      nodeClasses: [
        {
          name: "big",
          capacity: 3,
          count: 1 + draws.below(most),
          labels: some() ? { disk: "ssd" } : {},
          failureDomain: "zone-a",
          resources: amounts(),
          surface: draws.below(2),
        },
        {
          name: "small",
          capacity: 2,
          count: 1 + draws.below(most),
          labels: { disk: some() ? "ssd" : "hdd" },
          failureDomain: "zone-b",
          resources: amounts(),
        },
      ],
    },
    demand: [draws.below(3), draws.below(3), draws.below(3)],
    rules: {
      maxPerNode: some() ? [] : [2, null, 1],
      apart: draws.below(4) === 0 ? [pair()] : [],
      fencedNodes: draws.below(5) === 0 ? [0] : [],
      together: draws.below(3) === 0 ? [pair()] : [],
      require: draws.below(3) === 0 ? [null, { disk: "ssd" }, null] : [],
      spread: some() ? [] : [spread(), spread(), spread()],
    },
    needs: some()
      ? [{ cpu: 1, memory: 0.3 }, { cpu: 0.5, memory: 0.6 }, { memory: 0.1 * draws.below(4) }]
      : [{}, {}, {}],
  };
  return { ...problem, simulator };
}
