import {
  demandTotal,
  type InterferenceConstraint,
  type InterferenceModel,
  placedDemand,
  type Placement,
} from "../../domain/mod.ts";

/** How much a placement breaks constraints. */
export interface Violations {
  /** Sum over constraints, nodes and containers of the subject of weight x containers too many or too few. */
  readonly weighted: number;
  /** The same with every weight 1. */
  readonly unweighted: number;
  /** weighted / (sum over constraints of containers of the subject x nodes), the 2020 program's ratio; 0 without any. */
  readonly ratio: number;
}

/** Containers too many or too few beside one container of the subject. */
export function excess(constraint: InterferenceConstraint, others: number): number {
  const over = others - constraint.threshold;
  return Math.max(0, constraint.kind === "at-most" ? over : -over);
}

/** Weighted violations on one node. @param counts Read from `offset`, one count per app. */
export function configurationViolations(
  constraints: readonly InterferenceConstraint[],
  counts: ArrayLike<number>,
  offset: number = 0,
): number {
  let cost = 0;
  for (const constraint of constraints) {
    const subjects = counts[offset + constraint.subject]!;
    if (subjects > 0) {
      cost += constraint.weight * subjects * excess(constraint, counts[offset + constraint.other]!);
    }
  }
  return cost;
}

/** How much a placement breaks constraints, on all its nodes. */
export function placementViolations(
  constraints: readonly InterferenceConstraint[],
  placement: Placement,
): Violations {
  const equal = constraints.map((constraint) => ({ ...constraint, weight: 1 }));
  let weighted = 0;
  let unweighted = 0;
  for (let node = 0; node < placement.nodes; node++) {
    weighted += configurationViolations(constraints, placement.counts, node * placement.apps);
    unweighted += configurationViolations(equal, placement.counts, node * placement.apps);
  }
  const demand = placedDemand(placement);
  const cases = demandTotal(constraints.map(({ subject }) => demand[subject]!)) * placement.nodes;
  return { weighted, unweighted, ratio: cases === 0 ? 0 : weighted / cases };
}

/**
 * The constraints as a surface: each container of an app is worth minus the violations that it suffers, so
 * that the throughput of a configuration is minus its violations, and whatever maximises throughput
 * minimises violations.
 */
export function violationModel(
  apps: readonly string[],
  constraints: readonly InterferenceConstraint[],
): InterferenceModel {
  const bySubject = apps.map((_, app) => constraints.filter(({ subject }) => subject === app));
  return {
    kind: "violations",
    apps,
    predict(counts, rows) {
      const worth = new Float64Array(rows * apps.length);
      for (let first = 0; first < worth.length; first += apps.length) {
        bySubject.forEach((own, subject) => {
          if (counts[first + subject] === 0) return;
          for (const constraint of own) {
            worth[first + subject]! -= constraint.weight *
              excess(constraint, counts[first + constraint.other]!);
          }
        });
      }
      return worth;
    },
  };
}
