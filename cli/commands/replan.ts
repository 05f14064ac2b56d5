import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { UsageError } from "../../domain/mod.ts";
import {
  frontierSentence,
  replan,
  replanFrontier,
  type ReplanProblem,
} from "../../replanning/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { movesPlot } from "../output/plots/moves.ts";
import { Talk } from "../output/progress.ts";
import { moveRows, renderMoves } from "../replan/frontier.ts";
import type { Replanning } from "../replan/load.ts";
import * as own from "../replan/options.ts";
import { searchOptions, tellReplanned, withReplanning } from "../replan/run.ts";
import { loadSource, sourceOptions } from "../replan/source.ts";
import * as swarm from "../swarm/mod.ts";
import { withClash } from "../problem/clash.ts";

/** Most moves that may be asked for. */
const MOST_MOVES = 4294967295;

/** Options of `metis replan`. */
const replanOptions = () =>
  [
    ...sourceOptions(),
    options.demandOption(),
    new Option(
      "--problem <file>",
      "problem file: what to place, where and under which rules; its own surface unless an option names one",
    ).conflicts(["demand", "nodes", "capacity", "cluster", "maxPerNode", "apart", "fence"]),
    ...own.ownOptions(),
    new Option(
      "--max-moves <count>",
      "most containers that move beyond what the demand forces (default: as many as the best placement takes)",
    ).argParser(options.whole(0, MOST_MOVES)),
    own.moveCostOption(),
    own.pinOption(),
    own.keepRunningOption(),
    new Option(
      "--frontier",
      "the best mean for every number of moves: what each further one brings",
    )
      .conflicts(["out", "moveCost", "keepRunning"]),
    new Option("--plot <file>", "draw the frontier as an SVG image"),
    ...own.effortOptions(),
    options.outOption("the new plan (JSON)"),
    ...options.outputOptions(),
  ] as const;
type ReplanArguments = GivenBy<typeof replanOptions>;

/** The command `metis replan`. @param connect Finds the engine; tests give their own. */
export function command(
  context: CliContext,
  connect: swarm.Connect = swarm.connectManager,
): CommandUnknownOpts {
  return act(
    new Command("replan")
      .description(
        "Finds the best placement that few moves reach from a plan that runs, or from a stack on a Swarm, and the steps to " +
          "it in an order that is safe. What no option says is as in the plan: demand, nodes and rules; of a stack, its " +
          "containers, on the nodes that are there.",
      ),
    replanOptions(),
    (given) => runReplan(context, given, connect),
  );
}

async function runReplan(
  context: CliContext,
  given: ReplanArguments,
  connect: swarm.Connect,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  if (given.plot !== undefined && given.frontier === undefined) {
    throw new UsageError("--plot goes with --frontier only");
  }
  for (const file of [given.out, given.plot]) {
    if (file !== undefined) await context.checkWritable(file);
  }
  const problemFile = await options.loadProblem(context, talk, given.problem);
  const source = await loadSource(context, given, connect);
  await withReplanning(
    context,
    talk,
    source,
    given,
    problemFile,
    (apps, own) => given.demand === undefined ? own() : options.demandOf(given.demand, apps),
    async (problem, loaded) => {
      if (given.frontier) await tellFrontier(context, talk, problem, loaded, given, source.name);
      else await tellBest(context, talk, problem, loaded, given, source.name);
    },
  );
}

/** What a search finds; where there is no placement, the error says what clashes. */
async function orClash<T>(
  context: CliContext,
  talk: Talk,
  problem: ReplanProblem,
  { nodeName }: Replanning,
  { timeLimit }: ReplanArguments,
  search: Promise<T>,
): Promise<T> {
  return await search.catch(async (error: unknown) => {
    throw await withClash(context, talk, problem, error, { nodeName, timeLimit });
  });
}

async function tellBest(
  context: CliContext,
  talk: Talk,
  problem: ReplanProblem,
  loaded: Replanning,
  given: ReplanArguments,
  from: string,
): Promise<void> {
  const { maxMoves, moveCost = 0 } = given;
  const started = performance.now();
  const search = replan(problem, {
    ...searchOptions(context, talk, given),
    ...limitsOf(problem, given),
    moveCost,
  });
  const replanned = await orClash(context, talk, problem, loaded, given, search);
  await tellReplanned(context, talk, problem, loaded, replanned, {
    from,
    seed: given.seed,
    parameters: {
      ...(maxMoves === undefined ? {} : { maxMoves }),
      ...(moveCost === 0 ? {} : { moveCost }),
      ...(given.pin === undefined ? {} : { pin: given.pin.join(",") }),
    },
    seconds: (performance.now() - started) / 1000,
    moveCost,
    keepRunning: given.keepRunning,
    out: given.out,
    json: given.json === true,
  });
}

async function tellFrontier(
  context: CliContext,
  talk: Talk,
  problem: ReplanProblem,
  loaded: Replanning,
  given: ReplanArguments,
  from: string,
): Promise<void> {
  const search = replanFrontier(problem, {
    ...searchOptions(context, talk, given),
    ...limitsOf(problem, given),
  });
  const frontier = await orClash(context, talk, problem, loaded, given, search);
  const rows = moveRows(talk, problem, loaded, frontier);
  talk.clear();
  if (given.plot !== undefined) {
    await context.writeFile(given.plot, movesPlot(frontierSentence(rows, frontier.ended), rows));
  }
  if (given.json) {
    const { complete, ended } = frontier;
    printJson(context, {
      from,
      apps: problem.apps,
      demand: problem.demand,
      complete,
      ended,
      summary: frontierSentence(rows, ended),
      frontier: rows,
    });
  } else {
    const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
    context.stdout.write(renderMoves(rows, frontier.ended, layout));
  }
  if (given.plot !== undefined) talk.notice(`Wrote ${given.plot}`);
}

function limitsOf({ apps }: ReplanProblem, { maxMoves, pin }: ReplanArguments) {
  const pinned = pin?.map((app) => options.appIndex(app, apps, "--pin")) ?? [];
  return {
    ...(maxMoves === undefined ? {} : { maxMoves }),
    ...(pinned.length === 0 ? {} : { pinned: apps.map((_, app) => pinned.includes(app)) }),
  };
}
