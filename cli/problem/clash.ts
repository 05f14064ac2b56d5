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
  onOneSurface,
  type Problem,
  SolverError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { clashText, explainInfeasible, type IsFeasible } from "../../scheduling/explain.ts";
import {
  type Aim,
  checkSupport,
  forbidStarving,
  type SchedulingProblem,
  simulatorOfData,
  surfaceData,
  UndecidedError,
} from "../../scheduling/mod.ts";
import { requirementsOf, type Wanted } from "../../scheduling/requirements.ts";
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
  /** What the placement was to keep: floors are in the simulator, and asked about one by one. @default none */
  readonly aim?: Partial<Pick<Aim, "floors" | "limits">> | undefined;
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
  { nodeName, file, timeLimit = SECONDS, aim }: ClashOptions = {},
): Promise<unknown> {
  if (!(error instanceof InfeasibleError) || error instanceof UndecidedError) return error;
  const clash = await clashOf(context, talk, problem, { nodeName, timeLimit, aim });
  if (clash === null && file === undefined) return error;
  const where = file === undefined ? "" : `${file}: `;
  const why = clash === null ? "" : `. ${clash}`;
  return new InfeasibleError(`${where}${error.message}${why}`, { cause: error });
}

/** What clashes in a problem, or that this is not known, in one line; null if it has a placement, or if it is containers alone. */
async function clashOf(
  context: CliContext,
  talk: Talk,
  { simulator, ...asked }: SchedulingProblem,
  { nodeName, timeLimit, aim = {} }: ClashOptions & { readonly timeLimit: number },
): Promise<string | null> {
  talk.step({ fraction: null, text: "looking for what clashes" });
  const hasLimits = (aim.limits ?? []).some((limit) => limit !== null);
  const floors = hasLimits ? [] : aim.floors ?? [];
  const solver = new HighsSolver();
  using asking = new Feasibility(context, simulator, floors, solver);
  try {
    const problem: Wanted = { ...asked, floors };
    const isFeasible = await asking.of(problem);
    if (isFeasible === null && !context.signal.aborted) {
      return "Whether there is a placement at all was not decided";
    }
    if (isFeasible !== false) return null;
    const end = context.seconds() + Math.min(timeLimit, SECONDS);
    const clash = await explainInfeasible(
      problem,
      requirementsOf(problem, nodeName),
      asking.of,
      () => context.signal.aborted || context.seconds() > end,
    );
    // That there is too much of everything, the error says already.
    const text = clash.requirements.every(({ isDemand }) => isDemand) ? null : clashText(clash);
    if (!hasLimits) return text;
    // What latency limits forbid is in the simulator: they are asked about all at once.
    using even = onEvenSurface(asked).simulator;
    using evenly = new Feasibility(context, even, [], solver);
    if (await evenly.of({ ...asked, cluster: onOneSurface(asked.cluster) }) !== true) return text;
    const without = "Without the floors or latency limits there is a placement";
    return text === null
      ? without
      : `${without}. Beside them, ${text[0]!.toLowerCase()}${text.slice(1)}`;
  } finally {
    solver.close();
    talk.clear();
  }
}

/** Asks `optimal` whether there is a placement, on the surfaces of a simulator and above floors. */
class Feasibility implements Disposable {
  /** By their floors. */
  readonly #simulators = new Map<string, Simulator>();
  readonly #made = new DisposableStack();

  /** @param simulator Of the problem that was asked first. @param floors What it forbids to be below. */
  constructor(
    readonly context: CliContext,
    simulator: Simulator,
    floors: readonly (number | null)[],
    readonly solver: HighsSolver,
  ) {
    this.#simulators.set(keyOf(floors), simulator);
    if (keyOf(floors) === "") return;
    // A table, since each set of floors asks for all configurations again.
    const [first, ...more] = simulator.models.map((_, at) => surfaceData(simulator, at));
    this.#simulators.set("", this.#made.use(simulatorOfData(first!, more)));
  }

  /** True if there is one, false if there is none, null if that was not decided. */
  readonly of: IsFeasible = async ({ floors = [], ...changed }) => {
    const problem = { ...changed, simulator: this.#above(floors) };
    try {
      checkProblem(problem);
      checkSupport(optimalScheduler, problem);
      const limits = { timeLimit: SECONDS_EACH, gap: 0.9, signal: this.context.signal };
      await solveToOptimality(problem, limits, this.solver);
      return true;
    } catch (error) {
      if (error instanceof UndecidedError || error instanceof UnsupportedError) return null;
      if (error instanceof InfeasibleError) return false;
      if (error instanceof SolverError) return null;
      throw error;
    }
  };

  #above(floors: readonly (number | null)[]): Simulator {
    const known = this.#simulators.get(keyOf(floors));
    if (known !== undefined) return known;
    const made = this.#made.use(forbidStarving(this.#simulators.get("")!, floors));
    this.#simulators.set(keyOf(floors), made);
    return made;
  }

  [Symbol.dispose](): void {
    this.#made.dispose();
  }
}

/** Floors as a key; empty if there are none. */
function keyOf(floors: readonly (number | null)[]): string {
  return floors.some((floor) => floor !== null) ? floors.join(" ") : "";
}

/** A problem on a surface without interference: where only the question is whether there is a placement. */
export function onEvenSurface(problem: Problem): SchedulingProblem {
  const model: InterferenceModel = {
    kind: "even",
    apps: problem.apps,
    predict: (counts) => Float64Array.from(counts, (count) => count > 0 ? 1 : 0),
  };
  const simulator = Simulator.create({ model, capacity: maxCapacity(problem.cluster) });
  return { ...problem, cluster: onOneSurface(problem.cluster), simulator };
}
