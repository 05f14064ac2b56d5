import { countOf } from "./count.ts";
import { nodeCapacities, type Problem } from "./problem.ts";
import { hasLabels } from "./node_kinds.ts";
import type { Rules, Spread } from "./rules.ts";

/** Failure domains of a cluster, and which of them could hold each app. */
export interface FailureDomains {
  /** Their names, in order of their first class; nodes of classes without one share the name "". */
  readonly names: readonly string[];
  /** Index of the domain of each node. Length = nodes. */
  readonly ofNode: Uint32Array;
  /** Row-major, domains x apps: 1 where some node of the domain may hold the app, by fences, labels and limits. */
  readonly eligible: Uint8Array;
}

/** The failure domains of a problem. @throws {InputError} if a fenced node does not exist. */
export function failureDomains(problem: Problem): FailureDomains {
  const { apps, cluster, rules } = problem;
  const names = [...new Set(cluster.nodeClasses.map((one) => one.failureDomain ?? ""))];
  const capacities = nodeCapacities(cluster, rules);
  const ofNode = new Uint32Array(capacities.length);
  const eligible = new Uint8Array(names.length * apps.length);
  let first = 0;
  for (const nodeClass of cluster.nodeClasses) {
    const domain = names.indexOf(nodeClass.failureDomain ?? "");
    const end = first + nodeClass.count;
    ofNode.fill(domain, first, end);
    const isOpen = capacities.subarray(first, end).some((capacity) => capacity > 0);
    apps.forEach((_, app) => {
      if (isOpen && rules.maxPerNode[app] !== 0 && hasLabels(problem, nodeClass, app)) {
        eligible[domain * apps.length + app] = 1;
      }
    });
    first = end;
  }
  return { names, ofNode, eligible };
}

/** The rule of an app about failure domains, if there is one. */
export function spreadOf({ spread = [] }: Rules, app: number): Spread | null {
  return spread[app] ?? null;
}

/** Counts containers by failure domain while a placement is built, and says which domain the next may go to. */
export class DomainBook {
  readonly #problem: Problem;
  readonly #domains: FailureDomains;
  /** Row-major, domains x apps. */
  readonly #counts: Uint32Array;
  readonly #left: number[];

  /** Starts without containers. */
  constructor(problem: Problem) {
    this.#problem = problem;
    this.#domains = failureDomains(problem);
    this.#counts = new Uint32Array(this.#domains.eligible.length);
    this.#left = [...problem.demand];
  }

  /** Notes one container of the app on the node. */
  place(node: number, app: number): void {
    this.#counts[this.#domains.ofNode[node]! * this.#left.length + app]!++;
    this.#left[app]!--;
  }

  /**
   * True if the next container of the app may go to the node's domain: it stays within its maximum and its skew, and
   * enough containers are left to reach the fewest domains.
   */
  allows(node: number, app: number): boolean {
    const rule = spreadOf(this.#problem.rules, app);
    if (rule === null) return true;
    const apps = this.#left.length;
    const here = this.#counts[this.#domains.ofNode[node]! * apps + app]!;
    if (rule.maxPerDomain !== null && here >= rule.maxPerDomain) return false;
    const counts = this.#domains.names.flatMap((_, domain) =>
      this.#domains.eligible[domain * apps + app] ? [this.#counts[domain * apps + app]!] : []
    );
    if (rule.maxSkew !== null && here + 1 - Math.min(...counts) > rule.maxSkew) return false;
    const missing = (rule.minDomains ?? 0) - counts.filter((count) => count > 0).length;
    return here === 0 || this.#left[app]! > missing;
  }
}

/** How the containers of an app lie over the domains that could hold it. */
export interface Evenness {
  /** Containers in the fullest domain. */
  readonly most: number;
  /** Containers in the emptiest. */
  readonly least: number;
  /** Domains that hold any. */
  readonly used: number;
}

/** Which limit of a rule is broken; null if none is. */
export function brokenLimit(rule: Spread, { most, least, used }: Evenness): keyof Spread | null {
  if (most > (rule.maxPerDomain ?? Infinity)) return "maxPerDomain";
  if (used < (rule.minDomains ?? 0)) return "minDomains";
  return most - least > (rule.maxSkew ?? Infinity) ? "maxSkew" : null;
}

/** What a placement breaks of the rules about failure domains, in words; null if nothing. */
export function brokenSpread(problem: Problem, counts: ArrayLike<number>): string | null {
  const { apps, demand, rules } = problem;
  const { names, ofNode, eligible } = failureDomains(problem);
  const held = new Uint32Array(eligible.length);
  ofNode.forEach((domain, node) =>
    apps.forEach((_, app) => {
      held[domain * apps.length + app]! += counts[node * apps.length + app]!;
    })
  );
  for (let app = 0; app < apps.length; app++) {
    const rule = spreadOf(rules, app);
    if (rule === null || demand[app] === 0) continue;
    const each = names.flatMap((_, domain) =>
      eligible[domain * apps.length + app] ? [held[domain * apps.length + app]!] : []
    );
    const most = Math.max(...each);
    const least = Math.min(...each);
    const used = each.filter((count) => count > 0).length;
    const name = apps[app]!;
    switch (brokenLimit(rule, { most, least, used })) {
      case "maxPerDomain":
        return `a domain holds ${most} of ${name}, above its maximum of ${rule.maxPerDomain}`;
      case "minDomains":
        return `${name} is in ${countOf(used, "domain")}, below its minimum of ${rule.minDomains}`;
      case "maxSkew":
        return `domains differ by ${countOf(most - least, "container")} of ${name}, above its ` +
          `skew of ${rule.maxSkew}`;
    }
  }
  return null;
}
