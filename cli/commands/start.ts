import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { DEFAULT_PROFILE } from "../../datasets/mod.ts";
import { demandTotal, NO_RULES, uniformCluster } from "../../domain/mod.ts";
import { DEFAULT_FIT } from "../../models/mod.ts";
import { selectDemands } from "../../profiles/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { problemOn, surfaceFromProfile } from "../../scheduling/mod.ts";
import { compareSchedulers, renderComparison } from "../comparison.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { loadBundledDemands, loadBundledProfile } from "../datasets.ts";
import { costOfFloor, costText } from "../frontier.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { wrapText } from "../output/table.ts";
import { secondsText, worstAppText, worstText } from "../output/figures.ts";

const DEMANDS = "synthetic-demands-200";
const NODES = 81;
const CAPACITY = 8;
/** Seconds for each scheduler: keeps the first try short on a slow machine. */
const TIME_LIMIT = 15;
/** Share of its speed alone that the price of is told, where every container keeps it. */
const FLOOR = 0.5;

/** Options of `metis start`. */
const startOptions = () =>
  [
    options.seedOption(),
    ...options.outputOptions(),
  ] as const;
type StartArguments = GivenBy<typeof startOptions>;

/** The command `metis start`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("start")
      .description(
        `Places the first bundled demand of 200 containers on ${NODES} nodes with every scheduler, ` +
          "and shows how far each is from the proven optimum.",
      ),
    startOptions(),
    (given) => runStart(context, given),
  );
}

async function runStart(context: CliContext, given: StartArguments): Promise<void> {
  const { seed } = given;
  const talk = new Talk(context, given.quiet === true);

  const profile = await loadBundledProfile(DEFAULT_PROFILE);
  const { apps } = profile;
  const table = await loadBundledDemands(DEMANDS);
  const { demand } = selectDemands(table, [0], apps, DEMANDS)[0]!;
  const started = context.seconds();
  const surface = context.blocking(() =>
    surfaceFromProfile(profile, { source: DEFAULT_PROFILE, seed, fit: DEFAULT_FIT })
  );
  const fitSeconds = context.seconds() - started;
  const cluster = uniformCluster(NODES, CAPACITY);
  const simulator = context.blocking(() => surface.simulator(CAPACITY));
  const registry = defaultRegistry();
  try {
    const results = await compareSchedulers(context, talk, {
      simulator,
      cluster,
      rules: NO_RULES,
      demands: [{ row: null, demand }],
      schedulers: registry.ready(),
      surface,
    }, { seed, bound: "optimal", timeLimit: TIME_LIMIT });
    context.signal.throwIfAborted();
    const bestMean = Math.max(...results.map((result) => result.error === null ? result.mean : 0));
    const problem = problemOn(simulator, { cluster, demand });
    const spared = await costOfFloor(problem, FLOOR, bestMean, {
      seed,
      signal: context.signal,
      timeLimit: TIME_LIMIT,
    });
    if (given.json) {
      return printJson(context, {
        profile: DEFAULT_PROFILE,
        fit: DEFAULT_FIT,
        fitSeconds,
        apps,
        nodes: NODES,
        capacity: CAPACITY,
        demand,
        results,
        ...(spared === null ? {} : { spared }),
      });
    }
    const { columns: width } = context.stdout;
    const opening = [
      `Profile: ${DEFAULT_PROFILE}, ${profile.rows} measured configurations of ${apps.length} apps.`,
      `Model: ${DEFAULT_FIT}, fitted in ${secondsText(fitSeconds)} s.`,
      `Demand: ${demandTotal(demand)} containers (${
        apps.map((app, at) => `${demand[at]} ${app}`).join(", ")
      }) on ${NODES} nodes of ${CAPACITY} slots.`,
    ];
    const learners = registry.all().filter(({ learnsEachDemand }) => learnsEachDemand);
    const closing = [
      ...(spared === null ? [] : [
        wrapText(
          `A floor of ${FLOOR} for every container (--floor ${FLOOR}) costs ${
            costText(spared.cost)
          } of the mean: worst app ${worstAppText(spared.perApp)}, worst container ${
            worstText(spared.worst)
          }.`,
          width,
        ) + "\n",
      ]),
      wrapText(
        `Not shown, since they train for minutes on each demand: ${
          learners.map(({ name }) => name).join(", ")
        }.`,
        width,
      ) + "\n",
      `Next, with a profile of your own (${context.program} --help says more):`,
      `  ${context.program} fit --profile FILE`,
      `  ${context.program} schedule --profile FILE --nodes 9 --capacity 8 --demand app=20`,
    ];
    context.stdout.write([
      opening.map((text) => wrapText(text, width) + "\n").join(""),
      renderComparison(results, { width, color: wantsColor(context, context.stdout) }),
      closing.join("\n") + "\n",
    ].join("\n"));
  } finally {
    talk.clear();
    simulator.dispose();
  }
}
