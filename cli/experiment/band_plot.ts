import { axis, colourOf, n, open, scaleOf, text } from "../output/plots/svg.ts";

/** A line with a band around it. */
export interface BandCurve {
  readonly label: string;
  /** Ascending in x. */
  readonly points: readonly {
    readonly x: number;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** A panel of curves. */
export interface BandPanel {
  readonly title: string;
  readonly curves: readonly BandCurve[];
}

const PANEL = 350;
const PLOT = 280;
const LEFT = 56;
const TOP = 34;
const HEIGHT = 230;

/** Means against a number, with bands: a panel each, one scale for all, curves of one label alike in colour. */
export function bandPlot(
  panels: readonly BandPanel[],
  labels: {
    readonly x: string;
    readonly y: string;
    /** Whether the values begin at 0. @default true */
    readonly fromZero?: boolean;
  },
): string {
  const curves = panels.flatMap((panel) => panel.curves);
  const names = [...new Set(curves.map(({ label }) => label))];
  const points = curves.flatMap((curve) => curve.points);
  const format = String;
  const across = scaleOf(points.map(({ x }) => x), points.map(({ x }) => x), {
    label: labels.x,
    format,
  }, PLOT);
  const along = scaleOf(points.flatMap(({ low, high }) => [low, high]), points.map((p) => p.mean), {
    label: labels.y,
    format,
    fromZero: labels.fromZero ?? true,
  }, HEIGHT);
  const bottom = TOP + HEIGHT;
  const legend = bottom + 62;
  const entry = 48 + 7.5 * Math.max(1, ...names.map((name) => name.length));
  const width = LEFT + panels.length * PANEL;
  const perLine = Math.max(1, Math.floor(width / entry));
  const height = legend + 20 * Math.ceil(names.length / perLine);
  const parts = [open(width, height, `${labels.y} against ${labels.x}`)];
  panels.forEach(({ title, curves }, at) => {
    const x0 = LEFT + at * PANEL;
    const place = (x: number, y: number): string =>
      `${n(x0 + across.position(x))} ${n(bottom - along.position(y))}`;
    parts.push(text(x0, 18, title, 'font-weight="600"'), axis(across, x0, TOP, bottom));
    for (const tick of along.ticks) {
      const y = bottom - along.position(tick);
      parts.push(
        `<line x1="${n(x0)}" x2="${n(x0 + PLOT)}" y1="${n(y)}" y2="${n(y)}" stroke="#ddd"/>`,
        text(x0 - 6, y + 4, `${Number(tick.toPrecision(6))}`, 'text-anchor="end" fill="#555"'),
      );
    }
    parts.push(text(x0, bottom + 36, `${labels.y}, by ${labels.x}`));
    for (const { label, points } of curves) {
      if (points.length === 0) continue;
      const colour = colourOf(names.indexOf(label));
      const band = [
        ...points.map(({ x, high }) => place(x, high)),
        ...[...points].reverse().map(({ x, low }) => place(x, low)),
      ];
      const line = points.map(({ x, mean }) => place(x, mean));
      parts.push(
        `<path d="M${band.join("L")}Z" fill="${colour}" fill-opacity="0.15"/>`,
        `<path d="M${line.join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...line.map((at) => {
          const [cx, cy] = at.split(" ");
          return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
        }),
      );
    }
  });
  names.forEach((name, index) => {
    const x = 12 + (index % perLine) * entry;
    const y = legend + 20 * Math.floor(index / perLine);
    parts.push(
      `<line x1="${n(x)}" x2="${n(x + 22)}" y1="${n(y)}" y2="${n(y)}" stroke="${
        colourOf(index)
      }" stroke-width="3"/>`,
      text(x + 28, y + 4, name),
    );
  });
  return [...parts, "</svg>"].join("\n");
}
