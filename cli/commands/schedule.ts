import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { surerRun } from "../../baselines/surer.ts";
import { medeaModelText } from "../../baselines/medea/mod.ts";
import {
  configurationCount,
  countOf,
  demandTotal,
  largeNumber,
  nodeSurfaces,
  UsageError,
} from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import {
  problemOn,
  type Scheduler,
  type SchedulingProblem,
  type Surface,
} from "../../scheduling/mod.ts";
import {
  aimFields,
  type Plan,
  planOfPlacement,
  planText,
  planValue,
  planVersion,
} from "../../scheduling/plans/mod.ts";
import { DENSE_LIMIT } from "../../sim-wasm/mod.ts";
import { withClash } from "../problem/clash.ts";
import { violationFields } from "../options/schedulers.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import { groundsPairs, loadGrounds } from "../output/grounds.ts";
import { aimPairs } from "../options/objective.ts";
import { act, type GivenBy } from "../options/define.ts";
import { SCHEDULER_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";
import { breakdownOf, renderBreakdown } from "../output/breakdown.ts";
import { Talk } from "../output/progress.ts";
import { type Column, renderPairs, renderTable, wrapText } from "../output/table.ts";
import { commandPolicies } from "../options/policies.ts";
import { boundPair, clusterText, gapText, secondsText, worstText } from "../output/figures.ts";

/** Scheduler that `metis schedule` uses where `--scheduler` says nothing, and where it needs a table that is too large. */
const USUAL_SCHEDULER = "optimal";
const SCHEDULER_OF_MANY = "local-search";
const SCHEDULER_OF_TRAFFIC = "annealing";
/** Configurations that are listed for people; all are in the plan. */
const LISTED = 24;

/** Options of `metis schedule`. */
const scheduleOptions = () =>
  [
    ...options.problemOptions(),
    options.rowOption(),
    new Option(
      "--scheduler <name>",
      `one of ${
        SCHEDULER_NAMES.join(", ")
      } (default: ${USUAL_SCHEDULER}, or ${SCHEDULER_OF_MANY} for more than 16 million configurations; spread where the model is not sure to do better)`,
    ),
    options.setOption(),
    new Option(
      "--write-model <file>",
      "medea: write its integer program (.lp or .mps), then solve it",
    ),
    new Option("--solver-log", "medea: show the solver's log on standard error"),
    ...options.placingOptions(),
    options.outOption("the plan (JSON)"),
    ...options.outputOptions(),
  ] as const;
type ScheduleArguments = GivenBy<typeof scheduleOptions>;

/** The command `metis schedule`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("schedule")
      .description("Places a demand on a cluster with one scheduler."),
    scheduleOptions(),
    (given) => runSchedule(context, given),
  );
}

async function runSchedule(context: CliContext, given: ScheduleArguments): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  if (given.row !== undefined && given.demands === undefined) {
    throw new UsageError("--row goes with --demands only");
  }
  const problemFile = await options.loadProblem(context, talk, given.problem);
  const registry = defaultRegistry(commandPolicies(talk));
  // An unknown name is said before files are read.
  if (given.scheduler !== undefined) registry.get(given.scheduler);
  const rows = given.demands === undefined ? undefined : [given.row ?? 0];
  const placing = await options.loadPlacing(
    context,
    talk,
    given,
    problemFile,
    rows,
    (surface, capacity) => [
      registry.get(given.scheduler ?? usualScheduler(talk, surface, capacity)),
    ],
  );
  const { surface, aim, constraints } = placing;
  const [scheduler] = placing.schedulers as [Scheduler];
  const [{ demand }] = placing.demands as [options.DemandRow];
  const parameters = { ...given.set, ...placing.parametersOf(scheduler) };
  const modelFormat = modelFormatOf(given.writeModel, scheduler.name);
  if (given.out !== undefined) await context.checkWritable(given.out);
  await options.withSimulators(context, talk, placing, given.risk, async (simulators) => {
    const problem = problemOn(simulators.simulator, {
      ...placing,
      demand,
      objective: aim.objective,
      weights: aim.weights,
    });
    if (modelFormat !== undefined) {
      await context.checkWritable(given.writeModel!);
      const text = await medeaModelText(problem, modelFormat, { parameters });
      await context.writeFile(given.writeModel!, text);
      talk.notice(`Wrote ${given.writeModel}`);
    }
    const planned = await options.runWithCaution(scheduler, problem, simulators.caution, {
      seed: given.seed,
      signal: context.signal,
      onProgress: talk.step,
      parameters,
      ...(given.solverLog ? { onSolverLog: (text: string) => context.stderr.write(text) } : {}),
      ...(given.verbose ? { onDecision: (text: string) => talk.notice(text) } : {}),
      ...(given.timeLimit === undefined ? {} : { timeLimit: given.timeLimit }),
      ...(given.gap === undefined ? {} : { gap: given.gap }),
    }).catch(async (error: unknown) => {
      throw await withClash(context, talk, problem, error, {
        nodeName: problemFile?.nodeNames.nameOf,
        file: problemFile?.file,
        timeLimit: given.timeLimit,
        aim: aim,
      });
    });
    const run = given.scheduler === undefined && given.risk === undefined
      ? await surerPlan(talk, surface, problem, planned)
      : planned;
    const known = run.boundTotal === undefined ? [] : [run.boundTotal];
    const bound = await options.boundTotal(context, talk, problem, given, known);
    const boundObjective = await options.objectiveBound(
      context,
      talk,
      problem,
      given,
      run.boundObjective === undefined ? [] : [run.boundObjective],
    );
    const { apps } = surface;
    const nodeNames = problemFile?.nodeNames.all;
    const plan: Plan = {
      format: "metis-plan",
      version: planVersion(problem, nodeNames),
      scheduler: run.scheduler,
      seed: given.seed,
      parameters,
      ...planOfPlacement(problem, run.placement, nodeNames),
      ...planValue(problem, run, bound),
      ...loadGrounds(talk, [surface, ...placing.moreSurfaces], run.placement, "the plan"),
      ...(run.risk === undefined ? {} : { risk: run.risk }),
      ...aimFields(aim, apps, run, boundObjective),
      seconds: run.seconds,
      surface: options.surfaceFields(surface),
      ...(placing.moreSurfaces.length === 0
        ? {}
        : { surfaces: [surface, ...placing.moreSurfaces].map(options.surfaceFields) }),
      ...violationFields(constraints, run.placement),
      ...(given.verbose
        ? { breakdown: breakdownOf(problem.simulator, run.placement, nodeSurfaces(problem)) }
        : {}),
      details: run.details ?? {},
    };
    talk.clear();
    context.signal.throwIfAborted();
    if (given.out !== undefined) await context.writeFile(given.out, planText(plan));
    if (given.json) printJson(context, plan);
    else context.stdout.write(describePlan(context, plan));
    if (given.out !== undefined) talk.notice(`Wrote ${given.out}`);
  });
}

/** The plan, or spread's where the model is not sure to do better, with a notice. */
async function surerPlan(
  talk: Talk,
  surface: Surface,
  problem: SchedulingProblem,
  planned: options.CautiousRun,
): Promise<options.CautiousRun> {
  const { run, gain } = await surerRun(surface, problem, planned);
  if (run === planned || gain === null) return planned;
  const [low, high] = [gain.low, gain.high].map((value) => value.toFixed(4));
  talk.notice(
    `The model is not sure that its plan is better than spread's (by ${low} to ${high} in the mean, 90 %): ` +
      `placed by spread; measure more, or take the plan all the same with --scheduler ${planned.scheduler}`,
  );
  return run;
}

function usualScheduler(talk: Talk, { apps, kind }: Surface, capacity: number): string {
  const configurations = configurationCount(apps.length, capacity);
  if (configurations <= DENSE_LIMIT) return USUAL_SCHEDULER;
  const usual = kind === "traffic" ? SCHEDULER_OF_TRAFFIC : SCHEDULER_OF_MANY;
  talk.notice(
    `${apps.length} apps on ${capacity} slots have ${
      largeNumber(configurations)
    } configurations, too many for a table: placing by ${usual}, without a proof`,
  );
  return usual;
}

/** A plan as text for people. */
export function describePlan(context: CliContext, plan: Plan): string {
  const { columns: width } = context.stdout;
  const layout = { width, color: wantsColor(context, context.stdout) };
  const opening = `${plan.scheduler} placed ${countOf(demandTotal(plan.demand), "container")} of ` +
    `${countOf(plan.apps.length, "app")} on ${clusterText({ nodeClasses: plan.cluster })}.`;
  // Of traffic, what a pair keeps is of two apps: none of them has a speed.
  const hasSpeeds = plan.surface.kind !== "traffic";
  const perApp: Column<number>[] = [
    { title: "App", align: "left", cell: (app) => plan.apps[app]! },
    { title: "Containers", align: "right", cell: (app) => `${plan.demand[app]}` },
    ...(hasSpeeds
      ? [{
        title: "Mean normalised RPS",
        align: "right" as const,
        cell: (app: number) => worstText(plan.perApp[plan.apps[app]!] ?? null),
      }]
      : []),
  ];
  const groups = countConfigurations(plan);
  const configurations: Column<readonly [string, number]>[] = [
    { title: "Nodes", align: "right", cell: ([, nodes]) => `${nodes}` },
    { title: "Containers on each", align: "left", cell: ([text]) => text, wraps: true },
  ];
  const more = groups.length > LISTED
    ? `... and ${groups.length - LISTED} more configurations: see them with --json or --out\n`
    : "";
  return [
    wrapText(opening, width) + "\n",
    renderPairs([
      [
        hasSpeeds ? "mean normalised throughput" : "traffic that stays on one node",
        plan.mean.toFixed(6),
      ],
      boundPair(plan),
      ["gap", gapText(plan)],
      ...withinPairs(plan),
      ...groundsPairs(plan),
      ...(hasSpeeds ? [["worst container", worstText(plan.worst)] as const] : []),
      ...aimPairs(plan),
      ...violationPairs(plan),
      ["seconds", secondsText(plan.seconds)],
    ]),
    renderTable(perApp, plan.apps.map((_, app) => app), layout),
    plan.breakdown === undefined
      ? renderTable(configurations, groups.slice(0, LISTED), layout) + more
      : renderBreakdown(plan.apps, plan.breakdown, layout),
  ].join("\n");
}

/** What is proven of some placements only, where no bound on all is known. */
function withinPairs({ details }: Plan): [string, string][] {
  const { provenWithin, withinMean, withinBound, withinProven } = details;
  if (provenWithin === undefined) return [];
  const figure = Number(withinBound).toFixed(6);
  const best = withinProven === true
    ? ""
    : `, the best found there is ${Number(withinMean).toFixed(6)}`;
  return [["proven within", `${provenWithin}: none is above ${figure}${best}`]];
}

function violationPairs(plan: Plan): [string, string][] {
  if (plan.violations === undefined) return [];
  const { violationBound, violationsProven } = plan.details;
  const proof = violationsProven === true
    ? " (proven least)"
    : violationBound === undefined
    ? ""
    : ` (at least ${violationBound})`;
  const ratio = ((plan.violationRatio ?? 0) * 100).toFixed(4);
  return [["constraint violations", `${plan.violations}${proof}, ${ratio} %`]];
}

/** The format that the name of a model file asks for. @throws {UsageError} for another, or another scheduler. */
function modelFormatOf(file: string | undefined, scheduler: string): "lp" | "mps" | undefined {
  if (file === undefined) return undefined;
  if (scheduler !== "medea") throw new UsageError("--write-model goes with --scheduler medea only");
  if (file.endsWith(".lp")) return "lp";
  if (file.endsWith(".mps")) return "mps";
  throw new UsageError(`--write-model needs a file that ends in .lp or .mps: got ${file}`);
}

function countConfigurations(plan: Plan): (readonly [string, number])[] {
  const nodes = new Map<string, number>();
  for (const row of plan.placement) {
    const held = row.flatMap((count, app) => count > 0 ? [`${count} ${plan.apps[app]}`] : []);
    const text = held.join(", ") || "(empty)";
    nodes.set(text, (nodes.get(text) ?? 0) + 1);
  }
  return [...nodes].sort((a, b) => b[1] - a[1]);
}
