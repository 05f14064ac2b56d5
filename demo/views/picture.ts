/// <reference lib="dom" />
/**
 * What is shown as a picture: the headline, both placements, and what letters and colours mean.
 * @module
 */
import type { Panel } from "../session/panel.ts";
import type { Session } from "../session/session.ts";
import { verdictOf } from "../session/verdict.ts";
import { appLetters, percentText } from "../session/words.ts";
import { WHOLE } from "./cluster_canvas.ts";
import { type ClusterLayout, layoutCluster, nodeCorner, slotCorner } from "./cluster_layout.ts";
import { appProperty, speedColor, themeColor } from "./colors.ts";

/** A rectangle. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: string;
}

/** A line of text; y is its middle. */
interface Line {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly fill: string;
  readonly bold?: boolean;
  readonly align?: "start" | "middle";
}

/** Boxes, and text on them. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

const WIDTH = 1200;
const MARGIN = 32;
const GAP = 32;
/** Letters in a line of the headline. */
const LETTERS = 76;
/** Side of a slot from which a letter in it can be read. */
const LEGIBLE = 12;
const FONT = "system-ui, sans-serif";

/** The picture of what a session shows. */
export function pictureOf(session: Session): Picture {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  const [ink, muted] = [themeColor("--ink"), themeColor("--muted")];
  let y = MARGIN + 12;
  for (const text of wrapped(verdictOf(session)?.headline ?? "", LETTERS)) {
    lines.push({ x: MARGIN, y, text, size: 24, fill: ink, bold: true });
    y += 32;
  }
  lines.push({ x: MARGIN, y, text: verdictOf(session)?.more ?? "", size: 16, fill: muted });
  y += 40;
  const width = (WIDTH - 2 * MARGIN - GAP) / 2;
  const most = session.capacities.reduce((a, b) => Math.max(a, b), 1);
  const layout = layoutCluster(session.nodes, most, width);
  session.panels.forEach((panel, at) => {
    const x = MARGIN + at * (width + GAP);
    lines.push({ x, y, text: titleOf(panel), size: 18, fill: ink, bold: true });
    drawCluster({ boxes, lines }, session, panel, layout, x, y + 20);
  });
  y += 20 + layout.height + 28;
  legend({ boxes, lines }, session.profile?.surface.apps ?? [], y, ink);
  const text =
    "Metis: containers placed by measured interference. The band below a node is its speed.";
  lines.push({ x: MARGIN, y: y + 28, text, size: 14, fill: muted });
  const height = y + 28 + MARGIN;
  boxes.unshift({ x: 0, y: 0, width: WIDTH, height, fill: themeColor("--page") });
  return { width: WIDTH, height, boxes, lines };
}

type Drawing = { readonly boxes: Box[]; readonly lines: Line[] };

function titleOf(panel: Panel): string {
  if (panel.status !== "placed") return panel.title;
  return `${panel.title}: ${percentText(panel.value(null).mean)} of the speed alone`;
}

function drawCluster(
  { boxes, lines }: Drawing,
  { capacities, problem }: Session,
  { replay }: Panel,
  layout: ClusterLayout,
  left: number,
  top: number,
): void {
  if (replay === null) return;
  const { apps, counts, throughputs, nodes } = replay;
  const letters = appLetters(problem.apps);
  const ink = themeColor("--app-ink");
  const width = layout.stepX - layout.gap;
  for (let node = 0; node < nodes; node++) {
    const corner = nodeCorner(layout, node);
    const [x, y] = [left + corner.x, top + corner.y];
    boxes.push({ x, y, width, height: layout.stepY - layout.gap, fill: themeColor("--node") });
    const held: number[] = [];
    const speed = (): string => speedColor(throughputs[node]! / held.length);
    for (let app = 0; app < apps; app++) {
      for (let count = counts[node * apps + app]!; count > 0; count--) held.push(app);
    }
    if (layout.slot < WHOLE) {
      if (held.length > 0) boxes[boxes.length - 1] = { ...boxes.at(-1)!, fill: speed() };
      continue;
    }
    for (let slot = 0; slot < capacities[node]!; slot++) {
      const app = held[slot];
      const place = slotCorner(layout, node, slot);
      const [x, y, side] = [left + place.left, top + place.top, place.side];
      const fill = themeColor(app === undefined ? "--slot" : appProperty(app));
      boxes.push({ x, y, width: side, height: side, fill });
      if (app === undefined || layout.slot < LEGIBLE) continue;
      const middle = { x: x + side / 2, y: y + side / 2, align: "middle" as const };
      lines.push({ ...middle, text: letters[app]!, size: side * 0.7, fill: ink, bold: true });
    }
    if (held.length === 0) continue;
    const band = y + layout.inset + layout.slotRows * layout.slotStep + layout.band * 0.2;
    boxes.push({
      x: x + layout.inset,
      y: band,
      width: width - 2 * layout.inset,
      height: layout.band * 0.72,
      fill: speed(),
    });
  }
}

function legend({ boxes, lines }: Drawing, apps: readonly string[], y: number, ink: string): void {
  const letters = appLetters(apps);
  let x = MARGIN;
  apps.forEach((text, app) => {
    boxes.push({ x, y: y - 9, width: 18, height: 18, fill: themeColor(appProperty(app)) });
    const letter = { x: x + 9, y, text: letters[app]!, fill: themeColor("--app-ink") };
    lines.push({ ...letter, size: 13, bold: true, align: "middle" });
    lines.push({ x: x + 26, y, text, size: 14, fill: ink });
    x += 52 + 8 * text.length;
  });
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** The picture as a vector graphic. */
export function svgOf({ width, height, boxes, lines }: Picture): string {
  const shapes = [
    ...boxes.map(({ x, y, width, height, fill }) =>
      `<rect x="${cut(x)}" y="${cut(y)}" width="${cut(width)}" height="${
        cut(height)
      }" fill="${fill}"/>`
    ),
    ...lines.map(({ x, y, text, size, fill, bold = false, align = "start" }) =>
      `<text x="${cut(x)}" y="${cut(y + 0.35 * size)}" font-size="${cut(size)}" fill="${fill}"` +
      `${bold ? ' font-weight="600"' : ""} text-anchor="${align}">${escaped(text)}</text>`
    ),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${
    cut(height)
  }" font-family="${FONT}">\n${shapes.join("\n")}\n</svg>\n`;
}

/** The picture in pixels, two for each of its own. */
export async function pngOf({ width, height, boxes, lines }: Picture): Promise<Blob> {
  const canvas = new OffscreenCanvas(2 * width, Math.round(2 * height));
  const context = canvas.getContext("2d")!;
  context.scale(2, 2);
  for (const { x, y, width, height, fill } of boxes) {
    context.fillStyle = fill;
    context.fillRect(x, y, width, height);
  }
  for (const { x, y, text, size, fill, bold = false, align = "start" } of lines) {
    context.font = `${bold ? 600 : 400} ${size}px ${FONT}`;
    context.fillStyle = fill;
    context.textAlign = align === "middle" ? "center" : align;
    context.fillText(text, x, y + 0.35 * size);
  }
  return await canvas.convertToBlob({ type: "image/png" });
}

/** Tenths of a pixel are seen by nobody. */
function cut(value: number): string {
  return String(Math.round(10 * value) / 10);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
