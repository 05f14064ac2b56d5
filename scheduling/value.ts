import { configurationKey, type InterferenceModel, type Placement } from "../domain/mod.ts";
import { fairWorth, perContainer } from "./objective.ts";

/** What a placement is worth on a surface. */
export interface PlacementValue {
  /** Sum of the throughputs of all nodes, in normalised RPS. */
  readonly total: number;
  /** total / containers; 0 if there are none. */
  readonly mean: number;
  /** Per app: mean normalised RPS of its containers; null if there are none. */
  readonly perApp: readonly (number | null)[];
  /** Normalised RPS of the slowest container; null if there are none. */
  readonly worst: number | null;
  /** Geometric mean of the normalised RPS of the containers, by weight; null if there are none. */
  readonly fairness: number | null;
}

/** A configuration that some nodes of a placement hold. */
export interface ConfigurationGroup {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** The nodes that hold it, ascending. */
  readonly nodes: readonly number[];
  /** Index of the surface that values them. */
  readonly surface: number;
}

/**
 * The different configurations of a placement, in order of their first node.
 * @param surfaces Index of the surface that values each node; the first for all if it is not given.
 */
export function groupConfigurations(
  placement: Placement,
  surfaces?: ArrayLike<number>,
): ConfigurationGroup[] {
  const { nodes, apps, counts } = placement;
  const groups = new Map<string, { counts: Uint8Array; nodes: number[]; surface: number }>();
  for (let node = 0; node < nodes; node++) {
    const surface = surfaces?.[node] ?? 0;
    const key = `${surface} ${configurationKey(counts, node * apps, apps)}`;
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else {
      const own = counts.slice(node * apps, (node + 1) * apps);
      groups.set(key, { counts: own, nodes: [node], surface });
    }
  }
  return [...groups.values()];
}

/** Models by surface: a simulator, or a surface alone. */
export interface Valued {
  /** Of the first surface. */
  readonly model: InterferenceModel;
  /** Of all surfaces. @default `model` alone */
  readonly models?: readonly InterferenceModel[];
}

/** Normalised RPS of each app in each group, by its surface; row-major, groups x apps. */
export function predictGroups(
  { model, models = [model] }: Valued,
  groups: readonly ConfigurationGroup[],
  apps: number,
): Float64Array {
  const rps = new Float64Array(groups.length * apps);
  models.forEach((one, surface) => {
    const rows = groups.flatMap((group, row) => group.surface === surface ? [row] : []);
    const counts = new Uint8Array(rows.length * apps);
    rows.forEach((row, at) => counts.set(groups[row]!.counts, at * apps));
    const predicted = one.predict(counts, rows.length);
    rows.forEach((row, at) => rps.set(predicted.subarray(at * apps, (at + 1) * apps), row * apps));
  });
  return rps;
}

/**
 * Values a placement: each surface is asked once for all its different configurations.
 * @param surfaces Index of the surface that values each node; the first for all if it is not given.
 * @param weights By app: how often one of its containers counts for fairness. Default: 1 each.
 */
export function valuePlacement(
  valued: Valued,
  placement: Placement,
  surfaces?: ArrayLike<number>,
  weights: readonly number[] = [],
): PlacementValue {
  const groups = groupConfigurations(placement, surfaces);
  const apps = placement.apps;
  const rps = predictGroups(valued, groups, apps);
  const sums = new Array<number>(apps).fill(0);
  const containers = new Array<number>(apps).fill(0);
  let worst = Infinity;
  let fair = 0;
  groups.forEach((group, row) => {
    group.counts.forEach((count, app) => {
      if (count === 0) return;
      const speed = rps[row * apps + app]!;
      sums[app]! += group.nodes.length * count * speed;
      containers[app]! += group.nodes.length * count;
      worst = Math.min(worst, speed);
      fair += group.nodes.length * count * (weights[app] ?? 1) * fairWorth(speed);
    });
  });
  const total = sums.reduce((a, b) => a + b, 0);
  const all = containers.reduce((a, b) => a + b, 0);
  return {
    total,
    mean: all === 0 ? 0 : total / all,
    perApp: sums.map((sum, app) => containers[app] === 0 ? null : sum / containers[app]!),
    worst: all === 0 ? null : worst,
    fairness: all === 0
      ? null
      : perContainer({ demand: containers, objective: "fair", weights }, fair),
  };
}
