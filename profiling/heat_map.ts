import type { InterferenceModel } from "../domain/mod.ts";
import { interferenceMatrix } from "./report.ts";

const CELL = 56;
const LABELS = 120;
const TITLE = 64;
const FONT = "font-family='system-ui, sans-serif'";

/**
 * The interference matrix as a heat map (SVG): how fast a container of the row's app runs beside one, and
 * beside as many as fit, of the column's app. Blue is faster than alone, red slower.
 * @param capacity Slots of a node.
 */
export function renderHeatMap(model: InterferenceModel, capacity: number): string {
  const most = Math.max(1, capacity - 1);
  const panels = [
    { title: "beside one container of", matrix: interferenceMatrix(model, 1) },
    ...(most > 1
      ? [{ title: `beside ${most} containers of`, matrix: interferenceMatrix(model, most) }]
      : []),
  ];
  const side = model.apps.length * CELL;
  const panel = LABELS + side + 24;
  const width = panel * panels.length;
  const height = TITLE + LABELS + side + 16;
  const parts = panels.map(({ title, matrix }, at) =>
    `<g transform="translate(${at * panel} 0)">${renderPanel(model.apps, title, matrix)}</g>`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    "<title>Interference matrix: normalised RPS of one container of the row's app</title>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function renderPanel(apps: readonly string[], title: string, matrix: readonly number[][]): string {
  const cells = apps.flatMap((app, row) =>
    apps.map((other, column) => {
      const value = matrix[row]![column]!;
      const x = LABELS + column * CELL;
      const y = TITLE + LABELS + row * CELL;
      const { fill, ink } = colorOf(value);
      return `<g><title>${escape(app)} ${title} ${escape(other)}: ${value.toFixed(3)}</title>` +
        `<rect x="${x}" y="${y}" width="${CELL - 2}" height="${CELL - 2}" fill="${fill}"/>` +
        `<text x="${x + CELL / 2 - 1}" y="${
          y + CELL / 2 + 4
        }" text-anchor="middle" font-size="13" ` +
        `fill="${ink}" ${FONT}>${value.toFixed(2)}</text></g>`;
    })
  );
  const labels = apps.flatMap((app, at) => {
    const along = LABELS + at * CELL + CELL / 2;
    const down = TITLE + LABELS + at * CELL + CELL / 2 + 4;
    const top = TITLE + LABELS - 8;
    return [
      `<text x="${LABELS - 8}" y="${down}" text-anchor="end" font-size="13" ${FONT}>${
        escape(app)
      }</text>`,
      `<text x="${along}" y="${top}" font-size="13" ${FONT} transform="rotate(-45 ${along} ${top})">${
        escape(app)
      }</text>`,
    ];
  });
  const heading = `<text x="8" y="24" font-size="15" font-weight="600" ${FONT}>` +
    `One container of the row, ${title} the column</text>` +
    `<text x="8" y="44" font-size="12" fill="#555555" ${FONT}>Normalised RPS: 1.00 = as fast as alone</text>`;
  return heading + labels.join("") + cells.join("");
}

/** White at 1, red below, blue above; full colour at half and at double speed. */
function colorOf(value: number): { fill: string; ink: string } {
  const strength = Math.min(1, Math.abs(Math.log2(Math.max(value, 1e-3))));
  const [red, green, blue] = value < 1 ? [178, 24, 43] : [33, 102, 172];
  const mix = (channel: number) => Math.round(255 + (channel - 255) * strength);
  return {
    fill: `rgb(${mix(red!)},${mix(green!)},${mix(blue!)})`,
    ink: strength > 0.6 ? "#ffffff" : "#111111",
  };
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
