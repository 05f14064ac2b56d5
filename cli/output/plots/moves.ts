import { axis, colourOf, frame, n, scaleOf, sideAxis, text } from "./svg.ts";

/** What is drawn of a number of moves. */
export interface MoveDot {
  readonly moves: number;
  readonly mean: number;
  /** What no placement with so many moves exceeds; null if that is not known. */
  readonly bound: number | null;
}

const WIDTH = 520;
const LEFT = 64;
const TOP = 66;
const BOTTOM = 326;

/** The best mean for every number of moves, as an SVG image: a line, and a dashed one of the bound where it lies above. */
export function movesPlot(title: string, rows: readonly MoveDot[]): string {
  const format = String;
  const means = rows.flatMap(({ mean, bound }) => [mean, bound ?? mean]);
  const down = scaleOf(means, means, { label: "mean", format }, BOTTOM - TOP);
  const counts = rows.map(({ moves }) => moves);
  const across = scaleOf(counts, counts, { label: "moves", format, fromZero: true }, WIDTH);
  const at = (moves: number, mean: number): string =>
    `${n(LEFT + across.position(moves))} ${n(BOTTOM - down.position(mean))}`;
  const path = (points: readonly string[], dashes: string): string =>
    `<path d="M${points.join("L")}" fill="none" stroke="${
      colourOf(0)
    }" stroke-width="1.8"${dashes}/>`;
  const bounds = rows.flatMap(({ moves, bound }) => bound === null ? [] : [at(moves, bound)]);
  return frame(LEFT + WIDTH + 48, BOTTOM + 48, title, [
    text(LEFT, TOP - 12, "Mean normalised throughput", 'font-weight="600"'),
    sideAxis(down, LEFT, LEFT + across.width, BOTTOM),
    axis(across, LEFT, TOP, BOTTOM),
    text(LEFT + across.width, BOTTOM + 36, "Moves", 'text-anchor="end" class="faint"'),
    ...(bounds.length > 1 ? [path(bounds, ' stroke-dasharray="4 3" opacity="0.5"')] : []),
    path(rows.map(({ moves, mean }) => at(moves, mean)), ""),
  ]);
}
