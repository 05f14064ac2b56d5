/// <reference lib="dom" />
import type { Board } from "../session/puzzle.ts";
import type { ClusterCanvas } from "./cluster_canvas.ts";
import { appAtSlot, moveTo } from "./moving.ts";

/** What the keys do, for the canvas' label. */
const KEYS = "Arrows choose a node, Enter or a digit picks a container up, Enter drops it, " +
  "Escape lets go, Backspace takes a move back";

/** The keyboard's way to look at nodes and to move containers. */
export function followKeys(board: Board, at: number, cluster: ClusterCanvas): void {
  const { canvas } = cluster;
  const panel = board.panels[at]!;
  board.changes.follow(["panels", "problem"], () => {
    canvas.ariaLabel = `${board.nodes} nodes placed by ${panel.title}. ${KEYS}`;
  });

  canvas.addEventListener("focus", () => {
    if (board.focus?.panel !== at) board.look({ panel: at, node: 0, move: null });
  });

  canvas.addEventListener("keydown", (event) => {
    const focus = board.focus?.panel === at ? board.focus : { node: 0, move: null };
    const { columns } = cluster.layout;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (step !== undefined) goTo(focus.node + step, focus.move);
    else if (event.key === "Enter" && focus.move === null) pickUp(focus.node, 0);
    else if (event.key === "Enter") drop(focus.node, focus.move!);
    else if (/^[1-9]$/.test(event.key)) pickUp(focus.node, Number(event.key) - 1);
    else if (event.key === "Escape") board.look({ panel: at, node: focus.node, move: null });
    else if (event.key === "Backspace") board.undo(at);
    else return;
    event.preventDefault();
  });

  type Held = { readonly app: number; readonly from: number } | null;

  const goTo = (wanted: number, held: Held): void => {
    const node = Math.max(0, Math.min(board.nodes - 1, wanted));
    if (held === null) return board.look({ panel: at, node, move: null });
    const { app, from } = held;
    const move = moveTo(board, panel, from, node, app, slotToSwap(node, app));
    const effect = move === null ? null : panel.effect(move);
    board.look({ panel: at, node, move: { app, from, effect } });
  };

  const pickUp = (node: number, slot: number): void => {
    const app = appAtSlot(panel, node, slot);
    if (app !== null) goTo(node, { app, from: node });
  };

  const drop = (node: number, { app, from }: NonNullable<Held>): void => {
    const move = moveTo(board, panel, from, node, app, slotToSwap(node, app));
    if (move !== null) board.move(at, move);
    board.look({ panel: at, node, move: null });
  };

  /** The first container of another app: what a full node gives back. */
  const slotToSwap = (node: number, app: number): number | null => {
    for (let slot = 0; slot < board.capacities[node]!; slot++) {
      if (appAtSlot(panel, node, slot) !== app) return slot;
    }
    return null;
  };
}
