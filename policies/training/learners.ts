import { suggest, UsageError } from "../../domain/mod.ts";
import type { Learner } from "../learning/learner.ts";
import { metisLearner } from "../metis/trainer.ts";
import { onlineLearner } from "../online/trainer.ts";
import { guidedSubLearner } from "../paper/guided.ts";
import { dcLearner, highLearner, subLearner, vanillaLearner } from "../paper/learners.ts";

/** Every learner, ours first. */
export const LEARNERS: readonly Learner<object>[] = [
  metisLearner,
  onlineLearner,
  guidedSubLearner,
  subLearner,
  highLearner,
  vanillaLearner,
  dcLearner,
];

/**
 * The learner of this name and algorithm.
 * @param algorithm Undefined for the first of this name: our own where there is one.
 * @throws {UsageError} for an unknown name or algorithm, listing the known ones.
 */
export function findLearner(name: string, algorithm?: string): Learner<object> {
  const named = LEARNERS.filter((learner) => learner.name === name);
  if (named.length === 0) {
    const known = [...new Set(LEARNERS.map((learner) => learner.name))];
    throw new UsageError(
      `There is no learner ${name}${suggest(name, known)}: known are ${known.join(", ")}`,
    );
  }
  const found = algorithm === undefined
    ? named[0]
    : named.find((learner) => learner.algorithm === algorithm);
  if (found === undefined) {
    throw new UsageError(
      `Learner ${name} has no algorithm ${algorithm}: known are ${
        named.map((learner) => learner.algorithm).join(", ")
      }`,
    );
  }
  return found;
}
