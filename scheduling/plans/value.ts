import { demandTotal, type Placement, SolverError } from "../../domain/mod.ts";
import type { LatencyForecast } from "../limits.ts";
import type { Aim } from "../surface.ts";
import { groupConfigurations, type PlacementValue } from "../value.ts";
import type { AimFields, PlanValue } from "./plan.ts";

/** Relative gap within which a placement counts as proven optimal. */
const PROVEN = 1e-9;
/** Relative error that a solver's bound may have: beyond it, a bound below a placement is a fault. */
const SOLVER_TOLERANCE = 1e-6;

/**
 * The value of a placement in the fields of `--json`.
 * @param bound Upper bound on the total, or null.
 * @throws {SolverError} if the bound is below the placement: one of the two must be wrong.
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

/**
 * What a plan says about its objective and latencies.
 * @param boundWorst What was proven about the slowest container of every placement, where anything was.
 */
export function aimFields(
  aim: Aim,
  apps: readonly string[],
  placement: Placement,
  boundWorst?: number,
): AimFields {
  const { objective, limits, latency, floors = [] } = aim;
  const limited = byName(apps, limits);
  const kept = byName(apps, floors);
  return {
    ...(objective === "throughput" ? {} : { objective, worstBound: boundWorst ?? null }),
    ...(latency === null ? {} : { p99: slowestLatencies(latency, apps, placement) }),
    ...(limited.length === 0 ? {} : { p99Limits: Object.fromEntries(limited) }),
    ...(kept.length === 0 ? {} : { floors: Object.fromEntries(kept) }),
  };
}

/** What is said of some apps, with their names. */
function byName(
  apps: readonly string[],
  values: readonly (number | null)[],
): (readonly [string, number])[] {
  return apps.flatMap((app, at) => {
    const value = values[at] ?? null;
    return value === null ? [] : [[app, value] as const];
  });
}

function slowestLatencies(
  latency: LatencyForecast,
  apps: readonly string[],
  placement: Placement,
): Record<string, number | null> {
  const groups = groupConfigurations(placement);
  const counts = new Uint8Array(groups.length * apps.length);
  groups.forEach((group, row) => counts.set(group.counts, row * apps.length));
  const latencies = latency.predict(counts, groups.length);
  return Object.fromEntries(apps.map((app, at) => {
    let most: number | null = null;
    for (let cell = at; cell < counts.length; cell += apps.length) {
      if (counts[cell]! > 0) most = Math.max(most ?? 0, latencies[cell]!);
    }
    return [app, most];
  }));
}
