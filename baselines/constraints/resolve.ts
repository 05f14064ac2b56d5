import {
  checkConstraints,
  type InterferenceConstraint,
  problemCapacity,
} from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import { deriveConstraints } from "./derive.ts";

/**
 * The constraints that a problem gives, or else those that the simulator's model implies for its largest node.
 * @throws {InputError} for a constraint about an app that there is not, or a weight out of range.
 */
export function constraintsOf(problem: SchedulingProblem): readonly InterferenceConstraint[] {
  const { constraints, apps, simulator } = problem;
  if (constraints === undefined) {
    return deriveConstraints({ apps, model: simulator.model }, problemCapacity(problem));
  }
  checkConstraints(constraints, apps.length);
  return constraints;
}

/**
 * The largest number that every weight is a whole multiple of, so that every sum of violations is too; 0 where
 * there is none above 0.001, or no constraint.
 */
export function weightStep(constraints: readonly InterferenceConstraint[]): number {
  let step = 0;
  for (const { weight } of constraints) {
    const thousandths = Math.round(weight * 1000);
    if (Math.abs(thousandths - weight * 1000) > 1e-9) return 0;
    step = greatestCommonDivisor(step, thousandths);
  }
  return step / 1000;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
