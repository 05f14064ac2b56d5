/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { drawChart, roundAxis, sideClass } from "./chart.ts";
import { byId, make, setText } from "./dom.ts";

/** Milliseconds between two drawings while a replay runs: the clusters need the time more. */
const RARELY = 120;
/** Width of a class of speeds. */
const CLASS = 0.1;
/** Containers that the axis reaches, at least. */
const LEAST_MOST = 5;

/** How many containers run how fast, in both panels. */
export function followDistribution(session: Session): void {
  const place = byId("distribution");
  let drawnAt = 0;
  session.changes.follow(["panels", "playback", "app"], () => {
    if (session.playback.playing && performance.now() - drawnAt < RARELY) return;
    drawnAt = performance.now();
    const { app, profile, panels } = session;
    const whose = app === null ? "containers" : `containers of ${profile?.surface.apps[app]}`;
    setText(
      byId("spread-note"),
      `How many ${whose} run how fast; 100 % is as fast as alone on a node.`,
    );
    const series = panels.map(({ title }) => title);
    const classes = classesOf(session);
    const most = Math.max(LEAST_MOST, ...classes.flatMap(({ containers }) => containers));
    const { end, ticks } = roundAxis(most);
    drawChart(place, {
      series,
      x: {
        label: "speed of a container, % of alone →",
        ticks: classes.flatMap(({ first }, at) =>
          first % 2 === 0 ? [{ at: at / classes.length, text: String(10 * first) }] : []
        ),
      },
      y: { label: "containers ↑", ticks },
      marks: [
        make("div", { className: "columns" }, ...classes.map((one) => column(one, end, series))),
      ],
    });
  });
}

/** Containers of each panel that run at these speeds. */
interface SpeedClass {
  /** Its lowest speed, in widths of a class. */
  readonly first: number;
  readonly containers: readonly number[];
}

/** Classes of speeds without a gap between them. */
function classesOf({ app, panels }: Session): SpeedClass[] {
  const counted = panels.map(({ replay }) => {
    const containers = new Map<number, number>();
    replay?.counts.forEach((count, at) => {
      if (count === 0 || app !== null && at % replay.apps !== app) return;
      const place = Math.floor(replay.speeds[at]! / CLASS);
      containers.set(place, (containers.get(place) ?? 0) + count);
    });
    return containers;
  });
  const places = counted.flatMap((each) => [...each.keys()]);
  const [lowest, highest] = [Math.min(...places, 5), Math.max(...places, 14)];
  return Array.from({ length: highest - lowest + 1 }, (_, at) => ({
    first: lowest + at,
    containers: counted.map((each) => each.get(lowest + at) ?? 0),
  }));
}

function column({ first, containers }: SpeedClass, end: number, names: readonly string[]): Element {
  const told = containers.map((count, side) => `${names[side]}: ${count}`).join(", ");
  const bars = containers.map((count, side) => {
    const bar = make("span", { className: sideClass(side) });
    bar.style.setProperty("--share", String(count / end));
    return bar;
  });
  return make("div", { title: `${10 * first} to ${10 * first + 10} %. ${told}` }, ...bars);
}
