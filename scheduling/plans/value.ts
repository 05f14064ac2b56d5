import { demandTotal, type Placement, SolverError } from "../../domain/mod.ts";
import type { LatencyForecast } from "../limits.ts";
import { isSteered, perContainer } from "../objective.ts";
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
  const { mean, total, worst, fairness } = value;
  const perApp = Object.fromEntries(problem.apps.map((app, at) => [app, value.perApp[at] ?? null]));
  const worth = { mean, total, perApp, worst, fairness };
  if (containers === 0) return { ...worth, bound: 0, gap: 0, proven: true };
  if (bound === null) return { ...worth, bound: null, gap: null, proven: false };
  const raw = bound === 0 ? 0 : (bound - total) / bound;
  if (raw < -SOLVER_TOLERANCE) {
    throw new SolverError(
      `The bound on the total (${bound}) is below a placement's total (${total}): report this as a bug`,
    );
  }
  // Rounding in the solver may leave its bound a hair below the placement that meets it.
  const tightest = Math.max(bound, total);
  const gap = Math.max(0, raw);
  return { ...worth, bound: tightest / containers, gap, proven: gap <= PROVEN };
}

/**
 * What a plan says about its objective, latencies and floors.
 * @param boundObjective What was proven about the objective of every placement, where anything was: see ScheduleResult.
 */
export function aimFields(
  aim: Aim,
  apps: readonly string[],
  { placement, perApp }: { readonly placement: Placement } & Pick<PlacementValue, "perApp">,
  boundObjective: number | null = null,
): AimFields {
  const { objective, limits, latency, floors = [], weights = [] } = aim;
  const limited = byName(apps, limits);
  const kept = byName(apps, floors);
  return {
    ...(objective === "throughput" ? {} : { objective }),
    ...(objective === "worst" ? { worstBound: boundObjective } : {}),
    ...(objective === "fair" ? { fairnessBound: boundObjective } : {}),
    ...(isSteered({ weights }) ? { weights: Object.fromEntries(byName(apps, weights)) } : {}),
    ...(objective === "throughput" && isSteered(aim)
      ? { weightedMean: weightedMean(placement, perApp, weights), weightedBound: boundObjective }
      : {}),
    ...(latency === null ? {} : { p99: slowestLatencies(latency, apps, placement) }),
    ...(limited.length === 0 ? {} : { p99Limits: Object.fromEntries(limited) }),
    ...(kept.length === 0 ? {} : { floors: Object.fromEntries(kept) }),
  };
}

/** Mean of the containers' normalised RPS, each as often as its app counts. */
function weightedMean(
  { counts, apps }: Placement,
  perApp: PlacementValue["perApp"],
  weights: readonly number[],
): number {
  const demand = new Array<number>(apps).fill(0);
  counts.forEach((count, at) => demand[at % apps]! += count);
  const total = demand.reduce(
    (sum, count, app) => sum + count * (weights[app] ?? 1) * (perApp[app] ?? 0),
    0,
  );
  return perContainer({ demand, weights }, total);
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
