import { axis, type AxisOptions, colourOf, frame, n, scaleOf, text } from "./svg.ts";

/** What is drawn of one scheduler on one demand; null if there is no such figure. */
export interface ComparedRun {
  readonly scheduler: string;
  readonly mean: number;
  readonly gap: number | null;
  readonly worst: number | null;
  readonly seconds: number;
}

interface Panel extends AxisOptions {
  readonly title: string;
  readonly value: (run: ComparedRun) => number | null;
}

const PANELS: readonly Panel[] = [
  {
    title: "Mean normalised throughput",
    label: "more is better",
    value: ({ mean }) => mean,
    format: (value) => value.toFixed(4),
  },
  {
    title: "Gap to the optimum",
    label: "less is better",
    fromZero: true,
    value: ({ gap }) => gap === null ? null : gap * 100,
    format: (value) => value < 1e-6 ? "0 %" : `${Number(value.toPrecision(3))} %`,
    tick: (value) => `${Number(value.toPrecision(6))} %`,
  },
  {
    title: "Slowest container",
    label: "more is better",
    value: ({ worst }) => worst,
    format: (value) => value.toFixed(4),
  },
  {
    title: "Seconds",
    label: "powers of ten",
    logarithmic: true,
    value: ({ seconds }) => seconds,
    format: (value) => value < 0.001 ? "<0.001" : `${Number(value.toPrecision(2))}`,
  },
];
const ROW = 24;
const PANEL = 250;
/** Width of a panel that text beside dots needs. */
const ROOM = 78;
const TOP = 62;

/**
 * A comparison of schedulers as an SVG image: a row for each, a panel for each figure. Faint dots are single demands,
 * the large one is their mean, with its value.
 */
export function comparisonPlot(title: string, runs: readonly ComparedRun[]): string {
  const schedulers = [...new Set(runs.map(({ scheduler }) => scheduler))];
  const panels = PANELS.filter(({ value }) => runs.some((run) => value(run) !== null));
  const left = 24 + 7.5 * Math.max(...schedulers.map((name) => name.length));
  const bottom = TOP + schedulers.length * ROW;
  const parts = schedulers.map((name, row) =>
    text(left - 10, TOP + (row + 0.5) * ROW + 4, name, 'text-anchor="end"')
  );
  panels.forEach((panel, at) => {
    const x0 = left + at * PANEL;
    const rows = schedulers.map((name) =>
      runs.flatMap((run) => run.scheduler === name ? panel.value(run) ?? [] : [])
    );
    const values = rows.flat();
    const scale = scaleOf(values, values, panel, PANEL - ROOM);
    parts.push(
      text(x0, TOP - 12, panel.title, 'font-weight="600"'),
      axis(scale, x0, TOP, bottom, panel.tick),
      text(x0, bottom + 34, panel.label, 'class="faint"'),
    );
    rows.forEach((found, row) => {
      if (found.length === 0) return;
      const y = n(TOP + (row + 0.5) * ROW);
      const colour = colourOf(row);
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      if (found.length > 1) {
        for (const value of found) {
          const x = n(x0 + scale.position(value));
          parts.push(`<circle cx="${x}" cy="${y}" r="2.5" fill="${colour}" opacity="0.35"/>`);
        }
      }
      const x = x0 + scale.position(mean);
      const beside = Math.max(x, ...found.map((value) => x0 + scale.position(value))) + 8;
      parts.push(
        `<circle cx="${n(x)}" cy="${y}" r="4.5" fill="${colour}" class="dot"/>`,
        text(beside, Number(y) + 4, panel.format(mean)),
      );
    });
  });
  return frame(left + panels.length * PANEL, bottom + 46, title, parts);
}
