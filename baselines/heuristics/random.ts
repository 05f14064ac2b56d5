import { Random } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { NodeBook } from "./node_book.ts";

/** Every container on a node drawn uniformly from those that allow it. */
export const random: Scheduler = {
  name: "random",
  summary: "a node drawn at random from those with a free slot",
  supports: { rules: true, nodeClasses: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const draws = new Random(options.seed ?? 1);
    const book = new NodeBook(problem, options.onPlaced);
    problem.demand.forEach((count, app) => {
      const open = Uint32Array.from({ length: book.nodes }, (_, node) => node);
      let openNodes = book.nodes;
      for (let left = count; left > 0;) {
        if (openNodes === 0) throw book.stuck("random", app, left);
        const at = draws.below(openNodes);
        const node = open[at]!;
        if (book.allows(node, app)) {
          book.place(node, app);
          left--;
        } else {
          // Slots and rules only ever get tighter, so the node is out for the rest of this app.
          open[at] = open[--openNodes]!;
        }
      }
    });
    return Promise.resolve({ placement: book.placement() });
  },
};
