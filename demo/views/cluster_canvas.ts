/// <reference lib="dom" />
import type { Replay } from "../session/replay.ts";
import type { Focus } from "../session/session.ts";
import { type ClusterLayout, layoutCluster, nodeCorner, slotCorner } from "./cluster_layout.ts";
import { appLetters, percentText } from "../session/words.ts";
import { appProperty, isDark, speedColor, textColor, themeColor } from "./colors.ts";

/** What is drawn besides the placement. */
export interface ClusterMarks {
  /** Node with the attention, or null. */
  readonly node: number | null;
  /** Node that a container may be dropped on, or null. */
  readonly target: number | null;
  /** True if the container may not go to the target. */
  readonly refused: boolean;
  /** App whose containers stand out, or null. */
  readonly app?: number | null;
}

/** Height of a slot or a band from which text in it can be read, in CSS pixels. */
const LEGIBLE = 15;

/** Side of a slot below which a node is drawn as one piece: in the colour of its speed. */
export const WHOLE = 5;
/** How much of the colour other apps keep where one stands out. */
const FADED = 0.16;

/** What pointer or keys are on, in a panel. @param app App that stands out. */
export function marksOf(
  focus: Focus | null,
  panel: number,
  app: number | null = null,
): ClusterMarks {
  const mine = focus?.panel === panel ? focus : null;
  return {
    node: mine === null ? null : mine.move?.from ?? mine.node,
    target: mine?.move && mine.move.from !== mine.node ? mine.node : null,
    refused: mine?.move?.effect === null,
    app,
  };
}

/** What nodes hold, and how fast that runs. */
export type DrawnPlacement = Pick<Replay, "nodes" | "apps" | "counts" | "throughputs">;

/**
 * Draws a cluster: slots in the colour of their app, a band below in the colour of the node's speed. Where slots are too small
 * to be seen, the whole node has that colour.
 */
export class ClusterCanvas {
  readonly canvas: HTMLCanvasElement;
  layout: ClusterLayout = layoutCluster(1, 1, 1);
  readonly #context: CanvasRenderingContext2D;
  /** The empty nodes, drawn once: they are most of the work of a frame. */
  readonly #backdrop = document.createElement("canvas");
  #backdropKey = "";
  #letters: readonly string[] = [];

  /** The apps that letters stand for, where slots are large enough for any. */
  set apps(apps: readonly string[]) {
    this.#letters = appLetters(apps);
  }

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.#context = canvas.getContext("2d")!;
  }

  /** Draws all of it. @param replay Null draws empty nodes. */
  draw(capacities: Uint8Array, replay: DrawnPlacement | null, marks: ClusterMarks): void {
    const most = capacities.reduce((a, b) => Math.max(a, b), 1);
    const width = this.canvas.parentElement!.clientWidth;
    if (width === 0) return;
    const layout = this.layout = layoutCluster(capacities.length, most, width);
    const scale = Math.min(3, devicePixelRatio);
    resize(this.canvas, layout, scale);
    this.canvas.style.height = `${layout.height}px`;
    const context = this.#context;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, layout.width, layout.height);
    const key = [isDark(), themeColor("--node"), scale, width, capacities.join()].join(";");
    if (key !== this.#backdropKey) {
      this.#backdropKey = key;
      resize(this.#backdrop, layout, scale);
      const behind = this.#backdrop.getContext("2d")!;
      behind.setTransform(scale, 0, 0, scale, 0, 0);
      behind.clearRect(0, 0, layout.width, layout.height);
      drawNodes(behind, capacities, layout);
    }
    context.drawImage(this.#backdrop, 0, 0, layout.width, layout.height);
    const { node, target, refused, app = null } = marks;
    if (replay !== null && replay.nodes === capacities.length) {
      if (layout.slot < WHOLE) this.#drawWhole(replay, layout, app);
      else {
        this.#drawSlots(replay, layout, app);
        this.#drawBands(replay, layout);
      }
    }
    if (node !== null) this.#outline(node, layout, themeColor("--ink"));
    if (target !== null) {
      this.#outline(target, layout, themeColor(refused ? "--bad" : "--accent"));
    }
  }

  /** One colour after another: changing the colour costs more than drawing a slot. */
  #drawSlots(
    { nodes, apps, counts }: DrawnPlacement,
    layout: ClusterLayout,
    outstanding: number | null,
  ): void {
    const context = this.#context;
    const next = new Uint8Array(nodes);
    for (let app = 0; app < apps; app++) {
      context.globalAlpha = outstanding === null || outstanding === app ? 1 : FADED;
      context.fillStyle = themeColor(appProperty(app));
      for (let node = 0; node < nodes; node++) {
        for (let left = counts[node * apps + app]!; left > 0; left--) {
          fillSlot(context, layout, node, next[node]!++);
        }
      }
    }
    context.globalAlpha = 1;
    if (layout.slot >= LEGIBLE) this.#drawLetters(nodes, apps, counts, layout);
  }

  #drawLetters(nodes: number, apps: number, counts: Uint8Array, layout: ClusterLayout): void {
    const context = this.#context;
    const size = Math.max(12, Math.min(22, layout.slot * 0.62));
    context.font = `600 ${Math.round(size)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = themeColor("--app-ink");
    for (let node = 0; node < nodes; node++) {
      let slot = 0;
      for (let app = 0; app < apps; app++) {
        for (let left = counts[node * apps + app]!; left > 0; left--) {
          const { left: x, top, side } = slotCorner(layout, node, slot++);
          context.fillText(this.#letters[app] ?? "", x + side / 2, top + side / 2 + side * 0.04);
        }
      }
    }
  }

  #drawWhole(
    { nodes, apps, counts, throughputs }: DrawnPlacement,
    layout: ClusterLayout,
    outstanding: number | null,
  ): void {
    const context = this.#context;
    const [width, height] = [layout.stepX - layout.gap, layout.stepY - layout.gap];
    for (let node = 0; node < nodes; node++) {
      const held = counts.subarray(node * apps, (node + 1) * apps);
      const total = held.reduce((sum, count) => sum + count, 0);
      if (total === 0) continue;
      context.globalAlpha = outstanding === null || held[outstanding]! > 0 ? 1 : FADED;
      context.fillStyle = speedColor(throughputs[node]! / total);
      const { x, y } = nodeCorner(layout, node);
      context.fillRect(x, y, width, height);
    }
    context.globalAlpha = 1;
  }

  #drawBands({ nodes, apps, counts, throughputs }: DrawnPlacement, layout: ClusterLayout): void {
    const context = this.#context;
    const width = layout.stepX - layout.gap - 2 * layout.inset;
    const height = layout.band * 0.72;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let node = 0; node < nodes; node++) {
      let held = 0;
      for (let app = 0; app < apps; app++) held += counts[node * apps + app]!;
      if (held === 0) continue;
      const { x, y } = nodeCorner(layout, node);
      const speed = throughputs[node]! / held;
      const color = context.fillStyle = speedColor(speed);
      const left = x + layout.inset;
      const top = y + layout.inset + layout.slotRows * layout.slotStep + layout.band * 0.2;
      context.fillRect(left, top, width, height);
      if (height < LEGIBLE) continue;
      context.fillStyle = textColor(color);
      context.fillText(percentText(speed), left + width / 2, top + height * 0.54);
    }
  }

  #outline(node: number, layout: ClusterLayout, color: string): void {
    const context = this.#context;
    const { x, y } = nodeCorner(layout, node);
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.5, Math.min(2.5, layout.stepX * 0.06));
    context.beginPath();
    context.roundRect(
      x - 0.5,
      y - 0.5,
      layout.stepX - layout.gap + 1,
      layout.stepY - layout.gap + 1,
      Math.min(6, layout.stepX * 0.09),
    );
    context.stroke();
  }
}

function resize(canvas: HTMLCanvasElement, { width, height }: ClusterLayout, scale: number): void {
  const [pixelsX, pixelsY] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width === pixelsX && canvas.height === pixelsY) return;
  canvas.width = pixelsX;
  canvas.height = pixelsY;
}

function drawNodes(
  context: CanvasRenderingContext2D,
  capacities: Uint8Array,
  layout: ClusterLayout,
): void {
  context.fillStyle = themeColor("--node");
  context.beginPath();
  const width = layout.stepX - layout.gap;
  const height = layout.stepY - layout.gap;
  const radius = Math.min(6, width * 0.08);
  for (let node = 0; node < capacities.length; node++) {
    const { x, y } = nodeCorner(layout, node);
    context.roundRect(x, y, width, height, radius);
  }
  context.fill();
  const line = themeColor("--node-line");
  if (line !== "transparent") {
    context.beginPath();
    for (let node = 0; node < capacities.length; node++) {
      const { x, y } = nodeCorner(layout, node);
      context.roundRect(x + 0.5, y + 0.5, width - 1, height - 1, radius);
    }
    context.strokeStyle = line;
    context.stroke();
  }
  context.fillStyle = themeColor("--slot");
  for (let node = 0; node < capacities.length; node++) {
    for (let slot = 0; slot < capacities[node]!; slot++) fillSlot(context, layout, node, slot);
  }
}

function fillSlot(
  context: CanvasRenderingContext2D,
  layout: ClusterLayout,
  node: number,
  slot: number,
): void {
  const { left, top, side } = slotCorner(layout, node, slot);
  context.fillRect(left, top, side, side);
}
