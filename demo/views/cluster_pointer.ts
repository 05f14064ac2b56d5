/// <reference lib="dom" />
import type { Board } from "../session/puzzle.ts";
import { changeText } from "../session/words.ts";
import type { ClusterCanvas } from "./cluster_canvas.ts";
import { hitTest } from "./cluster_layout.ts";
import { make, setText } from "./dom.ts";
import { appAtSlot, moveTo } from "./moving.ts";
import { swatch } from "./swatch.ts";

/** Pixels that a pointer goes before a press becomes a drag. */
const DRAG_AFTER = 4;

/** A container that was taken from a node. */
interface Taken {
  readonly app: number;
  readonly from: number;
}

interface Press extends Taken {
  readonly x: number;
  readonly y: number;
  /** What goes with the pointer, once it drags. */
  ghost: HTMLElement | null;
}

/**
 * Hovering shows a node, dragging moves a container. A finger that swipes scrolls the page: it taps a container to pick it
 * up, and a node to put it down.
 */
export function followPointer(board: Board, at: number, cluster: ClusterCanvas): void {
  const { canvas } = cluster;
  const panel = board.panels[at]!;
  let press: Press | null = null;

  const hit = (event: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return hitTest(cluster.layout, board.nodes, x, y);
  };

  const carry = (event: PointerEvent, { app, from }: Taken): number | null => {
    const found = hit(event);
    const node = found?.node ?? from;
    const move = moveTo(board, panel, from, node, app, found?.slot ?? null);
    const effect = move === null ? null : panel.effect(move);
    board.look({ panel: at, node, move: { app, from, effect } });
    return effect?.gain ?? null;
  };

  const drop = (event: PointerEvent, { app, from }: Taken): void => {
    const found = hit(event);
    const node = found?.node ?? from;
    const move = moveTo(board, panel, from, node, app, found?.slot ?? null);
    if (move !== null) board.move(at, move);
    else if (node !== from) {
      board.say(`Node ${node} is full: drop the container on another one to swap them`);
    }
    board.look({ panel: at, node: move === null ? from : node, move: null });
  };

  const letGo = (): void => {
    press?.ghost?.remove();
    press = null;
    canvas.style.cursor = "";
  };

  canvas.addEventListener("pointerdown", (event) => {
    const found = hit(event);
    if (found === null || event.button !== 0 || event.pointerType === "touch") return;
    board.look({ panel: at, node: found.node, move: null });
    const app = appAtSlot(panel, found.node, found.slot);
    if (app === null) return;
    press = { app, from: found.node, x: event.clientX, y: event.clientY, ghost: null };
    canvas.setPointerCapture(event.pointerId);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    if (press === null) {
      const found = hit(event);
      if (found === null) return;
      if (board.focus?.panel !== at || board.focus.node !== found.node) {
        board.look({ panel: at, node: found.node, move: null });
      }
      canvas.style.cursor = appAtSlot(panel, found.node, found.slot) === null ? "default" : "grab";
      return;
    }
    const gone = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    if (press.ghost === null && gone < DRAG_AFTER) return;
    press.ghost ??= makeGhost(board, press.app);
    canvas.style.cursor = "grabbing";
    const gain = carry(event, press);
    showGhost(press.ghost, event, gain === null ? null : gain / panel.replay!.total);
  });

  canvas.addEventListener("pointerup", (event) => {
    if (event.pointerType === "touch") return tap(event);
    if (press !== null && press.ghost !== null) drop(event, press);
    letGo();
  });

  const tap = (event: PointerEvent): void => {
    const found = hit(event);
    if (found === null) return;
    const held = board.focus?.panel === at ? board.focus.move : null;
    if (held !== null) return drop(event, held);
    const { node } = found;
    const app = appAtSlot(panel, node, found.slot);
    const move = app === null ? null : { app, from: node, effect: null };
    board.look({ panel: at, node, move });
  };

  canvas.addEventListener("pointercancel", (event) => {
    letGo();
    // A finger that scrolls cancels its tap, and nothing else.
    if (event.pointerType !== "touch") board.look(null);
  });
}

/** The container under the pointer, and what dropping it there would change. */
function makeGhost(board: Board, app: number): HTMLElement {
  const ghost = make(
    "div",
    { className: "ghost", ariaHidden: "true" },
    swatch(board.problem.apps, app),
    make("span", { className: "change number" }),
  );
  document.body.append(ghost);
  return ghost;
}

function showGhost(
  ghost: HTMLElement,
  { clientX, clientY }: PointerEvent,
  gain: number | null,
): void {
  ghost.style.transform = `translate(${clientX - 13}px, ${clientY - 13}px)`;
  const change = ghost.lastElementChild as HTMLElement;
  setText(change, gain === null ? "" : changeText(gain));
  change.classList.toggle("bad", gain !== null && gain < 0);
}
