import { allowsConfiguration, type Rules } from "../../mod.ts";

/** A container that a person moved, or exchanged for another. */
export interface Move {
  readonly from: number;
  readonly to: number;
  /** App of the container that moves. */
  readonly app: number;
  /** App of the container that comes back for it, where the other node is full. */
  readonly back: number | null;
}

/** How a move changes one app on one node. */
export interface SpeedChange {
  readonly node: number;
  readonly app: number;
  /** Containers after the move. */
  readonly containers: number;
  /** Normalised RPS of each before, null if the node held none. */
  readonly before: number | null;
  /** Normalised RPS of each after, null if the node holds none any more. */
  readonly after: number | null;
}

/** What a move does. */
export interface MoveEffect {
  /** Change of the total throughput. */
  readonly gain: number;
  /** Changes of all apps on both nodes. */
  readonly changes: readonly SpeedChange[];
}

/** What nodes hold, and how fast that runs. */
export interface Held {
  readonly apps: number;
  readonly counts: Uint8Array;
}

/** Counts of the two nodes after a move: first `from`, then `to`; rows of `apps`. */
export function countsAfter({ apps, counts }: Held, { from, to, app, back }: Move): Uint8Array {
  const rows = new Uint8Array(2 * apps);
  rows.set(counts.subarray(from * apps, (from + 1) * apps));
  rows.set(counts.subarray(to * apps, (to + 1) * apps), apps);
  rows[app]!--;
  rows[apps + app]!++;
  if (back !== null) {
    rows[apps + back]!--;
    rows[back]!++;
  }
  return rows;
}

/**
 * Whether a move can be made: the containers are there, and slots and rules allow what both nodes hold then.
 * @param capacities Slots of each node.
 */
export function allowsMove(
  { apps, counts }: Held,
  move: Move,
  capacities: Uint8Array,
  rules: Rules,
): boolean {
  const { from, to, app, back } = move;
  const nodes = capacities.length;
  if (from === to || from >= nodes || to >= nodes || app >= apps) return false;
  if ((counts[from * apps + app] ?? 0) === 0) return false;
  if (back !== null && (back === app || (counts[to * apps + back] ?? 0) === 0)) return false;
  const after = countsAfter({ apps, counts }, move);
  const held = after.subarray(apps).reduce((sum, count) => sum + count, 0);
  return held <= capacities[to]! &&
    [0, apps].every((first) => allowsConfiguration(rules, after, first));
}

/** Who gets faster and who slower by a move. */
export function effectOf(
  held: Held,
  move: Move,
  predict: (counts: Uint8Array, rows: number) => Float64Array,
): MoveEffect {
  const { apps, counts } = held;
  const nodes = [move.from, move.to];
  const before = new Uint8Array(2 * apps);
  nodes.forEach((node, row) =>
    before.set(counts.subarray(node * apps, (node + 1) * apps), row * apps)
  );
  const after = countsAfter(held, move);
  const [slow, fast] = [predict(before, 2), predict(after, 2)];
  const changes: SpeedChange[] = [];
  let gain = 0;
  for (let at = 0; at < 2 * apps; at++) {
    gain += after[at]! * fast[at]! - before[at]! * slow[at]!;
    if (before[at] === 0 && after[at] === 0) continue;
    changes.push({
      node: nodes[Math.floor(at / apps)]!,
      app: at % apps,
      containers: after[at]!,
      before: before[at] === 0 ? null : slow[at]!,
      after: after[at] === 0 ? null : fast[at]!,
    });
  }
  return { gain, changes };
}
