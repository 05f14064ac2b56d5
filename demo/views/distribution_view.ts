/// <reference lib="dom" />
import uPlot from "uplot";
import type { Session } from "../session/session.ts";
import { chartAxes, type ChartSize, followSize } from "./chart.ts";
import { onThemeChange, themeColor } from "./colors.ts";
import { byId, setText } from "./dom.ts";

/** Milliseconds between two drawings while a replay runs: the clusters need the time more. */
const RARELY = 120;
/** Width of a class of speeds. */
const CLASS = 0.1;

/** How many containers run how fast, in both panels. */
export function followDistribution(session: Session): void {
  const place = byId("distribution");
  let chart: uPlot | null = null;
  let shown = "";
  let drawnAt = 0;
  const draw = (): void => {
    if (session.playback.playing && performance.now() - drawnAt < RARELY) return;
    drawnAt = performance.now();
    const names = session.panels.map(({ title }) => title);
    const data = distributionOf(session);
    const { app, profile } = session;
    const whose = app === null ? "containers" : `containers of ${profile?.surface.apps[app]}`;
    setText(
      byId("spread-note"),
      `How many ${whose} run how fast; 1 is as fast as alone on a node.`,
    );
    const key = names.join();
    if (chart === null || key !== shown) {
      chart?.destroy();
      chart = new uPlot(optionsOf(names, followSize(place, () => chart)), data, place);
      shown = key;
    } else chart.setData(data);
  };
  session.changes.follow(["panels", "playback", "app"], draw);
  onThemeChange(() => {
    shown = "";
    draw();
  });
}

/** Speeds from 0 on in steps of CLASS, and the containers of each panel in each class. */
function distributionOf({ app, panels }: Session): uPlot.AlignedData {
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
  const [first, last] = [Math.min(...places, 5), Math.max(...places, 14)];
  const classes = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  return [
    classes.map((place) => (place + 0.5) * CLASS),
    ...counted.map((each) => classes.map((place) => each.get(place) ?? 0)),
  ] as uPlot.AlignedData;
}

function optionsOf(names: readonly string[], { width, height }: ChartSize): uPlot.Options {
  const paths = uPlot.paths.bars!;
  return {
    width,
    height,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { time: false },
      y: { range: (_self, _low, high) => [0, Math.max(5, high * 1.05)] },
    },
    axes: chartAxes("normalised RPS of a container", "containers"),
    series: [
      {
        label: "speed",
        value: (_self, value) =>
          value === null
            ? "–"
            : `${(value - CLASS / 2).toFixed(1)}–${(value + CLASS / 2).toFixed(1)}`,
      },
      ...names.map((label, at): uPlot.Series => ({
        label,
        stroke: themeColor(at === 0 ? "--side-a" : "--side-b"),
        fill: themeColor(at === 0 ? "--side-a" : "--side-b"),
        paths: paths({ size: [0.42, 40], align: at === 0 ? -1 : 1 }),
        points: { show: false },
      })),
    ],
  };
}
