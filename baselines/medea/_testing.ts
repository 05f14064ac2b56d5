import type { Demand, InterferenceConstraint } from "../../domain/mod.ts";
import { configurationViolations } from "../constraints/mod.ts";

/** Least violations of any placement, by trying all: for tiny problems only. */
export function bruteForce(
  constraints: readonly InterferenceConstraint[],
  demand: Demand,
  nodes: number,
  capacity: number,
): number {
  let least = Infinity;
  const fill = (node: number, left: readonly number[], cost: number): void => {
    if (cost >= least) return;
    const total = left.reduce((sum, count) => sum + count, 0);
    if (node === nodes) {
      if (total === 0) least = cost;
      return;
    }
    if (total > (nodes - node) * capacity) return;
    const held = left.map(() => 0);
    const choose = (app: number, room: number): void => {
      if (app === left.length) {
        fill(
          node + 1,
          left.map((count, at) => count - held[at]!),
          cost + configurationViolations(constraints, held),
        );
        return;
      }
      for (let count = 0; count <= Math.min(room, left[app]!); count++) {
        held[app] = count;
        choose(app + 1, room - count);
      }
      held[app] = 0;
    };
    choose(0, capacity);
  };
  fill(0, demand, 0);
  return least;
}
