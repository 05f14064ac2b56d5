import {
  checkProblem,
  countOf,
  demandTotal,
  emptyPlacement,
  InfeasibleError,
  type InterferenceConstraint,
  nodeCount,
  nodeKinds,
  type Placement,
  SolverError,
  spreadsOverDomains,
} from "../../domain/mod.ts";
import { Deadline, type ScheduleOptions, type SchedulingProblem } from "../../scheduling/mod.ts";
import { placementViolations, weightStep } from "../constraints/mod.ts";
import type { MilpSolver } from "../milp/mod.ts";
import { spread } from "../heuristics/spread.ts";
import { type MedeaAnswer, soundBound } from "./answer.ts";
import { containerModel, type Linking } from "./container_model.ts";

/** How the published formulation is solved. */
export interface ContainerOptions extends ScheduleOptions, Linking {
  /** Start from this placement, or from a spread one (true), so that there is one to return at any time. */
  readonly start: boolean | Placement;
}

/**
 * Solves the published formulation: one binary per container and node.
 * @throws {UnsupportedError} see containerModel.
 * @throws {InfeasibleError} if no placement exists.
 * @throws {SolverError} if a limit came before any placement, which only happens without a start.
 */
export async function solveByContainers(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  options: ContainerOptions,
  solver: MilpSolver,
): Promise<MedeaAnswer> {
  const { timeLimit, gap, seed = 1, signal, onProgress } = options;
  const program = containerModel(problem, constraints, options);
  if (program.model.columns === 0) return nothingToPlace(problem);
  const step = weightStep(constraints);
  const start = options.start === true
    ? await spreadPlacement(problem)
    : options.start || undefined;
  onProgress?.({ fraction: null, text: `integer program, ${program.model.columns} columns` });
  const answer = await solver.solve(program.model, {
    timeLimit,
    relativeGap: gap,
    absoluteGap: Math.max(1e-9, step * (1 - 1e-6)),
    signal,
    seed,
    start: start && program.write(start),
  });
  if (answer.status === "infeasible") checkProblem(problem);
  if (answer.status === "infeasible" && isRestricted(problem)) {
    throw new InfeasibleError(
      `Demand of ${countOf(demandTotal(problem.demand), "container")} does not fit under the rules`,
    );
  }
  if (answer.status === "infeasible" || answer.status === "unbounded") {
    throw new SolverError(`HiGHS reported ${answer.status} for a problem that has a placement`);
  }
  const violationsOf = (placement: Placement): number =>
    placementViolations(constraints, placement).weighted;
  const found = [
    ...(answer.solution ? [program.read(answer.solution)] : []),
    ...(start === undefined ? [] : [start]),
  ].sort((a, b) => violationsOf(a) - violationsOf(b))[0];
  if (found === undefined) {
    new Deadline(options).refuseIfAborted();
    throw new SolverError(
      `HiGHS found no placement within ${timeLimit} s: give more --time-limit, or a start`,
    );
  }
  const violations = violationsOf(found);
  const bound = soundBound(answer.bound, step, violations);
  return {
    placement: found,
    violations,
    bound,
    proven: violations - bound <= 1e-6,
    columns: program.model.columns,
    branches: answer.nodes,
  };
}

/** The answer for an empty demand: HiGHS takes no program without unknowns. */
function nothingToPlace({ cluster, apps }: SchedulingProblem): MedeaAnswer {
  const placement = emptyPlacement(nodeCount(cluster), apps.length);
  return { placement, violations: 0, bound: 0, proven: true, columns: 0, branches: 0 };
}

/** Where everything goes by Swarm's own rule; undefined where rules lead that into a dead end. */
async function spreadPlacement(problem: SchedulingProblem): Promise<Placement | undefined> {
  try {
    return (await spread.schedule(problem, {})).placement;
  } catch (error) {
    if (error instanceof InfeasibleError) return undefined;
    throw error;
  }
}

/** True if more than slots is in the way of a placement. */
function isRestricted(problem: SchedulingProblem): boolean {
  return nodeKinds(problem).restricted || spreadsOverDomains(problem.rules);
}
