import { InfeasibleError } from "../../domain/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import type { ArrivalEvent } from "./events.ts";

/** Rules that place a container without knowing what comes. */
export const RULES_OF_THUMB = ["greedy", "spread", "binpack"] as const;

/** Name of such a rule. */
export type RuleOfThumb = typeof RULES_OF_THUMB[number];

/**
 * Plays events by a rule: `greedy` takes the best change of throughput, `spread` the node with the fewest, `binpack`
 * the one with the most containers that has room; the first of equal ones.
 * @param state Empty at first; holds the end afterwards.
 * @throws {InfeasibleError} if no node may take a container.
 */
export function playByRule(
  state: ClusterState,
  events: readonly ArrivalEvent[],
  rule: RuleOfThumb,
): void {
  const held = new Uint32Array(state.nodes);
  const nodeOf = new Map<number, number>();
  for (const { kind, app, container } of events) {
    if (kind === "depart") {
      const node = nodeOf.get(container)!;
      state.remove(node, app);
      held[node]!--;
      continue;
    }
    let best = -1;
    let bestScore = -Infinity;
    for (let node = 0; node < state.nodes; node++) {
      const gain = state.placeGain(node, app);
      if (gain === null) continue;
      const score = rule === "greedy" ? gain : rule === "spread" ? -held[node]! : held[node]!;
      if (score > bestScore) {
        bestScore = score;
        best = node;
      }
    }
    if (best < 0) {
      throw new InfeasibleError(
        `The rule ${rule} finds no node for another container: leave compare out`,
      );
    }
    state.place(best, app);
    held[best]!++;
    nodeOf.set(container, best);
  }
}
