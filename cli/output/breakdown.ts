import type { Placement } from "../../domain/mod.ts";
import type { NodeGroup } from "../../scheduling/plans/mod.ts";
import { groupConfigurations, predictGroups, type Valued } from "../../scheduling/value.ts";
import { renderTable, type TableLayout } from "./table.ts";

/**
 * What nodes hold and how fast that runs: equal nodes together, those of most nodes first.
 * @param surfaces Index of the surface that values each node; the first for all if it is not given.
 */
export function breakdownOf(
  valued: Valued,
  placement: Placement,
  surfaces?: ArrayLike<number>,
): NodeGroup[] {
  const groups = groupConfigurations(placement, surfaces);
  const apps = placement.apps;
  const rps = predictGroups(valued, groups, apps);
  return groups.map(({ nodes, counts: held }, row): NodeGroup => {
    const speeds = [...held].map((count, app) => count === 0 ? null : rps[row * apps + app]!);
    return {
      nodes,
      counts: [...held],
      throughput: speeds.reduce<number>((sum, speed, app) => sum + held[app]! * (speed ?? 0), 0),
      rps: speeds,
    };
  }).sort((a, b) => b.nodes.length - a.nodes.length || a.nodes[0]! - b.nodes[0]!);
}

/** A breakdown for people: one line for all nodes that hold the same. */
export function renderBreakdown(
  apps: readonly string[],
  groups: readonly NodeGroup[],
  layout: TableLayout,
): string {
  return renderTable<NodeGroup>(
    [
      {
        title: "Nodes",
        align: "right",
        cell: ({ nodes }) => nodes.length === 1 ? "" : `x ${nodes.length}`,
      },
      { title: "First", align: "right", cell: ({ nodes }) => `${nodes[0]}` },
      {
        title: "Throughput",
        align: "right",
        cell: ({ throughput }) => throughput.toFixed(4),
      },
      {
        title: "Containers on each (normalised RPS)",
        align: "left",
        wraps: true,
        cell: ({ counts, rps }) =>
          counts.flatMap((count, app) =>
            count === 0 ? [] : [`${count} ${apps[app]} (${rps[app]!.toFixed(4)})`]
          ).join(", ") || "(empty)",
      },
    ],
    groups,
    layout,
  );
}
