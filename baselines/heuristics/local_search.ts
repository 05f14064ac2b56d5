import {
  demandTotal,
  InfeasibleError,
  nodeSurfaces,
  type Placement,
  Random,
} from "../../domain/mod.ts";
import {
  Deadline,
  forbid,
  OBJECTIVES,
  type Scheduler,
  type SchedulingProblem,
  slowestByRank,
  steer,
  valuePlacement,
  wholeParameter,
} from "../../scheduling/mod.ts";
import { startFeasibly } from "./feasible.ts";

/** Random orders are placed in time containers x nodes: beyond this product, restarts do not pay. */
const RESTART_LIMIT = 20_000_000;

/** The same where each step evaluates a formula; where that takes long, restarts never pay. */
const FORMULA_RESTART_LIMIT = 100_000;

/**
 * Greedy, then moves and swaps to a local optimum; then the same from greedy placements in random
 * order of arrival, and the best of all. For the slowest container it climbs a stand-in (see steer), then raises
 * the throughput by steps that leave no container slower than the slowest.
 */
export const localSearch: Scheduler = {
  name: "local-search",
  summary: "greedy, then moves and swaps to a local optimum, with restarts",
  heedsPredictions: true,
  supports: {
    rules: true,
    nodeClasses: true,
    general: true,
    denseOnly: false,
    forbidden: true,
    objectives: OBJECTIVES,
  },
  parameters: {
    restarts:
      "starts in random order of arrival besides the first (default 16; 0 where they take long)",
  },
  async schedule(problem, options) {
    const deadline = new Deadline(options);
    deadline.refuseIfAborted();
    const draws = new Random(options.seed ?? 1);
    using state = steer(problem).simulator.clusterState(problem);
    const empty = state.placement();
    await startFeasibly(state, problem, draws, deadline, options);
    let steps = state.localSearch(deadline.passed);
    let best = { total: state.total, placement: state.placement() };
    const containers = listContainers(problem);
    const work = containers.length * state.nodes;
    const { byFormula, inCore, dense } = problem.simulator;
    const limit = dense || !inCore ? RESTART_LIMIT : byFormula ? FORMULA_RESTART_LIMIT : 0;
    const restarts = wholeParameter(options, "restarts", work > limit ? 0 : 16, 0);
    let started = 1;
    for (; started <= restarts && !deadline.passed(); started++) {
      options.onProgress?.({ fraction: started / (restarts + 1), text: "local search" });
      await deadline.takeTurns();
      state.load(empty);
      if (!tryInOrder(() => state.greedyInOrder(draws.shuffle(containers)))) continue;
      steps += state.localSearch(deadline.passed);
      if (state.total > best.total + 1e-9) {
        best = { total: state.total, placement: state.placement() };
      }
    }
    const details = { steps, starts: started };
    if (problem.objective !== "worst") return { placement: best.placement, details };
    return { placement: raiseThroughput(problem, best.placement, deadline), details };
  },
};

/** Moves and swaps for throughput that keep the slowest container as fast as it is. */
function raiseThroughput(
  problem: SchedulingProblem,
  placement: Placement,
  deadline: Deadline,
): Placement {
  const { worst } = valuePlacement(problem.simulator, placement, nodeSurfaces(problem));
  if (worst === null) return placement;
  const slowest = slowestByRank(problem.simulator);
  const kept = forbid(problem.simulator, (rank, surface) => slowest[surface]![rank]! < worst);
  using state = kept.clusterState(problem);
  state.load(placement);
  state.localSearch(deadline.passed);
  return state.placement();
}

function listContainers(problem: SchedulingProblem): Uint32Array {
  const containers = new Uint32Array(demandTotal(problem.demand));
  let at = 0;
  problem.demand.forEach((count, app) => {
    containers.fill(app, at, at + count);
    at += count;
  });
  return containers;
}

/** False if the order led into a dead end of the rules. */
function tryInOrder(place: () => void): boolean {
  try {
    place();
    return true;
  } catch (error) {
    if (error instanceof InfeasibleError) return false;
    throw error;
  }
}
