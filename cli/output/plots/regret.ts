import { axis, frame, n, scaleOf, sideAxis, text } from "./svg.ts";
import { sparkline } from "./sparkline.ts";

/** Where a profiling stood after a round. */
export interface RegretPoint {
  readonly measurements: number;
  /** Bound on the share of throughput that is lost by planning with the model. */
  readonly regretBound: number;
}

const WIDTH = 560;
const LEFT = 64;
const RIGHT = 24;
const TOP = 66;
const BOTTOM = 306;

/**
 * The bound on the regret over the measurements as an SVG image.
 * @param target Bound at which the profiling was to end, if any.
 */
export function regretPlot(
  title: string,
  points: readonly RegretPoint[],
  target: number | null = null,
): string {
  const label = "Bound on the regret";
  const [across, down] = [
    scaleOf(
      points.map(({ measurements }) => measurements),
      points.map(({ measurements }) => measurements),
      { label: "measurements", format: String, fromZero: true },
      WIDTH - LEFT - RIGHT,
    ),
    scaleOf(
      [...points.map(({ regretBound }) => regretBound * 100), (target ?? 0) * 100],
      points.map(({ regretBound }) => regretBound * 100),
      { label, format: String, fromZero: true },
      BOTTOM - TOP,
    ),
  ];
  const x = (measurements: number): string => n(LEFT + across.position(measurements));
  const y = (share: number): string => n(BOTTOM - down.position(share * 100));
  const path = points.map((point) => `${x(point.measurements)} ${y(point.regretBound)}`).join("L");
  const marks = points.map((point) =>
    `<circle cx="${x(point.measurements)}" cy="${y(point.regretBound)}" r="3.5" fill="#0072b2"/>`
  );
  const goal = target === null ? [] : [
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(target)}" y2="${
      y(target)
    }" stroke="#d55e00" stroke-dasharray="5 4"/>`,
    text(
      WIDTH - RIGHT,
      Number(y(target)) - 6,
      `target ${Number((target * 100).toPrecision(3))} %`,
      'text-anchor="end"',
    ),
  ];
  return frame(WIDTH, BOTTOM + 48, title, [
    text(LEFT, TOP - 12, label, 'font-weight="600"'),
    sideAxis(down, LEFT, WIDTH - RIGHT, BOTTOM, (value) => `${value} %`),
    axis(across, LEFT, TOP, BOTTOM),
    text(WIDTH - RIGHT, BOTTOM + 36, "measurements", 'text-anchor="end" class="faint"'),
    ...goal,
    ...(points.length === 0
      ? []
      : [`<path d="M${path}" fill="none" stroke="#0072b2" stroke-width="1.8"/>`]),
    ...marks,
  ]);
}

/** The same in one line for a terminal: "regret bound 4.1 % ▇▅▃▂▁ 0.6 % after 240 measurements". */
export function regretLine(points: readonly RegretPoint[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
  const bounds = points.map(({ regretBound }) => regretBound);
  return `regret bound ${percent(first.regretBound)} ${
    sparkline(bounds, 24, [0, Math.max(...bounds)])
  } ${percent(last.regretBound)} after ${last.measurements} measurements`;
}
