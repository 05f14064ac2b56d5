import { nodeCapacities, Owner, type Problem } from "../../domain/mod.ts";
import { Arrivals, type ClusterState, Planner, type Simulator } from "../../sim-wasm/mod.ts";
import { KNOWN_TEMPERATURES, type Rest, SCENARIO_SHARES, SCENARIO_TEMPERATURE } from "./policy.ts";

/** A cluster that takes containers one by one. */
export class OnlinePlayer extends Owner {
  readonly state: ClusterState;
  readonly planner: Planner;
  readonly arrivals: Arrivals;
  readonly #rest: Rest;

  /**
   * @param recordLimit Choices that can be recorded. @default 0
   * @param columns What prices and chances go by, where the simulator has no table (findColumns).
   */
  constructor(
    simulator: Simulator,
    problem: Problem,
    rest: Rest,
    recordLimit: number = 0,
    columns?: Uint8Array,
  ) {
    super("player");
    this.#rest = rest;
    this.state = simulator.clusterState(problem);
    const known = rest === "known";
    this.planner = new Planner(simulator, problem, this.state, {
      temperatures: known ? KNOWN_TEMPERATURES : SCENARIO_SHARES.map(() => SCENARIO_TEMPERATURE),
      ordered: false,
      informed: known,
      recordLimit,
      ...(columns === undefined ? {} : { columns }),
    });
    if (!known) this.#priceScenarios(problem);
    this.arrivals = new Arrivals(simulator, this.planner, this.state);
  }

  /** Tells the demand as a whole; does nothing where the rest is not to be known. */
  tell(demand: readonly number[]): void {
    if (this.#rest === "known") this.planner.price(demand);
  }

  /** Gives the memory back. */
  protected override release(): void {
    this.arrivals.dispose();
    this.planner.dispose();
    this.state.dispose();
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
