/**
 * Plots as SVG text: an interval plot with a panel per set of demands, and cumulative distributions.
 * @module
 */
import {
  axis,
  type AxisOptions,
  colourOf,
  dashesOf,
  n,
  open,
  scaleOf,
  text,
} from "../output/plots/svg.ts";
import type { CdfPoint, Estimate } from "./statistics.ts";

/** A panel of an interval plot: one estimate per scheduler, undefined if there is none. */
export interface IntervalPanel {
  readonly title: string;
  readonly estimates: readonly (Estimate | undefined)[];
}

/** Dots with 95 % intervals: a row per scheduler, a panel per set of demands, one scale for all. */
export function intervalPlot(
  labels: readonly string[],
  panels: readonly IntervalPanel[],
  options: AxisOptions,
): string {
  const rowHeight = 24;
  const left = 20 + 7.5 * Math.max(...labels.map((label) => label.length));
  const panelWidth = 270;
  const plotWidth = panelWidth - 85;
  const top = 34;
  const bottom = top + labels.length * rowHeight;
  const width = left + panels.length * panelWidth;
  const height = bottom + 46;
  const estimates = panels.flatMap((panel) => panel.estimates.flatMap((one) => one ?? []));
  const scale = scaleOf(
    estimates.flatMap(({ mean, margin }) => [mean - margin, mean + margin]),
    estimates.map(({ mean }) => mean),
    options,
    plotWidth,
  );
  const parts = [open(width, height, options.label)];
  labels.forEach((label, row) => {
    const y = top + (row + 0.5) * rowHeight;
    parts.push(text(left - 10, y + 4, label, 'text-anchor="end"'));
  });
  panels.forEach(({ title, estimates }, at) => {
    const x0 = left + at * panelWidth;
    parts.push(text(x0, 18, title, 'font-weight="600"'));
    parts.push(axis(scale, x0, top, bottom, options.tick));
    parts.push(text(x0, bottom + 36, options.label));
    estimates.forEach((one, row) => {
      const y = top + (row + 0.5) * rowHeight;
      if (one === undefined) {
        parts.push(text(x0 + 4, y + 4, "not placed", 'fill="#777"'));
        return;
      }
      const x = x0 + scale.position(one.mean);
      const from = x0 + scale.position(one.mean - one.margin);
      const to = x0 + scale.position(one.mean + one.margin);
      const colour = colourOf(row);
      parts.push(
        `<line x1="${n(from)}" x2="${n(to)}" y1="${n(y)}" y2="${
          n(y)
        }" stroke="${colour}" stroke-width="2"/>`,
        `<circle cx="${n(x)}" cy="${n(y)}" r="4" fill="${colour}"/>`,
        text(Math.max(x, to) + 8, y + 4, options.format(one.mean)),
      );
    });
  });
  return [...parts, "</svg>"].join("\n");
}

/** Cumulative distributions, a line per scheduler, a panel per set of demands. */
export function cdfPlot(
  labels: readonly string[],
  panels: readonly { readonly title: string; readonly curves: readonly (readonly CdfPoint[])[] }[],
  label: string,
): string {
  const panelWidth = 340;
  const plotWidth = 290;
  const left = 44;
  const top = 34;
  const bottom = top + 240;
  const legendTop = bottom + 60;
  const entry = 48 + 7.5 * Math.max(...labels.map((name) => name.length));
  const perLine = Math.max(1, Math.floor((left + panels.length * panelWidth) / entry));
  const width = left + panels.length * panelWidth;
  const height = legendTop + 20 * Math.ceil(labels.length / perLine);
  const values = panels.flatMap(({ curves }) =>
    curves.flatMap((curve) => curve.map((p) => p.value))
  );
  const scale = scaleOf(values, values, { label, format: String, fromZero: true }, plotWidth);
  const parts = [open(width, height, label)];
  panels.forEach(({ title, curves }, at) => {
    const x0 = left + at * panelWidth;
    const y = (share: number): number => bottom - share * (bottom - top);
    parts.push(text(x0, 18, title, 'font-weight="600"'), axis(scale, x0, top, bottom));
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      parts.push(
        `<line x1="${n(x0)}" x2="${n(x0 + plotWidth)}" y1="${n(y(share))}" y2="${
          n(y(share))
        }" stroke="#ddd"/>`,
        text(x0 - 6, y(share) + 4, `${share * 100} %`, 'text-anchor="end" fill="#555"'),
      );
    }
    parts.push(text(x0, bottom + 36, label));
    curves.forEach((curve, index) => {
      if (curve.length === 0) return;
      let path = `M${n(x0 + scale.position(curve[0]!.value))} ${n(y(0))}`;
      for (const { value, share } of curve) {
        path += `H${n(x0 + scale.position(value))}V${n(y(share))}`;
      }
      parts.push(
        `<path d="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="1.6"${
          dashesOf(index)
        }/>`,
      );
    });
  });
  labels.forEach((name, index) => {
    const x = left + (index % perLine) * entry;
    const y = legendTop + 20 * Math.floor(index / perLine);
    parts.push(
      `<line x1="${n(x)}" x2="${n(x + 22)}" y1="${n(y)}" y2="${n(y)}" stroke="${
        colourOf(index)
      }" stroke-width="3"${dashesOf(index)}/>`,
      text(x + 28, y + 4, name),
    );
  });
  return [...parts, "</svg>"].join("\n");
}
