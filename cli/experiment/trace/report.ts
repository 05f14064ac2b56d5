/**
 * The report of a trace experiment: a table, throughput, worst app and moves over time, and the series as CSV.
 * @module
 */
import {
  partsOfReplay,
  summariseReplay,
  type TracePart,
  type TraceSummary,
} from "../../../replanning/trace/mod.ts";
import { guardName, writeCsv } from "../../../profiles/csv.ts";
import { type BandCurve, bandPlot } from "../band_plot.ts";
import { type Report, writeReport } from "../page.ts";
import { type Estimate, estimate } from "../statistics.ts";
import type { TraceLine } from "./run.ts";
import { labelsOf, type TraceFile } from "./spec.ts";

/** A policy: estimates over the seeds. */
export interface PolicySummary {
  readonly policy: string;
  /** Most moves, in words. */
  readonly allowed: string;
  /** Mean normalised RPS of a container, over the container hours of a trace. */
  readonly mean: Estimate | undefined;
  /** Share of the offline optimum's bound that is missing, where that is among the policies. */
  readonly gap: Estimate | undefined;
  /** Mean normalised RPS of the worst app at each time, over the hours; and the least at any time. */
  readonly worstApp: Estimate | undefined;
  readonly leastWorstApp: Estimate | undefined;
  readonly moves: Estimate | undefined;
  readonly started: Estimate | undefined;
  readonly stopped: Estimate | undefined;
  readonly lost: Estimate | undefined;
  readonly waitingHours: Estimate | undefined;
  readonly seconds: Estimate | undefined;
  /** Mean throughput in equal parts of the hours, over the seeds. */
  readonly series: readonly PartSummary[];
}

/** A part of the hours: estimates over the seeds. */
export interface PartSummary {
  /** When it ends, in hours. */
  readonly hours: number;
  readonly mean: Estimate | undefined;
  readonly worstApp: Estimate | undefined;
  /** Moves up to its end. */
  readonly moves: Estimate | undefined;
}

/** Most parts that hours are shown in. */
const MOST_PARTS = 48;

/** Sums the lines up, policy by policy in the order of the file; those that were left out are not there. */
export function summariseTraces(file: TraceFile, lines: readonly TraceLine[]): PolicySummary[] {
  const sums = new Map(lines.map((line) => [line, summariseReplay(line.points, line.hours)]));
  // Of several that are proven the least.
  const bounds = new Map<number, number>();
  for (const [{ seed }, { bound }] of sums) {
    if (bound !== null) bounds.set(seed, Math.min(bound, bounds.get(seed) ?? Infinity));
  }
  return labelsOf(file).flatMap((policy, at) => {
    const mine = lines.filter(({ label }) => label === policy);
    if (mine.length === 0) return [];
    const over = (value: (summary: TraceSummary, line: TraceLine) => number | null | undefined) =>
      estimate(mine.flatMap((line) => value(sums.get(line)!, line) ?? []));
    return [{
      policy,
      allowed: allowedOf(file.policies[at]!),
      mean: over(({ mean }) => mean),
      gap: over(({ mean }, { seed }) => {
        const bound = bounds.get(seed);
        return bound === undefined || mean === null ? null : Math.max(0, (bound - mean) / bound);
      }),
      worstApp: over(({ worstApp }) => worstApp),
      leastWorstApp: over(({ leastWorstApp }) => leastWorstApp),
      moves: over(({ moves }) => moves),
      started: over(({ started }) => started),
      stopped: over(({ stopped }) => stopped),
      lost: over(({ lost }) => lost),
      waitingHours: over(({ waitingHours }) => waitingHours),
      seconds: over((_, { seconds }) => seconds),
      series: seriesOf(mine),
    }];
  });
}

function seriesOf(lines: readonly TraceLine[]): PartSummary[] {
  const hours = Math.min(...lines.map((line) => line.hours));
  const count = Math.min(MOST_PARTS, Math.max(1, Math.round(hours)));
  const parts = lines.map((line) => partsOfReplay(line.points, line.hours, count));
  return Array.from({ length: count }, (_, at): PartSummary => {
    const over = (value: (part: TracePart) => number | null) =>
      estimate(parts.flatMap((one) => value(one[at]!) ?? []));
    return {
      hours: parts[0]![at]!.hours,
      mean: over(({ mean }) => mean),
      worstApp: over(({ worstApp }) => worstApp),
      moves: over(({ moves }) => moves),
    };
  });
}

function allowedOf(policy: TraceFile["policies"][number]): string {
  const { policy: name } = typeof policy === "string" ? { policy } : policy;
  if (name === "optimal") return "any";
  if (typeof policy === "string" || !("movesPerHour" in policy)) return "none";
  if (policy.policy === "exchange") return `${policy.movesPerHour} an hour`;
  const { movesPerHour, everyHours } = policy;
  return `${Math.floor(movesPerHour * everyHours)} every ${
    everyHours === 1 ? "hour" : `${everyHours} hours`
  }`;
}

/** Every point of every replay as CSV. */
export function writeSeries(lines: readonly TraceLine[]): string {
  const header = ["seed", "policy", "hours", "improved", "containers", "waiting", "down", "total"]
    .concat([
      "mean",
      "bound",
      "worst_app",
      "worst_app_mean",
      "started",
      "stopped",
      "moves",
      "lost",
    ]);
  return writeCsv([
    header,
    ...lines.flatMap(({ seed, label, apps, points }) =>
      points.map((point) => {
        const { hours, improved, containers, waiting, down, total, boundTotal, worstApp } = point;
        const { started, stopped, moves } = point.change;
        return [
          ...[`${seed}`, guardName(label), `${hours}`, `${improved}`, `${containers}`],
          ...[`${waiting}`, `${down}`, `${total}`],
          ...[containers === 0 ? "" : `${total / containers}`],
          ...[boundTotal === null || containers === 0 ? "" : `${boundTotal / containers}`],
          ...(worstApp === null ? ["", ""] : [guardName(apps[worstApp.app]!), `${worstApp.mean}`]),
          ...[`${started}`, `${stopped}`, `${moves}`, `${point.lost}`],
        ];
      })
    ),
  ]);
}

/** Renders the report. */
export function renderTraceReport(file: TraceFile, lines: readonly TraceLine[]): Report {
  const summaries = summariseTraces(file, lines);
  const plotOf = (
    y: string,
    value: (part: PartSummary) => Estimate | undefined,
    fromZero: boolean,
  ) =>
    bandPlot([{
      title: "",
      curves: summaries.map(({ policy, series }): BandCurve => ({
        label: policy,
        points: series.flatMap((part) => {
          const one = value(part);
          if (one === undefined) return [];
          const { mean } = one;
          // No bands: traces differ far more from each other than policies do on the same trace.
          return [{ x: part.hours, mean, low: mean, high: mean }];
        }),
      })),
    }], { x: "hours", y, fromZero });
  const means = seedsOf(lines) > 1 ? " (means over the seeds)" : "";
  const plots = new Map<string, { readonly title: string; readonly svg: string }>([
    ["throughput.svg", {
      title: `Mean normalised throughput over time${means}`,
      svg: plotOf("mean normalised throughput", ({ mean }) => mean, false),
    }],
    ["worst-app.svg", {
      title: `The worst app over time${means}`,
      svg: plotOf("mean of the worst app", ({ worstApp }) => worstApp, false),
    }],
    ["moves.svg", {
      title: `Moves up to a time${means}`,
      svg: plotOf("moves", ({ moves }) => moves, true),
    }],
  ]);
  const header = ["Policy", "Moves allowed", "Seeds", "Mean throughput", "Gap", "Worst app"]
    .concat(["Least", "Moves", "Lost", "Waiting, hours", "Seconds"]);
  const rows = summaries.map((summary) => [
    summary.policy,
    summary.allowed,
    `${summary.mean?.count ?? 0}`,
    cellOf(summary.mean, (value) => value.toFixed(4), true),
    cellOf(summary.gap, (value) => `${(100 * value).toFixed(2)} %`),
    cellOf(summary.worstApp, (value) => value.toFixed(4)),
    cellOf(summary.leastWorstApp, (value) => value.toFixed(4)),
    cellOf(summary.moves, (value) => value.toFixed(1)),
    cellOf(summary.lost, (value) => value.toFixed(1)),
    cellOf(summary.waitingHours, (value) => value.toFixed(1)),
    cellOf(summary.seconds, (value) => value.toFixed(2)),
  ]);
  return writeReport({
    title: file.title ?? `Trace experiment ${file.name}`,
    facts: factsOf(file, lines),
    header,
    rows,
    plots,
  });
}

function seedsOf(lines: readonly TraceLine[]): number {
  return new Set(lines.map(({ seed }) => seed)).size;
}

function factsOf(file: TraceFile, lines: readonly TraceLine[]): string[] {
  const [surface] = Object.values(file.surface);
  const cluster = Array.isArray(file.cluster)
    ? file.cluster.map(({ count, capacity }) => `${count} nodes of ${capacity} slots`).join(", ")
    : `${file.cluster.nodes} nodes of ${file.cluster.capacity} slots`;
  const left = labelsOf(file).filter((one) => !lines.some(({ label }) => label === one));
  const versions = [...new Set(lines.map((line) => JSON.stringify(line.versions)))]
    .map((one) =>
      Object.entries(JSON.parse(one)).map(([name, version]) => `${name} ${version}`).join(", ")
    );
  return [
    `Surface: ${surface} (${Object.keys(file.surface)[0]})`,
    `Cluster: ${cluster}`,
    "file" in file.trace
      ? `Trace: ${file.trace.file}`
      : `Traces: ${seedsOf(lines)} of ${file.trace.hours} hours, each drawn from a seed`,
    "Means are over container hours; moves are starts that neither arrivals nor lost nodes force",
    "Gap: to what is proven that no placement exceeds, at every moment, however many moves it takes",
    ...(left.length > 0 ? [`Left out, or not run yet: ${left.join(", ")}`] : []),
    ...(versions.length > 0 ? [`Versions: ${versions.join("; ")}`] : []),
  ];
}

function cellOf(
  one: Estimate | undefined,
  format: (value: number) => string,
  withMargin = false,
): string {
  if (one === undefined) return "-";
  return withMargin && one.count > 1
    ? `${format(one.mean)} ± ${format(one.margin)}`
    : format(one.mean);
}
