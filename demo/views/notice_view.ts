/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { byId, find, setText } from "./dom.ts";

/** Pixels between a message and what it is about, and the edges of the window. */
const APART = 12;

/**
 * Shows the newest message beside what a person did last. What went wrong stays until it is dismissed, all else until they go
 * on.
 */
export function followNotices(session: Session): void {
  const place = byId("notice");
  const dismiss = (): void => {
    session.notice = null;
    session.changes.tell("notices");
  };
  let acted = { x: innerWidth / 2, y: 0 };
  document.addEventListener("pointerdown", (event) => {
    if (place.contains(event.target as Node)) return;
    acted = { x: event.clientX, y: event.clientY };
    if (session.notice?.isError === false) dismiss();
  }, true);
  document.addEventListener("pointerup", ({ clientX: x, clientY: y }) => acted = { x, y }, true);
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape" && session.notice !== null) dismiss();
    if (!(target instanceof Element) || place.contains(target)) return;
    const { left, bottom } = target.getBoundingClientRect();
    acted = { x: left, y: bottom };
  }, true);
  find(place, "button").addEventListener("click", dismiss);

  let shown: Session["notice"] = null;
  session.changes.follow(["notices"], () => {
    const { notice } = session;
    place.hidden = notice === null;
    place.classList.toggle("error", notice?.isError === true);
    setText(find(place, "span"), notice?.text ?? "");
    if (notice === null || notice === shown) return;
    shown = notice;
    // Measured once it has its text: it stays inside the window.
    const { width, height } = place.getBoundingClientRect();
    const within = (wanted: number, most: number): string =>
      `${Math.max(APART, Math.min(most - APART, wanted))}px`;
    place.style.left = within(acted.x - width / 2, innerWidth - width);
    place.style.top = within(acted.y + APART, innerHeight - height);
  });
}
