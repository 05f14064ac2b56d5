import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InfeasibleError, maxCapacity } from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { compareSchedulers, renderBreakdowns, renderComparison } from "../comparison.ts";
import { loadConstraints, ownParameters } from "../options/schedulers.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { loadAim } from "../options/objective.ts";
import { act, type GivenBy } from "../options/define.ts";
import { SCHEDULER_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { comparisonPlot } from "../output/plots/comparison.ts";
import { Talk } from "../output/progress.ts";
import { wrapText } from "../output/table.ts";
import { commandPolicies } from "../options/policies.ts";
import { clusterText } from "./schedule.ts";
import { loadCluster, loadDemands, loadSurface, rulesOf, surfaceFile } from "../options/mod.ts";

/** Options of `metis compare`. */
const compareOptions = () =>
  [
    ...options.surfaceOptions(),
    options.appsOption(),
    ...options.clusterOptions(),
    ...options.demandOptions(),
    options.rowsOption(),
    options.rowOption().conflicts("rows"),
    new Option(
      "--schedulers <names>",
      `of ${
        SCHEDULER_NAMES.join(", ")
      }, separated by commas; all (default) is those that need no training for each demand`,
    ).argParser(options.parseNames),
    ...options.baselineOptions(),
    ...options.objectiveOptions(),
    ...options.ruleOptions(),
    options.seedOption(),
    options.timeLimitOption(),
    options.gapOption(),
    options.boundOption(),
    options.verboseOption(),
    options.outOption("the results (JSON)"),
    new Option("--plot <file>", "draw the comparison as an SVG image"),
    ...options.outputOptions(),
  ] as const;
type CompareArguments = GivenBy<typeof compareOptions>;

/** The command `metis compare`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("compare")
      .description("Places demands with several schedulers, each against the same proven bound."),
    compareOptions(),
    (given) => runCompare(context, given),
  );
}

async function runCompare(context: CliContext, given: CompareArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const registry = defaultRegistry(commandPolicies(context, talk, { file: surfaceFile(given) }));
  const names = given.schedulers ?? ["all"];
  const schedulers = names.includes("all")
    ? registry.ready()
    : [...new Set(names)].map((name) => registry.get(name));
  const cluster = await loadCluster(context, talk, given);
  const surface = await loadSurface(context, talk, given, maxCapacity(cluster));
  const { apps, kind } = surface;
  const rows = given.row === undefined ? given.rows : [given.row];
  const demands = await loadDemands(context, given, rows, apps);
  const parametersOf = ownParameters(given, schedulers);
  const constraints = await loadConstraints(
    context,
    talk,
    given,
    surface,
    maxCapacity(cluster),
    schedulers,
  );
  for (const file of [given.out, given.plot]) {
    if (file !== undefined) await context.checkWritable(file);
  }

  const aim = loadAim(context, surface, given);
  const simulator = context.blocking(() =>
    surface.simulator(maxCapacity(cluster), { limits: aim.limits, onProgress: talk.predicting })
  );
  try {
    const rules = rulesOf(given, apps);
    const results = await compareSchedulers(
      context,
      talk,
      {
        simulator,
        surface,
        cluster,
        rules,
        demands,
        schedulers,
        aim,
        ...(constraints === undefined ? {} : { constraints }),
      },
      { ...given, parametersOf, leaveOutUntrained: names.includes("all") },
    );
    const refusals = results.flatMap(({ error }) => error === null ? [] : [error]);
    if (refusals.length === results.length) throw new InfeasibleError(refusals[0]!);
    const report = {
      apps,
      nodes: cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0),
      capacity: maxCapacity(cluster),
      seed: given.seed,
      surface: { kind, source: surface.source },
      results,
    };
    context.signal.throwIfAborted();
    if (given.out !== undefined) {
      await context.writeFile(given.out, JSON.stringify(report, null, 2) + "\n");
    }
    if (given.plot !== undefined) {
      const title = `${demands.length} ${demands.length === 1 ? "demand" : "demands"} on ` +
        clusterText(cluster);
      const runs = results.flatMap((result) => result.error === null ? [result] : []);
      await context.writeFile(given.plot, comparisonPlot(title, runs));
      talk.notice(`Wrote ${given.plot}`);
    }
    if (given.json) printJson(context, report);
    else {
      const { columns: width } = context.stdout;
      const opening = `${demands.length} ${demands.length === 1 ? "demand" : "demands"} on ` +
        `${clusterText(cluster)}, valued by ${surface.source} (${kind}).`;
      const layout = { width, color: wantsColor(context, context.stdout) };
      context.stdout.write(`${wrapText(opening, width)}\n\n${renderComparison(results, layout)}`);
      context.stdout.write(renderBreakdowns(apps, results, layout));
    }
    if (given.out !== undefined) talk.notice(`Wrote ${given.out}`);
  } finally {
    talk.clear();
    simulator.dispose();
  }
}
