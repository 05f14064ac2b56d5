/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { percentText } from "../session/words.ts";
import { line } from "./chart.ts";
import { byId, make } from "./dom.ts";

/** Panel that a scheduler is shown in when it is chosen here. */
export const SHOWN_IN = 1;
/** Pixels of the plot's height, and the shares of the plot that the style sheet leaves on the left and below, and uses. */
const HEIGHT = 300;
const LEFT = 0.04;
const WIDE = 0.88;
const BELOW = 0.06;
const HIGH = 0.84;
/** Pixels of a label: its height, of one of its letters at most, and from the middle of its point; half a point. */
const LABEL = 15;
const LETTER = 7.5;
const AWAY = 10;
const DOT = 5;

/**
 * Each scheduler where its mean and its slowest container put it, with the interval that the mean is expected in; and the
 * best that there is between the two, once it is found. Further right and up is better.
 */
export function followScatter(session: Session): void {
  const place = byId("scatter");
  let width = 0;
  const draw = (): void => {
    const { glance: { standings }, fairness: { points } } = session;
    place.hidden = standings.length === 0 && points.length === 0;
    width = place.clientWidth;
    place.replaceChildren(...marksOf(session, width));
  };
  session.changes.follow(["glance", "profile", "problem"], draw);
  new ResizeObserver(() => width === place.clientWidth || draw()).observe(place);
}

function marksOf(session: Session, width: number): Element[] {
  const { glance, fairness } = session;
  const placed = glance.standings.flatMap((one) =>
    one.worst === null ? [] : [{ ...one, worst: one.worst }]
  );
  const points = fairness.points.flatMap((one) =>
    one.worst === null ? [] : [{ ...one, worst: one.worst }]
  );
  const across = spanOf([
    ...placed.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
    ...points.map(({ mean }) => mean),
  ]);
  const up = spanOf([...placed, ...points].map(({ worst }) => worst));
  const free = freePlaces(placed.map(({ mean, worst }) => [across(mean), up(worst)]), width);
  const marks = placed.toSorted((a, b) => b.worst - a.worst).map((one) => {
    const { scheduler, mean, worst, low, high } = one;
    const [x, y] = [across(mean), up(worst)];
    const range = low === null || high === null
      ? ""
      : `, expected ${percentText(low)} to ${percentText(high)}`;
    const said = `${scheduler}: mean ${percentText(mean)}${range}, slowest container ${
      percentText(worst)
    }`;
    const label = make("span", {}, scheduler);
    const mark = make("button", { type: "button", title: said, ariaLabel: said }, label);
    const { near, moved } = free(x, y, scheduler);
    label.style.marginTop = `${moved}px`;
    mark.style.setProperty("--x", String(x));
    mark.style.setProperty("--y", String(y));
    mark.classList.toggle("near", near);
    mark.addEventListener("click", () => session.setScheduler(SHOWN_IN, scheduler));
    return mark;
  });
  const intervals = placed.flatMap(({ worst, low, high }) => {
    if (low === null || high === null) return [];
    const interval = make("span", { className: "interval", ariaHidden: "true" });
    interval.style.setProperty("--x", String(across(low)));
    interval.style.setProperty("--to", String(across(high)));
    interval.style.setProperty("--y", String(up(worst)));
    return [interval];
  });
  const axes = [
    make("span", { className: "x" }, "mean →"),
    make("span", { className: "y" }, "slowest container ↑"),
  ];
  const front = points.map(({ mean, worst }) => [across(mean), up(worst)] as const);
  return [...axes, line(front), ...intervals, ...marks, ...shownPoint(session, across, up)];
}

/** Where a label lies: left of its point or right of it, and moved down by pixels. */
interface LabelPlace {
  readonly near: boolean;
  readonly moved: number;
}

/** Finds for one label after the other where it covers neither a point nor an earlier label. */
function freePlaces(
  points: readonly (readonly [number, number])[],
  width: number,
): (x: number, y: number, text: string) => LabelPlace {
  type Box = { readonly left: number; readonly right: number; readonly middle: number };
  const pixels = (x: number, y: number) =>
    [width * (LEFT + WIDE * x), HEIGHT * (1 - BELOW - HIGH * y)] as const;
  const taken = points.map(([x, y]): Box => {
    const [across, middle] = pixels(x, y);
    return { left: across - DOT, right: across + DOT, middle };
  });
  const steps = Array.from({ length: HEIGHT / LABEL }, (_, at) => (at + 1) * LABEL);
  return (x, y, text) => {
    const [across, height] = pixels(x, y);
    const long = LETTER * text.length;
    const near = x > 0.6;
    // Beside its point, on either side; else in a column below or above.
    const candidates: LabelPlace[] = [
      { near, moved: 0 },
      { near: !near, moved: 0 },
      ...[...steps, ...steps.map((step) => -step)].map((moved) => ({ near, moved })),
    ];
    const boxOf = ({ near, moved }: LabelPlace): Box => {
      const left = near ? across - AWAY - long : across + AWAY;
      return { left, right: left + long, middle: height + moved };
    };
    const isFree = (place: LabelPlace): boolean => {
      const { left, right, middle } = boxOf(place);
      return left >= 0 && right <= width && middle >= 0 && middle <= HEIGHT &&
        taken.every((one) =>
          one.right <= left || one.left >= right || Math.abs(one.middle - middle) >= LABEL
        );
    };
    const place = candidates.find(isFree) ?? candidates[0]!;
    taken.push(boxOf(place));
    return place;
  };
}

function shownPoint(
  { fairness: { point } }: Session,
  across: (value: number) => number,
  up: (value: number) => number,
): Element[] {
  if (point === null || point.worst === null) return [];
  const mark = make("span", { className: "fair", ariaHidden: "true" });
  mark.style.setProperty("--x", String(across(point.mean)));
  mark.style.setProperty("--y", String(up(point.worst)));
  return [mark];
}

function spanOf(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => high - low < 1e-12 ? 0.5 : (value - low) / (high - low);
}
