/**
 * Plots as SVG text: an interval plot with a panel per set of demands, and cumulative distributions.
 * @module
 */
import type { CdfPoint, Estimate } from "./statistics.ts";

/** Colours that are told apart with any colour vision (Okabe and Ito 2008), then greys of them. */
const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#cc79a7",
  "#56b4e9",
  "#8a7f00",
  "#5b3f8c",
  "#7a7a7a",
  "#a0522d",
  "#2f4f4f",
  "#000000",
];
const FONT = 'font-family="system-ui, sans-serif" font-size="12"';

/** The colour of the nth scheduler. */
export function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

/** A panel of an interval plot: one estimate per scheduler, undefined where there is none. */
export interface IntervalPanel {
  readonly title: string;
  readonly estimates: readonly (Estimate | undefined)[];
}

/** How the axis of values is drawn. */
export interface AxisOptions {
  readonly label: string;
  /** Powers of ten in equal distances; values must be above 0. @default false */
  readonly logarithmic?: boolean;
  /** Begin at 0. @default false */
  readonly fromZero?: boolean;
  /** Text of a value beside its dot. */
  readonly format: (value: number) => string;
  /** Text of a value on the axis. @default the number */
  readonly tick?: (value: number) => string;
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
      parts.push(`<path d="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="1.6"/>`);
    });
  });
  labels.forEach((name, index) => {
    const x = left + (index % perLine) * entry;
    const y = legendTop + 20 * Math.floor(index / perLine);
    parts.push(
      `<line x1="${n(x)}" x2="${n(x + 22)}" y1="${n(y)}" y2="${n(y)}" stroke="${
        colourOf(index)
      }" stroke-width="3"/>`,
      text(x + 28, y + 4, name),
    );
  });
  return [...parts, "</svg>"].join("\n");
}

/** Where values are on an axis. */
export interface Scale {
  readonly position: (value: number) => number;
  readonly ticks: readonly number[];
  readonly width: number;
}

/** @param wide Values that the axis should hold. @param means Values that it must hold. */
export function scaleOf(
  wide: readonly number[],
  means: readonly number[],
  { logarithmic = false, fromZero = false }: AxisOptions,
  width: number,
): Scale {
  if (logarithmic) {
    const positive = means.filter((value) => value > 0);
    const low = Math.floor(Math.log10(Math.min(...positive, 1)));
    const high = Math.ceil(Math.log10(Math.max(...positive, 10 ** (low + 1))));
    const step = Math.ceil((high - low) / 4);
    const at = (value: number): number =>
      (Math.log10(Math.max(value, 10 ** low)) - low) / (high - low) * width;
    const ticks = Array.from(
      { length: Math.floor((high - low) / step) + 1 },
      (_, k) => 10 ** (low + k * step),
    );
    return { width, ticks, position: (value) => Math.min(width, Math.max(0, at(value))) };
  }
  // An interval may reach below 0 where no value does.
  const least = fromZero ? Math.min(0, ...means) : Math.min(...wide);
  const most = Math.max(...wide);
  const step = niceStep((most - least) / 4 || Math.abs(most) / 4 || 1);
  const low = Math.floor(least / step + 1e-9) * step;
  const high = Math.max(Math.ceil(most / step - 1e-9) * step, low + step);
  const count = Math.round((high - low) / step);
  return {
    width,
    ticks: Array.from({ length: count + 1 }, (_, k) => low + k * step),
    position: (value) => Math.min(width, Math.max(0, (value - low) / (high - low) * width)),
  };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough)!;
}

/** The axis of values below a panel, with lines up through it. */
export function axis(
  { ticks, position, width }: Scale,
  x0: number,
  top: number,
  bottom: number,
  tick: (value: number) => string = tickText,
): string {
  const lines = ticks.flatMap((value) => {
    const x = n(x0 + position(value));
    return [
      `<line x1="${x}" x2="${x}" y1="${top}" y2="${bottom}" stroke="#ddd"/>`,
      text(x0 + position(value), bottom + 16, tick(value), 'text-anchor="middle" fill="#555"'),
    ];
  });
  return [
    ...lines,
    `<line x1="${n(x0)}" x2="${n(x0 + width)}" y1="${bottom}" y2="${bottom}" stroke="#555"/>`,
  ].join("\n");
}

function tickText(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}

/** The opening tag of a plot that is called `label`. */
export function open(width: number, height: number, label: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${
    n(width)
  }" height="${n(height)}" role="img" aria-label="${escapeText(label)}" ${FONT}>`;
}

/** Text at a place. */
export function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${n(x)}" y="${n(y)}" ${attributes}>${escapeText(content)}</text>`;
}

/** Text as HTML and SVG show it literally. */
export function escapeText(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A coordinate. */
export function n(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}
