/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import type { ClusterCanvas } from "./cluster_canvas.ts";
import { hitTest } from "./cluster_layout.ts";
import { appAtSlot, moveTo } from "./moving.ts";

/** Pixels that a pointer goes before a press becomes a drag. */
const DRAG_AFTER = 4;

interface Press {
  readonly node: number;
  readonly app: number;
  readonly x: number;
  readonly y: number;
  dragging: boolean;
}

/** Hovering shows a node, dragging moves a container. */
export function followPointer(session: Session, at: number, cluster: ClusterCanvas): void {
  const { canvas } = cluster;
  const panel = session.panels[at]!;
  let press: Press | null = null;

  const hit = (event: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return hitTest(cluster.layout, session.nodes, x, y);
  };

  canvas.addEventListener("pointerdown", (event) => {
    const found = hit(event);
    if (found === null || event.button !== 0) return;
    session.look({ panel: at, node: found.node, move: null });
    const app = appAtSlot(panel, found.node, found.slot);
    if (app === null) return;
    press = { node: found.node, app, x: event.clientX, y: event.clientY, dragging: false };
    canvas.setPointerCapture(event.pointerId);
  });

  canvas.addEventListener("pointermove", (event) => {
    const found = hit(event);
    if (press === null) {
      if (found === null) return;
      if (session.focus?.panel !== at || session.focus.node !== found.node) {
        session.look({ panel: at, node: found.node, move: null });
      }
      canvas.style.cursor = appAtSlot(panel, found.node, found.slot) === null ? "default" : "grab";
      return;
    }
    const gone = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    if (!press.dragging && gone < DRAG_AFTER) return;
    press.dragging = true;
    canvas.style.cursor = "grabbing";
    const { node: from, app } = press;
    const node = found?.node ?? from;
    const move = moveTo(session, panel, from, node, app, found?.slot ?? null);
    const effect = move === null ? null : panel.effect(move);
    session.look({ panel: at, node, move: { app, from, effect } });
  });

  canvas.addEventListener("pointerup", (event) => {
    const found = hit(event);
    if (press?.dragging) {
      const { node: from, app } = press;
      const node = found?.node ?? from;
      const move = moveTo(session, panel, from, node, app, found?.slot ?? null);
      if (move !== null) session.move(at, move);
      else if (node !== from) {
        session.say(`Node ${node} is full: drop the container on another one to swap them`);
      }
      session.look({ panel: at, node: move === null ? from : node, move: null });
    }
    press = null;
    canvas.style.cursor = "";
  });

  canvas.addEventListener("pointercancel", () => {
    press = null;
    session.look(null);
  });
  // Where the page would scroll, a finger on a container moves it instead.
  canvas.addEventListener("touchstart", (event) => {
    const touch = event.touches[0]!;
    const box = canvas.getBoundingClientRect();
    const found = hitTest(
      cluster.layout,
      session.nodes,
      touch.clientX - box.left,
      touch.clientY - box.top,
    );
    const held = found !== null && appAtSlot(panel, found.node, found.slot) !== null;
    if (held && session.focus?.panel === at && session.focus.node === found.node) {
      event.preventDefault();
    }
  }, { passive: false });
}
