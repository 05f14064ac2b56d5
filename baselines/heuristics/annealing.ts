import { demandTotal, Random } from "../../domain/mod.ts";
import { Deadline, type Scheduler, wholeParameter } from "../../scheduling/mod.ts";
import { trafficOf, TrafficSearch } from "../traffic/mod.ts";
import { startFeasibly } from "./feasible.ts";

/** Temperatures in units of throughput: a swap that loses 0.3 is common at first, one of 0.003 rare at last. */
const HOT = 0.3;
const COLD = 0.003;

/** Share of a time limit that is for annealing; the rest is for the local search behind it. */
const ANNEALING_SHARE = 0.8;

/** Proposed moves a container on a surface of traffic: they are of many containers at once. */
const TRAFFIC_MOVES = 3000;

/**
 * Simulated annealing from the greedy placement, then local search; never worse than the greedy placement. On a surface
 * of traffic, the moves are of apps with those that they talk to.
 */
export const annealing: Scheduler = {
  name: "annealing",
  summary: "simulated annealing over moves and swaps, then local search",
  heedsPredictions: true,
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false, forbidden: true },
  parameters: {
    moves: "proposed moves and swaps (default 10000 a container, 10 to 100 million; " +
      "3000 a container on a surface of traffic)",
  },
  async schedule(problem, options) {
    const deadline = new Deadline(options);
    deadline.refuseIfAborted();
    const draws = new Random(options.seed ?? 1);
    const { timeLimit } = options;
    const started = performance.now();
    const traffic = trafficOf(problem);
    const usual = traffic === null
      ? Math.min(1e8, Math.max(1e7, 1e4 * demandTotal(problem.demand)))
      : Math.min(1e8, TRAFFIC_MOVES * demandTotal(problem.demand));
    const moves = wholeParameter(options, "moves", usual, 1);
    using state = problem.simulator.clusterState(problem);
    await startFeasibly(state, problem, draws, deadline, options);
    const start = { total: state.total, placement: state.placement() };
    const share = traffic === null ? ANNEALING_SHARE : 1;
    const clock = timeLimit === undefined ? {} : {
      elapsed: () => (performance.now() - started) / (1000 * share * timeLimit),
    };
    const search = traffic === null
      ? null
      : new TrafficSearch(problem, traffic, start.placement, draws);
    const rounds = search?.annealInRounds({ moves, ...clock }) ??
      state.annealInRounds({ moves, hot: HOT, cold: COLD, seed: draws.uint32(), ...clock });
    for (const fraction of rounds) {
      options.onProgress?.({ fraction, text: "annealing" });
      if (deadline.passed()) break;
      await deadline.takeTurns();
    }
    // Steps of single containers would take longer, and gain next to nothing.
    if (search !== null) return { placement: search.placement(), details: { moves } };
    state.localSearch(deadline.passed);
    const placement = state.total >= start.total ? state.placement() : start.placement;
    return { placement, details: { moves } };
  },
};
