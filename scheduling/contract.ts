import type { InterferenceConstraint, Placement, Problem } from "../domain/mod.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import type { Objective } from "./objective.ts";

/** A problem together with the surface that says how good a placement is. */
export interface SchedulingProblem extends Problem {
  /** Throughput of every configuration; its apps are the problem's, its capacity at least the largest node's. */
  readonly simulator: Simulator;
  /**
   * Wishes about which apps share a node, for the schedulers that work by them (medea, paragon): without
   * any given, those derive them from the simulator's model. The other schedulers do not look at them.
   */
  readonly constraints?: readonly InterferenceConstraint[];
  /** What to make large; latency limits and floors are in the simulator (see forbidSlow). @default throughput */
  readonly objective?: Objective;
  /** By app: how often one of its containers counts, above 0, for throughput and fairness. @default 1 each */
  readonly weights?: readonly number[];
}

/** What every scheduler is told besides the problem. Schedulers may read further options of their own. */
export interface ScheduleOptions {
  /** Seed of everything random: the same problem, options and seed give the same placement. @default 1 */
  readonly seed?: number;
  /** Seconds after which a scheduler that can stop early returns its best placement so far. */
  readonly timeLimit?: number;
  /** Relative gap at which `optimal` and other provers may stop. @default 0 */
  readonly gap?: number;
  /** Ends the work: a scheduler that has a placement returns it, others throw InterruptedError. */
  readonly signal?: AbortSignal;
  /**
   * Parameters of this scheduler alone, by name; each scheduler documents its own (see its `parameters`).
   * Unknown names are refused by `runScheduler`.
   */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** Told the log of an external solver, where the scheduler uses one; asking for it may cost time. */
  readonly onSolverLog?: (text: string) => void;
  /** Told about each decision in words, by schedulers that decide container by container. */
  readonly onDecision?: (text: string) => void;
  /**
   * Told the node and app of each container of the placement in the order of the decisions, by schedulers with
   * `tellsDecisions`: all of them, or none where it was not decided so. Telling may cost time.
   */
  readonly onPlaced?: (node: number, app: number) => void;
  /** Told now and then how far the work is. `fraction` is 0 to 1, or null if nobody can know. */
  readonly onProgress?: (step: { readonly fraction: number | null; readonly text: string }) => void;
}

/** What a scheduler returns. The placement is checked by `runScheduler` before anybody sees it. */
export interface ScheduleResult {
  /** Where everything goes. */
  readonly placement: Placement;
  /** Proven upper bound on the total throughput of any placement, where the scheduler proves one. */
  readonly boundTotal?: number;
  /**
   * Proven upper bound on what another objective than the plain throughput makes large, by schedulers that prove one: the
   * weighted mean, the (weighted) geometric mean, or the slowest container of any placement, in normalised RPS.
   */
  readonly boundObjective?: number;
  /** Figures of this scheduler alone (iterations, columns, violations), for `--json` and verbose output. */
  readonly details?: Readonly<Record<string, number | string | boolean>>;
}

/** Which problems a scheduler takes; it refuses the others by UnsupportedError. */
export interface SchedulerSupport {
  /** Keeps placement rules. */
  readonly rules: boolean;
  /** Takes clusters whose nodes differ in capacity. */
  readonly nodeClasses: boolean;
  /**
   * Keeps resources, labels that apps require, `together` and `spread`, and values each node by the surface of its
   * class. @default false
   */
  readonly general?: boolean;
  /** Needs a space of configurations small enough for a dense table (about 16 million). */
  readonly denseOnly: boolean;
  /** Keeps away from configurations that the surface forbids, as latency limits and floors do. @default false */
  readonly forbidden?: boolean;
  /** What it can make large; those that take fair take weights as well. @default throughput alone */
  readonly objectives?: readonly Objective[];
}

/**
 * Decides where containers go. Implementations keep no state between calls and change neither the
 * problem nor the options; all randomness comes from `options.seed`.
 */
export interface Scheduler {
  /** Name that users choose it by: lower case, words joined by hyphens. */
  readonly name: string;
  /** One line on how it decides, for help texts. */
  readonly summary: string;
  /** Which problems it takes; runScheduler refuses the others. */
  readonly supports: SchedulerSupport;
  /**
   * True if it trains again for every demand, for minutes: such a scheduler runs only where it is named.
   * @default false
   */
  readonly learnsEachDemand?: boolean;
  /**
   * True if it places by the throughput that the simulator predicts, not by counts, constraints or a policy of the surface:
   * caution about predictions then changes what it does.
   * @default false
   */
  readonly heedsPredictions?: boolean;
  /** True if it decides container by container and tells `onPlaced`. @default false */
  readonly tellsDecisions?: boolean;
  /** Names of the parameters that it reads, each with one line that says its meaning and default. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Places the whole demand.
   * @throws {UnsupportedError} for a problem outside of `supports`.
   * @throws {InfeasibleError} if no placement exists, or a heuristic found none and says so.
   * @throws {InterruptedError} if the signal fired before there was any placement.
   */
  schedule(problem: SchedulingProblem, options: ScheduleOptions): Promise<ScheduleResult>;
}
