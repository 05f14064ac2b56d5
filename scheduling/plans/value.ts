import { demandTotal, SolverError } from "../../domain/mod.ts";
import type { PlacementValue } from "../mod.ts";
import type { PlanValue } from "./plan.ts";

/** Relative gap within which a placement counts as proven optimal. */
const PROVEN = 1e-9;
/** Relative error that a solver's bound may have: beyond it, a bound below a placement is a fault. */
const SOLVER_TOLERANCE = 1e-6;

/**
 * The value of a placement in the fields of `--json`.
 * @param bound Upper bound on the total, or null.
 * @throws {SolverError} where the bound is below the placement: one of the two must be wrong.
 */
export function planValue(
  problem: { readonly apps: readonly string[]; readonly demand: readonly number[] },
  value: PlacementValue,
  bound: number | null,
): PlanValue {
  const containers = demandTotal(problem.demand);
  const { mean, total, worst } = value;
  const perApp = Object.fromEntries(problem.apps.map((app, at) => [app, value.perApp[at] ?? null]));
  if (containers === 0) return { mean, total, perApp, worst, bound: 0, gap: 0, proven: true };
  if (bound === null) return { mean, total, perApp, worst, bound: null, gap: null, proven: false };
  const raw = bound === 0 ? 0 : (bound - total) / bound;
  if (raw < -SOLVER_TOLERANCE) {
    throw new SolverError(
      `The bound on the total (${bound}) is below a placement's total (${total}): report this as a bug`,
    );
  }
  // Rounding in the solver may leave its bound a hair below the placement that meets it.
  const tightest = Math.max(bound, total);
  const gap = Math.max(0, raw);
  return { mean, total, perApp, worst, bound: tightest / containers, gap, proven: gap <= PROVEN };
}
