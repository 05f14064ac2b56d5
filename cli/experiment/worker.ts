/**
 * A worker that runs the schedulers of an experiment on one demand after another.
 * @module
 */
import { upperBound } from "../../baselines/optimal/mod.ts";
import {
  demandTotal,
  InfeasibleError,
  type InterferenceConstraint,
  type MetisError,
  nodeSurfaces,
  SolverError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import {
  forbidStarving,
  problemOn,
  type ProblemParts,
  runScheduler,
  simulatorOfData,
  type SurfaceData,
} from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { violationFields } from "../options/schedulers.ts";
import { breakdownOf } from "../output/breakdown.ts";
import type { Contender } from "./form.ts";
import { type LoadedPolicies, policySource } from "./policies.ts";
import type { ResultLine, RunLine } from "./results.ts";

/** What all demands of an experiment share. */
export interface Shared {
  /** By the index that node classes have. */
  readonly surfaces: readonly [SurfaceData, ...SurfaceData[]];
  /** Where and under which rules is placed; what is made large. */
  readonly parts: Omit<ProblemParts, "demand" | "constraints">;
  /** Floors of the apps; none = empty. */
  readonly floors: readonly (number | null)[];
  readonly constraints: readonly InterferenceConstraint[];
  readonly policies: LoadedPolicies;
  readonly versions: Readonly<Record<string, string>>;
}

/** One demand with the runs that are missing. */
export interface Unit {
  readonly set: string;
  readonly row: number;
  readonly demand: readonly number[];
  readonly runs: readonly { readonly contender: Contender; readonly seed: number }[];
  /** How to prove a bound; null if there is one already, or none is wanted. */
  readonly bound: { readonly effort: "optimal" | "lp"; readonly timeLimit: number } | null;
}

/** What a worker is told. */
export type ToWorker =
  | { readonly type: "shared"; readonly shared: Shared }
  | { readonly type: "unit"; readonly unit: Unit };

/** What a worker tells: the lines of a unit as they come, then its end. */
export type FromWorker =
  | { readonly type: "line"; readonly line: ResultLine }
  | { readonly type: "end" }
  | { readonly type: "error"; readonly message: string; readonly stack: string };

/** Relative gap within which a placement reaches a bound. */
const PROVEN = 1e-9;

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
}

/** Runs what is missing of one demand. A bound that a scheduler proves on the way is not proven again. */
async function runUnit(
  shared: Shared,
  simulator: Simulator,
  unit: Unit,
  tell: (line: ResultLine) => void,
): Promise<void> {
  const { parts, constraints, versions } = shared;
  const { set, row, demand } = unit;
  const problem = problemOn(simulator, { ...parts, demand, constraints });
  const registry = defaultRegistry(policySource(shared.policies));
  let proof: { readonly bound: number; readonly seconds: number } | undefined;
  let best = -Infinity;
  for (const { contender, seed } of unit.runs) {
    const { label, scheduler, parameters, timeLimit, gap } = contender;
    const common = { type: "run", set, row, label, scheduler, seed, parameters, demand } as const;
    const started = performance.now();
    try {
      const run = await runScheduler(registry.get(scheduler), problem, {
        seed,
        parameters,
        ...(timeLimit === undefined ? {} : { timeLimit }),
        ...(gap === undefined ? {} : { gap }),
      });
      const { mean, total, perApp, worst, seconds, placement, boundTotal, details = {} } = run;
      best = Math.max(best, total);
      if (boundTotal !== undefined && boundTotal < (proof?.bound ?? Infinity)) {
        proof = { bound: boundTotal, seconds };
      }
      tell({
        ...common,
        error: null,
        mean,
        total,
        perApp,
        worst,
        ...violationFields(constraints, placement) as Pick<
          RunLine,
          "violations" | "violationRatio"
        >,
        seconds,
        nodes: breakdownOf(simulator, placement, nodeSurfaces(problem)),
        details,
        versions,
      });
    } catch (error) {
      // That one scheduler cannot place one demand is a result too.
      if (!isRefusal(error)) throw error;
      tell({
        ...common,
        error: error.message,
        mean: null,
        total: null,
        perApp: [],
        worst: null,
        violations: null,
        violationRatio: null,
        seconds: (performance.now() - started) / 1000,
        nodes: [],
        details: {},
        versions,
      });
    }
  }
  if (unit.bound === null) return;
  if (proof === undefined) {
    const started = performance.now();
    const proven = await upperBound(problem, unit.bound);
    if (proven === null) return;
    const { boundTotal, total = -Infinity } = proven;
    best = Math.max(best, total);
    proof = { bound: boundTotal, seconds: (performance.now() - started) / 1000 };
  }
  const { bound, seconds } = proof;
  const proven = bound - best <= PROVEN * Math.max(1, Math.abs(bound));
  const containers = Math.max(1, demandTotal(demand));
  tell({ type: "bound", set, row, bound: bound / containers, proven, seconds });
}

function isRefusal(error: unknown): error is MetisError {
  return error instanceof UnsupportedError || error instanceof InfeasibleError ||
    error instanceof SolverError;
}

const scope = globalThis as unknown as WorkerScope;
let shared: Shared | undefined;
let simulator: Simulator | undefined;
scope.onmessage = async ({ data }) => {
  try {
    if (data.type === "shared") {
      shared = data.shared;
      const [first, ...more] = shared.surfaces;
      simulator = simulatorOfData(first, more);
      if (shared.floors.some((floor) => floor !== null)) {
        using free = simulator;
        simulator = forbidStarving(free, shared.floors);
      }
      return;
    }
    await runUnit(
      shared!,
      simulator!,
      data.unit,
      (line) => scope.postMessage({ type: "line", line }),
    );
    scope.postMessage({ type: "end" });
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    scope.postMessage({ type: "error", message, stack });
  }
};
