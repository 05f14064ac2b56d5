import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { countOf, InfeasibleError, nodeCount, printable, UsageError } from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { problemOn } from "../../scheduling/mod.ts";
import { withClash } from "../problem/clash.ts";
import { compareSchedulers, renderBreakdowns, renderComparison } from "../comparison.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { frontierRows, renderFrontier } from "../frontier.ts";
import { act, type GivenBy } from "../options/define.ts";
import { SCHEDULER_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { clusterText } from "../output/figures.ts";
import { comparisonPlot } from "../output/plots/comparison.ts";
import { frontierPlot } from "../output/plots/frontier.ts";
import { Talk } from "../output/progress.ts";
import { wrapText } from "../output/table.ts";
import { commandPolicies } from "../options/policies.ts";

/** Options of `metis compare`. */
const compareOptions = () =>
  [
    ...options.problemOptions(),
    options.rowsOption(),
    options.rowOption().conflicts("rows"),
    new Option(
      "--schedulers <names>",
      `of ${
        SCHEDULER_NAMES.join(", ")
      }, separated by commas; all (default) is those that need no training for each demand`,
    ).argParser(options.parseNames),
    ...options.placingOptions(),
    options.outOption("the results (JSON)"),
    new Option(
      "--frontier [floors]",
      "the best mean above each of so many floors under every container (8 where no number is given): what fairness costs, " +
        "for one demand",
    ).argParser(options.whole(2, 1000)).preset(8),
    new Option("--plot <file>", "draw the comparison, or its frontier, as an SVG image"),
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
  const problemFile = await options.loadProblem(context, talk, given.problem);
  const registry = defaultRegistry(commandPolicies(talk));
  const names = given.schedulers ?? ["all"];
  const schedulers = names.includes("all")
    ? registry.ready()
    : [...new Set(names)].map((name) => registry.get(name));
  const rows = given.row === undefined ? given.rows : [given.row];
  const placing = await options.loadPlacing(
    context,
    talk,
    given,
    problemFile,
    rows,
    () => schedulers,
  );
  const { surface, cluster, demands } = placing;
  const { apps } = surface;
  if (given.frontier !== undefined && demands.length > 1) {
    throw new UsageError("--frontier is of one demand: choose it with --row");
  }
  for (const file of [given.out, given.plot]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  await options.withSimulators(context, talk, placing, given.risk, async (simulators) => {
    const results = await compareSchedulers(context, talk, { ...placing, ...simulators }, {
      ...given,
      parametersOf: placing.parametersOf,
    });
    const frontier = given.frontier === undefined ? undefined : await frontierRows(
      problemOn(simulators.simulator, { ...placing, demand: demands[0]!.demand }),
      Number(given.frontier),
      {
        seed: given.seed,
        signal: context.signal,
        onProgress: talk.step,
        ...(given.timeLimit === undefined ? {} : { timeLimit: given.timeLimit }),
        ...(given.gap === undefined ? {} : { gap: given.gap }),
      },
    );
    talk.clear();
    const refusals = results.flatMap(({ error }) => error === null ? [] : [error]);
    if (refusals.length === results.length) {
      const { demand } = demands[0]!;
      const problem = problemOn(simulators.simulator, { ...placing, demand });
      // Others may have refused for what they do not keep; that one knows whether there is a placement.
      const proven = results.find(({ scheduler }) => scheduler === "optimal")?.error;
      throw await withClash(context, talk, problem, new InfeasibleError(proven ?? refusals[0]!), {
        nodeName: problemFile?.nodeNames.nameOf,
        file: problemFile?.file,
        timeLimit: given.timeLimit,
        aim: placing.aim,
      });
    }
    const report = {
      apps,
      nodes: nodeCount(cluster),
      capacity: placing.capacity,
      seed: given.seed,
      surface: options.surfaceFields(surface),
      results,
      ...(frontier === undefined ? {} : { frontier }),
    };
    context.signal.throwIfAborted();
    if (given.out !== undefined) {
      await context.writeFile(given.out, JSON.stringify(report, null, 2) + "\n");
    }
    const title = `${countOf(demands.length, "demand")} on ${clusterText(cluster)}`;
    if (given.plot !== undefined) {
      const runs = results.flatMap((result) => result.error === null ? [result] : []);
      const plot = frontier === undefined
        ? comparisonPlot(title, runs)
        : frontierPlot(title, frontier, runs);
      await context.writeFile(given.plot, plot);
      talk.notice(`Wrote ${given.plot}`);
    }
    if (given.json) printJson(context, report);
    else {
      const { columns: width } = context.stdout;
      const opening = `${title}, valued by ${options.surfaceText(surface)}.`;
      const layout = { width, color: wantsColor(context, context.stdout) };
      context.stdout.write(
        `${wrapText(printable(opening), width)}\n\n${renderComparison(results, layout)}`,
      );
      if (frontier !== undefined) context.stdout.write(`\n${renderFrontier(frontier, layout)}`);
      context.stdout.write(renderBreakdowns(apps, results, layout));
    }
    if (given.out !== undefined) talk.notice(`Wrote ${given.out}`);
  });
}
