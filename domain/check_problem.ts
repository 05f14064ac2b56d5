import { countOf } from "./count.ts";
import { InfeasibleError, InputError } from "./errors.ts";
import { demandTotal, type Problem, totalSlots } from "./problem.ts";
import { checkRoom } from "./problem_room.ts";
import { reservedProblem } from "./reserved_names.ts";
import type { Rules, Spread } from "./rules.ts";

/**
 * Checks that a problem is sound and not infeasible for an obvious reason: unique apps, whole
 * demands, rules about apps that exist, enough slots and resources in all, and enough room for every app by itself.
 * @throws {InputError} for an unsound problem.
 * @throws {InfeasibleError} naming the app (or the whole demand) and how many slots are short.
 */
export function checkProblem(problem: Problem): void {
  const { apps, cluster, demand, rules } = problem;
  if (apps.length === 0) throw new InputError("A problem needs at least one app");
  if (new Set(apps).size !== apps.length) {
    throw new InputError(`Apps must have different names: ${apps.join(", ")}`);
  }
  for (const app of apps) {
    const reserved = reservedProblem(app);
    if (reserved !== null) throw new InputError(`Apps: ${reserved}`);
  }
  if (demand.length !== apps.length) {
    throw new InputError(
      `Demand has ${demand.length} numbers, but there are ${apps.length} apps (${apps.join(", ")})`,
    );
  }
  demand.forEach((count, app) => {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new InputError(
        `Demand of ${apps[app]} must be a whole number, 0 or more: got ${count}`,
      );
    }
  });
  checkNeeds(problem);
  checkRules(rules, apps.length);
  const slots = totalSlots(cluster, rules);
  const total = demandTotal(demand);
  if (total > slots) {
    throw new InfeasibleError(
      `Demand of ${countOf(total, "container")} does not fit ${countOf(slots, "slot")}: ` +
        `${countOf(total - slots, "slot")} short`,
    );
  }
  checkRoom(problem);
}

/** @throws {InputError} for amounts that are none, and for resources that no node class speaks of. */
function checkNeeds({ apps, cluster, needs }: Problem): void {
  if (needs === undefined) return;
  if (needs.length !== apps.length) {
    throw new InputError(`Needs are of ${needs.length} apps, but there are ${apps.length}`);
  }
  needs.forEach((need, app) => {
    for (const [name, amount] of Object.entries(need)) {
      if (!(amount >= 0 && amount < Infinity)) {
        throw new InputError(`App ${apps[app]}: ${name} must be 0 or more: got ${amount}`);
      }
      const isKnown = cluster.nodeClasses.some(({ resources = {} }) =>
        Object.hasOwn(resources, name)
      );
      if (amount > 0 && !isKnown) {
        throw new InputError(
          `App ${apps[app]} takes ${name}, but no node class says how much ${name} its nodes have`,
        );
      }
    }
  });
}

function checkRules(rules: Rules, apps: number): void {
  const { maxPerNode, apart, together = [], require = [], spread = [] } = rules;
  for (const [name, perApp] of Object.entries({ maxPerNode, require, spread })) {
    if (perApp.length !== 0 && perApp.length !== apps) {
      const what = name === "maxPerNode" ? "limits" : "entries";
      throw new InputError(
        `Rule ${name} has ${perApp.length} ${what}, but there are ${apps} apps`,
      );
    }
  }
  for (const limit of maxPerNode) checkLimit("maxPerNode", limit, 0);
  for (const [name, pairs] of Object.entries({ apart, together })) {
    for (const [a, b] of pairs) {
      const known = [a, b].every((app) => Number.isInteger(app) && app >= 0 && app < apps);
      if (!known || a === b) {
        throw new InputError(`Rule ${name} needs two different apps: got ${a}, ${b}`);
      }
    }
  }
  for (const one of spread) {
    for (const limit of SPREAD_LIMITS) {
      if (one !== null) checkLimit(`spread.${limit}`, one[limit], 1);
    }
  }
}

const SPREAD_LIMITS = ["maxPerDomain", "minDomains", "maxSkew"] as const satisfies (keyof Spread)[];

function checkLimit(rule: string, limit: number | null, least: number): void {
  if (limit !== null && (!Number.isInteger(limit) || limit < least)) {
    throw new InputError(`Rule ${rule} must be whole numbers, ${least} or more: got ${limit}`);
  }
}
