/**
 * Policies that place while a trace happens.
 * @module
 */
import {
  demandTotal,
  emptyPlacement,
  isSoundPlacement,
  placedDemand,
  type Placement,
  placingOrder,
} from "../../domain/mod.ts";
import { spreadOverNodes } from "../../baselines/columns/mod.ts";
import type { MilpSolver } from "../../baselines/milp/mod.ts";
import { solveToOptimality } from "../../baselines/optimal/mod.ts";
import { type ScheduleOptions, UndecidedError } from "../../scheduling/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import type { ReplanProblem } from "../problem.ts";
import { assignNear, MoveProgram } from "../program/mod.ts";
import { replanWith } from "../replan.ts";
import type { TraceAnswer, TracePolicy } from "./replay.ts";

/** What policies share. */
export interface TracePolicyOptions extends Pick<ScheduleOptions, "timeLimit" | "gap" | "signal"> {
  /** Solves integer programs; the caller ends it. */
  readonly solver: MilpSolver;
}

/**
 * Places each container that comes where the throughput changes most favourably, stops one where that loses the least,
 * and moves none. Where rules leave no node for one, what runs makes room in the fewest moves.
 */
export function greedyPolicy(options: TracePolicyOptions): TracePolicy {
  return { respond: (problem) => respondGreedily(problem, options) };
}

/** How often the policy {@link periodicPolicy} replans, and how much it moves then. */
export interface ReplanPeriod {
  /** Moves an hour. */
  readonly movesPerHour: number;
  /** Hours between two times; the moves of these hours are made at once. */
  readonly everyHours: number;
}

/** Places as {@link greedyPolicy}, and every so many hours makes the moves that bring the most. */
export function periodicPolicy(
  { movesPerHour, everyHours }: ReplanPeriod,
  options: TracePolicyOptions,
): TracePolicy {
  const maxMoves = Math.floor(movesPerHour * everyHours);
  return {
    respond: (problem) => respondGreedily(problem, options),
    improve: {
      everyHours,
      next: async (problem) => {
        const { solver, ...limits } = options;
        try {
          const { placement } = await replanWith(problem, { ...limits, maxMoves }, solver);
          return { placement };
        } catch (error) {
          // What runs stays where the time did not do for something better.
          if (!(error instanceof UndecidedError)) throw error;
          return { placement: problem.current };
        }
      },
    },
  };
}

/**
 * The best placement of every moment, whatever that moves: what no policy exceeds. Nodes of a kind exchange what they hold
 * so that few containers move; that no fewer would do is not proven. With the effort "lp" the placement is only near the best
 * one, and the bound is the relaxation's: still what no policy exceeds, in milliseconds.
 */
export function offlineOptimum(
  { solver, ...limits }: TracePolicyOptions & { readonly effort?: "lp" | "optimal" },
): TracePolicy {
  return {
    respond: async (problem) => {
      const { current: { nodes, apps }, demand } = problem;
      if (demandTotal(demand) === 0) return { placement: emptyPlacement(nodes, apps) };
      const best = await solveToOptimality(problem, limits, solver);
      // Without a table nodes keep the order that the solver gives them.
      if (!problem.simulator.dense) return best;
      using program = new MoveProgram(problem, [], 0);
      const { usage } = assignNear(program, best.placement);
      return {
        placement: spreadOverNodes(program.formulation, usage),
        boundTotal: best.boundTotal,
      };
    },
  };
}

async function respondGreedily(
  problem: ReplanProblem,
  options: TracePolicyOptions,
): Promise<TraceAnswer> {
  const placement = placeGreedily(problem);
  if (placement !== null) return { placement };
  return { placement: await makeRoom(problem, options) };
}

/** The fewest moves that keep the rules, and of those the best. @throws {InfeasibleError} if no moves do. */
export async function makeRoom(
  problem: ReplanProblem,
  { solver, ...limits }: TracePolicyOptions,
): Promise<Placement> {
  // A move that costs more than all containers bring is made only where rules need it.
  const moveCost = 1 + 2 * demandTotal(problem.demand);
  const { placement } = await replanWith(problem, { ...limits, moveCost }, solver);
  return placement;
}

/** Starts what is missing and stops what is too much, one by one; null where that way ends without a placement. */
function placeGreedily(problem: ReplanProblem): Placement | null {
  const { current, demand, simulator } = problem;
  using state = simulator.clusterState(problem);
  state.load(current);
  if (!stopExcess(state, problem)) return null;
  const running = placedDemand(current);
  for (const app of placingOrder(problem)) {
    for (let missing = demand[app]! - running[app]!; missing > 0; missing--) {
      const node = bestNode(state, (node) => state.placeGain(node, app));
      if (node === null) return null;
      state.place(node, app);
    }
  }
  const placement = state.placement();
  return isSoundPlacement(problem, placement) ? placement : null;
}

/** Stops what is more than the demand, each where that loses the least. @returns False where one cannot stop. */
export function stopExcess(
  state: ClusterState,
  { current, demand }: Pick<ReplanProblem, "current" | "demand">,
  onStopped: (node: number, app: number) => void = () => {},
): boolean {
  const running = placedDemand(current);
  for (const [app, wanted] of demand.entries()) {
    for (let excess = running[app]! - wanted; excess > 0; excess--) {
      const node = bestNode(state, (node) => {
        const gain = state.remove(node, app);
        if (gain !== null) state.place(node, app);
        return gain;
      });
      if (node === null) return false;
      state.remove(node, app);
      onStopped(node, app);
    }
  }
  return true;
}

/** The first node of those that gain the most; null where none may change. */
function bestNode(
  { nodes }: ClusterState,
  gainOf: (node: number) => number | null,
): number | null {
  let best: number | null = null;
  let most = -Infinity;
  for (let node = 0; node < nodes; node++) {
    const gain = gainOf(node);
    if (gain === null || gain <= most) continue;
    most = gain;
    best = node;
  }
  return best;
}
