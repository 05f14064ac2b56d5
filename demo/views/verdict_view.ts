/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { verdictOf } from "../session/verdict.ts";
import { byId, find, setText } from "./dom.ts";

/** How the two placements compare. */
export function followVerdict(session: Session): void {
  const place = byId("verdict");
  session.changes.follow(["profile", "problem", "panels", "bound", "notices"], () => {
    const verdict = verdictOf(session);
    if (verdict === null) {
      if (session.notice?.isError) setText(find(place, ".headline"), "There is no profile to show");
      return;
    }
    setText(find(place, ".headline"), verdict.headline);
    setText(find(place, ".more"), verdict.more);
  });
}
