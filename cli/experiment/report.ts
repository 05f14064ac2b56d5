/**
 * The report of an experiment from its lines: tables and plots, as Markdown and as one HTML file.
 * @module
 */
import { type ExperimentFile, type OwnExperimentFile, setNames } from "./form.ts";
import { type Report, writeReport } from "./page.ts";
import { cdfPlot, type IntervalPanel, intervalPlot } from "./plots.ts";
import type { BoundLine, ResultLine, RunLine } from "./results.ts";
import { cumulative, type Estimate, estimate } from "./statistics.ts";

/** One scheduler on one set of demands. */
export interface Summary {
  readonly set: string;
  readonly label: string;
  readonly runs: number;
  readonly refused: number;
  /** Mean normalised throughput; seeds of a row are averaged first, rows are the sample. */
  readonly mean: Estimate | undefined;
  /** Gap to the proven bound. */
  readonly gap: Estimate | undefined;
  /** Gap of each row, in their order. */
  readonly gaps: readonly number[];
  readonly seconds: Estimate | undefined;
  readonly violations: Estimate | undefined;
  readonly worst: Estimate | undefined;
}

/** Sums up the lines of an experiment, scheduler by scheduler within each set, in the order of the file. */
export function summarise(
  file: Pick<ExperimentFile, "demands" | "schedulers">,
  lines: readonly ResultLine[],
): Summary[] {
  const runs = lines.filter((line): line is RunLine => line.type === "run");
  const bounds = new Map(
    lines.filter((line): line is BoundLine => line.type === "bound")
      .map(({ set, row, bound }) => [JSON.stringify([set, row]), bound]),
  );
  const labels = labelsOf(file.schedulers);
  return setNames(file).flatMap((set) =>
    labels.map((label): Summary => {
      const mine = runs.filter((run) => run.set === set && run.label === label);
      const placed = mine.filter((run) => run.error === null);
      const over = (value: (run: RunLine) => number | null): Estimate | undefined =>
        estimate(meanByRow(placed, value));
      const gaps = meanByRow(placed, ({ row, mean }) => {
        const bound = bounds.get(JSON.stringify([set, row])) ?? null;
        return bound === null || mean === null || bound <= 0
          ? null
          : Math.max(0, (bound - mean) / bound);
      });
      return {
        set,
        label,
        runs: mine.length,
        refused: mine.length - placed.length,
        mean: over(({ mean }) => mean),
        gap: estimate(gaps),
        gaps,
        seconds: over(({ seconds }) => seconds),
        violations: over(({ violations }) => violations),
        worst: over(({ worst }) => worst),
      };
    })
  );
}

/** Renders the report. */
export function renderReport(file: ExperimentFile, lines: readonly ResultLine[]): Report {
  const summaries = summarise(file, lines);
  const labels = labelsOf(file.schedulers);
  const sets = setNames(file);
  const panelsOf = (
    value: (summary: Summary) => Estimate | undefined,
  ): IntervalPanel[] =>
    sets.map((set) => ({
      title: `${set}`,
      estimates: labels.map((label) =>
        value(summaries.find((one) => one.set === set && one.label === label)!)
      ),
    }));
  const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
  const plots = new Map<string, { readonly title: string; readonly svg: string }>([
    ["throughput.svg", {
      title: "Mean normalised throughput (95 % confidence)",
      svg: intervalPlot(labels, panelsOf(({ mean }) => mean), {
        label: "mean normalised throughput",
        format: (value) => value.toFixed(4),
      }),
    }],
    ["gap.svg", {
      title: "Gap to the proven bound",
      svg: intervalPlot(labels, panelsOf(({ gap }) => gap && times(gap, 100)), {
        label: "gap, %",
        fromZero: true,
        format: (value) => `${value.toFixed(2)} %`,
      }),
    }],
    ["latency.svg", {
      title: "Scheduling latency",
      svg: intervalPlot(labels, panelsOf(({ seconds }) => seconds), {
        label: "time per demand",
        logarithmic: true,
        format: secondsText,
        tick: (value) =>
          value < 1e-3
            ? `${Number((value * 1e6).toPrecision(3))} µs`
            : value < 1
            ? `${Number((value * 1e3).toPrecision(3))} ms`
            : `${Number(value.toPrecision(3))} s`,
      }),
    }],
    ["violations.svg", {
      title: "Weighted violations of the constraints",
      svg: intervalPlot(labels, panelsOf(({ violations }) => violations), {
        label: "violations",
        fromZero: true,
        format: (value) => value.toFixed(0),
      }),
    }],
    ["rps.svg", {
      title: "Cumulative distribution of the RPS of containers",
      svg: cdfPlot(
        labels,
        sets.map((set) => ({
          title: set,
          curves: labels.map((label) => rpsCurve(lines, set, label)),
        })),
        "normalised RPS of a container",
      ),
    }],
  ]);
  const header = ["Demands", "Scheduler", "Placed", "Mean throughput", "Gap", "Worst container"]
    .concat(["Violations", "Seconds"]);
  const rows = summaries.map((summary) => [
    summary.set,
    summary.label,
    `${summary.runs - summary.refused} of ${summary.runs}`,
    withMargin(summary.mean, (value) => value.toFixed(4)),
    withMargin(summary.gap, percent),
    summary.worst === undefined ? "-" : summary.worst.mean.toFixed(4),
    summary.violations === undefined ? "-" : summary.violations.mean.toFixed(1),
    summary.seconds === undefined ? "-" : secondsText(summary.seconds.mean),
  ]);
  return writeReport({
    title: file.title ?? `Experiment ${file.name}`,
    facts: factsOf(file, lines),
    header,
    rows,
    notes: refusalsOf(lines),
    plots,
  });
}

/** What the schedulers are called, in order. */
function labelsOf(schedulers: ExperimentFile["schedulers"]): string[] {
  return schedulers.map((entry) =>
    typeof entry === "string" ? entry : entry.label ?? entry.scheduler
  );
}

/** The mean over the seeds of each row; rows without a value are left out. */
function meanByRow(runs: readonly RunLine[], value: (run: RunLine) => number | null): number[] {
  const rows = new Map<number, number[]>();
  for (const run of runs) {
    const found = value(run);
    if (found === null || found === undefined) continue;
    rows.set(run.row, [...rows.get(run.row) ?? [], found]);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, values]) =>
    values.reduce((sum, one) => sum + one, 0) / values.length
  );
}

function rpsCurve(lines: readonly ResultLine[], set: string, label: string) {
  const values: [number, number][] = [];
  for (const line of lines) {
    if (line.type !== "run" || line.set !== set || line.label !== label) continue;
    for (const { nodes, counts, rps } of line.nodes) {
      counts.forEach((count, app) => {
        if (count > 0) values.push([rps[app]!, count * nodes.length]);
      });
    }
  }
  return cumulative(values);
}

function factsOf(file: ExperimentFile, lines: readonly ResultLine[]): string[] {
  const runs = lines.filter((line): line is RunLine => line.type === "run");
  const bounds = lines.filter((line): line is BoundLine => line.type === "bound");
  const proven = bounds.filter((line) => line.proven).length;
  const versions = [...new Set(runs.map((run) => JSON.stringify(run.versions)))]
    .map((text) =>
      Object.entries(JSON.parse(text)).map(([name, version]) => `${name} ${version}`).join(", ")
    );
  return [
    ...("problem" in file ? [`Problem: ${file.problem}`] : groundFacts(file)),
    `Constraints: ${file.constraints ?? "derived from the surface"}`,
    `Runs: ${runs.length}, bounds: ${bounds.length} (${proven} are reached by a placement, so proven optimal)`,
    ...(versions.length > 0 ? [`Versions: ${versions.join("; ")}`] : []),
  ];
}

function groundFacts({ surface, cluster }: OwnExperimentFile): string[] {
  const [source] = Object.values(surface);
  const nodes = Array.isArray(cluster)
    ? cluster.map(({ count, capacity }) => `${count} nodes of ${capacity} slots`).join(", ")
    : `${cluster.nodes} nodes of ${cluster.capacity} slots`;
  return [`Surface: ${source} (${Object.keys(surface)[0]})`, `Cluster: ${nodes}`];
}

function refusalsOf(lines: readonly ResultLine[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.type !== "run" || line.error === null) continue;
    const text = `${line.label} did not place: ${line.error}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${text} (${count} times)`);
}

function times({ count, mean, margin, least, most }: Estimate, factor: number): Estimate {
  return {
    count,
    mean: mean * factor,
    margin: margin * factor,
    least: least * factor,
    most: most * factor,
  };
}

function withMargin(one: Estimate | undefined, format: (value: number) => string): string {
  if (one === undefined) return "-";
  return one.count < 2 ? format(one.mean) : `${format(one.mean)} ± ${format(one.margin)}`;
}

function secondsText(value: number): string {
  return value < 0.0995 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`;
}
