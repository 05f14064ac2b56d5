/// <reference lib="dom" />
import { interferenceMatrix } from "../../mod.ts";
import type { Session } from "../session/session.ts";
import { onThemeChange, speedColor, textColor } from "./colors.ts";
import { ofApp } from "./app_links.ts";
import { byId, make } from "./dom.ts";
import { swatch } from "./swatch.ts";

/** The interference matrix: a table whose cells are coloured, so that everybody can read it. */
export function followMatrix(session: Session): void {
  const others = byId<HTMLSelectElement>("matrix-others");
  const draw = (): void => {
    if (session.surface === null) return;
    byId("matrix").replaceChildren(matrixTable(session, Number(others.value)));
  };
  session.changes.follow(["profile"], () => {
    const { capacity } = session.profile?.surface ?? { capacity: 2 };
    const most = Math.max(1, capacity - 1);
    const choices = [1, Math.round(most / 2), most].filter((each, at, all) =>
      each > 0 && all.indexOf(each) === at
    );
    others.replaceChildren(
      ...choices.map((count) =>
        make(
          "option",
          { value: String(count) },
          count === 1 ? "one container" : `${count} containers`,
        )
      ),
    );
    draw();
  });
  others.addEventListener("change", draw);
  session.changes.follow(["focus", "playback"], () => markHeld(session));
  onThemeChange(draw);
}

/** Marks the pairs of apps that share the node under the pointer. */
function markHeld({ focus, panels }: Session): void {
  const replay = focus === null ? null : panels[focus.panel]!.replay;
  const first = replay === null || focus === null ? 0 : focus.node * replay.apps;
  byId("matrix").querySelectorAll("tbody tr").forEach((row, app, rows) => {
    row.querySelectorAll("td").forEach((cell, other) => {
      const least = app === other ? 2 : 1;
      const shared = replay !== null && replay.apps === rows.length &&
        replay.counts[first + app]! >= least && replay.counts[first + other]! >= least;
      cell.classList.toggle("shared", shared);
    });
  });
}

function matrixTable(session: Session, others: number): HTMLElement {
  const { apps } = session.profile!.surface;
  const matrix = interferenceMatrix(session.surface!, others);
  const label = (app: number): Node[] => [swatch(apps, app), make("span", {}, apps[app]!)];
  const heads = apps.map((_, app) => make("th", { scope: "col" }, make("div", {}, ...label(app))));
  const rows = matrix.map((row, app) => {
    const cells = make(
      "tr",
      {},
      make("th", { scope: "row" }, ...label(app)),
      ...row.map((speed, other) => {
        const cell = make(
          "td",
          { title: `${apps[app]} beside ${others} ${apps[other]}: ${speed.toFixed(4)}` },
          String(Math.round(100 * speed)),
        );
        const color = speedColor(speed);
        cell.style.background = color;
        cell.style.color = textColor(color);
        return cell;
      }),
    );
    return ofApp(cells, app);
  });
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, make("td"), ...heads)),
    make("tbody", {}, ...rows),
  );
}
