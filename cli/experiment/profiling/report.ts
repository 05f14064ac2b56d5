/**
 * The report of a profiling experiment: tables, and regret against measurements with confidence bands.
 * @module
 */
import { type BandCurve, bandPlot } from "../band_plot.ts";
import { type Report, writeReport } from "../page.ts";
import { type Estimate, estimate } from "../statistics.ts";
import type { ProfilingLine } from "./run.ts";
import type { ProfilingFile } from "./spec.ts";

/** A strategy with a budget on one truth: means over the seeds. */
export interface ProfilingSummary {
  readonly truth: string;
  readonly strategy: string;
  readonly budget: number;
  /** Shares. */
  readonly regret: Estimate | undefined;
  readonly regretMax: Estimate | undefined;
  readonly regretBound: Estimate | undefined;
  readonly maePresent: Estimate | undefined;
  readonly seconds: Estimate | undefined;
}

/** Sums the lines up, in the order of the file. */
export function summariseProfiling(
  { truths, strategies, budgets }: ProfilingFile,
  lines: readonly ProfilingLine[],
): ProfilingSummary[] {
  return truths.flatMap(({ name: truth }) =>
    strategies.flatMap((strategy) =>
      budgets.map((budget): ProfilingSummary => {
        const mine = lines.filter((line) =>
          line.truth === truth && line.strategy === strategy && line.budget === budget
        );
        const over = (value: (line: ProfilingLine) => number | null): Estimate | undefined =>
          estimate(mine.flatMap((line) => value(line) ?? []));
        return {
          truth,
          strategy,
          budget,
          regret: over(({ regret }) => regret),
          regretMax: over(({ regretMax }) => regretMax),
          regretBound: over(({ regretBound }) => regretBound),
          maePresent: over(({ maePresent }) => maePresent),
          seconds: over(({ seconds }) => seconds),
        };
      })
    )
  );
}

/** Renders the report. */
export function renderProfilingReport(
  file: ProfilingFile,
  lines: readonly ProfilingLine[],
): Report {
  const summaries = summariseProfiling(file, lines);
  const plotOf = (value: (summary: ProfilingSummary) => Estimate | undefined, factor: number) =>
    file.truths.map(({ name }) => ({
      title: name,
      curves: file.strategies.map((strategy): BandCurve => ({
        label: strategy,
        points: summaries.flatMap((summary) => {
          const one = value(summary);
          if (summary.truth !== name || summary.strategy !== strategy || one === undefined) {
            return [];
          }
          return [{
            x: summary.budget,
            mean: factor * one.mean,
            low: factor * Math.max(0, one.mean - one.margin),
            high: factor * (one.mean + one.margin),
          }];
        }).sort((a, b) => a.x - b.x),
      })),
    }));
  const plots = new Map<string, { readonly title: string; readonly svg: string }>([
    ["regret.svg", {
      title: "Regret against measurements (bands: 95 % confidence over the seeds)",
      svg: bandPlot(plotOf(({ regret }) => regret, 100), {
        x: "measurements",
        y: "mean regret, %",
      }),
    }],
    ["error.svg", {
      title: "Error on configurations that were not measured (bands: 95 % confidence)",
      svg: bandPlot(plotOf(({ maePresent }) => maePresent, 1), {
        x: "measurements",
        y: "mean absolute error where present",
      }),
    }],
  ]);
  const header = ["Truth", "Strategy", "Measurements", "Seeds", "Mean regret", "Largest regret"]
    .concat(["Believed at most", "Error where present", "Seconds"]);
  const rows = summaries.map((summary) => [
    summary.truth,
    summary.strategy,
    `${summary.budget}`,
    `${summary.regret?.count ?? 0}`,
    text(summary.regret, (value) => `${(100 * value).toFixed(2)} %`, true),
    text(summary.regretMax, (value) => `${(100 * value).toFixed(2)} %`),
    text(summary.regretBound, (value) => `${(100 * value).toFixed(2)} %`),
    text(summary.maePresent, (value) => value.toFixed(4)),
    text(summary.seconds, (value) => value.toFixed(1)),
  ]);
  return writeReport({
    title: file.title ?? `Profiling experiment ${file.name}`,
    facts: factsOf(file, lines),
    header,
    rows,
    plots,
  });
}

function factsOf(file: ProfilingFile, lines: readonly ProfilingLine[]): string[] {
  const { containers, draws } = file.demands;
  const restricted = [
    ...new Set(lines.filter((line) => line.restricted).map(({ truth }) => truth)),
  ];
  const versions = [...new Set(lines.map((line) => JSON.stringify(line.versions)))]
    .map((one) =>
      Object.entries(JSON.parse(one)).map(([name, version]) => `${name} ${version}`).join(", ")
    );
  return [
    `Runs: ${lines.length}`,
    `Regret: what placing by the model (${file.fit}) loses against the optimum, mean over ${
      containers.length * draws
    } demands of ${
      containers.join(", ")
    } containers on ${file.nodes} nodes that profiling did not see`,
    ...(restricted.length > 0
      ? [`Choices are restricted to measured configurations on: ${restricted.join(", ")}`]
      : []),
    ...(versions.length > 0 ? [`Versions: ${versions.join("; ")}`] : []),
  ];
}

function text(
  one: Estimate | undefined,
  format: (value: number) => string,
  withMargin = false,
): string {
  if (one === undefined) return "-";
  return withMargin && one.count > 1
    ? `${format(one.mean)} ± ${format(one.margin)}`
    : format(one.mean);
}
