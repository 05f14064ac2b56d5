import { type Demand, demandTotal, InputError, Owner, uniformCluster } from "../domain/mod.ts";
import { relaxProblem } from "../baselines/columns/mod.ts";
import { Deadline } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { ThroughputModel } from "./surface.ts";

/** A configuration and how many nodes hold it, a fractional number. */
export interface PlannedShare {
  readonly rank: number;
  readonly nodes: number;
}

/** The best fractional placement of a demand: what the linear relaxation uses, and its total. */
export interface FractionalPlan {
  readonly shares: readonly PlannedShare[];
  /** Upper bound on the total throughput of every placement. */
  readonly total: number;
}

/** Plans demands on a surface of throughputs by rank: one linear relaxation each, some milliseconds. */
export class Planner extends Owner {
  readonly #simulator: Simulator;

  /** @param throughput By rank, of every configuration of at most `capacity` containers. */
  constructor(
    readonly apps: readonly string[],
    readonly capacity: number,
    readonly nodes: number,
    readonly throughput: Float64Array,
  ) {
    super("planner");
    this.#simulator = Simulator.create({ model: new ThroughputModel(apps, throughput), capacity });
  }

  /** @throws {InfeasibleError} if the demand does not fit. */
  async plan(demand: Demand): Promise<FractionalPlan> {
    using relaxed = await relaxProblem({
      apps: this.apps,
      cluster: uniformCluster(this.nodes, this.capacity),
      demand,
      rules: { maxPerNode: [], apart: [], fencedNodes: [] },
      simulator: this.#simulator,
    }, new Deadline());
    const { used, bound } = relaxed.relaxation;
    const shares = used
      .filter(({ column, nodes }) => column.rank !== 0 && nodes > 1e-6)
      .map(({ column, nodes }) => ({ rank: column.rank, nodes }));
    return { shares, total: bound };
  }

  /** Gives the memory back. */
  protected override release(): void {
    this.#simulator.dispose();
  }
}

/** The value of a plan on another surface. */
export function planValue(plan: FractionalPlan, throughput: Float64Array): number {
  return plan.shares.reduce((sum, { rank, nodes }) => sum + nodes * throughput[rank]!, 0);
}

/** @throws {InputError} if a demand has more containers than there are slots. */
export function checkDemands(demands: readonly Demand[], nodes: number, capacity: number): void {
  demands.forEach((demand, at) => {
    const total = demandTotal(demand);
    if (total > nodes * capacity) {
      throw new InputError(
        `Demand ${at} of ${total} containers does not fit ${nodes} nodes of ${capacity} slots`,
      );
    }
  });
}
