import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
} from "@commander-js/extra-typings";
import {
  InterruptedError,
  measurementTotal,
  type Profile,
  profiledCapacity,
  UsageError,
} from "../../domain/mod.ts";
import type { ActiveResult, DrawDemand, Measurer } from "../../profiling/mod.ts";
import { type CliContext, printJson } from "../context.ts";
import { inAppOrder, loadDemands, loadProfile } from "../input.ts";
import { STRATEGY_NAMES } from "../names.ts";
import * as options from "../options.ts";
import { Talk } from "../progress.ts";
import { renderPairs } from "../table.ts";

/** Nodes that placements are for where nobody says. */
const NODES = 81;
/** Shares of all slots that demands fill where nobody says: what the paper's do. */
const USUAL_LOAD = [0.3, 0.65] as const;
/** Kind of model that the report speaks of. */
const REPORT_FIT = "auto";

interface Range {
  readonly least: number;
  readonly most: number;
}

interface ProfileArguments {
  readonly active?: true | undefined;
  readonly oracle?: string | undefined;
  readonly oracleNoise?: number | undefined;
  readonly budget: number;
  readonly strategy: string;
  readonly demands?: string | undefined;
  readonly rows?: readonly number[] | undefined;
  readonly demandLike?: Range | "similar" | undefined;
  readonly nodes: number;
  readonly capacity?: number | undefined;
  readonly apps?: readonly string[] | undefined;
  readonly targetRegret?: number | undefined;
  readonly batch?: number | undefined;
  readonly out: string;
  readonly resume?: true | undefined;
  readonly report?: string | undefined;
  readonly heatMap?: string | undefined;
  readonly seed: number;
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
}

/** The command `metis profile`. */
export function profileCommand(context: CliContext): CommandUnknownOpts {
  return new Command("profile")
    .description(
      "Measures configurations of a node and writes them as a profile. With --active it chooses what to " +
        "measure: it plans the demands with what it knows so far, as if what it does not know were good, and " +
        "measures what those plans use. Ctrl-C keeps what is measured; --resume goes on from there.",
    )
    .option("--active", "choose what to measure from what was measured")
    .option("--oracle <table>", "take measurements from this profile, for research")
    .addOption(
      new Option("--oracle-noise <share>", "make measurements of --oracle scatter: 0.03 is 3 %")
        .argParser(options.share),
    )
    .option(
      "--budget <count>",
      "most measurements, those of --resume included",
      options.whole(1, 1_000_000),
      150,
    )
    .addOption(
      new Option("--strategy <name>", "what to measure next").choices(STRATEGY_NAMES)
        .default("mixture"),
    )
    .addOption(options.demandsOption())
    .addOption(options.rowsOption())
    .addOption(
      new Option(
        "--demand-like <kind>",
        "draw further demands: multinomial:200..400 containers, or similar to --demands " +
          "(default: multinomial, 0.3 to 0.65 of all slots)",
      ).argParser(parseDemandLike),
    )
    .addOption(options.nodesOption().default(NODES))
    .addOption(options.capacityOption())
    .addOption(options.appsOption())
    .addOption(
      new Option("--target-regret <share>", "stop when the bound on the regret is below: 0.01")
        .argParser(options.share),
    )
    .addOption(
      new Option("--batch <count>", "measurements of a round (default: a 25th of the budget)")
        .argParser(options.whole(1, 10_000)),
    )
    .addOption(options.outOption("the profile (CSV), after every round").makeOptionMandatory())
    .option("--resume", "go on from the profile in --out")
    .option("--report <file>", "write what was measured and why, as Markdown")
    .option("--heat-map <file>", "write the interference matrix, as SVG")
    .addOption(options.seedOption())
    .addOption(options.jsonOption())
    .addOption(options.quietOption())
    .action((given) =>
      runProfile(context, given as ProfileArguments)
    ) as unknown as CommandUnknownOpts;
}

async function runProfile(context: CliContext, given: ProfileArguments): Promise<void> {
  if (!given.active) {
    throw new UsageError("Say how to choose what is measured: --active");
  }
  if (given.rows !== undefined && given.demands === undefined) {
    throw new UsageError("Rows are of --demands: give --demands FILE too");
  }
  const talk = new Talk(context, given.quiet === true);
  const measurer = await loadMeasurer(context, talk, given);
  const { demands, drawDemand } = await loadDemandSource(context, given, measurer);
  for (const file of [given.out, given.report, given.heatMap]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  const start = given.resume === undefined
    ? undefined
    : inAppOrder(await loadProfile(context, talk, given.out, given), measurer.apps, given.out);
  const result = await measure(context, talk, given, measurer, { demands, drawDemand, start });
  talk.clear();
  if (result.ended === "interrupted") {
    throw new InterruptedError(
      `Interrupted after ${
        measurementTotal(result.profile)
      } measurements, kept in ${given.out}: --resume goes on`,
    );
  }
  await tell(context, talk, given, measurer, result);
}

/** What measures: for now a table; a live cluster is another {@link Measurer}. */
async function loadMeasurer(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
): Promise<Measurer> {
  if (given.oracle === undefined) {
    throw new UsageError("Say what measures: --oracle TABLE");
  }
  const { ScatteringMeasurer, TableMeasurer } = await import("../../profiling/mod.ts");
  const table = await loadProfile(context, talk, given.oracle, given);
  const measurer = new TableMeasurer(table, given.capacity ?? profiledCapacity(table));
  return given.oracleNoise
    ? new ScatteringMeasurer(measurer, given.oracleNoise, given.seed)
    : measurer;
}

async function loadDemandSource(
  context: CliContext,
  given: ProfileArguments,
  measurer: Measurer,
): Promise<{ demands: readonly (readonly number[])[]; drawDemand: DrawDemand | null }> {
  const { multinomialDemands, similarDemands } = await import("../../profiling/mod.ts");
  const { demandLike, nodes } = given;
  const apps = measurer.apps.length;
  const slots = nodes * measurer.capacity;
  const [least, most] = USUAL_LOAD.map((share) => Math.max(1, Math.floor(share * slots)));
  const usual = multinomialDemands(apps, least!, most!);
  const drawn = demandLike === undefined || demandLike === "similar"
    ? usual
    : multinomialDemands(apps, demandLike.least, demandLike.most);
  if (given.demands === undefined) {
    if (demandLike === "similar") {
      throw new UsageError("--demand-like similar needs --demands FILE to be similar to");
    }
    return { demands: [], drawDemand: drawn };
  }
  const rows = await loadDemands(context, given, given.rows, measurer.apps);
  const demands = rows.map(({ demand }) => demand);
  return { demands, drawDemand: demandLike === "similar" ? similarDemands(demands) : drawn };
}

async function measure(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  measurer: Measurer,
  from: {
    readonly demands: readonly (readonly number[])[];
    readonly drawDemand: DrawDemand | null;
    readonly start: Profile | undefined;
  },
): Promise<ActiveResult> {
  const { averageRepeats, profileActively, strategyNamed } = await import("../../profiling/mod.ts");
  const { writeProfileCsv } = await import("../../profiles/mod.ts");
  const { budget, nodes, seed, targetRegret, batch } = given;
  const began = context.seconds();
  const before = from.start === undefined ? 0 : measurementTotal(from.start);
  return await profileActively({
    measurer,
    strategy: strategyNamed(given.strategy),
    budget,
    nodes,
    seed,
    demands: from.demands,
    drawDemand: from.drawDemand,
    signal: context.signal,
    ...(targetRegret === undefined ? {} : { targetRegret }),
    ...(batch === undefined ? {} : { batch }),
    ...(from.start ? { start: from.start } : {}),
    onRound: async ({ measurements, profile, regretBound }) => {
      await context.writeFile(given.out, writeProfileCsv(averageRepeats(profile)));
      const done = measurements - before;
      const spent = context.seconds() - began;
      const left = done > 0 ? spent / done * (budget - measurements) : 0;
      const text = `${measurements} of ${budget} measured, regret at most ${
        regretBound === null ? "unknown" : `${(100 * regretBound).toFixed(2)} %`
      }, ${durationText(left)} left`;
      talk.notice(text);
      talk.step({ fraction: measurements / budget, text });
      // Lets a Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });
}

async function tell(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  measurer: Measurer,
  result: ActiveResult,
): Promise<void> {
  const { profile, notes, rounds, ended } = result;
  const { fitModel } = await import("../../models/mod.ts");
  const { describePairs, renderHeatMap, renderReport } = await import("../../profiling/mod.ts");
  const { capacity } = measurer;
  const model = fitModel(REPORT_FIT, profile, {
    seed: given.seed,
    trustMeasured: !measurer.scatters,
  });
  const pairs = describePairs(model, Math.max(1, capacity - 1));
  const regretBound = rounds.at(-1)?.regretBound ?? null;
  const reason = {
    budget: "the budget is spent",
    target: "the bound on the regret is below the target",
    exhausted: "nothing is left to measure",
    interrupted: "interrupted",
  }[ended];
  if (given.heatMap !== undefined) {
    await context.writeFile(given.heatMap, renderHeatMap(model, capacity));
  }
  if (given.report !== undefined) {
    const summary = [
      `${measurementTotal(profile)} measurements; ended since ${reason}`,
      `strategy ${given.strategy}, seed ${given.seed}, ${given.nodes} nodes of ${capacity} slots`,
      `bound on the expected regret: ${
        regretBound === null ? "unknown" : `${(100 * regretBound).toFixed(2)} %`
      }`,
      ...(given.heatMap === undefined ? [] : [`heat map: ${given.heatMap}`]),
    ];
    const title = "Active profile";
    const text = renderReport({ title, model, capacity, notes, summary });
    await context.writeFile(given.report, text);
  }
  if (given.json) {
    return printJson(context, {
      profile: given.out,
      apps: profile.apps,
      measurements: measurementTotal(profile),
      strategy: given.strategy,
      ended,
      regretBound,
      rounds,
      pairs,
      seed: given.seed,
    });
  }
  context.stdout.write(renderPairs([
    ["profile", given.out],
    ["measurements", `${measurementTotal(profile)}`],
    ["ended", reason],
    ["regret at most", regretBound === null ? "unknown" : `${(100 * regretBound).toFixed(2)} %`],
    ...pairs.slice(0, 10).map((text, at) => [at === 0 ? "learned" : "", text] as const),
  ]));
  for (const file of [given.report, given.heatMap]) {
    if (file !== undefined) talk.notice(`Wrote ${file}`);
  }
}

/** Seconds for people. */
function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** `multinomial:200..400` or `similar`. */
function parseDemandLike(text: string): Range | "similar" {
  if (text === "similar") return text;
  const match = /^multinomial:(\d+)(?:\.\.(\d+))?$/.exec(text);
  const least = Number(match?.[1]);
  const most = Number(match?.[2] ?? match?.[1]);
  if (match === null || least < 1 || most < least) {
    throw new InvalidArgumentError("It must be multinomial:LEAST..MOST containers, or similar.");
  }
  return { least, most };
}
