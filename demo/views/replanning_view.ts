/// <reference lib="dom" />
import {
  demandTotal,
  frontierSentence,
  type MovePoint,
  shareSentence,
  type Step,
} from "../../mod.ts";
import type { Session } from "../session/session.ts";
import { ClusterCanvas } from "./cluster_canvas.ts";
import { onThemeChange } from "./colors.ts";
import { byId, find, make, setText } from "./dom.ts";
import { swatch } from "./swatch.ts";
import { countText } from "../session/words.ts";
import { exactText, gapText, meanText } from "./figures.ts";
import { playOn } from "./frames.ts";
import { drawFrontier } from "./frontier_curve.ts";

/** From what runs to what is better: the frontier of moves as a slider, and the steps to each placement one by one. */
export function showReplanning(session: Session): void {
  const { replanning } = session;
  const body = byId("replanning");
  const best = byId<HTMLButtonElement>("best");
  const moves = byId<HTMLInputElement>("moves");
  best.addEventListener("click", () => {
    if (replanning.searching) replanning.stop();
    else replanning.search();
  });
  moves.addEventListener("input", () => replanning.choose(Number(moves.value)));
  session.changes.follow(["replanning", "bound"], () => {
    const { name, current, searching, points, at, error } = replanning;
    body.hidden = name === null;
    setText(byId("running"), runningText(session));
    best.disabled = current === null;
    setText(best, searching ? "Stop" : "Best in few moves");
    moves.disabled = points.length === 0;
    moves.max = String(Math.max(0, points.length - 1));
    moves.value = String(at);
    const { point } = replanning;
    moves.ariaValueText = point === null ? "" : countText(point.moves, "move");
    setText(byId("moves-made"), point === null ? "–" : countText(point.moves, "move"));
    const verdict = byId("moves-verdict");
    verdict.ariaLive = searching ? "off" : "polite";
    verdict.classList.toggle("bad", error !== null);
    setText(verdict, error ?? verdictText(session));
    showFigures(session);
  });
  showCurve(session);
  showSteps(session);
  showNodes(session);
}

function runningText(session: Session): string {
  const { name, current } = session.replanning;
  if (name === null) {
    return "Press “Replan from this” below a placement: it is taken as what runs now. Then change the demand or the " +
      "number of nodes, or leave them, and see what a few moves bring.";
  }
  if (current === null) return `What runs: the placement of ${name}.`;
  const containers = current.placement.counts.reduce((sum, count) => sum + count, 0);
  const lost = current.lost.reduce((sum, count) => sum + count, 0);
  const changes = [
    ...(current.left.length > 0
      ? [`${countText(current.left.length, "node")} left with ${countText(lost, "container")}`]
      : []),
    ...(current.joined.length > 0 ? [`${countText(current.joined.length, "node")} joined`] : []),
  ];
  const since = changes.length === 0 ? "" : ` (${changes.join(", ")} since)`;
  return `What runs: the placement of ${name}, ${
    countText(containers, "container")
  } on ${session.nodes} nodes${since}. All of them stay but those that move.`;
}

/** What the moves of the point that is shown bring. */
function verdictText(session: Session): string {
  const { searching, points, at, complete, point, gains } = session.replanning;
  if (point === null) return searching ? "Looking for the first placement…" : "";
  if (!complete) return partText(session);
  if (points.length === 1) return frontierSentence(gains, "best");
  if (at === 0) return `${firstText(point)} ${frontierSentence(gains, "best")}`;
  return at < points.length - 1
    ? shareSentence(gains[at]!, gains, "best")
    : `${countText(point.moves, "move")} bring${
      point.moves === 1 ? "s" : ""
    } all there is: no placement is better.`;
}

/** The same while more moves may bring more: beside what is proven about all placements, if it is. */
function partText({ replanning, bound }: Session): string {
  const { searching, points, point } = replanning;
  const last = points.at(-1)!.moves;
  const known = searching
    ? `Known so far: up to ${countText(last, "move")}.`
    : `The search ended at ${countText(last, "move")}: more may bring more.`;
  const first = points[0]!.total;
  if (bound.kind !== "proved" || point === points[0] || bound.total <= first) return known;
  const share = Math.round(100 * (point!.total - first) / (bound.total - first));
  const { moves } = point!;
  return `${countText(moves, "move")} bring${
    moves === 1 ? "s" : ""
  } at least ${share} % of what all moves could. ${known}`;
}

function firstText({ moves, change: { forced } }: MovePoint): string {
  if (moves > 0) return `${countText(moves, "move")} must be, for the rules.`;
  return forced === 0
    ? "No move: what runs stays where it is."
    : `No move: only what the demand asks for starts, ${countText(forced, "container")}.`;
}

function showFigures({ replanning }: Session): void {
  const [mean, gap, change] = ["mean", "gap", "change"].map((one) => byId(`moves-${one}`));
  const shown = replanning.shown();
  const value = replanning.value();
  setText(mean!, shown === null ? "–" : meanText(shown.mean));
  setText(gap!, value === null ? "–" : gapText(value));
  const { point } = replanning;
  setText(change!, point === null ? "–" : `${point.change.started} / ${point.change.stopped}`);
  mean!.dataset["value"] = value === null ? "" : String(value.mean);
  for (const figure of [mean, gap]) figure!.title = value === null ? "" : exactText(value);
}

/** The frontier, above the slider. */
function showCurve(session: Session): void {
  const canvas = byId<HTMLCanvasElement>("frontier");
  const draw = (): void => {
    const { bound, replanning: { gains, at, complete, problem } } = session;
    const most = bound.kind === "proved" && !complete && problem !== null
      ? bound.total / demandTotal(problem.demand)
      : null;
    drawFrontier(canvas, gains, at, most);
  };
  session.changes.follow(["replanning", "bound"], draw);
  new ResizeObserver(draw).observe(canvas);
  onThemeChange(draw);
}

/** The steps, one after the other. */
function showSteps(session: Session): void {
  const { replanning } = session;
  const { playback } = replanning;
  const [play, back, next] = ["steps-play", "steps-back", "steps-next"].map((id) =>
    byId<HTMLButtonElement>(id)
  );
  const list = byId("steps");
  const now = byId("step");
  const show = (): void => session.changes.tell("replanning");
  const go = (step: number): void => {
    playback.playing = false;
    playback.seek(step);
    show();
  };
  play!.addEventListener("click", () => {
    playback.toggle();
    if (playback.playing) playOn(playback, show);
    show();
  });
  back!.addEventListener("click", () => go(playback.step - 1));
  // At the end, the first step comes again.
  next!.addEventListener("click", () => go(playback.step % playback.last + 1));

  let listed: unknown = null;
  session.changes.follow(["replanning", "profile"], () => {
    const { steps, point } = replanning;
    const { step, last, playing } = playback;
    const apps = session.profile?.surface.apps ?? [];
    const all = steps?.steps ?? [];
    if (listed !== steps) {
      listed = steps;
      list.replaceChildren(...all.map((one) => stepItem(one, apps)));
    }
    for (const button of [play, next]) button!.disabled = last === 0;
    back!.disabled = step === 0;
    setText(play!, playing ? "Pause" : "Play");
    setText(next!, step === last && last > 0 ? "First step" : "Next step");
    setText(byId("steps-made"), `${step} / ${last}`);
    now.ariaLive = playing ? "off" : "polite";
    const taken = all[step - 1];
    setText(
      now,
      point === null
        ? ""
        : steps === null
        ? replanning.searching
          ? "Its steps come when the search has ended, or when you choose a number of moves."
          : "Ordering the steps…"
        : last === 0
        ? "No step is needed."
        : taken === undefined
        ? "What runs now, before the first step."
        : `Step ${step}: ${stepText(taken, apps[taken.app]!)}: ${taken.why}.`,
    );
    setText(byId("steps-safe"), steps === null ? "" : safetyText(steps));
    mark(list, step - 1);
  });
}

function stepItem(step: Step, apps: readonly string[]): HTMLElement {
  return make(
    "li",
    {},
    swatch(apps, step.app),
    make("span", {}, stepText(step, apps[step.app]!)),
    make("span", { className: "note" }, step.why),
  );
}

function stepText({ from, to }: Step, app: string): string {
  if (from === null) return `${app} starts on node ${to}`;
  return to === null ? `${app} stops on node ${from}` : `${app} from node ${from} to node ${to}`;
}

function safetyText(
  { steps, parked, stoppedFirst, broken }: NonNullable<Session["replanning"]["steps"]>,
): string {
  const sentences = [
    ...(parked > 0 ? [`${countText(parked, "container")} on the way elsewhere to make room.`] : []),
    ...(stoppedFirst > 0
      ? [`No room was found to start first: stopped before the new one runs: ${stoppedFirst}.`]
      : steps.some(({ from, to }) => from !== null && to !== null)
      ? ["Each container starts on its new node before it stops on its old one."]
      : []),
    ...broken.map((text) => `Not kept on the way: ${text}.`),
  ];
  return sentences.join(" ");
}

/** Marks the step that was taken last, and keeps it in view inside the list. */
function mark(list: HTMLElement, at: number): void {
  const before = list.querySelector("[aria-current]");
  const item = list.children[at] as HTMLElement | undefined;
  if (before === (item ?? null)) return;
  before?.removeAttribute("aria-current");
  if (item === undefined) return;
  item.ariaCurrent = "step";
  const top = item.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top;
  const below = top + item.offsetHeight - list.clientHeight;
  if (below > list.scrollTop) list.scrollTop = below;
}

/** The nodes after the steps that were taken, with those of the last one outlined. */
function showNodes(session: Session): void {
  const { replanning } = session;
  const place = find(byId("replanning"), ".cluster");
  const cluster = new ClusterCanvas(find<HTMLCanvasElement>(place, "canvas"));
  const draw = (): void => {
    const { steps, playback, point } = replanning;
    const taken = steps?.steps[playback.step - 1];
    const whole = playback.step === playback.last;
    cluster.draw(session.capacities, replanning.shown(), {
      node: whole ? null : taken?.from ?? null,
      target: whole ? null : taken?.to ?? null,
      refused: false,
    });
    cluster.canvas.ariaLabel = point === null
      ? "The nodes with what runs now"
      : `The nodes after ${playback.step} of ${playback.last} steps`;
  };
  session.changes.follow(["replanning", "problem"], draw);
  new ResizeObserver(draw).observe(place);
  onThemeChange(draw);
}
