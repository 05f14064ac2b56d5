/// <reference lib="dom" />
import { byId, setText } from "./dom.ts";

/** What this browser remembers: who went on to the dashboard comes back to it. */
const REMEMBERED = "metis-dashboard";
/** Address of the story. */
export const STORY = "#story";

/** Shows the story or the dashboard: the story on a first visit, and where the address asks for it. */
export function showTurns(
  showStory: () => Promise<void>,
  showDashboard: () => Promise<void>,
): void {
  const begun = { story: false, dashboard: false };
  const turn = byId<HTMLButtonElement>("turn");
  const show = (story: boolean): void => {
    byId("tale").hidden = !story;
    byId("dashboard").hidden = story;
    byId("share").hidden = story;
    turn.hidden = false;
    byId("footer").hidden = false;
    setText(turn, story ? "Dashboard" : "What is this?");
    const which = story ? "story" : "dashboard";
    if (begun[which]) return;
    begun[which] = true;
    (story ? showStory : showDashboard)();
  };
  const follow = (): void => {
    // The way back leads here again.
    if (location.hash === "" && !remembers()) history.replaceState(null, "", STORY);
    show(location.hash === STORY);
  };
  const goOn = (): void => {
    remember();
    history.pushState(null, "", location.pathname + location.search);
    show(false);
    scrollTo({ top: 0 });
  };
  byId("on").addEventListener("click", goOn);
  turn.addEventListener("click", () => {
    if (byId("tale").hidden) location.hash = STORY;
    else goOn();
  });
  addEventListener("hashchange", follow);
  follow();
}

function remembers(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== null;
  } catch {
    // Where a browser keeps nothing, every visit is a first one.
    return false;
  }
}

function remember(): void {
  try {
    localStorage.setItem(REMEMBERED, "1");
  } catch {
    // Then the story comes again.
  }
}
