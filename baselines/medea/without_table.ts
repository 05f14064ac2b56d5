import { checkProblem, InfeasibleError, type InterferenceConstraint } from "../../domain/mod.ts";
import { Deadline, type SchedulingProblem } from "../../scheduling/mod.ts";
import { placementViolations } from "../constraints/mod.ts";
import { localSearch } from "../heuristics/local_search.ts";
import type { MilpSolver } from "../milp/mod.ts";
import type { MedeaAnswer } from "./answer.ts";
import { type ContainerOptions, solveByContainers } from "./container_formulation.ts";
import { programEntries } from "./container_model.ts";
import { violationSimulator } from "./violation_simulator.ts";

/** Seconds that it takes at most where the caller sets no limit. */
const USUAL_SECONDS = 60;
/** Share of the time after which the search ends where a program follows. */
const SEARCH_SHARE = 0.5;
/** Entries of a program that is solved in about the usual time. */
const MOST_ENTRIES = 1_000_000;

/**
 * Medea where there are too many configurations for a table: moves and swaps for the fewest violations, and where some are
 * left and the published program is small enough, that program in its tight form, from what the search found. Without it, no
 * more is proven than that there are no fewer violations than none.
 * @throws As {@link solveByContainers}.
 */
export async function solveWithoutTable(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  options: ContainerOptions,
  solver: MilpSolver,
): Promise<MedeaAnswer> {
  checkProblem(problem);
  const { timeLimit = USUAL_SECONDS } = options;
  const deadline = new Deadline({ ...options, timeLimit });
  const isSmall = programEntries(problem, constraints) <= MOST_ENTRIES;
  const found = await search(problem, constraints, {
    ...options,
    timeLimit: isSmall ? SEARCH_SHARE * timeLimit : timeLimit,
  }).catch((error) => {
    // Rules may end a search that the program does not need.
    if (isSmall && error instanceof InfeasibleError) return null;
    throw error;
  });
  if (found !== null && (found.proven || !isSmall || deadline.passed())) return found;
  return await solveByContainers(problem, constraints, {
    ...options,
    bigM: "tight",
    start: found?.placement ?? false,
    timeLimit: deadline.secondsLeft(),
  }, solver);
}

async function search(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
  { parameters: _, ...options }: ContainerOptions,
): Promise<MedeaAnswer> {
  using simulator = violationSimulator(problem, constraints);
  const { placement } = await localSearch.schedule({ ...problem, simulator }, options);
  const { weighted: violations } = placementViolations(constraints, placement);
  return { placement, violations, bound: 0, proven: violations <= 1e-6, columns: 0, branches: 0 };
}
