/// <reference lib="dom" />
/**
 * What the charts have in common: axes, grid and legend around marks, all of them elements that the style sheet colours.
 * @module
 */
import { make } from "./dom.ts";

const GRAPHICS = "http://www.w3.org/2000/svg";
/** Steps of an axis, at most. */
const STEPS = 5;

/** A number on an axis. */
export interface Tick {
  /** Share of the axis, from its beginning. */
  readonly at: number;
  readonly text: string;
}

/** An axis. */
export interface Axis {
  readonly label: string;
  readonly ticks: readonly Tick[];
}

/** A chart with two series. */
export interface Chart {
  readonly x: Axis;
  readonly y: Axis;
  /** Names of the series, in the colours of the two sides. */
  readonly series: readonly string[];
  /** What is drawn inside the axes. */
  readonly marks: readonly Element[];
}

/** Draws a chart into an element, in place of the one before. */
export function drawChart(place: HTMLElement, { x, y, series, marks }: Chart): void {
  const plot = make("div", { className: "plot" });
  plot.append(
    ...y.ticks.map((tick) => tickMark(tick, "up")),
    ...x.ticks.map((tick) => tickMark(tick, "along")),
    ...marks,
  );
  const legend = series.map((name, side) =>
    make("li", {}, make("span", { className: `marker ${sideClass(side)}` }), name)
  );
  place.replaceChildren(
    make("p", { className: "y" }, y.label),
    plot,
    make("p", { className: "x" }, x.label),
    make("ul", {}, ...legend),
  );
}

/** The class of what belongs to a side. */
export function sideClass(side: number): string {
  return side === 0 ? "side-a" : "side-b";
}

/** An axis from 0 that ends at a round number: its end, and its ticks. @param most What it has to hold. */
export function roundAxis(most: number): { readonly end: number; readonly ticks: readonly Tick[] } {
  const rough = most / STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))!;
  const steps = Math.ceil(most / step - 1e-9);
  const ticks = Array.from({ length: steps + 1 }, (_, at) => ({
    at: at / steps,
    text: String(Number((at * step).toPrecision(6))),
  }));
  return { end: steps * step, ticks };
}

/** A line through points whose coordinates are shares of the axes. @param className Colours it. */
export function line(
  points: readonly (readonly [number, number])[],
  className: string = "",
): Element {
  const graphic = document.createElementNS(GRAPHICS, "svg");
  graphic.setAttribute("viewBox", "0 0 1 1");
  graphic.setAttribute("preserveAspectRatio", "none");
  graphic.setAttribute("aria-hidden", "true");
  const drawn = document.createElementNS(GRAPHICS, "polyline");
  drawn.setAttribute("points", points.map(([x, y]) => `${x},${1 - y}`).join(" "));
  drawn.setAttribute("class", className);
  graphic.append(drawn);
  return graphic;
}

function tickMark({ at, text }: Tick, className: "up" | "along"): HTMLElement {
  const mark = make("span", { className: `tick ${className}` }, make("span", {}, text));
  mark.style.setProperty("--at", String(at));
  return mark;
}
