import type { Placement } from "../../domain/mod.ts";
import type { Usage } from "../../baselines/optimal/mod.ts";
import { startsOn } from "../problem.ts";
import type { MoveProgram } from "./relaxation.ts";
import type { Known } from "./search.ts";

/**
 * A placement with its configurations on other nodes of the same kind and failure domain, so that few containers start:
 * those that start fewest first.
 */
export function assignNear(program: MoveProgram, placement: Placement): Known {
  const { groups, current, apps } = program.formulation;
  const usage: Usage[] = [];
  /** What the nodes of a kind should hold, by its counts, and on how many nodes. */
  const wanted = new Map<string, Map<string, { counts: Uint8Array; nodes: number }>>();
  const kindOf = (group: number): string => `${groups[group]!.family} ${groups[group]!.capacity}`;
  groups.forEach(({ nodes }, group) => {
    const kind = wanted.get(kindOf(group)) ?? new Map();
    wanted.set(kindOf(group), kind);
    for (const node of nodes) {
      const counts = placement.counts.slice(node * apps.length, (node + 1) * apps.length);
      const key = counts.join(" ");
      const one = kind.get(key) ?? { counts, nodes: 0 };
      one.nodes++;
      kind.set(key, one);
    }
  });
  const left = groups.map(({ nodes }) => nodes.length);
  const pairs = groups.flatMap((_, group) =>
    [...wanted.get(kindOf(group))!.values()].map((one) => ({
      group,
      one,
      starts: startsOn(one.counts, current[group]!),
    }))
  );
  // Of pairs that start equally many, the one that keeps most: an empty node is kept for what must start anyhow.
  pairs.sort((a, b) => a.starts - b.starts || total(b.one.counts) - total(a.one.counts));
  let starts = 0;
  let worth = 0;
  for (const { group, one, starts: each } of pairs) {
    const nodes = Math.min(left[group]!, one.nodes);
    if (nodes === 0) continue;
    left[group]! -= nodes;
    one.nodes -= nodes;
    starts += nodes * each;
    if (total(one.counts) === 0) continue;
    const rank = program.rank(one.counts);
    worth += nodes * program.pricing(group).value(rank);
    usage.push({ column: { group, rank, loss: 0, counts: one.counts }, nodes });
  }
  return { usage, total: worth, starts, worth: worth - program.startCost * starts };
}

/** A placement as an answer of the program. */
export function knownPlacement(program: MoveProgram, { counts }: Placement): Known {
  const { groups, apps } = program.formulation;
  const usage: Usage[] = [];
  let starts = 0;
  let worth = 0;
  groups.forEach(({ nodes }, group) => {
    const held = new Map<number, { counts: Uint8Array; nodes: number }>();
    for (const node of nodes) {
      const own = counts.slice(node * apps.length, (node + 1) * apps.length);
      starts += program.starts(group, own);
      const rank = program.rank(own);
      if (rank === 0) continue;
      const one = held.get(rank) ?? { counts: own, nodes: 0 };
      one.nodes++;
      held.set(rank, one);
    }
    for (const [rank, one] of held) {
      worth += one.nodes * program.pricing(group).value(rank);
      usage.push({ column: { group, rank, loss: 0, counts: one.counts }, nodes: one.nodes });
    }
  });
  return { usage, total: worth, starts, worth: worth - program.startCost * starts };
}

function total(counts: Uint8Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
