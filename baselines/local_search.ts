import { demandTotal, InfeasibleError, Random } from "../domain/mod.ts";
import { type Scheduler, type SchedulingProblem, wholeParameter } from "../scheduling/mod.ts";
import { breather, refuseIfAborted, startGreedily, stopper } from "./start.ts";

/** Random orders are placed in time containers x nodes: beyond this product, restarts do not pay. */
const RESTART_LIMIT = 20_000_000;

/**
 * Greedy, then moves and swaps to a local optimum; then the same from greedy placements in random
 * order of arrival, and the best of all.
 */
export const localSearch: Scheduler = {
  name: "local-search",
  summary: "greedy, then moves and swaps to a local optimum, with restarts",
  supports: { rules: true, nodeClasses: true, denseOnly: false },
  parameters: { restarts: "starts in random order of arrival besides the first (default 16)" },
  async schedule(problem, options) {
    refuseIfAborted(options);
    const draws = new Random(options.seed ?? 1);
    const shouldStop = stopper(options);
    const breathe = breather();
    using state = problem.simulator.clusterState(problem);
    const empty = state.placement();
    startGreedily(state, problem, draws);
    let steps = state.localSearch(shouldStop);
    let best = { total: state.total, placement: state.placement() };
    const containers = listContainers(problem);
    const work = containers.length * state.nodes;
    const restarts = wholeParameter(options, "restarts", work > RESTART_LIMIT ? 0 : 16, 0);
    let started = 1;
    for (; started <= restarts && !shouldStop(); started++) {
      options.onProgress?.({ fraction: started / (restarts + 1), text: "local search" });
      await breathe();
      state.load(empty);
      if (!tryInOrder(() => state.greedyInOrder(draws.shuffle(containers)))) continue;
      steps += state.localSearch(shouldStop);
      if (state.total > best.total + 1e-9) {
        best = { total: state.total, placement: state.placement() };
      }
    }
    return { placement: best.placement, details: { steps, starts: started } };
  },
};

function listContainers(problem: SchedulingProblem): Uint8Array {
  const containers = new Uint8Array(demandTotal(problem.demand));
  let at = 0;
  problem.demand.forEach((count, app) => {
    containers.fill(app, at, at + count);
    at += count;
  });
  return containers;
}

/** False where the order led into a dead end of the rules. */
function tryInOrder(place: () => void): boolean {
  try {
    place();
    return true;
  } catch (error) {
    if (error instanceof InfeasibleError) return false;
    throw error;
  }
}
