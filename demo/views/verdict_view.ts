/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { TOLD_FLOOR } from "../session/fairness.ts";
import { verdictOf } from "../session/verdict.ts";
import { changeText, percentText } from "../session/words.ts";
import { byId, find, setText } from "./dom.ts";

/** How the two placements compare. */
export function followVerdict(session: Session): void {
  const place = byId("verdict");
  session.changes.follow(["profile", "problem", "panels", "bound", "notices", "glance"], () => {
    const verdict = verdictOf(session);
    setText(byId("floor-cost"), verdict === null ? "" : costText(session));
    if (verdict === null) {
      if (session.notice?.isError) setText(find(place, ".headline"), "There is no profile to show");
      return;
    }
    setText(find(place, ".headline"), verdict.headline);
    setText(find(place, ".more"), verdict.more);
  });
}

/** What it costs to leave no container behind; empty while that is not known. */
function costText({ fairness: { cost }, floor }: Session): string {
  if (cost === undefined || floor > 0) return "";
  const all = `every container at ${percentText(TOLD_FLOOR)} of its speed alone or more`;
  if (cost === null) return `No placement keeps ${all}.`;
  return cost < 5e-5
    ? `To keep ${all} costs nothing of the highest mean.`
    : `To keep ${all} costs at most ${
      changeText(cost).slice(1)
    } of the highest mean: choose a floor.`;
}
