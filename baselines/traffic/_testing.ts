import { isSoundPlacement, type Placement, type Problem, type Random } from "../../domain/mod.ts";
import { TrafficModel } from "../../models/mod.ts";

/** A small problem with resources and any of the rules, and who talks to whom. */
export function randomTrafficProblem(draws: Random): { problem: Problem; model: TrafficModel } {
  const apps = ["a", "b", "c", "d"].slice(0, 3 + draws.below(2));
  const demand = apps.map(() => 1 + draws.below(3));
  const often = () => draws.below(3) === 0;
  const classOf = (name: string, count: number, domain: string) => ({
    name,
    capacity: 4 + draws.below(3),
    count,
    labels: { disk: draws.below(3) ? "ssd" : "hdd" },
    failureDomain: domain,
    resources: { cpu: 4 + draws.below(3), memory: 5 },
  });
  const problem: Problem = {
    apps,
    demand,
    cluster: { nodeClasses: [classOf("x", 1 + draws.below(2), "east"), classOf("y", 1, "west")] },
    needs: apps.map(() => ({ cpu: 0.5 + draws.below(3) / 2, memory: draws.below(2) })),
    rules: {
      maxPerNode: often() ? apps.map((_, app) => app === 0 ? 2 : null) : [],
      apart: often() ? [[0, 2]] : [],
      fencedNodes: [],
      ...(often() ? { together: [[1, 0] as const] } : {}),
      ...(often() ? { require: apps.map((_, app) => app === 1 ? { disk: "ssd" } : null) } : {}),
      ...(often()
        ? {
          spread: apps.map((_, app) =>
            app === 0 ? { maxPerDomain: 2, minDomains: null, maxSkew: 1 } : null
          ),
        }
        : {}),
    },
  };
  const pairs = apps.flatMap((_, a) =>
    apps.slice(0, a).flatMap((_, b) =>
      draws.below(3) ? [{ a, b, traffic: 1 + draws.below(9) }] : []
    )
  );
  return { problem, model: new TrafficModel({ apps, demand, pairs }) };
}

/** Throughput by the definition: pairs x nodes, without anything of the search. */
export function valueOf({ pairs, demand, scale }: TrafficModel, placement: Placement): number {
  let value = 0;
  for (let node = 0; node < placement.nodes; node++) {
    const row = placement.counts.subarray(node * placement.apps, (node + 1) * placement.apps);
    for (const { a, b, traffic } of pairs) {
      value += scale * traffic * Math.min(row[a]! / demand[a]!, row[b]! / demand[b]!);
    }
  }
  return value;
}

/** Every placement of the problem that checkPlacement accepts. */
export function* enumeratePlacements(problem: Problem): Generator<Placement, void> {
  const nodes = problem.cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0);
  const apps = problem.apps.length;
  const counts = new Uint8Array(nodes * apps);
  const place = function* (app: number, node: number, left: number): Generator<Placement, void> {
    if (app === apps) {
      const placement = { nodes, apps, counts: counts.slice() };
      if (isSoundPlacement(problem, placement)) yield placement;
      return;
    }
    const at = node * apps + app;
    // The last node takes what is left.
    for (let count = node === nodes - 1 ? left : 0; count <= left; count++) {
      counts[at] = count;
      if (node < nodes - 1) yield* place(app, node + 1, left - count);
      else yield* place(app + 1, 0, problem.demand[app + 1] ?? 0);
    }
    counts[at] = 0;
  };
  yield* place(0, 0, problem.demand[0]!);
}
