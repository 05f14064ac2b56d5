import { InputError, problemInOrder, suggest, valuesInOrder } from "../../domain/mod.ts";
import type { ProblemFile } from "./types.ts";

/**
 * The problem with the apps of a surface, in its order; those that the file does not name have no containers.
 * @param surface Name of the surface, for messages.
 * @throws {InputError} for an app that the surface does not have.
 */
export function problemOnApps(
  problem: ProblemFile,
  apps: readonly string[],
  surface: string,
): ProblemFile {
  for (const app of problem.apps) {
    if (!apps.includes(app)) {
      throw new InputError(
        `${problem.file}: apps.${app}: ${surface} has no app ${app}${suggest(app, apps)}`,
      );
    }
  }
  return {
    ...problemInOrder(problem, apps),
    floors: valuesInOrder(problem, apps, problem.floors, null),
    weights: valuesInOrder(problem, apps, problem.weights, 1),
  };
}
