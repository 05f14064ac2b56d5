/// <reference lib="dom" />
import type { MoveGain } from "../../mod.ts";
import { themeColor } from "./colors.ts";

/** Half a thumb of the slider below, in pixels: so far from the edges begin and end its values. */
const EDGE = 8;

/** Draws the mean of each number of moves above the slider that chooses one. @param most What no number of moves exceeds. */
export function drawFrontier(
  canvas: HTMLCanvasElement,
  gains: readonly MoveGain[],
  at: number,
  most: number | null,
): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = Math.min(3, devicePixelRatio);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  if (gains.length === 0) return;
  const low = gains[0]!.mean;
  const high = Math.max(gains.at(-1)!.mean, most ?? 0);
  const x = (index: number): number =>
    EDGE + (width - 2 * EDGE) * index / Math.max(1, gains.length - 1);
  const y = (mean: number): number =>
    height - 5 - (height - 10) * (high > low ? (mean - low) / (high - low) : 0);
  const trace = (from: (index: number) => number): void => {
    gains.forEach(({ mean }, index) => context.lineTo(from(index), y(mean)));
  };
  context.beginPath();
  context.moveTo(x(0), height);
  trace(x);
  context.lineTo(x(gains.length - 1), height);
  context.fillStyle = themeColor("--node");
  context.fill();
  context.beginPath();
  trace(x);
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.strokeStyle = themeColor("--muted");
  context.stroke();
  context.beginPath();
  context.arc(x(at), y(gains[at]!.mean), 4, 0, 2 * Math.PI);
  context.fillStyle = themeColor("--accent");
  context.fill();
}
