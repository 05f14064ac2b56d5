import { InputError, type Rules, suggest } from "../../domain/mod.ts";
import type { ProblemFile } from "./types.ts";

/** What a problem file says of apps and nodes, in the order of a surface's apps. */
export type ArrangedProblem = Pick<
  ProblemFile,
  "apps" | "cluster" | "demand" | "needs" | "rules" | "floors" | "weights"
>;

/**
 * The problem with the apps of a surface, in its order; those that the file does not name have no containers.
 * @param surface Name of the surface, for messages.
 * @throws {InputError} for an app that the surface does not have.
 */
export function problemOnApps(
  problem: ProblemFile,
  apps: readonly string[],
  surface: string,
): ArrangedProblem {
  for (const app of problem.apps) {
    if (!apps.includes(app)) {
      throw new InputError(
        `${problem.file}: apps.${app}: ${surface} has no app ${app}${suggest(app, apps)}`,
      );
    }
  }
  const from = apps.map((app) => problem.apps.indexOf(app));
  const to = problem.apps.map((app) => apps.indexOf(app));
  /** A list by app in the order of the surface. */
  const listed = <T>(values: readonly T[], absent: T): T[] =>
    from.map((app) => app < 0 ? absent : values[app]!);
  const perApp = <T>(values: readonly (T | null)[]): (T | null)[] =>
    values.length === 0 ? [] : listed<T | null>(values, null);
  const { cluster, demand, needs, floors, weights } = problem;
  const { maxPerNode, apart, fencedNodes, together, require, spread } = problem.rules;
  const pairs = (list: Rules["apart"]) => list.map(([a, b]) => [to[a]!, to[b]!] as const);
  return {
    apps,
    cluster,
    demand: listed(demand, 0),
    needs: listed(needs, {}),
    floors: listed(floors, null),
    weights: listed(weights, 1),
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
