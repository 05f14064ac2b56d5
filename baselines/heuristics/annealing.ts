import { demandTotal, Random } from "../../domain/mod.ts";
import {
  Deadline,
  isSteered,
  type Scheduler,
  steer,
  wholeParameter,
} from "../../scheduling/mod.ts";
import { trafficOf, TrafficSearch } from "../traffic/mod.ts";
import { startFeasibly } from "./feasible.ts";

/** Temperatures in units of throughput: a swap that loses 0.3 is common at first, one of 0.003 rare at last. */
const HOT = 0.3;
const COLD = 0.003;

/** Share of a time limit that is for annealing; the rest is for the local search behind it. */
const ANNEALING_SHARE = 0.8;

/** Most proposed moves where each evaluates a formula: they cost twenty times as much as by a table, a hundred times where it is slow. */
const FORMULA_MOVES = 5e6;
const SLOW_FORMULA_MOVES = 1e6;

/**
 * Simulated annealing from the greedy placement, then local search; never worse than the greedy placement. On a surface
 * of traffic, the moves are of apps with those that they talk to.
 */
export const annealing: Scheduler = {
  name: "annealing",
  summary: "simulated annealing over moves and swaps, then local search",
  heedsPredictions: true,
  supports: {
    rules: true,
    nodeClasses: true,
    general: true,
    denseOnly: false,
    forbidden: true,
    objectives: ["throughput", "fair"],
  },
  parameters: {
    moves: "proposed moves and swaps (default 10000 a container, 10 to 100 million; " +
      "on a surface of traffic 3000 a container, 0.1 to 100 million)",
  },
  async schedule(problem, options) {
    const deadline = new Deadline(options);
    deadline.refuseIfAborted();
    const draws = new Random(options.seed ?? 1);
    const { timeLimit } = options;
    const started = performance.now();
    const traffic = isSteered(problem) ? null : trafficOf(problem);
    // A move on a surface of traffic is of many containers, and takes ten times as long.
    const [each, fewest] = traffic === null ? [1e4, 1e7] : [3000, 1e5];
    const { byFormula, inCore, dense } = problem.simulator;
    const most = byFormula ? FORMULA_MOVES : inCore && !dense ? SLOW_FORMULA_MOVES : 1e8;
    const usual = Math.min(most, Math.max(fewest, each * demandTotal(problem.demand)));
    const moves = wholeParameter(options, "moves", usual, 1);
    const follow = async (rounds: Iterable<number>): Promise<void> => {
      for (const fraction of rounds) {
        options.onProgress?.({ fraction, text: "annealing" });
        if (deadline.passed()) break;
        await deadline.takeTurns();
      }
    };
    using state = steer(problem).simulator.clusterState(problem);
    await startFeasibly(state, problem, draws, deadline, options);
    const start = { total: state.total, placement: state.placement() };
    if (traffic !== null) {
      const search = new TrafficSearch(problem, traffic, start.placement, draws);
      await follow(search.annealInRounds({ moves, seconds: deadline.secondsLeft() }));
      return { placement: search.placement(), details: { moves } };
    }
    await follow(state.annealInRounds({
      moves,
      hot: HOT,
      cold: COLD,
      seed: draws.uint32(),
      ...(timeLimit === undefined ? {} : {
        elapsed: () => (performance.now() - started) / (1000 * ANNEALING_SHARE * timeLimit),
      }),
    }));
    state.localSearch(deadline.passed);
    const placement = state.total >= start.total ? state.placement() : start.placement;
    return { placement, details: { moves } };
  },
};
