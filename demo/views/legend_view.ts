/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { percentText } from "../session/words.ts";
import { onThemeChange, speedColor } from "./colors.ts";
import { ofApp } from "./app_links.ts";
import { byId, make } from "./dom.ts";
import { swatch } from "./swatch.ts";

/** Speeds that the legend names. */
const TICKS = [0.5, 1, 2];
const STEPS = 33;

/** What letters and colours stand for. */
export function legendItems(apps: readonly string[]): HTMLElement[] {
  return apps.map((name, app) => ofApp(make("li", {}, swatch(apps, app), name), app));
}

/** Shows what the colours mean. */
export function followLegends(session: Session): void {
  session.changes.follow(["profile"], () => {
    byId("app-legend").replaceChildren(...legendItems(session.profile?.surface.apps ?? []));
  });
  const draw = (): void => {
    const ramp = make("div", { className: "ramp" });
    for (let at = 0; at < STEPS; at++) {
      const cell = make("span");
      cell.style.background = speedColor(2 ** (2 * at / (STEPS - 1) - 1));
      ramp.append(cell);
    }
    const ticks = make(
      "div",
      { className: "ticks" },
      ...TICKS.map((tick) => make("span", {}, percentText(tick))),
    );
    const title = make("span", { className: "title" }, "Speed of a node's containers");
    byId("speed-legend").replaceChildren(title, ramp, ticks);
  };
  draw();
  onThemeChange(draw);
}
