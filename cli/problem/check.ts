/**
 * Looks at a problem file: all that is wrong with it, and how full the cluster will be.
 * @module
 */
import { optimalScheduler } from "../../baselines/optimal/mod.ts";
import {
  checkProblem,
  demandTotal,
  InfeasibleError,
  InputError,
  maxCapacity,
  type MetisError,
  nodeCapacities,
  nodeKinds,
  roughAmount,
  totalSlots,
  UnsupportedError,
} from "../../domain/mod.ts";
import { loadModel } from "../../models/mod.ts";
import {
  type Aim,
  problemOn,
  runScheduler,
  type SchedulingProblem,
  UndecidedError,
} from "../../scheduling/mod.ts";
import {
  inspectProblemFile,
  type ProblemFile,
  problemOnApps,
  type SurfaceSource,
} from "../../scheduling/problem_file/mod.ts";
import { type CliContext, readText } from "../context.ts";
import { aimOf, groundByFile, loadProfile, loadTraffic } from "../options/mod.ts";
import { percentText } from "../output/figures.ts";
import type { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";
import { onEvenSurface, withClash } from "./clash.ts";

/** Seconds of looking for a placement. */
const SECONDS = 10;

/** How much of something is asked for, in the field names of `--json`. */
export interface Usage {
  /** Slots, or the name of a resource. */
  readonly name: string;
  readonly wanted: number;
  /** On nodes that take containers. */
  readonly available: number;
}

/** What a look at a problem file found, in the field names of `--json`. */
export interface CheckReport {
  readonly file: string;
  /** True if nothing is wrong, and no obvious reason is in the way of a placement. */
  readonly sound: boolean;
  /** What is wrong with the file, each in one line. */
  readonly faults: readonly string[];
  /** Why there is no placement; null if there is one, or if that is not known. */
  readonly infeasible: string | null;
  /** True if there is a placement, false if there is none, null if nobody knows. */
  readonly feasible: boolean | null;
  readonly notices: readonly string[];
  readonly usage: readonly Usage[];
}

/** A report, and what the command fails by; null if nothing is wrong. */
export interface CheckedProblem {
  readonly report: CheckReport;
  readonly failure: MetisError | null;
}

/** Looks at a problem file and the surfaces that it names. */
export async function checkProblemFile(
  context: CliContext,
  talk: Talk,
  file: string,
): Promise<CheckedProblem> {
  const { problem, rest, faults } = inspectProblemFile(await readText(context, file), file);
  const all = rest === null ? faults : [...faults, ...await surfaceFaults(context, talk, rest)];
  if (problem === null) return checked({ file, faults: all });
  const { notices } = problem;
  try {
    checkProblem(problem);
  } catch (error) {
    if (error instanceof InputError) {
      return checked({ file, faults: [...all, `${file}: ${error.message}`], notices });
    }
    if (!(error instanceof InfeasibleError)) throw error;
  }
  const usage = usageOf(problem);
  const even = onEvenSurface(problem);
  using _simulator = even.simulator;
  const evenly = await feasibility(context, talk, problem, even);
  const found = { file, faults: all, notices, usage, ...evenly };
  if (evenly.feasible !== true || problem.floors.every((floor) => floor === null)) {
    return checked(found);
  }
  if (all.length > 0 || problem.surfaces.length === 0) {
    const why = all.length > 0 ? "its files have faults" : "it names no surface";
    const notice = `${file}: whether floors can be kept is not known, since ${why}`;
    return checked({ ...found, feasible: null, notices: [...notices, notice] });
  }
  return checked({ ...found, ...await aboveFloors(context, talk, problem) });
}

/** Whether a problem has a placement that keeps its floors, by its surfaces. */
async function aboveFloors(
  context: CliContext,
  talk: Talk,
  problem: ProblemFile,
): Promise<Pick<CheckReport, "feasible" | "infeasible">> {
  const { demand, ...asked } = await groundByFile(context, talk, { seed: 1 }, problem);
  const { surface, moreSurfaces, cluster } = asked;
  const aim = aimOf(context, {}, asked, problem);
  using simulator = context.blocking(() =>
    surface.simulator(maxCapacity(cluster), {
      more: moreSurfaces,
      floors: aim.floors ?? [],
      onProgress: talk.predicting,
    })
  );
  return await feasibility(
    context,
    talk,
    problem,
    problemOn(simulator, { ...asked, demand }),
    aim,
  );
}

/** Whether a problem has a placement, and what is in the way. */
async function feasibility(
  context: CliContext,
  talk: Talk,
  { nodeNames }: ProblemFile,
  asked: SchedulingProblem,
  aim?: Aim,
): Promise<Pick<CheckReport, "feasible" | "infeasible">> {
  try {
    await runScheduler(optimalScheduler, asked, {
      timeLimit: SECONDS,
      gap: 0.9,
      signal: context.signal,
      onProgress: talk.step,
    });
    return { feasible: true, infeasible: null };
  } catch (error) {
    if (error instanceof UnsupportedError || error instanceof UndecidedError) {
      return { feasible: null, infeasible: null };
    }
    if (!(error instanceof InfeasibleError)) throw error;
    const explained = await withClash(context, talk, asked, error, {
      nodeName: nodeNames.nameOf,
      aim,
    });
    const { message } = explained instanceof Error ? explained : error;
    return { feasible: false, infeasible: message };
  } finally {
    talk.clear();
  }
}

/** A look as text for people. */
export function renderChecked(
  { file, sound, faults, feasible, infeasible, notices, usage }: CheckReport,
  width: number,
): string {
  return [
    ...faults.map((fault) => `${fault}\n`),
    ...notices.map((notice) => `${notice}\n`),
    renderPairs(
      usage.map(({ name, wanted, available }) => [
        name,
        `${roughAmount(name, wanted)} of ${roughAmount(name, available)}${
          available > 0 ? ` (${percentText(wanted / available)})` : ""
        }`,
      ]),
      width,
    ),
    ...(infeasible === null ? [] : [`${file}: ${infeasible}\n`]),
    ...(sound ? [`${file} is sound${feasible === true ? ": there is a placement" : ""}\n`] : []),
  ].join("");
}

function checked(
  found: Pick<CheckReport, "file" | "faults"> & Partial<CheckReport>,
): CheckedProblem {
  const { file, faults, feasible = null, infeasible = null, notices = [], usage = [] } = found;
  const sound = faults.length === 0 && infeasible === null;
  const report = { file, sound, faults, feasible, infeasible, notices, usage };
  const failure = faults.length > 0
    ? new InputError(faults.length === 1 ? faults[0]! : `${file}: ${faults.length} faults`)
    : infeasible !== null
    ? new InfeasibleError(`${file}: ${infeasible}`)
    : null;
  return { report, failure };
}

/** What is wrong with the files that a problem names. */
async function surfaceFaults(
  context: CliContext,
  talk: Talk,
  problem: ProblemFile,
): Promise<string[]> {
  const faults: string[] = [];
  for (const { source } of problem.surfaces) {
    try {
      if (source.kind === "traffic") await loadTraffic(context, source.file, problem);
      else problemOnApps(problem, await appsOf(context, talk, source), source.file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(error.message);
    }
  }
  return [...new Set(faults)];
}

/** Names of the apps of a surface, without fitting it. */
async function appsOf(
  context: CliContext,
  talk: Talk,
  { kind, file, normalise, maxRps, apps }: SurfaceSource,
): Promise<readonly string[]> {
  if (kind === "model") return loadModel(await readText(context, file), file).apps;
  const options = { ...(normalise === true ? { normalise } : {}), maxRps, apps };
  return (await loadProfile(context, talk, file, options)).apps;
}

/** How much of slots and resources is asked for, of what nodes without a fence have. */
function usageOf(problem: ProblemFile): Usage[] {
  const { demand, cluster, rules } = problem;
  const { resources, needs, kinds, ofNode } = nodeKinds(problem);
  const capacities = nodeCapacities(cluster, rules);
  return [
    { name: "slots", wanted: demandTotal(demand), available: totalSlots(cluster, rules) },
    ...resources.map((name, at) => ({
      name,
      wanted: demand.reduce(
        (sum, count, app) => sum + count * needs[app * resources.length + at]!,
        0,
      ),
      available: ofNode.reduce(
        (sum, kind, node) => capacities[node] === 0 ? sum : sum + kinds[kind]!.amounts[at]!,
        0,
      ),
    })),
  ];
}
