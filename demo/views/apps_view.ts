/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { changeText, percentText } from "../session/words.ts";
import { ofApp } from "./app_links.ts";
import { byId, make } from "./dom.ts";
import { swatch } from "./swatch.ts";

/** Relative change of speed that is worth a colour. */
const SEEN = 0.005;

/** How fast each app runs on average, on either side. */
export function followApps(session: Session): void {
  const [title, list] = [byId("apps-title"), byId("app-speeds")];
  session.changes.follow(["profile", "panels"], () => {
    const { panels, profile } = session;
    const sides = panels.map((panel) => ({
      title: panel.title,
      perApp: panel.status === "placed" ? panel.value(null).perApp : {},
    }));
    title.replaceChildren(
      "Mean speed of each app:",
      ...sides.map(({ title }, side) =>
        make("span", {}, make("span", { className: `mark side-${"ab"[side]}` }), title)
      ),
    );
    const apps = profile?.surface.apps ?? [];
    const speeds = apps.map((app) => sides.map(({ perApp }) => perApp[app] ?? null));
    const most = Math.max(1, ...speeds.flat().map((speed) => speed ?? 0));
    list.replaceChildren(...speeds.map((both, app) => appItem(apps, app, both, most)));
  });
}

function appItem(
  apps: readonly string[],
  app: number,
  speeds: readonly (number | null)[],
  most: number,
): HTMLElement {
  const bars = speeds.map((speed, side) => {
    const bar = make("span", { className: `side-${"ab"[side]}` });
    bar.style.width = `${100 * (speed ?? 0) / most}%`;
    return bar;
  });
  const [before = null, after = null] = speeds;
  const share = before === null || after === null || before === 0 ? 0 : after / before - 1;
  const kind = Math.abs(share) < SEEN ? "" : share > 0 ? "faster" : "slower";
  const mark = { "": "", faster: "▲", slower: "▼" }[kind];
  const item = make(
    "li",
    { className: kind },
    swatch(apps, app),
    make("span", { className: "name" }, apps[app]!),
    make("span", { className: "bars", ariaHidden: "true" }, ...bars),
    make("span", { className: "number" }, `${textOf(before)} → ${textOf(after)}`),
    make("span", { className: "change number" }, kind === "" ? "" : `${mark} ${changeText(share)}`),
  );
  item.title = speeds.map((speed) => speed?.toFixed(4) ?? "–").join(" → ");
  return ofApp(item, app);
}

function textOf(speed: number | null): string {
  return speed === null ? "–" : percentText(speed);
}
