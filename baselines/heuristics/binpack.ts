import type { Scheduler } from "../../scheduling/mod.ts";
import { placeOnBestNode } from "./best_node.ts";

/**
 * Fills nodes one after another: the fullest node that takes one more. Where containers take resources, the fullest is
 * the one with the largest share used of any resource.
 */
export const binpack: Scheduler = {
  name: "binpack",
  summary:
    "the fullest node (by its dominant resource) that takes one more, so that few nodes are used",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const placement = placeOnBestNode(
      problem,
      "binpack",
      (book, node) => -(book.dominantShare(node) ?? book.held[node]!),
      options.onPlaced,
    );
    return Promise.resolve({ placement });
  },
};
