import { InfeasibleError, InterruptedError, type Random } from "../../domain/mod.ts";
import type { ScheduleOptions, SchedulingProblem } from "../../scheduling/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";

/** Orders of apps that are tried before a search gives up on finding a first placement. */
const ORDERS = 64;

/**
 * Loads a greedy placement into an empty state: in the apps' order, and where rules make that a dead
 * end, in up to 64 random orders.
 * @throws {InfeasibleError} where none of them works.
 */
export function startGreedily(
  state: ClusterState,
  problem: SchedulingProblem,
  draws: Random,
): void {
  const empty = state.placement();
  const order = problem.apps.map((_, app) => app);
  for (let attempt = 0;; attempt++) {
    try {
      return state.greedy(problem.demand, order);
    } catch (error) {
      if (!(error instanceof InfeasibleError) || attempt === ORDERS) throw error;
      state.load(empty);
      draws.shuffle(order);
    }
  }
}

/** Says when a search has to stop: time limit (seconds from now) or abort signal. */
export function stopper(options: ScheduleOptions): () => boolean {
  const end = performance.now() + 1000 * (options.timeLimit ?? Infinity);
  return () => options.signal?.aborted === true || performance.now() >= end;
}

/** @throws {InterruptedError} where the signal has fired already. */
export function refuseIfAborted(options: ScheduleOptions): void {
  if (options.signal?.aborted) {
    throw new InterruptedError("Interrupted before there was a placement");
  }
}

/** Milliseconds of blocking work between two breaths. */
const BREATH_EVERY = 20;

/**
 * A function to await between two pieces of blocking work: lets signals and progress through when
 * the last time was long enough ago.
 */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_EVERY) return;
    await new Promise((resume) => setTimeout(resume, 0));
    last = performance.now();
  };
}
