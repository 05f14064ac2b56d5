import {
  brokenLimit,
  type FailureDomains,
  failureDomains,
  type Problem,
  type Spread,
  spreadOf,
} from "../../domain/mod.ts";

/** Counts containers by failure domain, and says whether an app keeps its rule about them. */
export class SpreadBook {
  readonly #domains: FailureDomains;
  readonly #rules: readonly (Spread | null)[];
  /** Row-major, domains x apps. */
  readonly #counts: Uint32Array;

  /** Without containers. */
  constructor(problem: Problem) {
    this.#domains = failureDomains(problem);
    this.#rules = problem.apps.map((_, app) => spreadOf(problem.rules, app));
    this.#counts = new Uint32Array(this.#domains.eligible.length);
  }

  /** Notes that a node holds so many more of an app. */
  put(node: number, app: number, change: number): void {
    this.#counts[this.#domains.ofNode[node]! * this.#rules.length + app]! += change;
  }

  /** True if all containers of the app, as they lie now, keep its rule. */
  keeps(app: number): boolean {
    const rule = this.#rules[app]!;
    if (rule === null) return true;
    let most = 0;
    let least = Infinity;
    let used = 0;
    for (let at = app; at < this.#counts.length; at += this.#rules.length) {
      if (this.#domains.eligible[at] === 0) continue;
      const count = this.#counts[at]!;
      most = Math.max(most, count);
      least = Math.min(least, count);
      if (count > 0) used++;
    }
    return brokenLimit(rule, { most, least, used }) === null;
  }
}
