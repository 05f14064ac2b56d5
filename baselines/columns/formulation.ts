import { failureDomains, nodeKinds, type Problem, spreadsOverDomains } from "../../domain/mod.ts";
import type { PricingOptions } from "../../sim-wasm/space/pricing.ts";
import { type DomainRow, domainRows, type FewestDomains, fewestDomains } from "./domain_rows.ts";

/** Nodes that are interchangeable: of one kind, not fenced, and of one failure domain where rules speak of those. */
export interface NodeGroup {
  readonly capacity: number;
  /** Indices in the cluster, ascending. */
  readonly nodes: readonly number[];
  /** Index of its family. */
  readonly family: number;
  /** False if each of them has to hold something. @default true */
  readonly mayIdle?: boolean;
}

/** Groups that differ in slots alone: they see the same configurations at the same prices. */
export interface Family {
  /** Index of the space that its configurations are in. */
  readonly space: number;
  /** Index of the failure domain; 0 where no rule speaks of those. */
  readonly domain: number;
}

/**
 * The configuration integer program of a problem: x[k, c] = nodes of group k that hold configuration c;
 * maximise sum x T(c) subject to sum x count(c, a) = demand(a), sum over c of x[k, c] <= nodes of k, and the rows about
 * failure domains.
 */
export interface Formulation {
  readonly apps: readonly string[];
  readonly demand: readonly number[];
  /** All nodes of the cluster, fenced ones too. */
  readonly nodes: number;
  /** By capacity, largest first. */
  readonly groups: readonly NodeGroup[];
  readonly families: readonly Family[];
  /** What nodes may hold, and which surface values it: one for each different answer. */
  readonly spaces: readonly PricingOptions[];
  /** Slots of the largest node that is not fenced; 1 if there is none. */
  readonly capacity: number;
  /** What the rules say about failure domains. */
  readonly domainRows: readonly DomainRow[];
  /** Fewest domains of an app, which only whole numbers can keep. */
  readonly fewestDomains: readonly FewestDomains[];
}

/** Groups the nodes of a problem and gathers what its rules say about them. */
export function formulate(problem: Problem): Formulation {
  const { kinds, ofNode, needs } = nodeKinds(problem);
  const domains = spreadsOverDomains(problem.rules) ? failureDomains(problem) : null;
  const spaces = new Map<string, PricingOptions>();
  const families = new Map<string, Family>();
  const groups = new Map<string, { capacity: number; nodes: number[]; family: number }>();
  const capacity = kinds.reduce((most, kind) => Math.max(most, kind.capacity), 0) || 1;
  ofNode.forEach((at, node) => {
    const kind = kinds[at]!;
    if (kind.capacity === 0) return;
    const domain = domains?.ofNode[node] ?? 0;
    const key = `${at} ${domain}`;
    const known = groups.get(key);
    if (known !== undefined) {
      known.nodes.push(node);
      return;
    }
    const spaceKey = `${kind.surface} ${kind.limits.join(" ")} ${kind.amounts.join(" ")}`;
    if (!spaces.has(spaceKey)) {
      // No placement holds more of an app than its demand, so the bound need not allow for it.
      const limits = kind.limits.map((limit, app) => Math.min(limit, problem.demand[app]!));
      const { apart, together = [] } = problem.rules;
      const { amounts, surface } = kind;
      spaces.set(spaceKey, { capacity, limits, amounts, needs, apart, together, surface });
    }
    const space = [...spaces.keys()].indexOf(spaceKey);
    const familyKey = `${space} ${domain}`;
    if (!families.has(familyKey)) families.set(familyKey, { space, domain });
    const family = [...families.keys()].indexOf(familyKey);
    groups.set(key, { capacity: kind.capacity, nodes: [node], family });
  });
  return {
    apps: problem.apps,
    demand: problem.demand,
    nodes: ofNode.length,
    groups: [...groups.values()].sort((a, b) => b.capacity - a.capacity),
    families: [...families.values()],
    spaces: [...spaces.values()],
    capacity,
    domainRows: domains === null ? [] : domainRows(problem, domains),
    fewestDomains: domains === null ? [] : fewestDomains(problem, domains),
  };
}
