/**
 * What nodes may hold, written into a core: permits of kinds of nodes, and the failure domains of a state.
 * @module
 */
import {
  failureDomains,
  type NodeKind,
  type NodeKinds,
  type Problem,
  spreadOf,
  spreadsOverDomains,
  withRounding,
} from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/** Stands for a rule that there is not. */
const NO_LIMIT = 0xffffffff;

/** What one node may hold besides its slots. */
export interface PermitRules extends Pick<NodeKind, "limits" | "amounts"> {
  /** Row-major, apps x resources: what one container takes. */
  readonly needs: Float64Array;
  readonly apart: Problem["rules"]["apart"];
  readonly together: Problem["rules"]["apart"];
}

/** What nodes of a kind may hold. */
export function permitRules(
  { rules }: Pick<Problem, "rules">,
  { needs }: Pick<NodeKinds, "needs">,
  { limits, amounts }: Pick<NodeKind, "limits" | "amounts">,
): PermitRules {
  return { limits, amounts, needs, apart: rules.apart, together: rules.together ?? [] };
}

/** True if the rules allow all that fits the slots. */
export function permitsAll({ limits, amounts, apart, together }: PermitRules, capacity: number) {
  return amounts.length === 0 && apart.length === 0 && together.length === 0 &&
    limits.every((limit) => limit >= capacity);
}

/** Writes a permit. To be given back by freeOwner. */
export function writePermit(core: Core, rules: PermitRules): Address {
  const { limits, amounts, needs, apart, together } = rules;
  const { functions } = core;
  const permit = functions.createPermit(amounts.length, apart.length, together.length);
  const pairs = [...apart, ...together].flat();
  core.write("u8", functions.permitLimits(permit), limits, limits.length);
  core.write("u32", functions.permitPairs(permit), pairs, pairs.length);
  core.write("f64", functions.permitNeeds(permit), needs, needs.length);
  const slack = amounts.map(withRounding);
  core.write("f64", functions.permitAmounts(permit), slack, slack.length);
  return permit;
}

/**
 * A copy of the first `count` values of a surface, with FORBIDDEN where the rules say no, and one FORBIDDEN more. To be given
 * back by free.
 */
export function maskedTable(core: Core, surface: number, count: number, permit: Address): Address {
  const masked = core.allocate("f64", count + 1);
  core.functions.maskTable(core.functions.valuesOf(surface), count, permit, masked);
  return masked;
}

/** Writes the failure domains of a problem, null where no rule speaks of them. To be given back by freeOwner. */
export function writeDomains(core: Core, problem: Problem): Address | null {
  if (!spreadsOverDomains(problem.rules)) return null;
  const { names, ofNode, eligible } = failureDomains(problem);
  const { functions } = core;
  const domains = functions.createDomains(names.length, ofNode.length);
  const rules = (["maxPerDomain", "minDomains", "maxSkew"] as const).flatMap((name) =>
    problem.apps.map((_, app) => spreadOf(problem.rules, app)?.[name] ?? NO_LIMIT)
  );
  core.write("u32", functions.domainsOfNode(domains), ofNode, ofNode.length);
  core.write("u8", functions.domainsEligible(domains), eligible, eligible.length);
  core.write("u32", functions.domainsRules(domains), rules, rules.length);
  core.write("u32", functions.domainsDemand(domains), problem.demand, problem.demand.length);
  return domains;
}
