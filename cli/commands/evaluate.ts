import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  appOrder,
  maxCapacity,
  MissingConfigurationError,
  nodeSurfaces,
  type Placement,
  type Problem,
  problemInOrder,
} from "../../domain/mod.ts";
import { problemOn, type Surface, valuePlacement } from "../../scheduling/mod.ts";
import { aimFields, planValue, type ReadPlan, readPlan } from "../../scheduling/plans/mod.ts";
import { type CliContext, printJson, readText } from "../context.ts";
import { groundsPairs, loadGrounds } from "../output/grounds.ts";
import { aimPairs, loadAim } from "../options/objective.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs, renderTable } from "../output/table.ts";
import { boundTotal, loadSurface } from "../options/mod.ts";
import { boundPair, gapText, worstText } from "../output/figures.ts";

/** Options of `metis evaluate`. */
const evaluateOptions = () =>
  [
    new Option("--plan <file>", "plan saved by `metis schedule --out`").makeOptionMandatory(),
    ...options.surfaceOptions(),
    options.appsOption(),
    ...options.objectiveOptions(),
    options.seedOption(),
    options.timeLimitOption(),
    options.boundOption(),
    options.outOption("the values (JSON)"),
    ...options.outputOptions(),
  ] as const;
type EvaluateArguments = GivenBy<typeof evaluateOptions>;

/** The command `metis evaluate`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("evaluate")
      .description("Predicts the throughput of a saved plan by another profile, model or table."),
    evaluateOptions(),
    (given) => runEvaluate(context, given),
  );
}

async function runEvaluate(context: CliContext, given: EvaluateArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const plan = readPlan(await readText(context, given.plan), given.plan);
  const surface = await loadSurface(context, talk, given);
  const { problem, placement } = inOrderOf(surface, plan, given.plan);
  if (nodeSurfaces(plan.problem) !== undefined) {
    talk.notice(
      `${given.plan}: its classes of nodes had surfaces of their own: here, ${surface.source} values all nodes`,
    );
  }
  const aim = loadAim(context, surface, given);
  if (given.out !== undefined) await context.checkWritable(given.out);
  try {
    const value = valuePlacement(surface, placement);
    const bound = await boundOf(context, talk, surface, problem, given);
    const report = {
      plan: given.plan,
      scheduler: plan.scheduler,
      apps: problem.apps,
      surface: options.surfaceFields(surface),
      ...planValue(problem, value, bound),
      ...loadGrounds(talk, [surface], placement, given.plan),
      ...aimFields(aim, problem.apps, { placement, ...value }),
    };
    talk.clear();
    if (given.out !== undefined) {
      await context.writeFile(given.out, JSON.stringify(report, null, 2) + "\n");
    }
    if (given.json) return printJson(context, report);
    context.stdout.write(
      renderPairs([
        ["plan", `${given.plan} (${plan.scheduler})`],
        ["valued by", options.surfaceText(surface)],
        ["mean normalised throughput", report.mean.toFixed(6)],
        boundPair(report),
        ["gap", gapText(report)],
        ...groundsPairs(report),
        ["worst container", worstText(report.worst)],
        ...aimPairs(report),
      ]) + "\n" + renderTable<string>(
        [
          { title: "App", align: "left", cell: (app) => app },
          {
            title: "Mean normalised RPS",
            align: "right",
            cell: (app) => worstText(report.perApp[app] ?? null),
          },
        ],
        problem.apps,
        { width: context.stdout.columns },
      ),
    );
  } finally {
    talk.clear();
  }
}

/** The plan with its apps in the order of the surface. */
function inOrderOf(
  surface: Surface,
  { problem, placement }: ReadPlan,
  file: string,
): { problem: Problem; placement: Placement } {
  const { apps } = surface;
  const order = appOrder(apps, problem.apps, file);
  const counts = new Uint8Array(placement.counts.length);
  for (let node = 0; node < placement.nodes; node++) {
    order.forEach((from, to) =>
      counts[node * apps.length + to] = placement.counts[node * apps.length + from]!
    );
  }
  // One surface values all nodes, whatever those had that it was placed by.
  const nodeClasses = problem.cluster.nodeClasses.map(({ surface: _, ...rest }) => rest);
  return {
    problem: problemInOrder({ ...problem, cluster: { nodeClasses } }, apps),
    placement: { ...placement, counts },
  };
}

async function boundOf(
  context: CliContext,
  talk: Talk,
  surface: Surface,
  problem: Problem,
  given: EvaluateArguments,
): Promise<number | null> {
  if (given.bound === "none") return null;
  try {
    const simulator = context.blocking(() =>
      surface.simulator(maxCapacity(problem.cluster), { onProgress: talk.predicting })
    );
    try {
      return await boundTotal(context, talk, problemOn(simulator, problem), given);
    } finally {
      simulator.dispose();
    }
  } catch (error) {
    // A table may know every configuration of the plan and still not all there are.
    if (!(error instanceof MissingConfigurationError)) throw error;
    talk.notice(`No bound: ${error.message}`);
    return null;
  }
}
