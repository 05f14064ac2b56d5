import {
  checkProblem,
  countOf,
  InfeasibleError,
  type Placement,
  UnsupportedError,
} from "../../domain/mod.ts";
import {
  Deadline,
  type ScheduleOptions,
  type SchedulingProblem,
  UndecidedError,
} from "../../scheduling/mod.ts";
import {
  FamilyPricing,
  familySize,
  relaxProblem,
  roundRelaxation,
  roundWithin,
} from "../columns/mod.ts";
import { HighsSolver } from "../milp/mod.ts";
import type { OptimalAnswer } from "./answer.ts";
import { Search } from "./search.ts";
import { USUAL_SECONDS } from "./solve.ts";

/** Share of the time for the proof within the family; the rest is for placements beyond it. */
const WITHIN_SHARE = 0.6;

/** Annealing beyond the family, from its best placement: not so hot that it would be forgotten. */
const ANNEALING = { moves: 1_000_000, hot: 0.1, cold: 0.003 };

/** The best placement found, and what is proven about the placements of a family. */
export interface FamilyAnswer {
  /** The best found, of the family or not. */
  readonly placement: Placement;
  /** Its total throughput. */
  readonly total: number;
  /** What the configurations of the family have in common, in words. */
  readonly family: string;
  /** The best placement of the family, and the bound on all of those; it says nothing about others. */
  readonly within: OptimalAnswer;
}

/**
 * The best placement within configurations of few different apps on a node, proven so unless a limit ends the work first, and the best
 * that annealing finds from there among all: for models that have neither a table nor a bound.
 * @param kinds Most different apps on a node. @default as many as all configurations can be looked at for
 * @throws {UnsupportedError} if no placement is of the family.
 * @throws {UndecidedError} if the time limit came before there was one.
 * @throws {InterruptedError} if the signal fired before there was one.
 */
export async function solveWithinFamily(
  problem: SchedulingProblem,
  options: ScheduleOptions = {},
  kinds: number = familySize(problem.apps.length, problem.simulator.capacity),
): Promise<FamilyAnswer> {
  checkProblem(problem);
  const { timeLimit = USUAL_SECONDS } = options;
  const whole = new Deadline({ ...options, timeLimit });
  const part = new Deadline({ ...options, timeLimit: WITHIN_SHARE * timeLimit });
  const family = `configurations of at most ${countOf(kinds, "different app")} on a node`;
  const highs = new HighsSolver();
  highs.warmUp();
  try {
    using relaxed = await relaxProblem(
      problem,
      part,
      { pricingOfSpace: (simulator, space) => new FamilyPricing(simulator, space, kinds) },
    );
    const search = new Search(relaxed, options, part);
    const start = roundWithin(relaxed, { kinds, stop: part.passed });
    if (start !== undefined) search.startFrom(start);
    await search.prove(highs);
    const within = search.answer();
    // Local search leads the rounded placement out of the family: it is a start beyond it alone.
    const rounded = roundRelaxation(relaxed, { seed: options.seed ?? 1, stop: whole.passed });
    const best = rounded !== undefined && rounded.total > within.total ? rounded : within;
    return { ...await improve(problem, best, options, whole), family, within };
  } catch (error) {
    if (!(error instanceof InfeasibleError) || error instanceof UndecidedError) throw error;
    throw new UnsupportedError(
      `No placement is within ${family}, and nothing is proven beyond: use local-search or annealing`,
      { cause: error },
    );
  } finally {
    highs.close();
  }
}

/** Simulated annealing and local search among all configurations; the better one of before and after. */
async function improve(
  problem: SchedulingProblem,
  { placement, total }: { readonly placement: Placement; readonly total: number },
  { seed = 1 }: ScheduleOptions,
  deadline: Deadline,
): Promise<{ placement: Placement; total: number }> {
  using state = problem.simulator.clusterState(problem);
  state.load(placement);
  const started = performance.now();
  const seconds = deadline.secondsLeft();
  const elapsed = (): number => (performance.now() - started) / (1000 * 0.8 * seconds);
  for (const _ of state.annealInRounds({ ...ANNEALING, seed, elapsed })) {
    if (deadline.passed()) break;
    await deadline.takeTurns();
  }
  state.localSearch(deadline.passed);
  return state.total > total
    ? { placement: state.placement(), total: state.total }
    : { placement, total };
}
