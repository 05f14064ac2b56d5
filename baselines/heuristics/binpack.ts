import type { Scheduler } from "../../scheduling/mod.ts";
import { placeOnBestNode } from "./best_node.ts";

/** Fills nodes one after another: the fullest node that has a slot left. */
export const binpack: Scheduler = {
  name: "binpack",
  summary: "the fullest node that still has a slot, so that few nodes are used",
  supports: { rules: true, nodeClasses: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const placement = placeOnBestNode(
      problem,
      "binpack",
      (book, node) => -book.held[node]!,
      options.onPlaced,
    );
    return Promise.resolve({ placement });
  },
};
