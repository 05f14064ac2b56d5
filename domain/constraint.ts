import { InputError } from "./errors.ts";
import type { AppIndex } from "./rules.ts";

/**
 * A wish about which apps share a node, which a placement may break at a cost (a Rule may never be
 * broken): a node with a container of `subject` should hold at most, or at least, `threshold`
 * containers of `other`. Where both are the same app, the container itself counts.
 */
export interface InterferenceConstraint {
  /** App whose containers the constraint speaks for. */
  readonly subject: AppIndex;
  /** App whose containers are counted on the same node. */
  readonly other: AppIndex;
  /** Whether the threshold is the most (anti-affinity) or the least (affinity) of them. */
  readonly kind: "at-most" | "at-least";
  /** Containers on one node: a whole number, 0 to 255. */
  readonly threshold: number;
  /** Cost of one container too many or too few, for each container of `subject` beside it. */
  readonly weight: number;
}

/**
 * Range of weights. Solvers lose digits where weights of one program are further apart, and a weight
 * of 0 is better said by leaving the constraint out.
 */
export const WEIGHT_RANGE = { least: 0.01, most: 10000 } as const;

/**
 * Checks constraints against the number of apps.
 * @throws {InputError} naming the constraint (counted from 1) and the field.
 */
export function checkConstraints(
  constraints: readonly InterferenceConstraint[],
  apps: number,
): void {
  constraints.forEach(({ subject, other, threshold, weight }, at) => {
    const wrong = (what: string): InputError => new InputError(`Constraint ${at + 1}: ${what}`);
    for (const app of [subject, other]) {
      if (!Number.isInteger(app) || app < 0 || app >= apps) {
        throw wrong(`there is no app ${app}: apps are 0 to ${apps - 1}`);
      }
    }
    if (!Number.isInteger(threshold) || threshold < 0 || threshold > 255) {
      throw wrong(`the threshold must be a whole number from 0 to 255: got ${threshold}`);
    }
    const { least, most } = WEIGHT_RANGE;
    if (!(weight >= least && weight <= most)) {
      throw wrong(`the weight must be a number from ${least} to ${most}: got ${weight}`);
    }
  });
}
