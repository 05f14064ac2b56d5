import type { ContainerRun, Run } from "./records.ts";

/** When a run is good enough. */
export interface Tolerance {
  /** Most failed requests of a container, as a share. */
  readonly errors: number;
  /** Most difference between repeats: (most - least) / mean of the throughput of the node. */
  readonly spread: number;
  /** Most difference of a container from the median of its app, as a share. */
  readonly outlier: number;
}

/** Usual tolerance. */
export const TOLERANCE: Tolerance = { errors: 0.01, spread: 0.2, outlier: 0.3 };

/** What is thought of a run. */
export type Judgement = Pick<Run, "verdict" | "reason" | "outliers">;

/**
 * Judges the containers of a run: one that failed makes all of it void, since the others had its share.
 * @param nameOf What a container is called in reasons.
 */
export function judge(
  containers: readonly ContainerRun[],
  tolerance: Tolerance,
  nameOf: (container: ContainerRun) => string = ({ app, slot }) => `${app} in slot ${slot}`,
): Judgement {
  const outliers = outliersOf(containers, tolerance.outlier, nameOf);
  for (const container of containers) {
    for (const { requests, errors, p50 } of container.repeats) {
      const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
      const name = nameOf(container);
      const kinds = Object.entries(errors).map(([kind, count]) => `${count} x ${kind}`).join(", ");
      if (p50 === null) {
        return {
          verdict: "void",
          reason: `${name} answered nothing: ${
            kinds || "too slow for --duration, which may be longer"
          }`,
          outliers,
        };
      }
      if (failed > tolerance.errors * requests) {
        return { verdict: "void", reason: `${name} failed: ${kinds} of ${requests}`, outliers };
      }
    }
  }
  const spread = spreadOf(containers);
  if (spread > tolerance.spread) {
    const reason = `repeats differ by ${
      (100 * spread).toFixed(0)
    } %: a longer --duration steadies them`;
    return { verdict: "unsteady", reason, outliers };
  }
  return { verdict: "good", reason: null, outliers };
}

/** (Most - least) / mean over the repeats; each app weighs as much as any, whatever its requests per second. */
export function spreadOf(containers: readonly ContainerRun[]): number {
  const repeats = containers[0]?.repeats.length ?? 0;
  const sums = Array.from({ length: repeats }, (_, at) =>
    containers.reduce((sum, container) => {
      const mean = meanOf(container.repeats.map(({ rps }) => rps));
      return sum + (mean === 0 ? 0 : container.repeats[at]!.rps / mean);
    }, 0));
  return sums.length < 2 ? 0 : (Math.max(...sums) - Math.min(...sums)) / meanOf(sums);
}

function outliersOf(
  containers: readonly ContainerRun[],
  most: number,
  nameOf: (container: ContainerRun) => string,
): string[] {
  const found: string[] = [];
  for (const alike of Map.groupBy(containers, ({ app }) => app).values()) {
    const rates = alike.map(({ repeats }) => meanOf(repeats.map(({ rps }) => rps)));
    const usual = medianOf(rates);
    alike.forEach((container, at) => {
      if (Math.abs(rates[at]! - usual) > most * usual) {
        found.push(
          `${nameOf(container)}: ${(rates[at]! / usual).toFixed(2)} of the median of its app`,
        );
      }
    });
  }
  return found;
}

/** The mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The median; of an even number the mean of the two in the middle; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
