import { placingOrder } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { NodeBook } from "./node_book.ts";

/**
 * Container i (sorted by app) goes to node i mod nodes, the reference of the paper's rewards; where
 * that node is full or a rule forbids it, to the next node that takes it.
 */
export const roundRobin: Scheduler = {
  name: "round-robin",
  summary: "container i on node i mod nodes, app by app",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  tellsDecisions: true,
  schedule(problem, options) {
    const book = new NodeBook(problem, options.onPlaced);
    let next = 0;
    for (const app of placingOrder(problem)) {
      for (let left = problem.demand[app]!; left > 0; left--) {
        let tried = 0;
        while (tried < book.nodes && !book.allows(next, app)) {
          next = (next + 1) % book.nodes;
          tried++;
        }
        if (tried === book.nodes) throw book.stuck("round-robin", app, left);
        book.place(next, app);
        next = (next + 1) % book.nodes;
      }
    }
    return Promise.resolve({ placement: book.placement() });
  },
};
