/**
 * What can be said at once about a demand that does not fit: by each app alone, and by each resource in all.
 * @module
 */
import { roughAmount } from "./amounts.ts";
import { countOf } from "./count.ts";
import { failureDomains, spreadOf } from "./domain_book.ts";
import { InfeasibleError, InputError } from "./errors.ts";
import { neededResources, type NodeKinds, nodeKinds } from "./node_kinds.ts";
import type { Problem } from "./problem.ts";
import { fitsAmount } from "./resources.ts";
import { spreadsOverDomains } from "./rules.ts";

/**
 * Looks for obvious reasons why a sound problem has no placement.
 * @throws {InfeasibleError} naming the app or the resource, and what is short.
 * @throws {InputError} if a rule about failure domains meets a node class without one.
 */
export function checkRoom(problem: Problem): void {
  const kinds = nodeKinds(problem);
  checkAmounts(problem, kinds);
  problem.apps.forEach((_, app) => checkRoomOf(problem, kinds, app));
  if (spreadsOverDomains(problem.rules)) checkDomains(problem);
}

/** Each resource in all. */
function checkAmounts(problem: Problem, kinds: NodeKinds): void {
  const { demand } = problem;
  neededResources(problem).forEach((name, at) => {
    const wanted = demand.reduce(
      (sum, count, app) => sum + count * kinds.needs[app * kinds.resources.length + at]!,
      0,
    );
    let there = 0;
    for (const kind of kinds.ofNode) {
      const { capacity, amounts } = kinds.kinds[kind]!;
      if (capacity > 0) there += amounts[at]!;
    }
    if (!fitsAmount(wanted, there)) {
      throw new InfeasibleError(
        `Demand takes ${roughAmount(name, wanted)} of ${name}, but the nodes have ${
          roughAmount(name, there)
        }: ` +
          `${roughAmount(name, wanted - there)} short`,
      );
    }
  });
}

/** One app, as if it were alone. */
function checkRoomOf(problem: Problem, kinds: NodeKinds, app: number): void {
  const { apps, demand, rules } = problem;
  let room = 0;
  for (const kind of kinds.ofNode) {
    const { capacity, limits } = kinds.kinds[kind]!;
    room += Math.min(capacity, limits[app]!);
  }
  const wanted = demand[app]!;
  if (wanted <= room) return;
  const limit = rules.maxPerNode[app] ?? null;
  const labels = Object.entries(rules.require?.[app] ?? {});
  const reasons = [
    ...(limit === null ? [] : [`at most ${limit} on a node`]),
    ...(labels.length === 0
      ? []
      : [`nodes with ${labels.map(([key, value]) => `${key}=${value}`).join(" and ")}`]),
    ...(Object.values(problem.needs?.[app] ?? {}).some((amount) => amount > 0)
      ? ["what a container takes"]
      : []),
  ];
  throw new InfeasibleError(
    `Demand of ${wanted} ${apps[app]} does not fit: ${
      reasons.join(", ") || "the slots"
    } leaves room for ${room}, ${countOf(wanted - room, "slot")} short`,
  );
}

/** The rules about failure domains, each app alone. */
function checkDomains(problem: Problem): void {
  const { apps, cluster, demand, rules } = problem;
  const nameless = cluster.nodeClasses.find(({ failureDomain }) => failureDomain === null);
  if (nameless !== undefined) {
    throw new InputError(
      `Rule spread needs the failure domain of every node: class ${nameless.name} has none`,
    );
  }
  const { names, eligible } = failureDomains(problem);
  apps.forEach((name, app) => {
    const rule = spreadOf(rules, app);
    const wanted = demand[app]!;
    if (rule === null || wanted === 0) return;
    const open = names.filter((_, domain) => eligible[domain * apps.length + app]).length;
    const { maxPerDomain, minDomains } = rule;
    if (minDomains !== null && minDomains > Math.min(open, wanted)) {
      throw new InfeasibleError(
        `Demand of ${wanted} ${name} cannot be in ${countOf(minDomains, "domain")}: ` +
          `${countOf(open, "domain")} could hold it`,
      );
    }
    if (maxPerDomain !== null && maxPerDomain * open < wanted) {
      throw new InfeasibleError(
        `Demand of ${wanted} ${name} does not fit: at most ${maxPerDomain} in each of ` +
          `${countOf(open, "domain")}, ${countOf(wanted - maxPerDomain * open, "container")} short`,
      );
    }
  });
}
