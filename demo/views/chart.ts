/// <reference lib="dom" />
/**
 * What the charts have in common.
 * @module
 */
import type uPlot from "uplot";
import { themeColor } from "./colors.ts";

/** Size of a chart in CSS pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

const HEIGHT = 250;
const FONT = "12px system-ui, sans-serif";

/** The size of a chart that fills an element now, and follows it from now on. */
export function followSize(place: HTMLElement, chart: () => uPlot | null): ChartSize {
  const sizeOf = (): ChartSize => ({ width: Math.max(120, place.clientWidth), height: HEIGHT });
  if (!observed.has(place)) {
    observed.add(place);
    new ResizeObserver(() => chart()?.setSize(sizeOf())).observe(place);
  }
  return sizeOf();
}

const observed = new WeakSet<HTMLElement>();

/** Axes in the colours of the theme. */
export function chartAxes(x: string, y: string): uPlot.Axis[] {
  const common = {
    stroke: themeColor("--muted"),
    grid: { stroke: themeColor("--line"), width: 1 },
    ticks: { stroke: themeColor("--line"), width: 1, size: 4 },
    font: FONT,
    labelFont: FONT,
  };
  return [
    { ...common, label: x, labelSize: 18, size: 26 },
    { ...common, label: y, labelSize: 18, size: 44 },
  ];
}
