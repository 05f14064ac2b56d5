/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { percentText } from "../session/words.ts";
import { byId, make } from "./dom.ts";

/** Panel that a scheduler is shown in when it is chosen here. */
export const SHOWN_IN = 1;
/** Pixels between two labels below each other, and of the plot's height. */
const LABEL = 16;
const HEIGHT = 300;
const GRAPHICS = "http://www.w3.org/2000/svg";

/**
 * Each scheduler where its mean and its slowest container put it, with the interval that the mean is expected in; and the
 * best that there is between the two, once it is found. Further right and up is better.
 */
export function followScatter(session: Session): void {
  const place = byId("scatter");
  session.changes.follow(["glance", "profile", "problem"], () => {
    const { glance: { standings }, fairness: { points } } = session;
    place.hidden = standings.length === 0 && points.length === 0;
    place.replaceChildren(...marksOf(session));
  });
}

function marksOf(session: Session): Element[] {
  const { glance, fairness } = session;
  const placed = glance.standings.flatMap((one) =>
    one.worst === null ? [] : [{ ...one, worst: one.worst }]
  );
  const points = fairness.points.flatMap((one) =>
    one.worst === null ? [] : [{ ...one, worst: one.worst }]
  );
  const across = spanOf([
    ...placed.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ...points.map(({ mean }) => mean),
  ]);
  const up = spanOf([...placed, ...points].map(({ worst }) => worst));
  const free = freeHeights();
  const marks = placed.toSorted((a, b) => b.worst - a.worst).map((one) => {
    const { scheduler, mean, worst, low, high } = one;
    const [x, y] = [across(mean), up(worst)];
    const range = low === null || high === null
      ? ""
      : `, expected ${percentText(low)} to ${percentText(high)}`;
    const said = `${scheduler}: mean ${percentText(mean)}${range}, slowest container ${
      percentText(worst)
    }`;
    const label = make("span", {}, scheduler);
    const mark = make("button", { type: "button", title: said, ariaLabel: said }, label);
    const near = x > 0.6;
    label.style.marginTop = `${free(near, x, HEIGHT * (1 - y)) - HEIGHT * (1 - y)}px`;
    mark.style.setProperty("--x", String(x));
    mark.style.setProperty("--y", String(y));
    mark.classList.toggle("near", near);
    mark.addEventListener("click", () => session.setScheduler(SHOWN_IN, scheduler));
    return mark;
  });
  const intervals = placed.flatMap(({ worst, low, high }) => {
    if (low === null || high === null) return [];
    const interval = make("span", { className: "interval", ariaHidden: "true" });
    interval.style.setProperty("--x", String(across(low)));
    interval.style.setProperty("--to", String(across(high)));
    interval.style.setProperty("--y", String(up(worst)));
    return [interval];
  });
  const axes = [
    make("span", { className: "x" }, "mean →"),
    make("span", { className: "y" }, "slowest container ↑"),
  ];
  const front = points.map(({ mean, worst }) => [across(mean), 1 - up(worst)] as const);
  return [...axes, frontLine(front), ...intervals, ...marks, ...shownPoint(session, across, up)];
}

/** Where a label goes that would like a height, so that it covers no other one on its side nearby. */
function freeHeights(): (near: boolean, x: number, wanted: number) => number {
  const taken: { readonly near: boolean; readonly x: number; readonly top: number }[] = [];
  return (near, x, wanted) => {
    const others = taken.filter((one) => one.near === near && Math.abs(one.x - x) < 0.3);
    const top = others.reduce(
      (top, other) => Math.abs(other.top - top) < LABEL ? other.top + LABEL : top,
      wanted,
    );
    taken.push({ near, x, top });
    return top;
  };
}

function frontLine(points: readonly (readonly [number, number])[]): Element {
  const graphic = document.createElementNS(GRAPHICS, "svg");
  graphic.setAttribute("viewBox", "0 0 1 1");
  graphic.setAttribute("preserveAspectRatio", "none");
  graphic.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(GRAPHICS, "polyline");
  line.setAttribute("points", points.map((point) => point.join()).join(" "));
  graphic.append(line);
  return graphic;
}

function shownPoint(
  { fairness: { point } }: Session,
  across: (value: number) => number,
  up: (value: number) => number,
): Element[] {
  if (point === null || point.worst === null) return [];
  const mark = make("span", { className: "fair", ariaHidden: "true" });
  mark.style.setProperty("--x", String(across(point.mean)));
  mark.style.setProperty("--y", String(up(point.worst)));
  return [mark];
}

function spanOf(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => high - low < 1e-12 ? 0.5 : (value - low) / (high - low);
}
