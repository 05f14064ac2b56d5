/**
 * Search for placements that keep traffic on one machine. A single container does not see what its app and those that it
 * talks to would gain together, so the moves are of shares of apps.
 * @module
 */
import { demandTotal, type Placement, type Problem, type Random } from "../../domain/mod.ts";
import { TrafficModel } from "../../models/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import { Proposals } from "./proposals.ts";
import { TrafficState } from "./state.ts";

/** Temperature at the start, in units of what a pair is worth on average, and what it falls to, as a share of that. */
const HOT = 3;
const COOLING = 1 / 500;

/** Moves between looks at the clock: a few hundredths of a second. */
const ROUND = 10_000;

/** The model of a problem whose throughput is the traffic that is kept, and nothing else; null for other problems. */
export function trafficOf({ simulator, cluster, demand }: SchedulingProblem): TrafficModel | null {
  const { model, forbids } = simulator;
  if (!(model instanceof TrafficModel) || forbids) return null;
  const isOnly = cluster.nodeClasses.every(({ surface = 0 }) => surface === 0);
  return isOnly && demand.every((count, app) => count <= model.demand[app]!) ? model : null;
}

/** Simulated annealing on a surface of traffic. */
export class TrafficSearch {
  readonly #state: TrafficState;
  readonly #proposals: Proposals;
  readonly #draws: Random;
  readonly #start: Placement;
  readonly #hot: number;
  /** What was gained since the start. */
  #gain = 0;

  /** Begins at a placement of the whole demand that keeps slots, resources and rules; they are kept throughout. */
  constructor(problem: Problem, model: TrafficModel, start: Placement, draws: Random) {
    this.#state = new TrafficState(problem, model);
    this.#state.load(start);
    this.#proposals = new Proposals(this.#state, problem.demand, model, draws);
    this.#draws = draws;
    this.#start = start;
    this.#hot = HOT * demandTotal(problem.demand) / Math.max(1, model.pairs.length);
  }

  /**
   * Yields the share that is done after each round, so that other work gets its turn.
   * @param options.moves Proposed moves. @param options.seconds Seconds that it may take: the temperature falls at least
   * as fast as they pass.
   */
  *annealInRounds(
    { moves, seconds = Infinity }: { readonly moves: number; readonly seconds?: number },
  ): Generator<number, void> {
    const begun = performance.now();
    for (let move = 0; move < moves; move += ROUND) {
      const share = (performance.now() - begun) / (1000 * seconds);
      if (share >= 1) return;
      // Only where time runs ahead of the moves: in all other cases the clock must not change the result.
      const temperature = this.#hot * COOLING ** Math.max(share, move / moves);
      for (let left = Math.min(ROUND, moves - move); left > 0; left--) {
        this.#gain += this.#proposals.step(temperature * Math.log(1 - this.#draws.uniform()));
      }
      yield Math.min(1, (move + ROUND) / moves);
    }
  }

  /** Where the search is, or where it began if that is worth more. */
  placement(): Placement {
    return this.#gain >= 0 ? this.#state.placement() : this.#start;
  }
}
