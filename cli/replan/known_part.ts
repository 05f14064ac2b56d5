import { type Problem, problemInOrder, type Rules } from "../../domain/mod.ts";

/**
 * A problem without the apps that are not among these, and with the others in their order; those that it does not have
 * take nothing and have no rules.
 */
export function knownPart(problem: Problem, apps: readonly string[]): Problem {
  const kept = problem.apps.flatMap((app, at) => apps.includes(app) ? [at] : []);
  const { maxPerNode, apart, together, require, spread, fencedNodes } = problem.rules;
  const of = <T>(values: readonly T[]): T[] =>
    values.length === 0 ? [] : kept.map((at) => values[at]!);
  const pairs = (list: Rules["apart"]) =>
    list.flatMap(([a, b]) => {
      const [first, second] = [kept.indexOf(a), kept.indexOf(b)];
      return first < 0 || second < 0 ? [] : [[first, second] as const];
    });
  return problemInOrder({
    ...problem,
    apps: kept.map((at) => problem.apps[at]!),
    demand: of(problem.demand),
    ...(problem.needs === undefined ? {} : { needs: of(problem.needs) }),
    rules: {
      maxPerNode: of(maxPerNode),
      apart: pairs(apart),
      fencedNodes,
      ...(together === undefined ? {} : { together: pairs(together) }),
      ...(require === undefined ? {} : { require: of(require) }),
      ...(spread === undefined ? {} : { spread: of(spread) }),
    },
  }, apps);
}
