import { axis, colourOf, frame, n, type Scale, scaleOf, sideAxis, text } from "./svg.ts";

/** What is drawn of a placement. */
export interface FrontierDot {
  readonly mean: number;
  /** Mean normalised RPS of each app; null if it has no containers. */
  readonly perApp: Readonly<Record<string, number | null>>;
  /** Normalised RPS of the slowest container; null without containers. */
  readonly worst: number | null;
}

const PANEL = 400;
const LEFT = 64;
const ROOM = 96;
const TOP = 66;
const BOTTOM = 326;

const PANELS: readonly {
  readonly title: string;
  readonly at: (dot: FrontierDot) => number | null;
}[] = [
  { title: "Worst container", at: ({ worst }) => worst },
  { title: "Worst app", at: ({ perApp }) => lowest(Object.values(perApp)) },
];

/**
 * The mean against the slowest container and against the slowest app, as an SVG image: a line through the best placements
 * above each floor, a named dot for each scheduler.
 */
export function frontierPlot(
  title: string,
  front: readonly FrontierDot[],
  runs: readonly (FrontierDot & { readonly scheduler: string })[],
): string {
  const dots = [...front, ...runs];
  const format = String;
  const means = dots.map(({ mean }) => mean);
  const down = scaleOf(means, means, { label: "mean", format }, BOTTOM - TOP);
  const slow = dots.flatMap((dot) => PANELS.flatMap(({ at }) => at(dot) ?? []));
  const across = scaleOf(slow, slow, { label: "worst", format, fromZero: true }, PANEL - ROOM);
  const parts = PANELS.flatMap(({ title: name, at }, panel) => {
    const left = LEFT + panel * PANEL;
    const place = (dot: FrontierDot): readonly [number, number] | null => {
      const x = at(dot);
      return x === null ? null : [left + across.position(x), BOTTOM - down.position(dot.mean)];
    };
    return [
      text(left, TOP - 12, panel === 0 ? "Mean normalised throughput" : "", 'font-weight="600"'),
      ...axes(across, down, left),
      text(left + across.width, BOTTOM + 36, name, 'text-anchor="end" class="faint"'),
      ...line(front.flatMap((dot) => [place(dot) ?? []].filter((one) => one.length > 0))),
      ...runs.flatMap((run, index) => {
        const at = place(run);
        return at === null ? [] : named(at, run.scheduler, colourOf(index + 1));
      }),
    ];
  });
  return frame(LEFT + PANELS.length * PANEL, BOTTOM + 48, title, parts);
}

function axes(across: Scale, down: Scale, left: number): string[] {
  return [sideAxis(down, left, left + across.width, BOTTOM), axis(across, left, TOP, BOTTOM)];
}

function line(points: readonly (readonly number[])[]): string[] {
  const path = points.map(([x, y]) => `${n(x!)} ${n(y!)}`).join("L");
  return path === "" ? [] : [
    `<path d="M${path}" fill="none" stroke="${colourOf(0)}" stroke-width="1.8"/>`,
    ...points.map(([x, y]) =>
      `<circle cx="${n(x!)}" cy="${n(y!)}" r="3.5" fill="${colourOf(0)}"/>`
    ),
  ];
}

function named([x, y]: readonly [number, number], name: string, colour: string): string[] {
  return [
    `<circle cx="${n(x)}" cy="${n(y)}" r="4.5" fill="${colour}" class="dot"/>`,
    text(x + 8, y + 4, name),
  ];
}

function lowest(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  return found.length === 0 ? null : Math.min(...found);
}
