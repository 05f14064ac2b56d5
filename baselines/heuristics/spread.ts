import type { Scheduler } from "../../scheduling/mod.ts";
import { placeOnBestNode } from "./best_node.ts";

/**
 * Docker Swarm's default, and the idea of Kubernetes' default scores: the node with the fewest
 * containers of the same app, among those the one with the fewest containers; where they take resources, with the
 * smallest share used of any.
 */
export const spread: Scheduler = {
  name: "spread",
  summary: "fewest containers of the same app, then fewest containers (Swarm's default)",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const placement = placeOnBestNode(
      problem,
      "spread",
      (book, node, app) =>
        book.counts[node * book.apps + app]! * 256 + (book.dominantShare(node) ?? book.held[node]!),
      options.onPlaced,
    );
    return Promise.resolve({ placement });
  },
};
