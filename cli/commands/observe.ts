import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import { InputError } from "../../domain/mod.ts";
import {
  configurationText,
  MEASURES,
  observe,
  type Observed,
  suggestMoves,
} from "../../observing/mod.ts";
import { writeProfileCsv } from "../../profiles/mod.ts";
import { checkStackName } from "../../swarm/names.ts";
import { Prometheus } from "../../swarm/prometheus/client.ts";
import { measureOf, type Queries, readQueries, SHIPPED } from "../../swarm/prometheus/queries.ts";
import { readWatched } from "../../swarm/prometheus/watched.ts";
import { type CliContext, printJson, readText } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";

/** Looks at what runs in each interval. */
const LOOKS = 4;
/** Moves that are suggested. */
const MOVES = 3;

/** Options of `metis observe`. */
const observeOptions = () =>
  [
    new Option("--prometheus <url>", "address of the Prometheus: http://prometheus:9090")
      .makeOptionMandatory(),
    new Option("--stack <name>", "name of the stack, as `docker stack` shows it")
      .makeOptionMandatory(),
    options.outOption("the profile (CSV)").makeOptionMandatory(),
    new Option("--queries <name>", "what is asked, by what is scraped").choices(
      Object.keys(SHIPPED),
    ).default("metis"),
    new Option("--query-file <file>", "ask these queries instead (YAML)").conflicts("queries"),
    new Option("--measure <name>", "by what speed is told (default: what the queries say)")
      .choices(MEASURES),
    new Option("--last <time>", "how far to look back: 90m, 12h, 7d").argParser(parseTime)
      .default(parseTime("24h"), "24h"),
    new Option("--until <moment>", "end of what is looked at: 2026-11-30T18:00:00Z (default: now)")
      .argParser(parseMoment),
    new Option("--interval <seconds>", "length of an interval, which is one measurement")
      .argParser(options.whole(LOOKS, 86_400)).default(60),
    new Option("--settle <seconds>", "time after a change on a node that does not count")
      .argParser(options.whole(0, 86_400)).default(30),
    new Option(
      "--least-requests <count>",
      "requests below which an interval says nothing of an app",
    )
      .argParser(options.whole(1, 1_000_000)).default(20),
    new Option("--suggest", "say the few moves that would teach most"),
    new Option(
      "--capacity <slots>",
      "containers that a node takes, for --suggest (default: the most seen)",
    )
      .argParser(options.whole(1, 255)),
    ...options.outputOptions(),
  ] as const;
type ObserveArguments = GivenBy<typeof observeOptions>;

/** The command `metis observe`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("observe")
      .description(
        "Learns a profile from a stack that serves: asks a Prometheus how fast its containers answered, and which of them " +
          "shared a node. Speeds are brought to the usual load, so that a container that is asked little is not " +
          "taken for a slow one. Changes nothing.",
      ),
    observeOptions(),
    (given) => runObserve(context, given),
  );
}

async function runObserve(context: CliContext, given: ObserveArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  checkStackName(given.stack);
  const queries: Queries = given.queryFile === undefined
    ? SHIPPED[given.queries]!
    : readQueries(await readText(context, given.queryFile), given.queryFile);
  const measure = measureOf(queries, given.measure);
  const prometheus = new Prometheus(given.prometheus, context.signal);
  await context.checkWritable(given.out);
  const to = given.until ?? Date.now() / 1000;
  const { interval, settle } = given;
  const times = { interval, settle, step: interval / LOOKS };
  const watched = await readWatched(
    prometheus,
    queries,
    given.stack,
    { from: to - given.last, to },
    times,
  );
  if (watched.containers.length === 0) {
    throw new InputError(
      `${prometheus.name}: knows no container of the stack ${given.stack} in that time: look at what is scraped ` +
        "(--queries, --query-file)",
    );
  }
  const observed = observe(watched, { ...times, measure, leastRequests: given.leastRequests });
  if (observed.profile === null) {
    throw new InputError(
      `${prometheus.name}: no configuration of ${given.stack} was seen with a value for each of its apps: ${
        observed.incomplete[0] ?? "no interval without a change"
      }: look further back by --last, or at shorter times by --interval`,
    );
  }
  await context.writeFile(given.out, writeProfileCsv(observed.profile));
  const capacity = given.capacity ?? mostHeld(observed);
  const suggested = given.suggest ? suggestMoves(observed, capacity, MOVES) : null;
  if (given.json) {
    return printJson(context, {
      profile: given.out,
      stack: given.stack,
      measure,
      ...withoutMaps(observed),
      ...(suggested === null ? {} : { suggested }),
    });
  }
  context.stdout.write(renderPairs([
    ["profile", given.out],
    ["configurations", `${observed.profile.rows}`],
    [
      "intervals",
      `${observed.intervals} of ${interval} s; ${observed.changing} left out: containers changed`,
    ],
    ["speed by", measure],
    ...labelled("load", observed.effects.map(effectText)),
    ...labelled(
      "asked too little",
      observed.apps.flatMap((app, at) =>
        observed.tooFew[at] === 0 ? [] : [`${app}: in ${observed.tooFew[at]} intervals`]
      ),
    ),
    ...labelled("no row", observed.incomplete),
    ...labelled(
      "never alone",
      observed.neverAlone.map((app) => `${app}: relative to the fastest it was seen at`),
    ),
    ...labelled(
      "never together",
      observed.neverTogether.map(([a, b]) => a === b ? `two of ${a}` : `${a} and ${b}`),
    ),
    ...labelled(
      "suggested",
      suggested?.map(({ app, from, to, teaches }) =>
        `move ${app} from ${from} to ${to}: ${teaches.join(", ")}`
      ) ?? [],
    ),
  ], context.stdout.columns));
  if (suggested?.length === 0) talk.notice("No move would show anything new");
}

function labelled(label: string, texts: readonly string[]): [string, string][] {
  return texts.map((text, at) => [at === 0 ? label : "", text]);
}

function effectText({ app, usual, own, neighbours }: Observed["effects"][number]): string {
  const percent = (log: number) => `${(100 * (Math.exp(log) - 1)).toFixed(0)} %`;
  return `${app}: usually ${
    usual.toPrecision(3)
  } requests/s of a container; asked twice that, its speed changes by ${
    percent(own)
  }; its neighbours asked twice as much, by ${percent(neighbours)}`;
}

function mostHeld({ seen }: Observed): number {
  return Math.max(
    ...[...seen.keys()].map((key) => key.split(",").reduce((sum, count) => sum + Number(count), 0)),
  );
}

function withoutMaps({ apps, intervals, changing, effects, tooFew, ...rest }: Observed) {
  const { profile, neverAlone, neverTogether, incomplete, last } = rest;
  return {
    apps,
    configurations: profile!.rows,
    intervals,
    changing,
    effects,
    tooFew: Object.fromEntries(apps.map((app, at) => [app, tooFew[at]])),
    neverAlone,
    neverTogether,
    incomplete,
    now: Object.fromEntries(
      [...last].map(([node, counts]) => [node, configurationText(counts, apps)]),
    ),
  };
}

function parseTime(text: string): number {
  const [, amount, unit = "s"] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  const seconds = Number(amount) * { s: 1, m: 60, h: 3600, d: 86_400 }[unit as "s"]!;
  if (seconds > 0 && seconds <= 366 * 86_400) return seconds;
  throw new InvalidArgumentError("It must be a time up to a year such as 90m, 12h or 7d.");
}

function parseMoment(text: string): number {
  const moment = Date.parse(text) / 1000;
  if (Number.isFinite(moment)) return moment;
  throw new InvalidArgumentError("It must be a moment such as 2026-11-30T18:00:00Z.");
}
