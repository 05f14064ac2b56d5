import type { MetricRow } from "./metrics.ts";

/** Curves that are drawn, where the rows have them: name, title, factor, unit. */
const PANELS: readonly (readonly [string, string, number, string])[] = [
  ["eval/gap", "Gap to the proven optimum, validation demands", 100, "%"],
  ["rollout/ep_rew_mean", "Mean reward of an episode", 1, ""],
  ["rollout/throughput_mean", "Mean normalised throughput", 1, ""],
  ["train/entropy", "Entropy of the choices", 1, "nats"],
  ["train/grad_norm", "Norm of the gradient", 1, ""],
  ["time/episodes_per_second", "Episodes per second", 1, ""],
];
const WIDTH = 420;
const HEIGHT = 200;
const MARGIN = { left: 62, right: 14, top: 30, bottom: 34 };
/** Points of a curve beyond which neighbours are averaged: no screen shows more. */
const MOST_POINTS = 400;

/**
 * The curves of a training as one SVG image, a panel for each figure over the updates. The same rows give
 * the same image.
 */
export function curvesSvg(rows: readonly MetricRow[], title: string): string {
  const panels = PANELS.flatMap(([name, heading, factor, unit]) => {
    const points = rows.flatMap((row): [number, number][] => {
      const [x, y] = [row["time/iterations"], row[name]];
      return typeof x === "number" && typeof y === "number" ? [[x, y * factor]] : [];
    });
    return points.length === 0 ? [] : [{ heading, unit, points: thin(points) }];
  });
  const columns = Math.min(2, Math.max(1, panels.length));
  const width = columns * WIDTH;
  const height = 40 + Math.max(1, Math.ceil(panels.length / columns)) * HEIGHT;
  const drawn = panels.map(({ heading, unit, points }, at) => {
    const x = (at % columns) * WIDTH;
    const y = 40 + Math.floor(at / columns) * HEIGHT;
    return `<g transform="translate(${x} ${y})">${panel(heading, unit, points)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${
    escape(title)
  }">
<style>
  svg { background: #fff; color: #222; font: 12px system-ui, sans-serif }
  text { fill: currentColor } .grid { stroke: #8884; fill: none } .curve { stroke: #1f6feb; fill: none; stroke-width: 1.5 }
  .mark { fill: #1f6feb } .title { font-size: 15px; font-weight: 600 } .heading { font-weight: 600 }
  @media (prefers-color-scheme: dark) { svg { background: #161b22; color: #ddd } .curve { stroke: #58a6ff } .mark { fill: #58a6ff } }
</style>
<title>${escape(title)}</title>
<text class="title" x="12" y="26">${escape(title)}</text>
${drawn.join("\n")}
</svg>
`;
}

function panel(heading: string, unit: string, points: readonly [number, number][]): string {
  const [left, right] = range(points.map(([x]) => x));
  const [low, high] = range(points.map(([, y]) => y));
  const across = (x: number): number =>
    MARGIN.left + (x - left) / (right - left) * (WIDTH - MARGIN.left - MARGIN.right);
  const down = (y: number): number =>
    HEIGHT - MARGIN.bottom - (y - low) / (high - low) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const bottom = HEIGHT - MARGIN.bottom;
  const horizontal = ticks(low, high).map((value) => {
    const y = fixed(down(value));
    return `<path class="grid" d="M${MARGIN.left} ${y}H${WIDTH - MARGIN.right}"/>` +
      `<text x="${MARGIN.left - 6}" y="${y + 4}" text-anchor="end">${label(value)}</text>`;
  });
  const vertical = ticks(left, right).filter(Number.isInteger).map((value) =>
    `<text x="${fixed(across(value))}" y="${bottom + 16}" text-anchor="middle">${
      label(value)
    }</text>`
  );
  const path = points.map(([x, y]) => `${fixed(across(x))} ${fixed(down(y))}`).join("L");
  const [endX, endY] = points.at(-1)!;
  return `<text class="heading" x="${MARGIN.left}" y="20">${escape(heading)}${
    unit === "" ? "" : ` (${unit})`
  }</text>${horizontal.join("")}${vertical.join("")}` +
    `<text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 4}" text-anchor="end">updates</text>` +
    `<path class="curve" d="M${path}"/>` +
    `<circle class="mark" cx="${fixed(across(endX))}" cy="${fixed(down(endY))}" r="3"/>`;
}

function thin(points: readonly [number, number][]): [number, number][] {
  const size = Math.ceil(points.length / MOST_POINTS);
  const kept: [number, number][] = [];
  for (let from = 0; from < points.length; from += size) {
    const some = points.slice(from, from + size);
    const mean = some.reduce((sum, [, y]) => sum + y, 0) / some.length;
    kept.push([some.at(-1)![0], mean]);
  }
  return kept;
}

function range(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (high > low) return [low, high];
  const room = Math.max(Math.abs(low) * 0.1, 0.5);
  return [low - room, high + room];
}

/** Round values inside of a range, about five. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const values: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at++) values.push(at * step);
  return values;
}

function label(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function fixed(value: number): number {
  return Math.round(value * 100) / 100;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
