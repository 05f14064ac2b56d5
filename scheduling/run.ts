import {
  checkPlacement,
  checkProblem,
  demandTotal,
  InvalidPlacementError,
  largeNumber,
  neededResources,
  nodeCapacities,
  nodeSurfaces,
  type Placement,
  type Problem,
  restrictsConfigurations,
  spreadsOverDomains,
  suggest,
  UnsupportedError,
  UsageError,
} from "../domain/mod.ts";
import type { ScheduleOptions, Scheduler, ScheduleResult, SchedulingProblem } from "./contract.ts";
import { checkWeights, isSteered } from "./objective.ts";
import { isPermitted } from "./revalue.ts";
import { valuePlacement } from "./value.ts";

/** A validated placement with what it is worth. */
export interface ScheduleRun {
  /** Name of the scheduler. */
  readonly scheduler: string;
  /** Where everything went; checked. */
  readonly placement: Placement;
  /** Sum of the throughputs of all nodes, in normalised RPS. */
  readonly total: number;
  /** Mean normalised throughput: total / containers; 0 for an empty demand. */
  readonly mean: number;
  /** Per app: mean normalised RPS of its containers; null if the demand has none. */
  readonly perApp: readonly (number | null)[];
  /** Normalised RPS of the slowest container; null for an empty demand. */
  readonly worst: number | null;
  /** Seconds that the scheduler took, without checks and valuing. */
  readonly seconds: number;
  /** Upper bound on the total that the scheduler proved, where it proves one. */
  readonly boundTotal?: number;
  /** (Weighted) geometric mean of the containers' normalised RPS; null for an empty demand. */
  readonly fairness: number | null;
  /** Upper bound on what the objective makes large, where the scheduler proves one: see ScheduleResult. */
  readonly boundObjective?: number;
  /** Figures of this scheduler alone, for people. */
  readonly details: ScheduleResult["details"];
}

/**
 * Runs a scheduler: checks the problem, refuses what the scheduler does not support, and checks the
 * placement before anybody sees it.
 * @throws {InputError | InfeasibleError} for an unsound or impossible problem.
 * @throws {UnsupportedError} if the scheduler does not take such problems.
 * @throws {InvalidPlacementError} if the scheduler is at fault.
 */
export async function runScheduler(
  scheduler: Scheduler,
  problem: SchedulingProblem,
  options: ScheduleOptions = {},
): Promise<ScheduleRun> {
  checkProblem(problem);
  checkSupport(scheduler, problem);
  checkParameters(scheduler, options);
  const started = performance.now();
  const result = await scheduler.schedule(problem, options);
  const seconds = (performance.now() - started) / 1000;
  checkPlacement(problem, result.placement);
  const { simulator } = problem;
  const surfaces = nodeSurfaces(problem);
  if (
    simulator.forbids && !isPermitted(simulator, simulator.evaluate(result.placement, surfaces))
  ) {
    throw new InvalidPlacementError(
      `Scheduler ${scheduler.name} placed a configuration that a latency limit or floor forbids`,
    );
  }
  return {
    scheduler: scheduler.name,
    placement: result.placement,
    ...valuePlacement(simulator, result.placement, surfaces, problem.weights),
    seconds,
    ...(result.boundTotal === undefined ? {} : { boundTotal: result.boundTotal }),
    ...(result.boundObjective === undefined ? {} : { boundObjective: result.boundObjective }),
    details: result.details,
  };
}

/** Checks that a scheduler takes a problem. @throws {UnsupportedError} naming what it cannot do, and who can. */
export function checkSupport(scheduler: Scheduler, problem: SchedulingProblem): void {
  const { supports, name } = scheduler;
  const { rules, cluster } = problem;
  const refuse = (what: string, remedy = "try the scheduler optimal"): never => {
    throw new UnsupportedError(`Scheduler ${name} ${what}: ${remedy}`);
  };
  const beyond = beyondSlots(problem);
  if (beyond !== null && supports.general !== true) refuse(`does not keep ${beyond}`);
  if (!supports.rules && (restrictsConfigurations(rules) || rules.fencedNodes.length > 0)) {
    refuse("does not keep placement rules");
  }
  if (!supports.nodeClasses && new Set(nodeCapacities(cluster, rules)).size > 1) {
    refuse("takes only nodes of equal capacity");
  }
  if (supports.denseOnly && !problem.simulator.dense) {
    const count = largeNumber(problem.simulator.configurations);
    refuse(
      `needs a table of all configurations, but ${count} are too many`,
      "try the scheduler local-search",
    );
  }
  if (problem.simulator.forbids && supports.forbidden !== true) {
    refuse("does not keep latency limits or floors");
  }
  checkWeights(problem);
  const { objective = "throughput" } = problem;
  const { objectives = ["throughput"] } = supports;
  if (!objectives.includes(objective)) {
    refuse(`cannot maximise ${objective}, only ${objectives.join(" and ")}`);
  }
  if (isSteered({ ...problem, objective: "throughput" }) && !objectives.includes("fair")) {
    refuse("does not heed weights of apps");
  }
  if (demandTotal(problem.demand) > 0xffffffff) {
    throw new UnsupportedError("Demands of more than 4294967295 containers are not supported");
  }
}

/** What a problem asks beyond slots and the rules about single nodes, in words; null if nothing. */
export function beyondSlots(problem: Problem): string | null {
  const { rules } = problem;
  if (neededResources(problem).length > 0) return "resources";
  if ((rules.require ?? []).some((labels) => labels !== null)) return "labels that apps require";
  if ((rules.together ?? []).length > 0) return "the rule together";
  if (spreadsOverDomains(rules)) return "the rule spread";
  return nodeSurfaces(problem) !== undefined ? "node classes with surfaces of their own" : null;
}

/** @throws {UsageError} for a parameter that the scheduler does not read. */
function checkParameters(scheduler: Scheduler, options: ScheduleOptions): void {
  const known = Object.keys(scheduler.parameters ?? {});
  for (const name of Object.keys(options.parameters ?? {})) {
    if (!known.includes(name)) {
      throw new UsageError(
        known.length === 0
          ? `Scheduler ${scheduler.name} takes no parameters: got ${name}`
          : `Scheduler ${scheduler.name} has no parameter ${name}${suggest(name, known)}`,
      );
    }
  }
}

/**
 * A whole-number parameter of a scheduler, or its default.
 * @throws {UsageError} if it is not a whole number of at least `least`.
 */
export function wholeParameter(
  options: ScheduleOptions,
  name: string,
  fallback: number,
  least: number,
): number {
  const value = Number(options.parameters?.[name] ?? fallback);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(
      `Parameter ${name} must be a whole number, at least ${least}: got ${
        options.parameters?.[name]
      }`,
    );
  }
  return value;
}
