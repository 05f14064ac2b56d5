/**
 * Paragon (Delimitrou and Kozyrakis, ASPLOS 2013) as the 2020 Metis release has it: a greedy placement,
 * container by container, by how much interference apps tolerate and cause.
 * @module
 */
import { placingOrder, problemCapacity, Random } from "../../domain/mod.ts";
import { type Scheduler, wholeParameter } from "../../scheduling/mod.ts";
import { constraintsOf } from "../constraints/mod.ts";
import { NodeBook } from "../heuristics/node_book.ts";
import { ParagonNodes } from "./nodes.ts";
import { interferenceOf } from "./tolerance.ts";

/**
 * Places each container, app after app, where both it and the node tolerate what the other causes, on the
 * node that fits closest; where none does, on the least loaded node with room. Ties are drawn by the seed.
 * Keeps rules and resources, and takes unlike nodes: tolerances are shares of the largest node, by constraints that hold
 * on all of them.
 */
export const paragon: Scheduler = {
  name: "paragon",
  summary: "container by container where interference is tolerated on both sides, closest fit",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  tellsDecisions: true,
  parameters: {
    sensitivity: "how much tolerances are softened: 1 = not at all, more = less strict (default 3)",
  },
  schedule(problem, options) {
    const sensitivity = wholeParameter(options, "sensitivity", 3, 1);
    const interference = interferenceOf(
      constraintsOf(problem),
      problem.apps.length,
      problemCapacity(problem),
      sensitivity,
    );
    const book = new NodeBook(problem, options.onPlaced);
    const nodes = new ParagonNodes(book, interference, new Random(options.seed ?? 1));
    let fallbacks = 0;
    for (const app of placingOrder(problem)) {
      const count = problem.demand[app]!;
      for (let left = count; left > 0; left--) {
        const choice = nodes.choose(app, options.onDecision !== undefined);
        if (choice === undefined) throw book.stuck("paragon", app, left);
        if (!choice.tolerated) fallbacks++;
        options.onDecision?.(nodes.explain(app, count - left, choice, problem.apps));
        nodes.place(choice.node, app);
      }
    }
    return Promise.resolve({
      placement: book.placement(),
      details: { sensitivity, untolerated: fallbacks },
    });
  },
};
