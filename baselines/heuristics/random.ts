import { placingOrder, Random } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { NodeBook } from "./node_book.ts";

/** Every container on a node drawn uniformly from those that allow it. */
export const random: Scheduler = {
  name: "random",
  summary: "a node drawn at random from those with a free slot",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const draws = new Random(options.seed ?? 1);
    const book = new NodeBook(problem, options.onPlaced);
    for (const app of placingOrder(problem)) {
      const open = Uint32Array.from({ length: book.nodes }, (_, node) => node);
      let openNodes = book.nodes;
      for (let left = problem.demand[app]!; left > 0;) {
        if (openNodes === 0) throw book.stuck("random", app, left);
        const at = draws.below(openNodes);
        const node = open[at]!;
        if (book.allows(node, app)) {
          book.place(node, app);
          left--;
          if (book.isCoupled) openNodes = book.nodes;
        } else {
          // What a node may hold only ever gets tighter, so it is out for the rest of this app; but see above.
          open[at] = open[--openNodes]!;
        }
      }
    }
    return Promise.resolve({ placement: book.placement() });
  },
};
