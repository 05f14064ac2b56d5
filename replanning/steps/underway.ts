import {
  allowsOn,
  type FailureDomains,
  failureDomains,
  type NodeKinds,
  nodeKinds,
  type Placement,
  type Problem,
  spreadOf,
} from "../../domain/mod.ts";

/**
 * What every node holds between two steps. A node may start with more than it should hold; what may start or stop is what
 * breaks nothing that is not broken already.
 */
export class Underway {
  /** Row-major, nodes x apps. */
  readonly counts: Uint8Array;
  /** Containers of each app that run. */
  readonly running: number[];
  /** Containers on each node. */
  readonly #held: Uint32Array;
  readonly #problem: Problem;
  readonly #kinds: NodeKinds;
  readonly #domains: FailureDomains;
  /** Row-major, domains x apps. */
  readonly #inDomain: Int32Array;

  /** @param current What runs at first: nodes and apps of the problem. */
  constructor(problem: Problem, current: Placement) {
    this.#problem = problem;
    this.#kinds = nodeKinds(problem);
    this.#domains = failureDomains(problem);
    this.#inDomain = new Int32Array(this.#domains.eligible.length);
    this.counts = new Uint8Array(current.counts.length);
    this.#held = new Uint32Array(current.nodes);
    this.running = problem.apps.map(() => 0);
    current.counts.forEach((count, at) => {
      if (count > 0) this.#add(Math.floor(at / current.apps), at % current.apps, count);
    });
  }

  /** True if what the node holds keeps its slots, resources and rules. */
  isSound(node: number): boolean {
    const kind = this.#kinds.kinds[this.#kinds.ofNode[node]!]!;
    return allowsOn(this.#problem, this.#kinds, kind, this.counts, node * this.running.length);
  }

  /** True if a container of the app may start on the node. @param extra Others of its apps that are to find room too. */
  canStart(node: number, app: number, extra?: ArrayLike<number>): boolean {
    return this.#fits(node, app, extra) && this.#keepsSpread(node, app, 1);
  }

  /** True if the node has slots and resources for one more: rules about company and failure domains aside. */
  hasRoom(node: number, app: number): boolean {
    const { rules: { together: _, ...rules } } = this.#problem;
    return this.#fits(node, app, undefined, { ...this.#problem, rules });
  }

  /** True if one of the app may stop on the node without what others there need beside them, or its domains need. */
  canStop(node: number, app: number): boolean {
    const first = node * this.running.length;
    if (this.counts[first + app] === 0) return false;
    const { together = [] } = this.#problem.rules;
    const isLast = this.counts[first + app] === 1;
    if (isLast && together.some(([a, b]) => b === app && this.counts[first + a]! > 0)) return false;
    return this.#keepsSpread(node, app, -1);
  }

  /** Starts one, whether it may or not. */
  start(node: number, app: number): void {
    this.#add(node, app, 1);
  }

  /** Stops one, whether it may or not. */
  stop(node: number, app: number): void {
    this.#add(node, app, -1);
  }

  #add(node: number, app: number, count: number): void {
    this.counts[node * this.running.length + app]! += count;
    this.#held[node]! += count;
    this.running[app]! += count;
    this.#inDomain[this.#domains.ofNode[node]! * this.running.length + app]! += count;
  }

  #fits(
    node: number,
    app: number,
    extra?: ArrayLike<number>,
    problem: Problem = this.#problem,
  ): boolean {
    const apps = this.running.length;
    const kind = this.#kinds.kinds[this.#kinds.ofNode[node]!]!;
    if (this.#held[node]! >= kind.capacity) return false;
    const wanted = this.counts.slice(node * apps, (node + 1) * apps);
    wanted[app]!++;
    if (extra !== undefined) { for (let at = 0; at < apps; at++) wanted[at]! += extra[at]!; }
    return allowsOn(problem, this.#kinds, kind, wanted);
  }

  /** True if one more or less breaks no limit of the app's spread further than it is broken. */
  #keepsSpread(node: number, app: number, change: 1 | -1): boolean {
    if (spreadOf(this.#problem.rules, app) === null || this.#problem.demand[app] === 0) return true;
    const at = this.#domains.ofNode[node]! * this.running.length + app;
    const before = this.#excess(app);
    this.#inDomain[at]! += change;
    const after = this.#excess(app);
    this.#inDomain[at]! -= change;
    return after.every((excess, limit) => excess <= before[limit]!);
  }

  /** How far each limit of an app's spread is broken. */
  #excess(app: number): readonly number[] {
    const { maxPerDomain, minDomains, maxSkew } = spreadOf(this.#problem.rules, app)!;
    const apps = this.running.length;
    const each = this.#domains.names.flatMap((_, domain) =>
      this.#domains.eligible[domain * apps + app] ? [this.#inDomain[domain * apps + app]!] : []
    );
    const over = each.map((count) => Math.max(0, count - (maxPerDomain ?? Infinity)));
    return [
      over.reduce((sum, one) => sum + one, 0),
      Math.max(0, (minDomains ?? 0) - each.filter((count) => count > 0).length),
      Math.max(0, Math.max(...each) - Math.min(...each) - (maxSkew ?? Infinity)),
    ];
  }
}
