import { configurationKey, type Profile } from "../domain/mod.ts";
import { isLone } from "../models/mod.ts";
import type { HeldConfiguration } from "./interval.ts";

/** How much of a placement was measured. Shares are of its containers, and add up to 1; all of them are 0 without containers. */
export interface Support {
  /** In configurations that were measured, or that are one container alone. */
  readonly measuredShare: number;
  /** In configurations near a measured one: see {@link isNear}. */
  readonly nearShare: number;
  /** In configurations far from everything measured. */
  readonly extrapolatedShare: number;
  /** The configuration that is farthest from everything measured, of those that hold most containers; null if all were measured. */
  readonly weakest: WeakestConfiguration | null;
}

/** The configuration that a placement should rest on least. */
export interface WeakestConfiguration {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** Nodes that hold it. */
  readonly nodes: number;
  /** Containers by which the nearest measured configuration differs; Infinity where nothing was measured. */
  readonly distance: number;
  /** What `metis profile --series` measures it by: the app of each slot, from 1. */
  readonly series: string;
}

/**
 * How much of a placement rests on measurements.
 * @param profile What was measured: of the same apps, in the same order.
 */
export function supportOf(profile: Profile, held: readonly HeldConfiguration[]): Support {
  const width = profile.apps.length;
  const measured = new Set<string>();
  for (let row = 0; row < profile.rows; row++) {
    measured.add(configurationKey(profile.counts, row * width, width));
  }
  let [known, near, far] = [0, 0, 0];
  let weakest: WeakestConfiguration | null = null;
  for (const { counts, nodes } of held) {
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) continue;
    const containers = nodes * total;
    if (isLone(counts, 0, width) || measured.has(configurationKey(counts, 0, width))) {
      known += containers;
      continue;
    }
    const distance = nearest(profile, counts);
    if (isNear(distance, total)) near += containers;
    else far += containers;
    if (
      weakest === null || distance > weakest.distance ||
      (distance === weakest.distance && nodes > weakest.nodes)
    ) weakest = { counts, nodes, distance, series: seriesOf(counts) };
  }
  const all = known + near + far;
  const share = (containers: number) => all === 0 ? 0 : containers / all;
  return {
    measuredShare: share(known),
    nearShare: share(near),
    extrapolatedShare: share(far),
    weakest,
  };
}

/**
 * Whether a configuration is near a measured one: at most one container in four differs, or one where there are fewer
 * than eight.
 * @param distance As {@link nearest} has it. @param total Containers of the configuration.
 */
export function isNear(distance: number, total: number): boolean {
  return distance <= Math.max(1, Math.floor(total / 4));
}

/**
 * Containers by which the nearest measured configuration differs: one that is added, removed or exchanged for one of
 * another app counts once. Infinity where nothing was measured.
 */
export function nearest({ apps, rows, counts: measured }: Profile, counts: Uint8Array): number {
  const width = apps.length;
  let least = Infinity;
  for (let row = 0; row < rows; row++) {
    let [more, fewer] = [0, 0];
    for (let app = 0; app < width; app++) {
      const difference = measured[row * width + app]! - counts[app]!;
      if (difference > 0) more += difference;
      else fewer -= difference;
    }
    least = Math.min(least, Math.max(more, fewer));
  }
  return least;
}

/** A configuration as `metis profile --series` takes it: "1-1-3" is two of the first app and one of the third. */
export function seriesOf(counts: Uint8Array): string {
  return Array.from(counts, (count, app) => new Array<number>(count).fill(app + 1)).flat().join(
    "-",
  );
}
