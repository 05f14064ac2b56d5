import { configurationKey, type InterferenceModel, type Placement } from "../domain/mod.ts";

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
}

/** A configuration that some nodes of a placement hold. */
export interface ConfigurationGroup {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** The nodes that hold it, ascending. */
  readonly nodes: readonly number[];
}

/** The different configurations of a placement, in order of their first node. */
export function groupConfigurations(placement: Placement): ConfigurationGroup[] {
  const { nodes, apps, counts } = placement;
  const groups = new Map<string, { counts: Uint8Array; nodes: number[] }>();
  for (let node = 0; node < nodes; node++) {
    const key = configurationKey(counts, node * apps, apps);
    const group = groups.get(key);
    if (group) group.nodes.push(node);
    else groups.set(key, { counts: counts.slice(node * apps, (node + 1) * apps), nodes: [node] });
  }
  return [...groups.values()];
}

/** Values a placement: the surface is asked once per different configuration. */
export function valuePlacement(
  surface: { readonly model: InterferenceModel },
  placement: Placement,
): PlacementValue {
  const groups = groupConfigurations(placement);
  const apps = placement.apps;
  const counts = new Uint8Array(groups.length * apps);
  groups.forEach((group, row) => counts.set(group.counts, row * apps));
  const rps = surface.model.predict(counts, groups.length);
  const sums = new Array<number>(apps).fill(0);
  const containers = new Array<number>(apps).fill(0);
  let worst = Infinity;
  groups.forEach((group, row) => {
    group.counts.forEach((count, app) => {
      if (count === 0) return;
      const speed = rps[row * apps + app]!;
      sums[app]! += group.nodes.length * count * speed;
      containers[app]! += group.nodes.length * count;
      worst = Math.min(worst, speed);
    });
  });
  const total = sums.reduce((a, b) => a + b, 0);
  const all = containers.reduce((a, b) => a + b, 0);
  return {
    total,
    mean: all === 0 ? 0 : total / all,
    perApp: sums.map((sum, app) => containers[app] === 0 ? null : sum / containers[app]!),
    worst: all === 0 ? null : worst,
  };
}
