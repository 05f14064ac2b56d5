import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { MeasureError } from "../../swarm/errors.ts";
import type { LoadResult, TargetResult } from "../../swarm/load/generator.ts";
import { checkLoadPlan, targetOf } from "../../swarm/load/plan.ts";
import { loadInProcess } from "../../swarm/load/process.ts";
import type { Measured } from "../../swarm/load/recorder.ts";
import { failuresCsv, statsCsv } from "../../swarm/load/report.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as load from "../measure/load.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";

/** Options of `metis load`. */
const loadOptions = () =>
  [
    new Option("--target <urls>", "targets to load: URL[,URL...]").argParser((text) =>
      text.split(",")
    )
      .makeOptionMandatory(),
    load.usersOption(),
    load.waitOption("0..0"),
    new Option("--rate <count>", "requests per second to each target, instead of users")
      .argParser(options.positive).conflicts(["users", "wait"]),
    load.warmUpOption(2),
    load.durationOption(10),
    load.repeatsOption(1),
    load.timeLimitOption(),
    new Option("--method <name>", "method of the requests").default("GET"),
    new Option("--header <name: value>", "header of the requests (repeatable)")
      .argParser<(readonly [string, string])[]>((text, before) => [
        ...before ?? [],
        load.parseHeader(text),
      ]).default([]),
    new Option("--body <text>", "body of the requests"),
    new Option(
      "--csv <prefix>",
      "write PREFIX_stats.csv and PREFIX_failures.csv, with locust's columns",
    ),
    ...load.placeOptions(),
    options.seedOption(),
    ...options.outputOptions(),
  ] as const;
type LoadArguments = GivenBy<typeof loadOptions>;

/** The command `metis load`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("load")
      .description(
        "Loads web services, all at once, and measures requests per second and latencies. Users wait for each answer " +
          "(closed loop); with --rate, requests are sent on a schedule whatever the answers, and latency counts from " +
          "when a request was meant to be sent (open loop). A measurement in which the generator itself fell " +
          "behind, or nothing was answered, is void.",
      ),
    loadOptions(),
    (given) => runLoadCommand(context, given),
  );
}

async function runLoadCommand(context: CliContext, given: LoadArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const { method, header, body } = given;
  const headers = Object.fromEntries(header);
  const request = { method, headers, path: "/", ...(body === undefined ? {} : { body }) };
  const plan = checkLoadPlan({
    targets: given.target.map((text) => targetOf(text, request)),
    loop: given.rate === undefined ? load.closedLoop(given) : { kind: "open", rate: given.rate },
    ...load.timesOf(given),
    seed: given.seed,
  });
  for (const file of csvFiles(given.csv, plan.repeats).flat()) await context.checkWritable(file);
  const seconds = plan.warmUp + plan.repeats * plan.duration;
  const stop = load.showTime(context, talk, seconds, `loading ${plan.targets.length} targets`);
  let result: LoadResult;
  try {
    result = await loadInProcess(plan, context.signal, load.placeOf(given));
  } finally {
    stop();
  }
  await writeCsvFiles(context, given.csv, result);
  if (given.json) printJson(context, result);
  else printResult(context, result);
  const lost = result.total.findIndex((measured) => measured.void !== null);
  const target = result.targets.find(({ measured }) => measured.some((one) => one.void !== null));
  if (lost >= 0 || target !== undefined) {
    const why = result.total[lost]?.void ?? target!.measured.find((one) => one.void)!.void;
    throw new MeasureError(`Void: ${lost >= 0 ? "" : `${target!.name}: `}${why}`);
  }
}

/** Names of the files of each repeat. */
function csvFiles(prefix: string | undefined, repeats: number): [string, string][] {
  if (prefix === undefined) return [];
  return Array.from({ length: repeats }, (_, at) => {
    const name = repeats === 1 ? prefix : `${prefix}_${at + 1}`;
    return [`${name}_stats.csv`, `${name}_failures.csv`];
  });
}

async function writeCsvFiles(
  context: CliContext,
  prefix: string | undefined,
  result: LoadResult,
): Promise<void> {
  for (const [at, [stats, failures]] of csvFiles(prefix, result.total.length).entries()) {
    await context.writeFile(stats, statsCsv(result, at));
    await context.writeFile(failures, failuresCsv(result, at));
  }
}

interface Row {
  readonly target: string;
  readonly measured: Measured;
}

function printResult(context: CliContext, { targets, total }: LoadResult): void {
  const rows: Row[] = total.flatMap((all, at) => [
    ...targets.map(({ name, measured }: TargetResult) => ({
      target: name,
      measured: measured[at]!,
    })),
    ...(targets.length > 1 ? [{ target: "all", measured: all }] : []),
  ]);
  const figure = (value: number | undefined, digits = 2) => value?.toFixed(digits) ?? "";
  const time = (percentile: string) => ({ measured }: Row) => {
    const value = measured.void === null ? measured.latency?.percentiles[percentile] : undefined;
    return value === undefined ? "" : figure(value / 1000);
  };
  const { columns: width } = context.stdout;
  context.stdout.write(renderTable<Row>(
    [
      { title: "Target", align: "left", cell: ({ target }) => target },
      { title: "Requests", align: "right", cell: ({ measured }) => `${measured.requests}` },
      {
        title: "Failed",
        align: "right",
        cell: ({ measured }) => `${measured.requests - measured.answered}`,
      },
      {
        title: "Requests/s",
        align: "right",
        cell: ({ measured }) =>
          measured.void === null ? figure(measured.requestsPerSecond) : "void",
      },
      { title: "p50 ms", align: "right", cell: time("p50") },
      { title: "p95 ms", align: "right", cell: time("p95") },
      { title: "p99 ms", align: "right", cell: time("p99") },
      { title: "most ms", align: "right", cell: time("p100") },
    ],
    rows,
    { width, color: wantsColor(context, context.stdout) },
  ));
  const kinds = Object.entries(
    total.reduce<Record<string, number>>((sums, { errors }) => {
      for (const [kind, count] of Object.entries(errors)) sums[kind] = (sums[kind] ?? 0) + count;
      return sums;
    }, {}),
  );
  if (kinds.length > 0) {
    context.stdout.write(
      `\nFailed: ${kinds.map(([kind, count]) => `${count} x ${kind}`).join(", ")}\n`,
    );
  }
}
