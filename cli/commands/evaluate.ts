import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  appOrder,
  maxCapacity,
  MissingConfigurationError,
  nodeSurfaces,
  onOneSurface,
  type Placement,
  type Problem,
  problemInOrder,
} from "../../domain/mod.ts";
import {
  type Aim,
  groupConfigurations,
  predictGroups,
  problemOn,
  type Valued,
  valuePlacement,
} from "../../scheduling/mod.ts";
import { aimFields, planValue, type ReadPlan } from "../../scheduling/plans/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import { type CliContext, printJson } from "../context.ts";
import { groundsPairs, loadGrounds } from "../output/grounds.ts";
import { aimPairs } from "../options/objective.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { Talk } from "../output/progress.ts";
import { renderPairs, renderTable } from "../output/table.ts";
import { boundPair, gapText, worstText } from "../output/figures.ts";

/** Options of `metis evaluate`. */
const evaluateOptions = () =>
  [
    new Option("--plan <file>", "plan saved by `metis schedule --out`").makeOptionMandatory(),
    new Option(
      "--problem <file>",
      "problem file that the plan must be a placement of, with a surface unless an option names one",
    ),
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
  const plan = await options.loadPlan(context, given.plan);
  const file = await options.loadProblem(context, talk, given.problem);
  const { problem, placement, ground } = file === null
    ? await onOwnProblem(context, talk, given, plan)
    : await onProblemFile(context, talk, given, plan, file);
  const { surface, moreSurfaces, weights } = ground;
  const aim = options.aimOf(context, given, ground, file);
  if (given.out !== undefined) await context.checkWritable(given.out);
  try {
    const surfaces = [surface, ...moreSurfaces] as const;
    const valued = { model: surface.model, models: surfaces.map(({ model }) => model) };
    const value = valuePlacement(valued, placement, nodeSurfaces(problem), weights);
    const starved = starvedApps(valued, aim, problem, placement);
    for (const { app, rps, floor } of starved) {
      talk.notice(
        `${given.plan}: a container of ${app} runs at ${rps}, below its floor of ${floor}`,
      );
    }
    // What keeps the floors is bounded by what keeps them; what does not, by all that there is.
    const { floors = [] } = starved.length === 0 ? aim : {};
    const bound = await boundOf(context, talk, { ...ground, floors }, problem, given);
    const report = {
      plan: given.plan,
      scheduler: plan.scheduler,
      ...(file === null ? {} : { problem: file.file }),
      apps: problem.apps,
      surface: options.surfaceFields(surface),
      ...(moreSurfaces.length === 0 ? {} : { surfaces: surfaces.map(options.surfaceFields) }),
      ...planValue(problem, value, bound),
      ...loadGrounds(talk, surfaces, placement, given.plan),
      ...aimFields(aim, problem.apps, { placement, ...value }),
      ...(starved.length === 0
        ? {}
        : { belowFloor: Object.fromEntries(starved.map(({ app, rps }) => [app, rps])) }),
    };
    talk.clear();
    if (given.out !== undefined) {
      await context.writeFile(given.out, JSON.stringify(report, null, 2) + "\n");
    }
    if (given.json) return printJson(context, report);
    context.stdout.write(
      renderPairs([
        ["plan", `${given.plan} (${plan.scheduler})`],
        ["valued by", surfaces.map(options.surfaceText).join("; ")],
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

/** A plan in the order of the apps of what values it. */
interface Evaluated {
  readonly problem: Problem;
  readonly placement: Placement;
  readonly ground: options.Ground;
}

/** The plan as it is: one surface values all nodes, whatever those had that it was placed by. */
async function onOwnProblem(
  context: CliContext,
  talk: Talk,
  given: EvaluateArguments,
  { problem: own, placement }: ReadPlan,
): Promise<Evaluated> {
  const surface = await options.loadSurface(context, talk, given);
  if (nodeSurfaces(own) !== undefined) {
    talk.notice(
      `${given.plan}: its classes of nodes had surfaces of their own: here, ${surface.source} values all nodes ` +
        "(--problem FILE knows theirs)",
    );
  }
  const { apps } = surface;
  const order = appOrder(apps, own.apps, given.plan);
  const counts = new Uint8Array(placement.counts.length);
  for (let node = 0; node < placement.nodes; node++) {
    order.forEach((from, to) =>
      counts[node * apps.length + to] = placement.counts[node * apps.length + from]!
    );
  }
  const cluster = onOneSurface(own.cluster);
  const problem = problemInOrder({ ...own, cluster }, apps);
  return {
    problem,
    placement: { ...placement, counts },
    ground: { ...problem, surface, moreSurfaces: [] },
  };
}

/** The plan as a placement of a problem file. @throws {InputError} if it is none. */
async function onProblemFile(
  context: CliContext,
  talk: Talk,
  given: EvaluateArguments,
  plan: ReadPlan,
  file: ProblemFile,
): Promise<Evaluated> {
  const ground = await options.groundByFile(context, talk, given, file);
  const asked = { ...ground, apps: ground.surface.apps };
  return { ground, ...options.planOnProblem(plan, given.plan, file, asked) };
}

/** Apps with a container below its floor, and what the slowest of them runs at. */
function starvedApps(
  valued: Valued,
  { floors = [] }: Aim,
  problem: Problem,
  placement: Placement,
): { readonly app: string; readonly rps: number; readonly floor: number }[] {
  if (floors.every((floor) => floor === null)) return [];
  const groups = groupConfigurations(placement, nodeSurfaces(problem));
  const rps = predictGroups(valued, groups, problem.apps.length);
  return problem.apps.flatMap((app, at) => {
    const floor = floors[at] ?? null;
    if (floor === null) return [];
    const speeds = groups.flatMap(({ counts }, row) =>
      counts[at]! > 0 ? [rps[row * problem.apps.length + at]!] : []
    );
    const slowest = Math.min(...speeds);
    return slowest < floor ? [{ app, rps: slowest, floor }] : [];
  });
}

async function boundOf(
  context: CliContext,
  talk: Talk,
  { surface, moreSurfaces, floors }: options.Ground & Pick<Aim, "floors">,
  problem: Problem,
  given: EvaluateArguments,
): Promise<number | null> {
  if (given.bound === "none") return null;
  try {
    using simulator = context.blocking(() =>
      surface.simulator(maxCapacity(problem.cluster), {
        more: moreSurfaces,
        floors: floors ?? [],
        onProgress: talk.predicting,
      })
    );
    return await options.boundTotal(context, talk, problemOn(simulator, problem), given);
  } catch (error) {
    // A table may know every configuration of the plan and still not all there are.
    if (!(error instanceof MissingConfigurationError)) throw error;
    talk.notice(`No bound: ${error.message}`);
    return null;
  }
}
