import type { Placement } from "../../domain/mod.ts";

/** What a formulation found, with what is proven about every other placement. Violations are weighted. */
export interface MedeaAnswer {
  readonly placement: Placement;
  /** Violations of the placement, recounted by our own code. */
  readonly violations: number;
  /** No placement has fewer violations. */
  readonly bound: number;
  /** True if the bound is reached. */
  readonly proven: boolean;
  /** Columns of the (last) integer program. */
  readonly columns: number;
  /** Branch and bound nodes. */
  readonly branches: number;
}

/** Violations above the bound, as a share of them: 0 is proven best. */
export function violationGap({ violations, bound }: MedeaAnswer): number {
  return violations === 0 ? 0 : Math.max(0, (violations - bound) / violations);
}

/**
 * A solver's bound made fit for use: not below 0, and where violations come in steps, up to the next one.
 * @param step Every sum of violations is a multiple of it; 0 = unknown.
 */
export function soundBound(bound: number, step: number, violations: number): number {
  if (bound === Infinity) return violations;
  const least = Math.max(0, bound);
  // The tolerance covers rounding in the solver, which may put its bound a hair above the truth.
  const whole = step > 0 ? Math.ceil(least / step - 1e-6) * step : least;
  // Adding 0 turns -0 into 0.
  return Math.min(whole, violations) + 0;
}
