/// <reference lib="dom" />
import type { Panel } from "../session/panel.ts";
import type { Session } from "../session/session.ts";
import { ClusterCanvas, marksOf } from "./cluster_canvas.ts";
import { followPointer } from "./cluster_pointer.ts";
import { followKeys } from "./cluster_keys.ts";
import { byId, find, make, setText } from "./dom.ts";
import { exactText, gapText, groundsText, meanText, secondsText, slowestText } from "./figures.ts";
import { onThemeChange } from "./colors.ts";
import { planText } from "../../mod.ts";
import { planOf } from "../session/plan_of_panel.ts";
import { saveFile } from "./download.ts";
import { followNodeTable } from "./node_table.ts";

/** Shows one side of the comparison. */
export function showPanel(session: Session, at: number): void {
  const template = byId<HTMLTemplateElement>("panel-template");
  const root = find(template.content.cloneNode(true) as DocumentFragment, ".panel");
  byId("panels").append(root);
  const panel = session.panels[at]!;
  const cluster = new ClusterCanvas(find<HTMLCanvasElement>(root, "canvas"));
  followPointer(session, at, cluster);
  followKeys(session, at, cluster);
  followNodeTable(session, at, root);
  showScheduler(session, at, root);
  find(root, ".undo").addEventListener("click", () => session.undo(at));
  find(root, ".export").addEventListener("click", () => {
    saveFile(`plan-${panel.scheduler}.json`, "application/json", planText(planOf(session, panel)));
  });
  find(root, ".runs").addEventListener("click", () => {
    session.takeAsRunning(at);
    // Where it goes on is further down the page.
    const title = byId("replanning-title");
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "start" });
  });

  session.changes.follow(["profile"], () => {
    cluster.apps = session.profile?.surface.apps ?? [];
  });
  const draw = (): void => {
    cluster.draw(session.capacities, panel.replay, marksOf(session.focus, at, session.app));
  };
  session.changes.follow(["problem", "panels", "playback", "focus", "app"], draw);
  session.changes.follow(["panels", "bound", "playback"], () => showFigures(session, panel, root));
  new ResizeObserver(draw).observe(find(root, ".cluster"));
  onThemeChange(draw);
}

function showScheduler(session: Session, at: number, root: HTMLElement): void {
  const choice = find<HTMLSelectElement>(root, ".scheduler");
  const panel = session.panels[at]!;
  choice.addEventListener("change", () => session.setScheduler(at, choice.value));
  session.changes.follow(["profile", "panels"], () => {
    const names = session.profile?.schedulers.map(({ name }) => name) ?? [panel.scheduler];
    const shown = panel.planFile === null ? names : [panel.name, ...names];
    if (shown.join() !== [...choice.options].map(({ value }) => value).join()) {
      choice.replaceChildren(...shown.map((name) => make("option", { value: name }, name)));
    }
    choice.value = panel.name;
    const known = session.profile?.schedulers.find(({ name }) => name === panel.scheduler);
    const summary = panel.planFile === null ? known?.summary ?? "" : "a plan from your computer";
    setText(find(root, ".summary"), summary);
  });
}

function showFigures(session: Session, panel: Panel, root: HTMLElement): void {
  const { bound } = session;
  const problem = find(root, ".problem");
  problem.hidden = panel.error === null;
  setText(problem, panel.error ?? "");
  root.dataset["status"] = panel.status;
  find(root, ".undo").hidden = panel.moves.length === 0;
  for (const button of root.querySelectorAll<HTMLButtonElement>(".export, .runs")) {
    button.disabled = panel.status !== "placed";
  }
  const provenTotal = bound.kind === "proved" ? bound.total : null;
  const [mean, gap, seconds] = [".mean", ".gap", ".seconds"].map((one) => find(root, one));
  setText(find(root, ".order"), orderText(panel));
  const slowest = panel.status === "placed" ? slowestText(panel.value(provenTotal)) : "";
  setText(find(root, ".grounds"), `${slowest} ${groundsText(panel.grounds)}`.trim());
  if (panel.status === "placing") {
    setText(seconds!, secondsText((performance.now() - panel.startedAt) / 1000));
    if (panel.replay === null) {
      setText(mean!, "–");
      setText(gap!, "–");
    }
    return;
  }
  if (panel.status !== "placed") {
    for (const figure of [mean, gap, seconds]) setText(figure!, "–");
    return;
  }
  const value = panel.value(provenTotal);
  const { replay } = panel;
  const growing = !panel.complete && replay!.at > 0;
  setText(mean!, meanText(growing ? replay!.total / replay!.at : value.mean));
  setText(gap!, growing ? "placing" : bound.kind === "proving" ? "proving" : gapText(value));
  setText(seconds!, panel.placed!.seconds === null ? "–" : secondsText(panel.placed!.seconds));
  mean!.dataset["value"] = String(value.mean);
  for (const figure of [mean, gap]) figure!.title = exactText(value);
}

function orderText(panel: Panel): string {
  if (panel.placed === null) return "";
  if (panel.moves.length > 0) {
    const count = panel.moves.length;
    return `${count} ${count === 1 ? "container" : "containers"} moved by hand`;
  }
  if (panel.placed.order === "decisions") return "Replayed in the order of its decisions";
  return panel.planFile === null
    ? "It decides on all containers at once: shown app by app"
    : "Shown app by app";
}
