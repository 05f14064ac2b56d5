import {
  type Cluster,
  demandTotal,
  type InterferenceModel,
  NO_RULES,
  nodeCapacities,
  nodeCount,
  type Placement,
  type Problem,
} from "../../mod.ts";
import { Changes } from "./changes.ts";
import type { Move } from "./moves.ts";
import { Panel } from "./panel.ts";
import type { Focus } from "./session.ts";

/** Containers on nodes that a person may move: what pointer and keys need. */
export interface Board {
  readonly changes: Changes;
  readonly panels: readonly Panel[];
  readonly nodes: number;
  readonly capacities: Uint8Array;
  readonly problem: Problem;
  readonly focus: Focus | null;
  look(focus: Focus | null): void;
  move(at: number, move: Move): void;
  undo(at: number): void;
  say(text: string, isError?: boolean): void;
}

/** A few nodes to place containers on by hand. */
export class Puzzle implements Board {
  readonly changes = new Changes();
  readonly panels: readonly [Panel];
  readonly problem: Problem;
  focus: Focus | null = null;
  /** What is wrong with the last move, in one line; null if nothing. */
  said: string | null = null;
  /** Total throughput of the best placement, once it is proven. */
  best: number | null = null;
  readonly #model: InterferenceModel;
  readonly #start: Placement;

  /** @param start Where the containers are at first. */
  constructor(model: InterferenceModel, cluster: Cluster, start: Placement) {
    const demand = model.apps.map((_, app) => countOf(start, app));
    this.#model = model;
    this.#start = start;
    this.problem = { apps: model.apps, cluster, demand, rules: NO_RULES };
    this.panels = [new Panel("you")];
    this.show(start);
  }

  get nodes(): number {
    return nodeCount(this.problem.cluster);
  }

  get capacities(): Uint8Array {
    return nodeCapacities(this.problem.cluster, NO_RULES);
  }

  /** Total throughput of what is shown. */
  get total(): number {
    return this.panels[0].replay!.total;
  }

  /** Mean speed of the containers that are shown. */
  get mean(): number {
    return this.total / demandTotal(this.problem.demand);
  }

  /** Moves that were made. */
  get moves(): number {
    return this.panels[0].moves.length;
  }

  /** Share that a placement with this total is below the best; null while that is not known. */
  below(total: number = this.total): number | null {
    return this.best === null ? null : Math.max(0, 1 - total / this.best);
  }

  /** Shows a placement of the same containers. */
  show(placement: Placement): void {
    const { problem } = this;
    this.panels[0].show(this.#model, { problem, seconds: null, details: {} }, placement, null);
    this.focus = null;
    this.changes.tell("panels", "focus");
  }

  /** From the beginning again. */
  restart(): void {
    this.show(this.#start);
  }

  move(_at: number, move: Move): void {
    this.panels[0].move(move);
    this.said = null;
    this.changes.tell("panels");
  }

  undo(): void {
    this.panels[0].undo();
    this.changes.tell("panels");
  }

  look(focus: Focus | null): void {
    this.focus = focus;
    this.changes.tell("focus");
  }

  say(text: string): void {
    this.said = text;
    this.changes.tell("panels");
  }
}

/** A placement from the names of the apps on each node. @throws {Error} for an app that the model does not know. */
export function placementOf(
  model: InterferenceModel,
  nodes: readonly (readonly string[])[],
): Placement {
  const { apps } = model;
  const counts = new Uint8Array(nodes.length * apps.length);
  for (const [node, names] of nodes.entries()) {
    for (const name of names) {
      const app = apps.indexOf(name);
      if (app < 0) throw new Error(`There is no app ${name}`);
      counts[node * apps.length + app]!++;
    }
  }
  return { nodes: nodes.length, apps: apps.length, counts };
}

function countOf({ counts, apps }: Placement, app: number): number {
  return counts.reduce((sum, count, at) => at % apps === app ? sum + count : sum, 0);
}

/** How a person did, as a text to share. */
export function resultText(
  puzzle: Puzzle,
  others: readonly { readonly name: string; readonly total: number }[],
  address: string,
): string {
  const told = (total: number): string => {
    const below = puzzle.below(total)!;
    return below < 5e-4
      ? "the best possible"
      : `${(100 * below).toFixed(1)} % below the best possible`;
  };
  const { nodes, moves, problem } = puzzle;
  const containers = demandTotal(problem.demand);
  const rest = others.map(({ name, total }) => `${name}: ${told(total)}`).join(". ");
  return `I placed ${containers} containers on ${nodes} nodes by hand, in ${moves} ${
    moves === 1 ? "move" : "moves"
  }: ${told(puzzle.total)}. ${rest}. Your turn: ${address}`;
}
