import { nodeCapacities, type Problem } from "../../domain/mod.ts";
import { Arrivals, type ClusterState, Planner, type Simulator } from "../../sim-wasm/mod.ts";

/** What the policy knows of the containers still to come. */
export type Rest = "unknown" | "known";

/** Name of the network for each case. */
export const ONLINE_NETWORKS: Readonly<Record<Rest, string>> = Object.freeze({
  unknown: "arrivals-unknown",
  known: "arrivals-known",
});

/** Temperatures of the prices where the rest is known. */
const KNOWN_TEMPERATURES = [0.005, 0.03];

/** Where it is not: shares of all slots that may be filled in the end, each with prices at one temperature. */
const SCENARIO_SHARES = [0.1875, 0.3125, 0.4375, 0.625, 0.8125];
const SCENARIO_TEMPERATURE = 0.03;

/** How many tables of prices the policy sees. */
export function onlineTables(rest: Rest): number {
  return rest === "known" ? KNOWN_TEMPERATURES.length : SCENARIO_SHARES.length;
}

/** A cluster that takes containers one by one. */
export class OnlineEngine {
  readonly state: ClusterState;
  readonly planner: Planner;
  readonly arrivals: Arrivals;
  readonly #rest: Rest;
  #disposed = false;

  /** @param recordLimit Choices that can be recorded. @default 0 */
  constructor(simulator: Simulator, problem: Problem, rest: Rest, recordLimit: number = 0) {
    this.#rest = rest;
    this.state = simulator.clusterState(problem);
    const known = rest === "known";
    this.planner = new Planner(simulator, problem, this.state, {
      temperatures: known ? KNOWN_TEMPERATURES : SCENARIO_SHARES.map(() => SCENARIO_TEMPERATURE),
      ordered: false,
      informed: known,
      recordLimit,
    });
    if (!known) this.#priceScenarios(problem);
    this.arrivals = new Arrivals(simulator, this.planner, this.state);
  }

  /** Tells the demand as a whole; does nothing where the rest is not to be known. */
  tell(demand: readonly number[]): void {
    if (this.#rest === "known") this.planner.price(demand);
  }

  /** Gives the memory back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.arrivals.dispose();
    this.planner.dispose();
    this.state.dispose();
  }

  /** Lets `using` declarations dispose of the engine. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Every app equally likely: the policy sees what comes, but its prices do not follow. */
  #priceScenarios(problem: Problem): void {
    const capacities = nodeCapacities(problem.cluster, problem.rules);
    const slots = capacities.reduce((sum, capacity) => sum + capacity, 0);
    const nodes = capacities.filter((capacity) => capacity > 0).length;
    const apps = problem.apps.length;
    this.planner.priceMixtures(SCENARIO_SHARES.map((share) => ({
      want: problem.apps.map(() => share * slots / nodes / apps),
      containers: problem.apps.map(() => share * slots / apps),
    })));
  }
}
