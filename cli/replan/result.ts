/**
 * What replanning found, in the field names of `--json` and as a plan file.
 * @module
 */
import {
  checkPlacement,
  demandTotal,
  MissingConfigurationError,
  nodeSurfaces,
  type Placement,
  placementRows,
} from "../../domain/mod.ts";
import {
  type Change,
  changeOf,
  type KeepRunning,
  orderSteps,
  type Replanned,
  type ReplanProblem,
  type Step,
  type Steps,
} from "../../replanning/mod.ts";
import { type Grounds, isSteered, perContainer, valuePlacement } from "../../scheduling/mod.ts";
import {
  type AimFields,
  aimFields,
  type Plan,
  planOfPlacement,
  type PlanValue,
  planValue,
  planVersion,
} from "../../scheduling/plans/mod.ts";
import * as options from "../options/mod.ts";
import { loadGrounds } from "../output/grounds.ts";
import type { Talk } from "../output/progress.ts";
import type { Replanning } from "./load.ts";

/** A step with names. */
export interface NamedStep {
  readonly app: string;
  /** Node where one stops; null where one only starts. */
  readonly from: string | null;
  /** Node where one starts; null where one only stops. */
  readonly to: string | null;
  readonly why: string;
  /** By how much it changes the mean of what runs. */
  readonly gain: number;
}

/** What `metis replan --json` prints. */
export interface ReplanReport extends PlanValue, AimFields, Partial<Grounds> {
  /** Starts that the demand does not force. */
  readonly moves: number;
  readonly started: number;
  readonly stopped: number;
  /** Starts that the demand forces. */
  readonly forced: number;
  /** Mean of what runs now; null where nothing runs, or its value is not known. */
  readonly meanBefore: number | null;
  readonly steps: readonly NamedStep[];
  /** Steps that only make room: they are no part of `moves`. */
  readonly parked: number;
  /** Containers that stop before their new ones run. */
  readonly stoppedFirst: number;
  /** True if it is proven that no order that keeps the rules stops fewer first. */
  readonly fewestStopped: boolean;
  /** What the steps cannot keep on the way, in words. */
  readonly broken: readonly string[];
  /** Plan that runs. */
  readonly from: string;
  readonly apps: readonly string[];
  readonly demand: readonly number[];
  /** Names of all nodes, in the order of the placement. */
  readonly nodes: readonly string[];
  /** Nodes of the plan that are gone, and those that it did not have. */
  readonly left: readonly string[];
  readonly joined: readonly string[];
  readonly surface: Plan["surface"];
  readonly placement: readonly (readonly number[])[];
}

/** Mean normalised RPS of what runs; null where nothing runs, or a configuration is not known. */
function meanOf(problem: ReplanProblem, placement: Placement): number | null {
  if (placement.counts.every((count) => count === 0)) return null;
  try {
    return valuePlacement(problem.simulator, placement, nodeSurfaces(problem)).mean;
  } catch (error) {
    if (error instanceof MissingConfigurationError) return null;
    throw error;
  }
}

/** Value of a placement in the fields of `--json`. @param boundTotal On what the objective makes large. */
export function valueFields(
  problem: ReplanProblem,
  { aim }: Replanning,
  placement: Placement,
  boundTotal: number,
): PlanValue & AimFields {
  const value = valuePlacement(
    problem.simulator,
    placement,
    nodeSurfaces(problem),
    problem.weights,
  );
  const steered = isSteered(problem);
  const bound = Number.isFinite(boundTotal) ? boundTotal : null;
  const boundObjective = steered && bound !== null && demandTotal(problem.demand) > 0
    ? perContainer(problem, bound)
    : null;
  return {
    ...planValue(problem, value, steered ? null : bound),
    ...aimFields(aim, problem.apps, { placement, ...value }, boundObjective),
  };
}

/** A new placement with what it is worth, and the steps to it. */
export interface Found {
  readonly placement: Placement;
  readonly change: Change;
  readonly worth: PlanValue & AimFields & Partial<Grounds>;
  readonly meanBefore: number | null;
  readonly steps: Steps;
}

/**
 * What there is to tell of a new placement.
 * @param found The bound is of what is left after moves have cost what they do. @param cost Normalised RPS of each move.
 * @throws {InfeasibleError} where no order of steps keeps as many running as were asked for.
 */
export function findingsOf(
  talk: Talk,
  loaded: Replanning,
  problem: ReplanProblem,
  { placement, boundTotal }: Pick<Replanned, "placement" | "boundTotal">,
  cost: number,
  keepRunning: KeepRunning | undefined,
): Found {
  const { current, nodeName, surface, moreSurfaces } = loaded;
  checkPlacement(problem, placement);
  const change = changeOf(problem, problem.current, placement);
  const dropped = current.dropped.reduce((sum, { count }) => sum + count, 0);
  return {
    placement,
    change: { ...change, stopped: change.stopped + dropped },
    worth: {
      // So many moves give back what they cost.
      ...valueFields(problem, loaded, placement, boundTotal + cost * change.moves),
      ...loadGrounds(talk, [surface, ...moreSurfaces], placement, "the new placement"),
    },
    meanBefore: meanOf(problem, problem.current),
    steps: orderSteps(problem, problem.current, placement, {
      keepRunning,
      nodeName,
      lost: current.lost,
    }),
  };
}

/** What `--json` prints. @param from Name of the plan that runs. */
export function reportOf(
  loaded: Replanning,
  problem: ReplanProblem,
  { placement, change, worth, meanBefore, steps: { steps, ...notes } }: Found,
  from: string,
): ReplanReport {
  const { current, nodeName } = loaded;
  return {
    ...change,
    ...worth,
    meanBefore,
    steps: [...droppedSteps(loaded), ...steps.map((step) => named(problem, step, nodeName))],
    ...notes,
    from,
    apps: problem.apps,
    demand: problem.demand,
    nodes: Array.from({ length: placement.nodes }, (_, node) => nodeName(node)),
    left: current.left,
    joined: current.joined.map(nodeName),
    surface: options.surfaceFields(loaded.surface),
    placement: placementRows(placement),
  };
}

/** The plan file of a new placement: it notes where it came from. */
export function planOf(
  { surface, moreSurfaces, nodeNames }: Replanning,
  problem: ReplanProblem,
  { placement, change, worth, meanBefore }: Found,
  from: string,
  made: Pick<Plan, "seed" | "parameters" | "seconds">,
): Plan {
  return {
    format: "metis-plan",
    version: planVersion(problem, nodeNames),
    scheduler: "replan",
    ...made,
    ...planOfPlacement(problem, placement, nodeNames),
    ...worth,
    surface: options.surfaceFields(surface),
    ...(moreSurfaces.length === 0
      ? {}
      : { surfaces: [surface, ...moreSurfaces].map(options.surfaceFields) }),
    details: { from, ...change, ...(meanBefore === null ? {} : { meanBefore }) },
  };
}

function named(
  { apps }: ReplanProblem,
  { app, from, to, why, gain }: Step,
  nodeName: (node: number) => string,
): NamedStep {
  const nameOf = (node: number | null): string | null => node === null ? null : nodeName(node);
  return { app: apps[app]!, from: nameOf(from), to: nameOf(to), why, gain };
}

/** Apps that the new problem does not know stop before all else: that makes room. */
function droppedSteps({ current, nodeName }: Replanning): NamedStep[] {
  return current.dropped.flatMap(({ app, node, count }) =>
    Array.from({ length: count }, () => ({
      app,
      from: nodeName(node),
      to: null,
      why: "the new problem has no such app",
      gain: 0,
    }))
  );
}
