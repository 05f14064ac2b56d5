/**
 * Why there is no placement, in words: which requirements of a problem clash.
 * @module
 */
import { HighsSolver } from "../../baselines/milp/mod.ts";
import { optimalScheduler, solveToOptimality } from "../../baselines/optimal/mod.ts";
import {
  checkProblem,
  InfeasibleError,
  type InterferenceModel,
  maxCapacity,
  type Problem,
  SolverError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { clashText, explainInfeasible, type IsFeasible } from "../../scheduling/explain.ts";
import { checkSupport, type SchedulingProblem, UndecidedError } from "../../scheduling/mod.ts";
import { requirementsOf } from "../../scheduling/requirements.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";

/** Seconds of looking for what clashes, and for each question whether there is a placement. */
const SECONDS = 20;
const SECONDS_EACH = 5;

/** How a clash is looked for. */
export interface ClashOptions {
  /** Name of a node. @default node 7 */
  readonly nodeName?: ((node: number) => string) | undefined;
  /** The problem file, for the message. @default none */
  readonly file?: string | undefined;
  /** Most seconds. @default 20 */
  readonly timeLimit?: number | undefined;
}

/**
 * What to say where work ended without a placement: its message, and what clashes, if that is found.
 * @returns The error itself if it is another one, or if there is nothing to add.
 */
export async function withClash(
  context: CliContext,
  talk: Talk,
  problem: SchedulingProblem,
  error: unknown,
  { nodeName, file, timeLimit = SECONDS }: ClashOptions = {},
): Promise<unknown> {
  if (!(error instanceof InfeasibleError) || error instanceof UndecidedError) return error;
  const clash = await clashOf(context, talk, problem, { nodeName, timeLimit });
  if (clash === null && file === undefined) return error;
  const where = file === undefined ? "" : `${file}: `;
  const why = clash === null ? "" : `. ${clash}`;
  return new InfeasibleError(`${where}${error.message}${why}`, { cause: error });
}

/** What clashes in a problem, in one line; null if it has a placement, if nobody knows, or if it is containers alone. */
async function clashOf(
  context: CliContext,
  talk: Talk,
  problem: SchedulingProblem,
  { nodeName, timeLimit }: ClashOptions & { readonly timeLimit: number },
): Promise<string | null> {
  talk.step({ fraction: null, text: "looking for what clashes" });
  const solver = new HighsSolver();
  try {
    const isFeasible = byOptimal(context, problem, solver);
    if (await isFeasible(problem) !== false) return null;
    const end = context.seconds() + Math.min(timeLimit, SECONDS);
    const clash = await explainInfeasible(
      problem,
      requirementsOf(problem, nodeName),
      isFeasible,
      () => context.signal.aborted || context.seconds() > end,
    );
    // That there is too much of everything, the error says already.
    const text = clash.requirements.every(({ isDemand }) => isDemand) ? null : clashText(clash);
    if (!problem.simulator.forbids) return text;
    // What floors and latency limits forbid is in the simulator: they are asked about all at once.
    const even = onEvenSurface(problem);
    using _simulator = even.simulator;
    if (await byOptimal(context, even, solver)(even) !== true) return text;
    const floors = "Without the floors or latency limits there is a placement";
    return text === null
      ? floors
      : `${floors}. Beside them, ${text[0]!.toLowerCase()}${text.slice(1)}`;
  } finally {
    solver.close();
    talk.clear();
  }
}

/** Asks `optimal` whether there is a placement, on the surface of the problem that was asked first. */
function byOptimal(
  { signal }: CliContext,
  { simulator }: SchedulingProblem,
  solver: HighsSolver,
): IsFeasible {
  return async (changed: Problem) => {
    const problem = { ...changed, simulator };
    try {
      checkProblem(problem);
      checkSupport(optimalScheduler, problem);
      await solveToOptimality(problem, { timeLimit: SECONDS_EACH, gap: 0.9, signal }, solver);
      return true;
    } catch (error) {
      if (error instanceof UndecidedError || error instanceof UnsupportedError) return null;
      if (error instanceof InfeasibleError) return false;
      if (error instanceof SolverError) return null;
      throw error;
    }
  };
}

/** A problem on a surface without interference: where only the question is whether there is a placement. */
export function onEvenSurface(problem: Problem): SchedulingProblem {
  const model: InterferenceModel = {
    kind: "even",
    apps: problem.apps,
    predict: (counts) => Float64Array.from(counts, (count) => count > 0 ? 1 : 0),
  };
  const nodeClasses = problem.cluster.nodeClasses.map(({ surface: _, ...rest }) => rest);
  const simulator = Simulator.create({ model, capacity: maxCapacity(problem.cluster) });
  return { ...problem, cluster: { nodeClasses }, simulator };
}
