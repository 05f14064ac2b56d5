import { writeCsv } from "../../profiles/csv.ts";
import type { LoadResult } from "./generator.ts";
import { type Measured, PERCENTILES } from "./recorder.ts";

const STATS_HEADER = [
  "Type",
  "Name",
  "Request Count",
  "Failure Count",
  "Median Response Time",
  "Average Response Time",
  "Min Response Time",
  "Max Response Time",
  "Average Content Size",
  "Requests/s",
  "Failures/s",
  ...PERCENTILES.map((percentile) => `${percentile}%`),
];

/**
 * Statistics with the columns of locust's `PREFIX_stats.csv`: times in milliseconds, percentiles over the whole
 * measurement. What a void measurement does not know is left empty.
 * @param repeat Which measurement.
 */
export function statsCsv(result: LoadResult, repeat: number): string {
  const rows = result.targets.map(({ method, name, measured }) =>
    statsRow(method, name, measured[repeat]!)
  );
  return writeCsv([STATS_HEADER, ...rows, statsRow("", "Aggregated", result.total[repeat]!)]);
}

/** Failures with the columns of locust's `PREFIX_failures.csv`. @param repeat Which measurement. */
export function failuresCsv(result: LoadResult, repeat: number): string {
  const rows = result.targets.flatMap(({ method, name, measured }) =>
    Object.entries(measured[repeat]!.errors).map((
      [kind, count],
    ) => [method, name, kind, `${count}`])
  );
  return writeCsv([["Method", "Name", "Error", "Occurrences"], ...rows]);
}

function statsRow(type: string, name: string, measured: Measured): string[] {
  const { requests, answered, latency, meanBytes, requestsPerSecond, failuresPerSecond } = measured;
  const usable = measured.void === null && latency !== null;
  const milliseconds = (microseconds: number) => usable ? `${microseconds / 1000}` : "";
  const times = (pick: (known: NonNullable<Measured["latency"]>) => number) =>
    latency === null ? "" : milliseconds(pick(latency));
  return [
    type,
    name,
    `${requests}`,
    `${requests - answered}`,
    times(({ percentiles }) => percentiles["p50"]!),
    times(({ mean }) => Math.round(mean)),
    times(({ least }) => least),
    times(({ most }) => most),
    usable ? `${meanBytes}` : "",
    usable ? `${requestsPerSecond}` : "",
    usable ? `${failuresPerSecond}` : "",
    ...PERCENTILES.map((percentile) => times(({ percentiles }) => percentiles[`p${percentile}`]!)),
  ];
}
