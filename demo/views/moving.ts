import { allowsMove, type Move } from "../session/moves.ts";
import type { Panel } from "../session/panel.ts";
import type { Board } from "../session/puzzle.ts";

/** The app of the container in a slot, as the canvas draws them: app after app. Null if the slot is empty. */
export function appAtSlot(panel: Panel, node: number, slot: number | null): number | null {
  if (panel.replay === null || !panel.complete || slot === null) return null;
  const { apps, counts } = panel.replay;
  let left = slot;
  for (let app = 0; app < apps; app++) {
    left -= counts[node * apps + app]!;
    if (left < 0) return app;
  }
  return null;
}

/**
 * The move of a container to a node; onto a container of a full node, the two change places.
 * @returns Null if slots or rules forbid it, or nothing would change.
 */
export function moveTo(
  board: Board,
  panel: Panel,
  from: number,
  to: number,
  app: number,
  slot: number | null,
): Move | null {
  if (panel.replay === null) return null;
  const { apps, counts } = panel.replay;
  const held = counts.subarray(to * apps, (to + 1) * apps).reduce((sum, count) => sum + count, 0);
  const back = held < board.capacities[to]! ? null : appAtSlot(panel, to, slot);
  const move = { from, to, app, back };
  return allowsMove(panel.replay, move, board.capacities, board.problem.rules) ? move : null;
}
