/**
 * Plans: read from their files, and seen as placements of a problem file.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import {
  checkPlacement,
  InputError,
  InvalidPlacementError,
  type Problem,
} from "../../domain/mod.ts";
import { currentOf } from "../../replanning/mod.ts";
import { type ReadPlan, readPlan } from "../../scheduling/plans/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import { type CliContext, readText } from "../context.ts";

/** A problem file that plans are to be placements of. */
export const problemOfPlanOption = () =>
  new Option(
    "--problem <file>",
    "problem file that the plan must be a placement of: its nodes, containers, resources and rules are kept",
  );

/** A plan of a file. @throws {InputError} as readPlan. */
export async function loadPlan(context: CliContext, file: string): Promise<ReadPlan> {
  return readPlan(await readText(context, file), file);
}

/**
 * A plan on the nodes and apps of a problem file, which it must be a placement of; the plan itself without a file.
 * @param problem What the file says, in the order of apps that is wanted.
 * @throws {InputError} naming plan, file, and what the plan does not keep.
 */
export function planOnProblem(
  plan: ReadPlan,
  planFile: string,
  file: ProblemFile | null,
  problem: Problem | null = file,
): ReadPlan {
  if (file === null || problem === null) return plan;
  const refuse = (why: string, cause?: unknown) =>
    new InputError(`${planFile} is no placement of ${file.file}: ${why}`, { cause });
  const { apps, cluster, demand, rules, needs } = problem;
  const names = file.nodeNames.all;
  const running = { ...plan, apps: plan.problem.apps, cluster: plan.problem.cluster };
  const { placement, left: [left], dropped: [dropped] } = currentOf(running, problem, names);
  if (left !== undefined) throw refuse(`there is no node ${left}`);
  if (dropped !== undefined) throw refuse(`there is no app ${dropped.app}`);
  const own = { apps, cluster, demand, rules, ...(needs === undefined ? {} : { needs }) };
  try {
    checkPlacement(own, placement);
  } catch (error) {
    if (error instanceof InvalidPlacementError) throw refuse(error.message, error);
    throw error;
  }
  const nodeNames = names ??
    (placement.nodes === plan.placement.nodes ? plan.nodeNames : undefined);
  const { nodeNames: _, ...rest } = plan;
  return { ...rest, problem: own, placement, ...(nodeNames === undefined ? {} : { nodeNames }) };
}
