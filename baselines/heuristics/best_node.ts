import { type Placement, placingOrder, type Problem } from "../../domain/mod.ts";
import { NodeBook } from "./node_book.ts";

/** Score of a node for the next container of an app, by what the node holds; smaller is better. */
export type NodeScore = (book: NodeBook, node: number, app: number) => number;

/**
 * Places app after app, each container on the allowed node with the smallest score (ties: the smaller number).
 * A heap of nodes makes it O(apps x nodes + containers x log nodes): a container changes one node's score, but where
 * rules speak of failure domains.
 * @throws {InfeasibleError} if the scores lead into a dead end.
 */
export function placeOnBestNode(
  problem: Problem,
  scheduler: string,
  score: NodeScore,
  onPlaced?: (node: number, app: number) => void,
): Placement {
  const book = new NodeBook(problem, onPlaced);
  const scores = new Float64Array(book.nodes);
  for (const app of placingOrder(problem)) {
    const rate = (node: number): number =>
      book.allows(node, app) ? score(book, node, app) : Infinity;
    const rateAll = (): NodeHeap => {
      for (let node = 0; node < book.nodes; node++) scores[node] = rate(node);
      return new NodeHeap(scores);
    };
    let heap = rateAll();
    for (let left = problem.demand[app]!; left > 0; left--) {
      const node = heap.first;
      if (scores[node] === Infinity) throw book.stuck(scheduler, app, left);
      book.place(node, app);
      if (book.isCoupled) {
        heap = rateAll();
        continue;
      }
      scores[node] = rate(node);
      heap.restoreFirst();
    }
  }
  return book.placement();
}

/** A binary heap of all nodes by an array of scores that the owner changes for the first node only. */
class NodeHeap {
  readonly #scores: Float64Array;
  readonly #nodes: Uint32Array;

  constructor(scores: Float64Array) {
    this.#scores = scores;
    this.#nodes = Uint32Array.from(scores, (_, node) => node);
    for (let at = (scores.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** The node with the smallest score. */
  get first(): number {
    return this.#nodes[0]!;
  }

  /** Call after the score of the first node was changed. */
  restoreFirst(): void {
    this.#sink(0);
  }

  #sink(start: number): void {
    const nodes = this.#nodes;
    const node = nodes[start]!;
    let at = start;
    while (true) {
      let child = 2 * at + 1;
      if (child >= nodes.length) break;
      if (child + 1 < nodes.length && this.#before(nodes[child + 1]!, nodes[child]!)) child++;
      if (!this.#before(nodes[child]!, node)) break;
      nodes[at] = nodes[child]!;
      at = child;
    }
    nodes[at] = node;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#scores[a]! - this.#scores[b]!;
    // Two infinite scores give NaN, which falls through to the numbers as equal scores do.
    return difference < 0 || (!(difference > 0) && a < b);
  }
}
