import type { Problem } from "./problem.ts";
import type { Rules } from "./rules.ts";

/**
 * The problem with apps in another order.
 * @param apps All of its apps, and maybe more, which then have no containers.
 */
export function problemInOrder<P extends Problem>(problem: P, apps: readonly string[]): P {
  const { demand, needs, rules } = problem;
  const { maxPerNode, apart, fencedNodes, together, require, spread } = rules;
  const to = problem.apps.map((app) => apps.indexOf(app));
  const pairs = (list: Rules["apart"]) => list.map(([a, b]) => [to[a]!, to[b]!] as const);
  const perApp = <T>(values: readonly (T | null)[]): (T | null)[] =>
    values.length === 0 ? [] : valuesInOrder<T | null>(problem, apps, values, null);
  return {
    ...problem,
    apps,
    demand: valuesInOrder(problem, apps, demand, 0),
    ...(needs === undefined ? {} : { needs: valuesInOrder(problem, apps, needs, {}) }),
    rules: {
      maxPerNode: perApp(maxPerNode),
      apart: pairs(apart),
      fencedNodes,
      ...(together === undefined ? {} : { together: pairs(together) }),
      ...(require === undefined ? {} : { require: perApp(require) }),
      ...(spread === undefined ? {} : { spread: perApp(spread) }),
    },
  };
}

/** One value for each app of a problem, in another order. @param absent Value of apps that the problem does not have. */
export function valuesInOrder<T>(
  problem: Pick<Problem, "apps">,
  apps: readonly string[],
  values: readonly T[],
  absent: T,
): T[] {
  const from = new Map(problem.apps.map((app, at) => [app, at]));
  return apps.map((app) => {
    const at = from.get(app);
    return at === undefined ? absent : values[at]!;
  });
}
