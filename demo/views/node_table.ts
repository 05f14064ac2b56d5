/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { find, make } from "./dom.ts";

/** The placement as a table: what the canvas shows, for those who do not see it. Made only where it is opened. */
export function followNodeTable(session: Session, at: number, root: HTMLElement): void {
  const toggle = find<HTMLButtonElement>(root, ".table-toggle");
  const place = find(root, ".table");
  const draw = (): void => {
    if (!place.hidden) place.replaceChildren(nodeTable(session, at));
  };
  toggle.addEventListener("click", () => {
    place.hidden = !place.hidden;
    toggle.ariaExpanded = String(!place.hidden);
    if (place.hidden) place.replaceChildren();
    else draw();
  });
  session.changes.follow(["panels"], draw);
}

function nodeTable(session: Session, at: number): HTMLElement {
  const panel = session.panels[at]!;
  const apps = session.profile?.surface.apps ?? [];
  if (panel.replay === null) return make("p", {}, "Nothing is placed");
  const { nodes, counts, speeds, throughputs } = panel.replay;
  const width = apps.length;
  const rows = Array.from({ length: nodes }, (_, node) => {
    const cells = apps.map((_, app) => {
      const count = counts[node * width + app]!;
      const text = count === 0 ? "" : `${count} × ${speeds[node * width + app]!.toFixed(2)}`;
      return make("td", {}, text);
    });
    const total = make("td", {}, throughputs[node]!.toFixed(3));
    return make("tr", {}, make("th", { scope: "row" }, String(node)), ...cells, total);
  });
  const heads = ["Node", ...apps, "Throughput"].map((text) => make("th", { scope: "col" }, text));
  return make(
    "table",
    {},
    make("caption", {}, "Containers of each app and the speed of each, node by node"),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...rows),
  );
}
