/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { byId, find, setText } from "./dom.ts";

/** Shows the newest message until it is dismissed. */
export function followNotices(session: Session): void {
  const place = byId("notice");
  find(place, "button").addEventListener("click", () => {
    session.notice = null;
    session.changes.tell("notices");
  });
  session.changes.follow(["notices"], () => {
    const { notice } = session;
    place.hidden = notice === null;
    place.classList.toggle("error", notice?.isError === true);
    setText(find(place, "span"), notice?.text ?? "");
  });
}
