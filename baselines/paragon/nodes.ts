import type { Random } from "../../domain/mod.ts";
import type { NodeBook } from "../heuristics/node_book.ts";
import type { Interference } from "./tolerance.ts";

/** Rounding of sums of causes: a difference of this much below 0 still is 0. */
const ROUNDING = 1e-9;

/** Where a container goes, and why. */
export interface Choice {
  readonly node: number;
  /** False if no node tolerates the container and it tolerates no node. */
  readonly tolerated: boolean;
  /** How many nodes were equally good. */
  readonly ties: number;
  /** |D1 + D2| of the node, where it is tolerated. */
  readonly distance: number;
  /** How many nodes had room. */
  readonly withRoom: number;
  /** Per source of interference, in the order it was walked: how many nodes it ruled out. */
  readonly filtered: readonly { readonly source: number; readonly nodes: number }[];
}

/** What the nodes tolerate and cause while Paragon fills them. */
export class ParagonNodes {
  readonly #book: NodeBook;
  readonly #interference: Interference;
  readonly #draws: Random;
  /** Row-major, nodes x SoIs: the least that any app on the node tolerates; 1 on an empty node. */
  readonly #tolerates: Float64Array;
  /** Row-major, nodes x SoIs: what all containers on the node cause. */
  readonly #causes: Float64Array;
  /** Per app: sources from the one that it causes most; at equal causes, that it tolerates least. */
  readonly #walks: readonly (readonly number[])[];

  constructor(book: NodeBook, interference: Interference, draws: Random) {
    const { apps, tolerates, causes } = interference;
    this.#book = book;
    this.#interference = interference;
    this.#draws = draws;
    this.#tolerates = new Float64Array(book.nodes * apps).fill(1);
    this.#causes = new Float64Array(book.nodes * apps);
    this.#walks = Array.from({ length: apps }, (_, app) => {
      const at = app * apps;
      return Array.from({ length: apps }, (_, source) => source).sort((a, b) =>
        causes[at + b]! - causes[at + a]! || tolerates[at + a]! - tolerates[at + b]! || a - b
      );
    });
  }

  /**
   * The node for a container of an app: D1 = what the node tolerates - what the app causes, D2 = what the app
   * tolerates - what the node causes; of the nodes where no element of both is below 0, one with the least
   * sum of |D1 + D2|; without any, one of the least loaded, by containers or by the dominant resource.
   * @param trace Count what each source rules out (slower).
   * @returns Undefined if no node has room.
   */
  choose(app: number, trace: boolean): Choice | undefined {
    const closest = new Lowest(this.#draws);
    const emptiest = new Lowest(this.#draws);
    const filtered = trace ? this.#walks[app]!.map((source) => ({ source, nodes: 0 })) : [];
    let withRoom = 0;
    for (let node = 0; node < this.#book.nodes; node++) {
      if (!this.#book.allows(node, app)) continue;
      withRoom++;
      const refusing = this.#refusingStep(node, app);
      if (refusing < 0) closest.offer(node, this.#distance(node, app));
      else if (trace) filtered[refusing]!.nodes++;
      // Nobody asks for the emptiest node once one tolerates the container.
      if (closest.ties === 0) {
        emptiest.offer(node, this.#book.dominantShare(node) ?? this.#book.held[node]!);
      }
    }
    if (withRoom === 0) return undefined;
    const tolerated = closest.ties > 0;
    const { node, ties } = tolerated ? closest : emptiest;
    return { node, tolerated, ties, distance: closest.lowest, withRoom, filtered };
  }

  /** Puts a container on a node. */
  place(node: number, app: number): void {
    const { apps, tolerates, causes } = this.#interference;
    this.#book.place(node, app);
    for (let source = 0; source < apps; source++) {
      const at = node * apps + source;
      this.#tolerates[at] = Math.min(this.#tolerates[at]!, tolerates[app * apps + source]!);
      this.#causes[at]! += causes[app * apps + source]!;
    }
  }

  /** A decision in one line. */
  explain(app: number, container: number, choice: Choice, apps: readonly string[]): string {
    const { node, tolerated, ties, distance, withRoom, filtered } = choice;
    const sources = filtered.flatMap(({ source, nodes }) =>
      nodes > 0 ? [`${apps[source]} rules out ${nodes}`] : []
    );
    const how = tolerated
      ? `closest fit at distance ${distance.toFixed(3)}`
      : "no node tolerates it: least loaded";
    const held = Array.from({ length: apps.length }, (_, other) => other).flatMap((other) => {
      const count = this.#book.counts[node * apps.length + other]!;
      return count > 0 ? [`${count} ${apps[other]}`] : [];
    });
    return `${apps[app]} ${container + 1}: ${withRoom} nodes with room${
      sources.length > 0 ? `; ${sources.join(", ")}` : ""
    }; ${how}${ties > 1 ? `, drawn from ${ties}` : ""}: node ${node} (${
      held.join(", ") || "empty"
    })`;
  }

  /** The first step of the app's walk at which the node is ruled out, -1 if it is not. */
  #refusingStep(node: number, app: number): number {
    const { apps, tolerates, causes } = this.#interference;
    const walk = this.#walks[app]!;
    for (let step = 0; step < apps; step++) {
      const source = walk[step]!;
      const ofNode = node * apps + source;
      const ofApp = app * apps + source;
      if (
        this.#tolerates[ofNode]! - causes[ofApp]! < -ROUNDING ||
        tolerates[ofApp]! - this.#causes[ofNode]! < -ROUNDING
      ) return step;
    }
    return -1;
  }

  #distance(node: number, app: number): number {
    const { apps, tolerates, causes } = this.#interference;
    let sum = 0;
    for (let source = 0; source < apps; source++) {
      const ofNode = node * apps + source;
      const ofApp = app * apps + source;
      sum += Math.abs(
        this.#tolerates[ofNode]! - causes[ofApp]! + tolerates[ofApp]! - this.#causes[ofNode]!,
      );
    }
    return sum;
  }
}

/** Keeps one of the lowest offers, each with the same chance. */
class Lowest {
  node = -1;
  lowest = Infinity;
  ties = 0;
  readonly #draws: Random;

  constructor(draws: Random) {
    this.#draws = draws;
  }

  offer(node: number, value: number): void {
    if (value > this.lowest + ROUNDING) return;
    if (value < this.lowest - ROUNDING) {
      this.lowest = value;
      this.ties = 0;
    }
    this.ties++;
    if (this.#draws.below(this.ties) === 0) this.node = node;
  }
}
