import type { Profile } from "../../../domain/mod.ts";
import { axis, type AxisOptions, colourOf, frame, n, scaleOf, sideAxis, text } from "./svg.ts";

/** Rows that a model did not see, and what it predicts for them. */
export interface Held {
  readonly profile: Profile;
  /** Row-major, rows x apps, normalised RPS. */
  readonly predicted: Float64Array;
}

const SIDE = 200;
const ACROSS = 262;
const DOWN = 276;
const LEFT = 52;
const TOP = 72;
const PER_LINE = 4;
const LEAST_WIDTH = 560;
const NORMALISED: AxisOptions = { label: "normalised RPS", format: String, fromZero: true };

/**
 * Predicted against measured normalised RPS as an SVG image: a panel for each app, a dot for each row that holds it. On the
 * line, the model is right; above it, it is too hopeful.
 * @param parts Of the same apps.
 */
export function predictedPlot(
  title: string,
  apps: readonly string[],
  parts: readonly Held[],
): string {
  const panels = apps.map((app, at) => ({ app, points: pointsOf(parts, at) }));
  const values = panels.flatMap(({ points }) => points.flat());
  // One scale for both axes and all panels, so that the line of right predictions is the diagonal of each.
  const scale = scaleOf(values, values, NORMALISED, SIDE);
  const lines = Math.ceil(apps.length / PER_LINE);
  const width = Math.max(LEAST_WIDTH, LEFT + Math.min(apps.length, PER_LINE) * ACROSS);
  return frame(
    width,
    TOP + lines * DOWN + 12,
    title,
    panels.flatMap(({ app, points }, at) => {
      const x0 = LEFT + (at % PER_LINE) * ACROSS;
      const top = TOP + Math.floor(at / PER_LINE) * DOWN;
      const bottom = top + SIDE;
      const error = points.length === 0
        ? "never held out"
        : `error ${
          (points.reduce((sum, [x, y]) => sum + Math.abs(x - y), 0) / points.length).toFixed(4)
        }`;
      return [
        text(x0, top - 12, app, 'font-weight="600"'),
        text(x0 + SIDE, top - 12, error, 'text-anchor="end" class="faint"'),
        sideAxis(scale, x0, x0 + SIDE, bottom),
        axis(scale, x0, top, bottom),
        `<line x1="${n(x0)}" y1="${n(bottom)}" x2="${n(x0 + SIDE)}" y2="${
          n(top)
        }" stroke="#d55e00" stroke-dasharray="5 4"/>`,
        ...points.map(([measured, predicted]) =>
          `<circle cx="${n(x0 + scale.position(measured))}" cy="${
            n(bottom - scale.position(predicted))
          }" r="2.2" fill="${colourOf(at)}" opacity="0.6"/>`
        ),
        text(x0, bottom + 34, "predicted, by measured", 'class="faint"'),
      ];
    }),
  );
}

/** Measured and predicted values of an app, where it is present. */
function pointsOf(parts: readonly Held[], app: number): [number, number][] {
  return parts.flatMap(({ profile: { apps, rows, counts, rps }, predicted }) =>
    Array.from({ length: rows }, (_, row) => row * apps.length + app)
      .filter((at) => counts[at]! > 0)
      .map((at): [number, number] => [rps[at]!, predicted[at]!])
  );
}
