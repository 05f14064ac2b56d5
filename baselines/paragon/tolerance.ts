import type { InterferenceConstraint } from "../../domain/mod.ts";

/** How much interference the containers of each app take and cause, per source of interference (SoI: an app). */
export interface Interference {
  readonly apps: number;
  /** Row-major, apps x SoIs: how much of the source the app tolerates, 0 to 1; 1 = any amount. */
  readonly tolerates: Float64Array;
  /** Row-major, apps x SoIs: how much a container of the app disturbs that app, 0 to 1. */
  readonly causes: Float64Array;
}

/**
 * Tolerance from anti-affinity (design section 6): an app that stands at most t containers of another tolerates
 * t / capacity of it, and what it does not tolerate the other causes; if there is no constraint it tolerates
 * all. The sensitivity k softens both: (tolerance + k - 1) / k, cause / k.
 */
export function interferenceOf(
  constraints: readonly InterferenceConstraint[],
  apps: number,
  capacity: number,
  sensitivity: number,
): Interference {
  const tolerates = new Float64Array(apps * apps).fill(1);
  for (const { kind, subject, other, threshold } of constraints) {
    if (kind === "at-most") tolerates[subject * apps + other] = Math.min(1, threshold / capacity);
  }
  const causes = new Float64Array(apps * apps);
  for (let app = 0; app < apps; app++) {
    for (let source = 0; source < apps; source++) {
      causes[source * apps + app] = (1 - tolerates[app * apps + source]!) / sensitivity;
    }
  }
  return {
    apps,
    tolerates: tolerates.map((tolerance) => (tolerance + sensitivity - 1) / sensitivity),
    causes,
  };
}
