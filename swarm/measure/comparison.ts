import type { DeployedContainer } from "./deployed.ts";
import { meanOf } from "./verdict.ts";

/** What a plan brought on the cluster. Throughputs are normalised RPS. */
export interface Achieved {
  /** Total throughput per container: the mean over all measurements. */
  readonly mean: number;
  /** The same of each measurement. */
  readonly repeats: readonly number[];
  /** Largest less smallest of them. */
  readonly spread: number;
  /** Standard deviation over the containers. */
  readonly containerDeviation: number;
  /** Of the slowest container. */
  readonly worst: number;
  readonly containers: number;
  /** Mean over the containers of each app. */
  readonly perApp: Readonly<Record<string, number>>;
}

/**
 * Sums up the runs of one plan.
 * @param runs Containers of each time that it was deployed. @param solo Requests per second of an app alone on a node.
 */
export function achievedBy(
  runs: readonly (readonly DeployedContainer[])[],
  solo: (node: string, app: string) => number,
): Achieved {
  const repeats = runs.flatMap((containers) =>
    containers[0]!.repeats.map((_, at) =>
      meanOf(containers.map(({ node, app, repeats }) => repeats[at]!.rps / solo(node, app)))
    )
  );
  const each = runs.flatMap((containers) =>
    containers.map(({ node, app, repeats }) => ({
      app,
      value: meanOf(repeats.map(({ rps }) => rps)) / solo(node, app),
    }))
  );
  const values = each.map(({ value }) => value);
  const center = meanOf(values);
  const perApp = [...Map.groupBy(each, ({ app }) => app)].map(([app, all]) =>
    [app, meanOf(all.map(({ value }) => value))] as const
  );
  return {
    mean: meanOf(repeats),
    repeats,
    spread: Math.max(...repeats) - Math.min(...repeats),
    containerDeviation: Math.sqrt(meanOf(values.map((value) => (value - center) ** 2))),
    worst: Math.min(...values),
    containers: runs[0]!.length,
    perApp: Object.fromEntries(perApp.sort(([a], [b]) => a < b ? -1 : 1)),
  };
}

/** Which plan brought most, and whether that is more than chance. */
export interface Winner {
  /** Index of the plan. */
  readonly plan: number;
  /** How much more it brought than the next best, as a share of that. */
  readonly lead: number;
  /** True if its worst measurement is better than the best of every other plan. */
  readonly clear: boolean;
}

/** Compares plans; null for a single one. */
export function winnerOf(plans: readonly Achieved[]): Winner | null {
  if (plans.length < 2) return null;
  const order = plans.map(({ mean }, plan) => ({ plan, mean })).sort((a, b) => b.mean - a.mean);
  const [best, next] = [order[0]!, order[1]!];
  const least = Math.min(...plans[best.plan]!.repeats);
  const others = plans.filter((_, plan) => plan !== best.plan);
  return {
    plan: best.plan,
    lead: best.mean / next.mean - 1,
    clear: others.every(({ repeats }) => Math.max(...repeats) < least),
  };
}
