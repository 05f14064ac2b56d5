/// <reference lib="dom" />
import type { SpeedChange } from "../session/moves.ts";
import type { Focus, Session } from "../session/session.ts";
import { onThemeChange, speedColor } from "./colors.ts";
import { byId, make } from "./dom.ts";
import { swatch } from "./swatch.ts";
import { changeText, percentText } from "../session/words.ts";

/** Shows what the node under the pointer holds, and what a move would change. */
export function followFocus(session: Session): void {
  const place = byId("inspector");
  const show = (): void => {
    const { focus } = session;
    const replay = focus === null ? null : session.panels[focus.panel]!.replay;
    if (focus === null || replay === null || focus.node >= replay.nodes) {
      place.replaceChildren(hint());
    } else if (focus.move !== null && focus.move.from !== focus.node) {
      place.replaceChildren(...showMove(session, focus));
    } else place.replaceChildren(...showNode(session, focus));
  };
  session.changes.follow(["focus", "panels", "playback"], show);
  onThemeChange(show);
}

function hint(): HTMLElement {
  const how = matchMedia("(pointer: coarse)").matches
    ? "Tap a node to see how fast its containers run. A tap on a container picks it up, a tap on another node puts it down."
    : "Point at a node to see how fast its containers run. Drag a container to another node, or onto a container of a full node, to see which containers get faster and which slower.";
  const what =
    "A box is a node, a square in it a container, the colour below them how fast they run; where squares would be too small to see, the whole box has that colour.";
  return make("p", { className: "note" }, `${what} ${how}`);
}

function showNode(session: Session, focus: Focus): HTMLElement[] {
  const panel = session.panels[focus.panel]!;
  const { apps, counts, speeds, throughputs } = panel.replay!;
  const { node } = focus;
  const names = session.profile!.surface.apps;
  const held = names.map((_, app) => counts[node * apps + app]!);
  const total = held.reduce((sum, count) => sum + count, 0);
  const carried = focus.move === null ? "" : `, ${names[focus.move.app]} picked up`;
  const title = heading(
    session,
    focus.panel,
    `Node ${node}`,
    `${total} of ${session.capacities[node]} slots${
      total === 0 ? "" : `, mean speed ${percentText(throughputs[node]! / total)}`
    }${carried}`,
  );
  if (total === 0) return [title, make("p", { className: "note" }, "Empty")];
  const items = held.flatMap((count, app) =>
    count === 0 ? [] : [speedItem(names, app, count, speeds[node * apps + app]!)]
  );
  return [title, make("ul", { className: "speeds" }, ...items)];
}

/** How fast containers of an app run on a node, as a bar. */
export function speedItem(
  apps: readonly string[],
  app: number,
  count: number,
  speed: number,
): HTMLElement {
  const name = apps[app]!;
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--share", String(Math.min(1, speed / 2)));
  bar.style.setProperty("--color", speedColor(speed));
  return make(
    "li",
    {},
    swatch(apps, app),
    make("span", { className: "name" }, count === 1 ? name : `${count} × ${name}`),
    bar,
    make("span", { className: "number", title: speed.toFixed(4) }, percentText(speed)),
  );
}

function showMove(session: Session, focus: Focus): HTMLElement[] {
  const { app, from, effect } = focus.move!;
  const names = session.profile!.surface.apps;
  if (effect === null) {
    const title = heading(session, focus.panel, `${names[app]} to node ${focus.node}`, "");
    const text = "Full, or against a rule: choose a free slot, or a container to swap with";
    return [title, make("p", { className: "note bad" }, text)];
  }
  const gain = `throughput ${effect.gain < 0 ? "−" : "+"}${Math.abs(effect.gain).toFixed(3)}`;
  const title = heading(session, focus.panel, `${names[app]}, node ${from} to ${focus.node}`, gain);
  title.dataset["gain"] = String(effect.gain);
  const items = effect.changes.map((change) => changeItem(names, change));
  return [title, make("ul", { className: "speeds changes" }, ...items)];
}

function changeItem(names: readonly string[], change: SpeedChange): HTMLElement {
  const { node, app, before, after } = change;
  const name = `${names[app]} on node ${node}`;
  const share = before === null || after === null || before === 0 ? null : after / before - 1;
  const kind = share === null || Math.abs(share) < 5e-4 ? "same" : share > 0 ? "faster" : "slower";
  const text = before === null
    ? `runs at ${percentText(after!)}`
    : after === null
    ? `ran at ${percentText(before)}`
    : `${percentText(before)} → ${percentText(after)}`;
  const exact = [before, after].flatMap((speed) => speed === null ? [] : [speed.toFixed(4)]);
  const word = { same: "same", faster: "▲", slower: "▼" }[kind];
  const verdict = share === null
    ? before === null ? "arrives" : "leaves"
    : kind === "same"
    ? word
    : `${word} ${changeText(share)}`;
  return make(
    "li",
    { className: share === null ? "" : kind },
    swatch(names, app),
    make("span", { className: "name" }, name),
    make("span", { className: "number", title: exact.join(" → ") }, text),
    make("span", { className: "change number" }, verdict),
  );
}

function heading(session: Session, at: number, title: string, text: string): HTMLElement {
  const panel = session.panels[at]!;
  return make(
    "h2",
    {},
    title,
    make("span", { className: "note" }, ` ${panel.title}`),
    make("span", { className: "detail" }, text),
  );
}
