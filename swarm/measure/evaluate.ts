import { configurationKey, type Profile } from "../../domain/mod.ts";
import type { Entry, Run } from "./records.ts";
import { meanOf, medianOf } from "./verdict.ts";

/** What a profile says of one configuration. */
export interface Row {
  readonly counts: Uint8Array;
  /** Normalised RPS of one container of each app; NaN if it is absent. */
  readonly rps: Float64Array;
  /** Latencies in milliseconds, likewise. */
  readonly p50: Float64Array;
  readonly p99: Float64Array;
  /** How far its repeats lie apart: (most - least) / median of the throughput. */
  readonly spread: number;
  /** Repeats behind it, in all of its measurements. */
  readonly repeats: number;
  /** Measurements behind it: times that it was launched and loaded. */
  readonly measurements: number;
  /** Standard deviation of one measurement's RPS of each app, from how repeats differ; NaN if it is absent. */
  readonly deviations: Float64Array;
  /** What to know about it: unsteady repeats, containers that differ from the others of their app. */
  readonly flags: readonly string[];
}

/** Requests per second of containers that run alone, as they were at different times. */
export class SoloRates {
  readonly #rates = new Map<string, { readonly at: number; readonly rps: number }[]>();

  /** Takes a run into account, where it is a solo run that can be used. */
  add(run: Run): void {
    const [container, ...others] = run.containers;
    if (run.verdict === "void" || container === undefined || others.length > 0) return;
    const key = soloKey(run.node, container.app);
    const rates = this.#rates.get(key) ?? [];
    rates.push({
      at: Date.parse(run.at),
      rps: meanOf(container.repeats.map(({ rps }) => rps)),
    });
    this.#rates.set(key, rates.sort((a, b) => a.at - b.at));
  }

  /** True if the app was measured alone on the node. */
  has(node: string, app: string): boolean {
    return this.#rates.has(soloKey(node, app));
  }

  /** When the app was last measured alone on the node, in milliseconds since 1970; -Infinity for never. */
  last(node: string, app: string): number {
    return this.#rates.get(soloKey(node, app))?.at(-1)?.at ?? -Infinity;
  }

  /**
   * Requests per second of the app alone on the node at a moment: between two solo runs on the line between them,
   * so that a machine that slowly changes does not show as interference. NaN if it never ran alone.
   */
  rate(node: string, app: string, at: number): number {
    const rates = this.#rates.get(soloKey(node, app)) ?? [];
    const next = rates.findIndex((solo) => solo.at >= at);
    if (next < 0) return rates.at(-1)?.rps ?? NaN;
    const [before, after] = [rates[next - 1], rates[next]!];
    if (before === undefined || after.at === at) return after.rps;
    const share = (at - before.at) / (after.at - before.at);
    return before.rps + share * (after.rps - before.rps);
  }

  /** The mean of an app's last rates over all nodes, for a node that is like them; NaN if it never ran alone. */
  anywhere(app: string): number {
    const last = [...this.#rates].filter(([key]) => key.endsWith(`\n${app}`))
      .map(([, rates]) => rates.at(-1)!.rps);
    return meanOf(last);
  }

  /** How far the rates of each app on each node moved: last / first, where there are two. */
  drifts(): { readonly node: string; readonly app: string; readonly ratio: number }[] {
    return [...this.#rates].flatMap(([key, rates]) => {
      const [node, app] = key.split("\n") as [string, string];
      const [first, last] = [rates[0]!, rates.at(-1)!];
      return first === last || first.rps === 0 ? [] : [{ node, app, ratio: last.rps / first.rps }];
    });
  }
}

/** The solo rates of a journal. */
export function soloRates(entries: readonly Entry[]): SoloRates {
  const rates = new SoloRates();
  for (const entry of entries) if (entry.kind === "run") rates.add(entry);
  return rates;
}

/** The runs of each configuration that can be used: good ones, else all unsteady ones; in order of the first. */
export function usableRuns(entries: readonly Entry[]): Map<string, Run[]> {
  const usable = new Map<string, Run[]>();
  for (const entry of entries) {
    if (entry.kind !== "run" || entry.verdict === "void") continue;
    const key = configurationKey(entry.counts, 0, entry.counts.length);
    usable.set(key, [...usable.get(key) ?? [], entry]);
  }
  for (const [key, runs] of usable) {
    const good = runs.filter(({ verdict }) => verdict === "good");
    if (good.length > 0) usable.set(key, good);
  }
  return usable;
}

/** What the runs of one configuration say. @param runs As {@link usableRuns} has them. */
export function rowOf(apps: readonly string[], runs: readonly Run[], solos: SoloRates): Row {
  const repeats = runs.flatMap((run) => repeatsOf(apps, run, solos));
  const width = apps.length;
  const counts = Uint8Array.from(runs[0]!.counts);
  const median = (pick: (repeat: Repeat) => Float64Array) =>
    Float64Array.from(
      { length: width },
      (_, app) => counts[app] === 0 ? NaN : medianOf(repeats.map((repeat) => pick(repeat)[app]!)),
    );
  const totals = repeats.map(({ rps }) =>
    rps.reduce((sum, value, app) => sum + (counts[app] === 0 ? 0 : counts[app]! * value), 0)
  );
  return {
    counts,
    rps: median(({ rps }) => rps),
    p50: median(({ p50 }) => p50),
    p99: median(({ p99 }) => p99),
    spread: (Math.max(...totals) - Math.min(...totals)) / medianOf(totals),
    repeats: repeats.length,
    measurements: runs.length,
    deviations: Float64Array.from(
      { length: width },
      (_, app) =>
        counts[app] === 0 ? NaN : deviationOf(repeats.map(({ rps }) => rps[app]!)) /
          Math.sqrt(repeats.length / runs.length),
    ),
    flags: runs.flatMap(({ verdict, reason, outliers }) => [
      ...(verdict === "unsteady" ? [reason ?? verdict] : []),
      ...outliers,
    ]),
  };
}

/** The rows of a journal, in order of their first use. */
export function rowsOf(apps: readonly string[], entries: readonly Entry[]): Row[] {
  const solos = soloRates(entries);
  return [...usableRuns(entries).values()].map((runs) => rowOf(apps, runs, solos))
    // Without a solo run of one of its apps, nothing can be said yet.
    .filter(({ counts, rps }) => counts.every((count, app) => count === 0 || rps[app]! >= 0));
}

/** Rows as a profile. */
export function profileOf(apps: readonly string[], rows: readonly Row[]): Profile {
  const width = apps.length;
  const all = (pick: (row: Row) => Float64Array) => {
    const values = new Float64Array(rows.length * width);
    rows.forEach((row, at) => values.set(pick(row), at * width));
    return values;
  };
  const counts = new Uint8Array(rows.length * width);
  rows.forEach((row, at) => counts.set(row.counts, at * width));
  return {
    apps,
    rows: rows.length,
    counts,
    rps: all(({ rps }) => rps),
    p50: all(({ p50 }) => p50),
    p99: all(({ p99 }) => p99),
    measurements: Uint32Array.from(rows, ({ measurements }) => measurements),
    deviations: all(({ deviations }) => deviations),
  };
}

/** Of a sample; NaN for fewer than two values. */
function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

interface Repeat {
  readonly rps: Float64Array;
  readonly p50: Float64Array;
  readonly p99: Float64Array;
}

/** Each repeat of a run: the mean over the containers of each app. */
function repeatsOf(apps: readonly string[], run: Run, solos: SoloRates): Repeat[] {
  const at = Date.parse(run.at);
  const ofApp = Map.groupBy(run.containers, ({ app }) => app);
  const count = run.containers[0]?.repeats.length ?? 0;
  return Array.from({ length: count }, (_, repeat) => {
    const mean = (pick: (one: Run["containers"][0]["repeats"][0]) => number | null) =>
      Float64Array.from(
        apps,
        (app) => meanOf((ofApp.get(app) ?? []).map(({ repeats }) => pick(repeats[repeat]!) ?? NaN)),
      );
    const rps = mean((one) => one.rps);
    return {
      rps: rps.map((value, app) => value / solos.rate(run.node, apps[app]!, at)),
      p50: mean(({ p50 }) => p50),
      p99: mean(({ p99 }) => p99),
    };
  });
}

function soloKey(node: string, app: string): string {
  return `${node}\n${app}`;
}
