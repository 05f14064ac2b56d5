import {
  allowsConfiguration,
  type NodeKind,
  nodeKinds,
  type Placement,
  type Problem,
  restrictsConfigurations,
  spreadsOverDomains,
} from "../../domain/mod.ts";
import type { TrafficModel } from "../../models/mod.ts";
import { Lists } from "./lists.ts";
import { type Partners, partnersOf } from "./partners.ts";
import { SpreadBook } from "./spread_book.ts";

/** Half of what sums of amounts may be off (see fitsAmount): the other half is for the drift of many steps. */
const ROUNDING = 5e-10;

/**
 * What every node holds, and what that keeps of the traffic. Moves may break rules on the way: they are noted, judged
 * together, and kept or taken back together.
 */
export class TrafficState {
  readonly nodes: number;
  readonly apps: number;
  /** Row-major, nodes x apps. */
  readonly counts: Uint16Array;
  /** The apps that each node holds. */
  readonly appsOn: Lists;
  /** The nodes that hold each app. */
  readonly nodesOf: Lists;
  /** Who talks to whom. */
  readonly partners: Partners;
  readonly #problem: Problem;
  readonly #kindOf: readonly NodeKind[];
  /** Slots and resources: row-major, apps x amounts and nodes x amounts. */
  readonly #needs: Float64Array;
  readonly #left: Float64Array;
  readonly #amounts: number;
  /** What one container is of all of its app. */
  readonly #share: Float64Array;
  readonly #spread: SpreadBook | null;
  readonly #restricted: boolean;
  /** Four numbers a move: app, from, to, count. */
  readonly #noted: number[] = [];

  /** Without containers. */
  constructor(problem: Problem, model: TrafficModel) {
    const { resources, needs, kinds, ofNode } = nodeKinds(problem);
    this.#problem = problem;
    this.apps = problem.apps.length;
    this.nodes = ofNode.length;
    this.counts = new Uint16Array(this.nodes * this.apps);
    this.appsOn = new Lists(this.nodes, this.apps);
    this.nodesOf = new Lists(this.apps, this.nodes);
    this.partners = partnersOf(model);
    this.#kindOf = Array.from(ofNode, (kind) => kinds[kind]!);
    const width = resources.length;
    this.#amounts = width + 1;
    this.#needs = Float64Array.from(
      problem.apps.flatMap((_, app) => [1, ...needs.subarray(app * width, (app + 1) * width)]),
    );
    this.#left = Float64Array.from(
      this.#kindOf.flatMap(({ capacity, amounts }) => [capacity, ...amounts]),
      (amount) => amount * (1 + ROUNDING),
    );
    this.#share = Float64Array.from(model.demand, (count) => count === 0 ? 0 : 1 / count);
    this.#spread = spreadsOverDomains(problem.rules) ? new SpreadBook(problem) : null;
    this.#restricted = restrictsConfigurations(problem.rules);
  }

  /** Adds a whole placement, which the caller has checked. Returns the throughput. */
  load({ counts }: Placement): number {
    let total = 0;
    counts.forEach((count, at) => {
      if (count > 0) total += this.put(Math.floor(at / this.apps), at % this.apps, count);
    });
    return total;
  }

  /** A copy of what is placed. */
  placement(): Placement {
    return { nodes: this.nodes, apps: this.apps, counts: Uint8Array.from(this.counts) };
  }

  /** Changes what a node holds of an app, allowed or not. Returns the change of throughput. */
  put(node: number, app: number, change: number): number {
    const at = node * this.apps + app;
    const before = this.counts[at]!;
    const gain = this.#gain(node, app, change);
    this.counts[at] = before + change;
    for (let amount = 0; amount < this.#amounts; amount++) {
      this.#left[node * this.#amounts + amount]! -= change *
        this.#needs[app * this.#amounts + amount]!;
    }
    if (before === 0) {
      this.appsOn.add(node, app);
      this.nodesOf.add(app, node);
    } else if (before + change === 0) {
      this.appsOn.remove(node, app);
      this.nodesOf.remove(app, node);
    }
    this.#spread?.put(node, app, change);
    return gain;
  }

  /** Moves containers, allowed or not. Returns the change of throughput. */
  move(app: number, from: number, to: number, count: number): number {
    this.#noted.push(app, from, to, count);
    return this.put(from, app, -count) + this.put(to, app, count);
  }

  /** What {@link move} would return. */
  moveGain(app: number, from: number, to: number, count: number): number {
    return this.#gain(from, app, -count) + this.#gain(to, app, count);
  }

  /** True if the node has slots and resources for what it holds. */
  fits(node: number): boolean {
    const first = node * this.#amounts;
    for (let at = first; at < first + this.#amounts; at++) {
      if (this.#left[at]! < 0) return false;
    }
    return true;
  }

  /** Fewest containers of an app that have to leave a node for it to fit; Infinity where no number is enough. */
  excess(node: number, app: number): number {
    let count = 0;
    for (let amount = 0; amount < this.#amounts; amount++) {
      const left = this.#left[node * this.#amounts + amount]!;
      if (left >= 0) continue;
      const need = this.#needs[app * this.#amounts + amount]!;
      count = Math.max(count, need > 0 ? Math.ceil(-left / need) : Infinity);
    }
    return count;
  }

  /** Most further containers of an app that a node has slots and resources for; may be below 0. */
  room(node: number, app: number): number {
    let count = Infinity;
    for (let amount = 0; amount < this.#amounts; amount++) {
      const need = this.#needs[app * this.#amounts + amount]!;
      if (need === 0) continue;
      count = Math.min(count, Math.floor(this.#left[node * this.#amounts + amount]! / need));
    }
    return count;
  }

  /** True if what the noted moves have touched is allowed: slots, resources, and all rules. */
  isAllowed(): boolean {
    for (let at = 0; at < this.#noted.length; at += 4) {
      const app = this.#noted[at]!;
      const to = this.#noted[at + 2]!;
      if (this.counts[to * this.apps + app]! > this.#kindOf[to]!.limits[app]!) return false;
      if (!this.#isNodeAllowed(this.#noted[at + 1]!) || !this.#isNodeAllowed(to)) return false;
      if (this.#spread?.keeps(app) === false) return false;
    }
    return true;
  }

  /** Keeps the noted moves. */
  keep(): void {
    this.#noted.length = 0;
  }

  /** Takes the noted moves back. */
  undo(): void {
    for (let at = this.#noted.length - 4; at >= 0; at -= 4) {
      const app = this.#noted[at]!;
      const count = this.#noted[at + 3]!;
      this.put(this.#noted[at + 2]!, app, -count);
      this.put(this.#noted[at + 1]!, app, count);
    }
    this.#noted.length = 0;
  }

  #isNodeAllowed(node: number): boolean {
    return this.fits(node) && (!this.#restricted ||
      allowsConfiguration(this.#problem.rules, this.counts, node * this.apps));
  }

  #gain(node: number, app: number, change: number): number {
    const { first, apps, weights } = this.partners;
    const row = node * this.apps;
    const before = this.counts[row + app]! * this.#share[app]!;
    const after = before + change * this.#share[app]!;
    let gain = 0;
    for (let at = first[app]!; at < first[app + 1]!; at++) {
      const partner = apps[at]!;
      const count = this.counts[row + partner]!;
      if (count === 0) continue;
      const share = count * this.#share[partner]!;
      gain += weights[at]! * (Math.min(after, share) - Math.min(before, share));
    }
    return gain;
  }
}
